/* asking.h - lines that speak of more than one record: counters of people, what is sensitive, small
 * groups. Private to the room: counters.c and small_group.c read and weigh them, ask.c asks. */
#ifndef POLICY_ASKING_H
#define POLICY_ASKING_H

#include "judging.h"
#include "policy/differ.h"
#include "reader.h"

/* A stretch of days that ends today. All zero: the calendar year, from 1 January on. */
struct stretch {
        int64_t days, months;
};

enum counted { COUNTED_PEOPLE, COUNTED_SENSITIVE, COUNTED_RECORDS, COUNTEDS };
extern const char *const law_counted[COUNTEDS]; /* "people", "sensitive people", "records" */

struct share {
        const char *region;
        int64_t percent;
};
struct counter {
        const char *id;
        enum counted of;
        struct stretch over;
        const char *over_text;     /* as written */
        int64_t ceiling, warn_at;  /* of all agents of the exporter */
        struct share *shares;
        size_t n_shares;           /* 0: all of it is for each agent */
        enum decision then;
        struct at at;
};
struct sensitive {
        uint32_t kinds;
        detect_set found;
        int64_t under;             /* 0: no age is */
        struct at at;
};

enum small_then { SMALL_GENERALISE, SMALL_DROP, SMALL_HOLD, SMALL_STAY, SMALL_THENS };
extern const char *const law_small[SMALL_THENS];
struct small_group {
        const char *id;
        uint8_t fields[FIELDS];
        size_t n_fields;
        int64_t fewer_than;
        struct stretch within;
        const char *within_text;
        enum small_then then;
        struct at at;
};

/* ---- ask.c -------------------------------------------------------------------- */
/* "12 months", "28 days"; "calendar year" where `year`. */
bool law_stretch(struct reader *r, const struct conf_node *line, const char *key, bool year,
                 struct stretch *out, const char **text);
/* The first day that still counts. A counter looks back too far rather than not far enough: whole
 * days at both ends; a group the other way round. */
int64_t stretch_since(const struct stretch *s, int64_t today, bool far);
/* The answer to a line, whole. NULL: there is none. */
const struct question *trial_answer(const struct trial *t, const void *line, bool coarser);

/* ---- counters.c --------------------------------------------------------------- */
/* This region's part of `whole`: all where nothing is shared, none where it is not named. */
uint64_t counter_part(const struct counter *c, const char *region, int64_t whole);
/* Whether a record raises the counter's question; by what is found in words it may, that only the
 * search can tell. */
bool counter_may_concern(const struct law *law, const struct counter *c, const struct record *r);
/* What only the whole chain can tell. */
void counters_check(const struct law *law, struct report *report);
/* A region whose part is nothing. */
void counters_check_region(const struct book *b, struct report *report);
/* After the words were searched; what goes on is counted in t->counts. */
void counters_weigh(struct trial *t);

/* ---- small_group.c ------------------------------------------------------------ */
/* The values of its fields as they leave. Absent: none of them leaves with this record, or (coarser)
 * none has a coarser way. *full when the arena is. */
struct slice small_group_combination(const struct law *law, const struct small_group *g, const struct record *r,
                                     bool coarser, struct arena *a, bool *full);
/* On the reshaped record: holds, or takes out what too few share. */
void small_groups_weigh(struct trial *t);

/* ---- speak_counts.c ----------------------------------------------------------- */
struct speaker;
void speak_counts(struct speaker *s, const struct book *b);

/* ---- differ_counts.c ----------------------------------------------------------- */
void differ_counts(const struct book *before, const struct book *after, differ_note *note, void *ctx);

#endif
