/* comparing.h - two laws over the same people, the one set against the other. Private to the room:
 * looser.c walks and lists, looser_lines.c compares what conditions hang on, looser_places.c to
 * whom and how long, looser_text.c what no other part understands.
 *
 * Every part asks one question: what does `from` stop that `to` does not? It is asked twice, with
 * the old law as `from` (the answers are looser), and with the new one (they are tighter).    */
#ifndef POLICY_COMPARING_H
#define POLICY_COMPARING_H

#include "law.h"
#include "policy/looser.h"

enum { CODES_MAX = 512 };

struct changes {
        struct arena *arena;
        struct change list[CHANGES_MAX + 1];
        size_t n;
        size_t counts[CHANGE_KINDS];
        bool full;
};

struct comparing {
        struct changes *out;
        enum change_kind kind; /* LOOSER: from is the old law; TIGHTER: from is the new one */
        const struct book *from_book, *to_book;
        const struct law *from, *to;
        /* The people: codes of countries, and those whose country is not known. */
        const char *codes[CODES_MAX];
        size_t n_codes;
        bool nowhere;
};

/* The sentence has "was"/"is" by itself: see was(). */
void comparing_note(struct comparing *c, const struct at *from, const struct at *to, const char *fmt, ...)
        __attribute__((format(printf, 4, 5)));
/* Notes "WHAT: is TO, was FROM" the right way round. */
void comparing_note_values(struct comparing *c, const struct at *from, const struct at *to, const char *what,
                           const char *from_value, const char *to_value);
/* A line of `from` that `to` has nothing for: "WHAT is gone or weaker" or "WHAT is new or stricter". */
void comparing_note_line(struct comparing *c, const struct at *from, const struct at *to, const char *what);

/* "DE, FR and 12 more"; a space of law stands for its countries where it is among them. */
const char *comparing_codes(char out[128], const char *const *codes, size_t n);

/* looser_patterns.c */
void compare_patterns(struct comparing *c);
/* looser_lines.c: children, purposes, consent, rules. */
void compare_conditions(struct comparing *c);
/* looser_places.c: transfers by place and date, readers, the hub's places, times. */
void compare_places(struct comparing *c);
void compare_times(struct comparing *c);
/* looser_text.c: groups and keys by their text: counters, sensitive, small_group, patterns, and
 * whatever else is written. */
void compare_texts(struct comparing *c);
/* The same for files that policies name: word lists and tables. Once a direction. */
void compare_lists(struct comparing *c);

/* officers.c: who may sign, and how many must. Once a direction. */
void officers_compare(struct comparing *c);
bool officers_check_version(const struct book *before, const struct book *after, struct report *report);

#endif
