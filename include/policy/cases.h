/* cases.h - a case: a record as it comes in, and what a policy must make of it.
 *
 * The file's form, policies/cases/NAME/CASE.case, is documented in policies/README.md. It is what a
 * person types in Word or Notepad: `key: value` lines under four kinds of heading. Nothing of it
 * is guessed: what is not understood is a complaint with its line and the nearest name.
 *
 * Calling sequence: case_parse -> (the caller loads the book of its policy or region, with the
 * case's places) -> policy_explain() of its record at its date -> case_compare. Pure.      */
#ifndef POLICY_CASES_H
#define POLICY_CASES_H

#include "policy/explain.h"

enum case_verdict { CASE_GOES, CASE_HELD, CASE_STAYS, CASE_DISCARDED, CASE_VERDICTS };
const char *case_verdict_name(enum case_verdict v); /* "goes" */

enum expect_what {
        EXPECT_BY,       /* `text` is the rule, `file` and `number` its line; each may be absent */
        EXPECT_BECAUSE,  /* stands in the article */
        EXPECT_FIELD,    /* leaves as exactly this */
        EXPECT_CONTAINS, EXPECT_LACKS, /* leaves with this in it, or without */
        EXPECT_DROPPED,  /* the field does not leave */
        EXPECT_ONLY,     /* "nothing else": no field leaves but those named */
        EXPECT_NOWHERE,  /* stands in no text that leaves */
        EXPECT_SUBJECT,  /* "pseudonym" or "none" */
        EXPECT_PURPOSE,
        EXPECT_REDACTED, /* `text` found in `field`; `file` the action or NULL, `number` the count or 0 */
        EXPECT_READABLE, EXPECT_NOT_READABLE, /* in this country */
        EXPECT_PIECES,   /* so many are taken out before anything is stored */
        EXPECT_STORED    /* the field, as it stays at home */
};
struct case_expect {
        enum expect_what what;
        enum field field;
        struct slice attribute; /* FIELD_ATTRIBUTES: its name */
        struct slice text;
        const char *file;
        int64_t number;
        int line; /* of the case file */
};

enum { CASE_BYTES_MAX = 1 << 20, CASE_EXPECTS_MAX = 256, CASE_PLACES_MAX = 16 };
struct policy_case { /* texts live in the arena */
        const char *file, *title;
        const char *policy, *region; /* one of them; the other NULL */
        struct hub hub;              /* its places; n_places 0: those of regions/hub.cfg */
        int64_t now_us, captured_us;
        struct assumed assumed;      /* "counted", "group", "first transfer", "known"; not written: nothing is near its limit */
        struct slice source;
        struct record record;
        int record_line; /* of "comes in" */
        enum case_verdict verdict;
        int verdict_line;
        struct case_expect expects[CASE_EXPECTS_MAX];
        size_t n_expects;
};
/* `file` stands in complaints. NULL with at least one error in the report when anything is wrong. */
struct policy_case *case_parse(struct arena *a, const char *file, struct slice text, struct report *report);

struct case_failure {
        int line;         /* of the case file */
        const char *what; /* "decision", "by", "body", "nothing else" */
        const char *expected, *got;
};
enum { CASE_FAILURES_MAX = 32 };
/* What is not as expected, at most CASE_FAILURES_MAX; 0: the case holds. b is the book by which `e`
 * was made. SIZE_MAX when the arena is full. */
size_t case_compare(const struct policy_case *c, const struct explanation *e, const struct book *b,
                    struct arena *a, struct case_failure out[CASE_FAILURES_MAX]);

#endif
