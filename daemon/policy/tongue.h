/* tongue.h - sentences in a language: templates of one enum, words, and how that language joins
 * lists and writes numbers, times and days. Private to the room.
 *
 * To say something new: add SAY_X to `enum say`, its template to each tongue_*.c (unit test
 * policy/speak names what lacks), and TELL it where its group is spoken (speak_*.c). A template
 * takes arguments by name, so that each language has its own order: "Under {age} years: {then}".
 * {age|year|years} chooses a form by the number. New names of fields, detectors, ways to
 * generalise and so on get a word in each tongue_*.c, by their technical name.              */
#ifndef POLICY_TONGUE_H
#define POLICY_TONGUE_H

#include "base/clock.h"
#include "law.h"
#include "policy/speak.h"

enum say {
        /* headings */
        SAY_HEAD_PROTECTS, SAY_HEAD_RECORDS, SAY_HEAD_FIELDS, SAY_HEAD_FIND, SAY_HEAD_TRANSFERS,
        SAY_HEAD_BACKUPS,
        SAY_HEAD_COUNTS, SAY_HEAD_KEEP, SAY_HEAD_RIGHTS, SAY_HEAD_PENDING, SAY_HEAD_NOT_YET,
        /* the whole */
        SAY_POLICY, SAY_LAW, SAY_REVIEW, SAY_EXTENDS,
        /* 1 whom, on what ground */
        SAY_PEOPLE_IN, SAY_REGION_ALL, SAY_ALSO_ABROAD, SAY_UNKNOWN_REGION,
        SAY_UNKNOWN_STRICTEST, SAY_BESIDE, SAY_PURPOSE, SAY_PURPOSE_CONSENT, SAY_PURPOSE_REST,
        SAY_CONSENT, SAY_CONSENT_ALL, SAY_CONSENT_SEPARATE, SAY_CONSENT_SEPARATE_ALL,
        /* 2 what may leave */
        SAY_RECORD_GO, SAY_RECORD_HOLD, SAY_RECORD_STAY, SAY_SUBJECT_PSEUDONYM, SAY_SUBJECT_NONE,
        /* 3 in which shape; in the order of enum action */
        SAY_FIELD_KEEP, SAY_FIELD_CLEAN, SAY_FIELD_GENERALISE, SAY_FIELD_PSEUDONYMISE, SAY_FIELD_MASK,
        SAY_FIELD_DROP, SAY_FIELD_DISCARD, SAY_FIELD_REST,
        /* 4 what is looked for; FIND_MASK to FIND_STAY in the order of enum find_action */
        SAY_FIND_OWN, SAY_FIND_MASK, SAY_FIND_DROP, SAY_FIND_DISCARD, SAY_FIND_HOLD, SAY_FIND_STAY,
        SAY_FIND_FLOOR, SAY_FIND_PATTERN, SAY_FIND_SPECIAL, SAY_FIND_AGAIN, SAY_CHILDREN,
        SAY_CHILDREN_EXCEPT, SAY_RULE,
        SAY_RULE_UNKNOWN,
        SAY_WHEN_KIND, SAY_WHEN_SOURCE, SAY_WHEN_LANG, SAY_WHEN_COUNTRY, SAY_WHEN_CONSENT,
        SAY_WHEN_WORDS,
        /* counts; COUNTED in the order of enum counted, SMALL in that of enum small_then */
        SAY_COUNTER, SAY_COUNTER_SHARED, SAY_COUNTER_WARN, SAY_OVER_YEAR, SAY_OVER_SPAN,
        SAY_COUNTED_PEOPLE, SAY_COUNTED_SENSITIVE, SAY_COUNTED_RECORDS,
        SAY_SENSITIVE_KINDS, SAY_SENSITIVE_FOUND, SAY_SENSITIVE_UNDER,
        SAY_SMALL_GENERALISE, SAY_SMALL_DROP, SAY_SMALL_HOLD, SAY_SMALL_STAY,
        /* 5 to whom */
        SAY_TRANSFER, SAY_TRANSFER_UNTIL, SAY_TRANSFER_REVIEW, SAY_TRANSFER_FILING, SAY_TRANSFER_SIGNED,
        SAY_TRANSFER_FILED, SAY_TRANSFER_REST,
        SAY_CLOSED, SAY_CLOSED_UNKNOWN,
        /* 6 copies */
        SAY_BACKUPS, SAY_BACKUPS_KM, SAY_BACKUPS_APART,
        /* 7 how long */
        SAY_KEEP_RAW, SAY_KEEP_RAW_LEAST, SAY_KEEP_WAREHOUSE, SAY_KEEP_HELD, SAY_KEEP_BACKUPS,
        SAY_KEEP_PROOF, SAY_KEEP_TELL,
        /* 8 how fast */
        SAY_RIGHTS_ACCESS, SAY_RIGHTS_ERASURE, SAY_RIGHTS_EXTENSION, SAY_RIGHTS_HOLIDAYS,
        SAY_BREACH_AUTHORITY, SAY_BREACH_PEOPLE,
        /* the rest */
        SAY_DUTY,
        SAY_PENDING, SAY_BUILT_IN,
        SAYS
};

struct word {
        const char *tech, *word; /* "author.country", "Land der Person" */
};
/* The technical names of the words, told apart by what they name. */
#define OF_KIND "kind."   /* records: kind.feedback */
#define OF_FIELD "field." /* field.author.country */
#define OF_FIND "find."   /* detectors: find.iban */
#define OF_TO "to."       /* ways to generalise: to.month */
#define OF_ALLOW "allow." /* permissions: allow.kafka */
#define OF_APART "apart." /* what copies shall not share: apart.island */
#define OF_GROUP "group." /* groups of the language, and what waits: group.counters */

struct list_style { /* "a, b and c": between the first, of two, before the last of more */
        const char *between, *two, *last;
};
enum unit { UNIT_SECOND, UNIT_MINUTE, UNIT_HOUR, UNIT_DAY, UNIT_WORKING_DAY, UNIT_WEEK, UNIT_MONTH,
            UNIT_YEAR, UNITS };

struct tongue_table {
        const char *code;
        const char *says[SAYS];
        const char *decisions[3]; /* clauses: "they may leave", "a person looks first", "they stay" */
        const char *units[UNITS]; /* "{n} {n|day|days}" */
        const char *date;         /* "{d} {month} {y}" */
        const char *first_day;    /* what stands for a day 1: "1er" */
        const char *months[12];
        const char *thousands;    /* between three digits */
        const char *quotes[2], *brackets[2];
        struct list_style all, any; /* ... and c, ... or c */
        bool one_is_two; /* zero takes the form of one: French */
        const struct word *words;
        size_t n_words;
};
extern const struct tongue_table tongue_en, tongue_zh, tongue_ja, tongue_de, tongue_id, tongue_fr, tongue_ko;
const struct tongue_table *tongue_table(enum tongue t);
/* The word for a technical name; NULL if this language has none. */
const char *tongue_word(const struct tongue_table *t, const char *of, const char *tech);

/* One who speaks: texts live in its arena until the end of policy_say(). */
struct speaker {
        const struct tongue_table *t;
        struct arena *arena;
        struct buf text;
        const char *section;
        void (*hear)(const struct sentence *, void *ctx);
        void *ctx;
        bool broken;
};
struct arg {
        const char *name, *text; /* text NULL: the number */
        int64_t number;
};
#define TEXT(name, value) { (name), (value), 0 }
#define NUMBER(name, value) { (name), NULL, (value) }

/* One sentence with its place. */
void speaker_tell(struct speaker *s, enum say id, const struct at *at, const struct arg *args, size_t n);
#define TELL(s, id, at, ...) \
        speaker_tell((s), (id), (at), (const struct arg[]){ __VA_ARGS__ }, \
             sizeof((const struct arg[]){ __VA_ARGS__ }) / sizeof(struct arg))
void speaker_plain(struct speaker *s, enum say id, const struct at *at); /* no arguments */
void speaker_as_written(struct speaker *s, const char *text, const char *file, int line);
void speaker_section(struct speaker *s, enum say heading);

/* Parts of sentences; "" when memory is out. */
const char *speaker_part(struct speaker *s, enum say id, const struct arg *args, size_t n);
#define PART(s, id, ...) \
        speaker_part((s), (id), (const struct arg[]){ __VA_ARGS__ }, \
             sizeof((const struct arg[]){ __VA_ARGS__ }) / sizeof(struct arg))
const char *quote_said(struct speaker *s, const char *text);
const char *term_said(struct speaker *s, const char *of, const char *tech); /* "Land der Person (author.country)" */
const char *date_said(struct speaker *s, const char *day);             /* of "2027-09-30" */
const char *amount_said(struct speaker *s, enum unit unit, int64_t n); /* "12 months" */
const char *duration_said(struct speaker *s, const struct duration *d);
const char *span_said(struct speaker *s, int64_t us); /* years, days or hours, exactly */
const char *decision_said(struct speaker *s, enum decision d);

/* Lists, put together one by one. */
struct list {
        const char *v[256];
        size_t n;
};
void list_add(struct list *l, const char *text);
const char *list_said(struct speaker *s, const struct list *l, struct list_style style);
const char *names_said(struct speaker *s, struct names names, bool any, bool quotes);
const char *kinds_said(struct speaker *s, uint32_t kinds, bool any);

/* speak_*.c: each part of the law. */
void speak_people(struct speaker *s, const struct book *b);
void speak_leaving(struct speaker *s, const struct law *law);
void speak_children(struct speaker *s, const struct policy *p);
void speak_rules(struct speaker *s, const struct policy *p);
void speak_finds(struct speaker *s, const struct law *law);
void speak_transfers(struct speaker *s, const struct law *law);
void speak_backups(struct speaker *s, const struct law *law);
void speak_keep(struct speaker *s, const struct law *law);
void speak_rights(struct speaker *s, const struct law *law);

#endif
