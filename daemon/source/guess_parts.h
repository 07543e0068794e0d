/* guess_parts.h - what the files of the guess share. */
#ifndef SOURCE_GUESS_PARTS_H
#define SOURCE_GUESS_PARTS_H

#include "source/guess.h"

struct guess_values { /* of one column, trimmed, empty ones left out */
        const struct slice *v;
        size_t n, rows;   /* rows: with the empty ones */
        size_t different; /* of the rows: how many values */
        size_t letters;   /* characters in all of them */
};

struct guessing {
        struct guess *g;
        struct arena *a;
        const struct guess_hints *hints;
        struct guess_values values[GUESS_COLUMNS_MAX];
        bool taken[GUESS_COLUMNS_MAX];
};

/* guess_roles.c: which column is what. False: memory. */
bool guess_roles(struct guessing *w);
/* guess_time.c: how many of these are times, however written, or as `format` (or NULL) says. */
size_t guess_count_times(const struct guess_values *v, struct slice name, const char *format);
/* Whether the column's name says that its times are UTC's. */
bool guess_name_is_utc(struct slice name);
/* Sets time_format of the guess, or says what must be decided. */
bool guess_time_format(struct guessing *w, const struct guess_values *v, struct slice name);
/* guess_names.c: how well a column's name means the field: 0, 60 (has a word of it), 100. */
int guess_name_score(struct slice name, enum field f);
bool guess_name_is_birth(struct slice name);
bool guess_name_is_consent(struct slice name);
bool guess_is_yes(struct slice value);
/* A mark at p[at] that changes the direction of text, or its lines: no configuration may hold it. */
bool guess_turns_text(struct slice s, size_t at);
/* Nothing if one of them is NULL, for lack of memory. */
void guess_need(struct guessing *w, const char *what, const char *todo);

#endif
