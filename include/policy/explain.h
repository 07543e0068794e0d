/* explain.h - one record before the law, step by step: for officers' eyes and for cases.
 *
 * Goes the agent's own way: what must not be stored is taken out, then the judge decides. Beside
 * that it says of each field what its line does to it, and of each finding where it stands, which
 * line wants it gone, and why. Offsets are bytes of the record as it came in; values are nowhere
 * in here. Slow (texts are searched twice): for a desk, not for a pump.                       */
#ifndef POLICY_EXPLAIN_H
#define POLICY_EXPLAIN_H

#include "policy/ask.h"

struct explained_line {
        const char *file; /* "eea.cfg"; "" where no line is behind it */
        int line;
        const char *because; /* the article, or "" */
};

struct explained_field {
        enum field field;
        struct slice attribute; /* FIELD_ATTRIBUTES: which; else absent */
        const char *action;     /* "keep", "clean", ... as the policy's words are */
        const char *to;         /* "generalise": to what; else "" */
        struct explained_line by;
};

struct explained_find {
        enum field field;
        size_t item;  /* of a list, or of the attributes; else 0 */
        uint32_t start, end;
        const char *what;   /* "email"; "person": one of the record's own people */
        const char *action; /* "mask", "drop", "discard", "hold", "stay" */
        struct explained_line by; /* because: "" if the line names none */
};

struct explanation {
        bool refused;     /* nothing is stored: the id itself may not be */
        struct err why;   /* refused: in words */
        uint32_t pieces;  /* taken out before anything is stored */
        struct record stored;       /* what stays at home; borrows as policy_discard() does */
        struct answers asked;       /* what the agent would look up: here taken for granted, see judge_assume() */
        const char *class;          /* whose policies were asked: book_class_of() */
        bool beside;                /* one of elsewhere beside the region's */
        struct judgement said;      /* not refused */
        struct message_record left; /* said.decision is GO: what leaves */
        struct explained_field fields[FIELDS + RECORD_LIST_MAX];
        size_t n_fields; /* those that the record has */
        const struct explained_find *finds;
        size_t n_finds;
        bool more_finds;  /* there are more than the 4,096 that are told */
        bool public_words; /* its url is one of the public web: its words can be searched for there */
};

/* d and j are of the same book. False: ERR_FULL, no room left. All texts live in the arena, the
 * record or the book. */
bool policy_explain(struct discarder *d, struct judge *j, int64_t now_us, const struct record *r,
                    struct slice source, int64_t captured_us, struct arena *a, struct explanation *out,
                    struct err *err);

/* A field of a record as one text: lists with ", " between, times as RFC 3339. False if it has none;
 * occurred_at is always taken as there. */
bool explain_value(const struct record *r, enum field f, struct buf *out);
/* One of its texts, as an explained_find counts them. */
struct slice explain_item(const struct record *r, enum field f, size_t item);

/* A field as it leaves, in place of what `out` held; "(pseudonym)" and "(key)" where only such a thing
 * does. attribute: one of FIELD_ATTRIBUTES, or SLICE_NONE for all. False if it does not leave. */
bool explain_left(const struct message_record *m, enum field f, struct slice attribute, struct buf *out);

/* ---- For whoever crosses policies with regions ---------------------------------- */
/* Where the region's policies say that this field may leave; false: they do not. */
bool book_names_field(const struct book *b, enum field f, const char **file, int *line);
/* The i-th source that a rule of theirs waits for; false beyond the last. */
struct rule_source {
        const char *source, *rule, *file;
        int line;
};
bool book_rule_source(const struct book *b, size_t i, struct rule_source *out);
/* Calls for each jurisdiction or country whose people a policy of the folder protects; "" for one
 * that names nobody. Files that cannot be read are passed over. */
bool policy_each_people(const char *policies_dir, void (*each)(void *ctx, const char *policy, const char *code), void *ctx);

/* ---- What of a policy has been tried ------------------------------------------ */
enum coverage_of { COVERAGE_RULES, COVERAGE_FIELDS, COVERAGE_DETECTORS, COVERAGES };
const char *coverage_name(enum coverage_of c); /* "rules" */
struct coverage_item {
        enum coverage_of of;
        const char *name; /* "children", "find", "author.country", "email" */
        int kind;         /* of a line of `records`; else -1 */
        const char *file;
        int line;
        size_t tried;
};
enum { COVERAGE_MAX = 512 };
struct coverage { /* by the caller; its texts live in the arena */
        struct coverage_item items[COVERAGE_MAX];
        size_t n;
};
/* All that this book could do to a record; nothing is tried yet. False when the arena is full. */
bool coverage_begin(struct coverage *c, const struct book *b, struct arena *a);
void coverage_count(struct coverage *c, const struct record *r, const struct explanation *e);
/* 0..100, rounded down. 100 where there is nothing. */
int coverage_percent(const struct coverage *c, enum coverage_of of, size_t *tried, size_t *all);

#endif
