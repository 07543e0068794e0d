/* ask.h - what the judge needs to know and a record cannot tell: how many people were counted, how
 * many share a combination of fields.
 *
 * The judge is pure, so whoever calls it answers. policy_ask() lists the questions that a record
 * raises; the caller fills in what it knows; policy_judge() decides by it. Questions of people name
 * nobody: whose record it is, the caller knows. What is not answered closes: a counter without an
 * answer holds, a combination without one counts as nobody else's.
 *
 * Calling sequence, on the judge's thread: policy_ask -> fill in `known`, `counted`, `people` ->
 * policy_judge with the same record and time -> if it goes, the caller counts the person under
 * every question of judgement.counts, durably, before the record leaves.                      */
#ifndef POLICY_ASK_H
#define POLICY_ASK_H

#include "policy/policy.h"

enum question_of {
        QUESTION_PEOPLE,  /* a counter of people: is this one among those counted, and how many are they? */
        QUESTION_RECORDS, /* a counter of records: the same of the record */
        QUESTION_GROUP,   /* how many people share this combination? */
        QUESTION_FIRST    /* on which day was the first transfer by a line of `transfers`? */
};
struct question {
        enum question_of of;
        const void *line;         /* which it is; the judge's */
        const char *id;           /* the same in all versions of a policy: "cn/people/Example Ltd". The book's */
        const char *file;         /* its line; the book's */
        int at_line;
        struct slice combination; /* of a group: values, to be hashed under a key and never kept; in the arena */
        bool coarser;             /* of a group: the values as they would leave if they were too rare */
        bool once;                /* of a counter: counted since `since` is enough; else the day moves on */
        int64_t today, since;     /* days since 1970 in the region's timezone: older than `since` counts no more */
        uint64_t ceiling;         /* of a counter: this region's part; of a group: so many are enough */
        uint64_t warn_at;         /* of a counter */
        int64_t days;             /* of a first transfer: within which its filing is due */
        /* The answer. */
        bool known;
        bool counted;             /* of a counter: this one is among them */
        uint64_t people;          /* so many different ones since; of a group: with this one; at most `ceiling` matter */
        int64_t day;              /* of a first transfer that is `counted`: on which day, since 1970 */
};
enum { QUESTIONS_MAX = 32 };
struct answers {
        struct question of[QUESTIONS_MAX];
        size_t n;
};

/* The same record, now_us and judge as for policy_judge(). False: the arena is full (ERR_FULL). */
bool policy_ask(struct judge *j, int64_t now_us, const struct record *r, struct arena *a,
                struct answers *out, struct err *err);
/* All counters that this book has, as questions, for status: without answers. */
void policy_counters(const struct book *b, int64_t now_us, struct answers *out);

/* For a desk, which knows nobody: what it takes for granted. */
struct assumed {
        uint64_t counted;         /* so many are counted already, this one not among them */
        uint64_t group, coarser;  /* so many share the combination, with this one; the coarser one */
        struct slice known;       /* "Li Wei, @li-wei": who wrote in the region */
        int64_t first_days;       /* so many days ago the first transfer was made by each line */
};
#define ASSUMED_OPEN ((struct assumed){ 0, UINT64_MAX, UINT64_MAX, { NULL, 0 }, 0 }) /* nothing is near its limit */
void answers_assume(struct answers *a, const struct assumed *as);
/* What policy_explain() takes for granted from now on; at first ASSUMED_OPEN. */
void judge_assume(struct judge *j, const struct assumed *as);

#endif
