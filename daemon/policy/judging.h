/* judging.h - one record under the judge's eyes: what weighs on it, what becomes of its texts.
 * Private to the room: judge.c decides, redact.c reshapes, approved.c formats.
 *
 * Nothing is allocated but from the arena of the call; numbers of masks live in a table that
 * is emptied by raising `round`.                                                         */
#ifndef POLICY_JUDGING_H
#define POLICY_JUDGING_H

#include "law.h"
#include "policy/ask.h"

enum {
        NUMBERS = 4096,     /* values of a record that keep their number; a power of two */
        NUMBERS_FULL = 3072,
        MASK_WORDS = 32,
        REDACTIONS_MAX = 256,
        NAMES_MAX = 4 + RECORD_LIST_MAX,
        OWN_NAME = 0xFFFF /* stands in struct finding for a name of the record's people */
};

struct number_slot {
        uint64_t hash; /* of the mask word and the value's normal form */
        uint32_t round, number;
};
struct mask_count {
        const char *word;
        uint32_t last; /* number given last */
};

struct today { /* of the region, from midnight to midnight */
        int64_t day, from_us, to_us;
};

struct judge {
        struct book *book;
        struct today today;
        struct assumed assumed; /* at a desk */
        struct known *named;    /* at a desk: of assumed.known; NULL: nobody */
        struct scanners scanners;
        char *scratch;  /* RECORD_BYTES_MAX */
        char *residual; /* MESSAGE_VALUE_MAX */
        const struct law *law;              /* of the record judged last */
        const struct approved *approved;    /* it, if it may go; NULL */
        detect_set withheld;                /* tests: what is found and not taken out; none otherwise */
        struct number_slot numbers[NUMBERS];
        uint32_t round, used;
        struct mask_count words[MASK_WORDS];
        size_t n_words;
        struct slice names[NAMES_MAX]; /* of the record's people, folded */
        size_t n_names;
};

struct approved {
        struct record fields;
        bool has_occurred_at, has_subject, has_thread_key;
        uint64_t pseudonymised; /* bits of author.* fields that become the subject's pseudonym */
        char *subject_text;     /* 37 bytes for it, in the arena */
        struct slice source, policy, purpose, basis;
        int64_t policy_version, hour_us, expires_at_us;
        struct dated_code *readable;
        size_t n_readable;
        struct redaction *redactions;
        size_t n_redactions;
};

struct trial {
        struct judge *judge;
        const struct law *law;
        struct scanner *scanner;
        const struct record *record;
        const struct answers *answers; /* NULL: nothing is known */
        int64_t now_us;
        struct slice source;
        struct arena *arena;
        enum decision decision;
        const struct at *why;
        const char *rule;
        const char *purpose, *basis;
        struct approved *out;
        uint32_t cleaned;
        uint32_t counts; /* bits of the answers' questions */
        detect_set found; /* in the words that leave, before they are masked */
        bool full; /* the arena is */
};

/* Lets a line trial_weigh in: the strictest decides, the first of equals names itself. */
void trial_weigh(struct trial *t, enum decision d, const struct at *why, const char *rule);

/* known.c: the judge's own list, for a desk; empty: nobody. */
void judge_know_names(struct judge *j, struct slice names);
/* Something was found in words: what its line wants of the record as a whole. */
void trial_found(struct trial *t, int id);
/* special.c: adds words of special categories to the findings, as people_in() does names. Those that
 * nobody wants anything done about are only noted in t->found. */
bool special_in(struct trial *t, struct slice text, const struct finding **found, size_t *n);
/* people.c: what the record's own fields call its people, where those fields do not leave. */
void people_of(struct trial *t);
/* Adds to the findings those names that stand in the text: both lists sorted and apart. */
bool people_in(struct trial *t, struct slice text, const struct finding **found, size_t *n);

/* Puts a span among findings, sorted and apart. False: something was found in a part of it, and has taken
 * in the rest: half a name that shows is a name. */
bool span_put(struct finding *list, size_t *n, uint32_t start, uint32_t end, int id);
/* Whether one of them stands in the text, which is not longer than a record. */
bool people_stand_in(const struct judge *j, struct slice text);
/* residual.c: whether the message of the record judged last is free, in its bytes, of what its law wants
 * found. ERR_DENIED: what is in it, and where; never the words. */
bool residual_is_clean(struct judge *j, const struct message *m, struct slice value, const uint8_t key[16],
                       const struct message_header *headers, size_t n_headers, struct err *err);

/* Something was done to a field of what leaves. */
void trial_note(struct trial *t, const char *field, const char *what, const char *action, uint32_t count);
/* redact.c: the record's shape for outside, into t->out. Findings may trial_weigh in. */
void trial_redact(struct trial *t);
/* Fields in which somebody may have written anything, for lines that wait for words. */
bool trial_has_words(const struct law *law, const struct record *r);
/* False: values of this field come from a closed list, there are no words in it. */
bool law_searched(enum field f);
/* What a field is by its nature, which is not found in it where all policies let it through. */
detect_set law_nature(enum field f);
/* The same, but for what may never go to a place (`never`): that is taken out also there. */
detect_set law_exempt(const struct law *law, enum field f);

#endif
