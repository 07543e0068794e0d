/* law.h - a policy as it was read, and the book into which a chain of them is merged.
 *
 * Private to the room. Everything lives in the book's arena and is never changed after
 * loading, so that any number of judges may read it at once.
 *
 * Merging: forbid beats allow. Each `enum` below is in order of strictness, and the strictest
 * that applies wins. A policy that says nothing in a group (no `fields` at all, say) has no
 * voice there; one that says something closes what it does not name.                     */
#ifndef POLICY_LAW_H
#define POLICY_LAW_H

#include <stdatomic.h>

#include "base/clock.h"
#include "base/conf.h"
#include "detect/detect.h"
#include "policy/officers.h"
#include "policy/policy.h"

struct vocabulary;
struct backups;
struct rights;
struct breach;
struct question;
struct counter;
struct sensitive;
struct small_group;

enum {
        CHAIN_MAX = 8,      /* parents of parents */
        ABROAD_MAX = GROUP_POLICIES_MAX, /* other policies that protect their people everywhere */
        LINES_MAX = 256,    /* of one group */
        SHELF_MAX = 128,    /* files of a set */
        LAW_MAX = 32,       /* policies over one record */
        CLASS_BYTES_MAX = 255, /* as the vault takes them */
        SPECIAL = DETECT_MAX - 1, /* the id of "special_category", which no row of detect's is */
        SPECIAL_MAX = 8,    /* lists of it in one policy */
        LAW_SPECIAL_MAX = 32,
        LANGUAGE = 1        /* of policies, that this release reads */
};

/* Where a line stands, for reasons. */
struct at {
        const char *file; /* "eea.cfg" */
        int line;
        const char *because; /* "" if none */
};

struct names {
        const char *const *v;
        size_t n;
};

enum action { /* of fields, the loosest first */
        ACTION_KEEP, ACTION_CLEAN, ACTION_GENERALISE, ACTION_PSEUDONYMISE, ACTION_MASK, ACTION_DROP,
        ACTION_DISCARD, ACTIONS
};
extern const char *const law_actions[ACTIONS];

enum find_action { /* of what is found in words, the loosest first */
        FIND_PASS, FIND_MASK, FIND_DROP, FIND_DISCARD, FIND_HOLD, FIND_STAY, FIND_ACTIONS
};
extern const char *const law_finds[FIND_ACTIONS];

enum permission { PERMIT_KAFKA, PERMIT_WAREHOUSE, PERMIT_READING, PERMIT_BACKUP, PERMISSIONS };
extern const char *const law_permissions[PERMISSIONS];

struct field_line {
        enum action action;
        int to; /* generalise: see generalise.c; else -1 */
        struct at at;
};
struct attribute_line {
        const char *name;
        enum action action;
        int to; /* as of fields */
        bool heard; /* some policy of the chain lets its words leave */
        struct at at;
};
struct find_line {
        detect_set what;
        struct names patterns; /* "pattern:NAME" */
        enum find_action action;
        struct at at;
        bool never; /* of a transfer: not even where a field is so by its nature */
};
struct pattern {
        const char *name, *full_name, *match; /* "employee-id", "pattern:employee-id" */
        size_t number;           /* in the set: what it finds has the id DETECT_MAX + number */
        enum find_action action; /* FIND_PASS: lines of find say */
        struct at at;
};
struct exception {
        struct names of;
        int64_t under;
};
struct children {
        int64_t under; /* years */
        enum decision then, age_unknown;
        struct exception *except;
        size_t n_except;
        struct at at;
};
struct rule {
        const char *name;
        uint32_t kinds; /* bits; 0: any */
        struct names sources, langs, countries, consents; /* n == 0: any */
        const struct vocabulary *words; /* NULL: any */
        enum decision then, unknown;
        struct at at;
};
struct filing { /* that an authority is told of the line, in time */
        bool needed;
        int64_t days;             /* within which */
        const char *within;       /* as written */
        const char *first_id;     /* counted from the first transfer: the question's id; else NULL */
        int64_t due_us;           /* counted from a signature: the end; else INT64_MIN */
        int64_t filed_us;         /* INT64_MAX: it is not */
        const char *filed_day, *signed_day; /* as written; NULL: not */
        struct at late;           /* the reason when it is too late */
};
struct transfer {
        struct names to;
        unsigned allow; /* bits of enum permission */
        const char *basis;
        int64_t until_us, review_us; /* INT64_MAX: no end */
        const char *until_day, *review_day; /* as written; NULL: none */
        struct filing filing;
        struct at at;
};
struct purpose {
        const char *name, *ground;
        bool consent;
        uint32_t kinds;
        struct at at;
};
struct consent_line {
        const char *purpose;
        bool separate;
        enum decision missing;
        uint32_t kinds; /* 0: any */
        struct at at;
};

/* What an uncommented line looks for in words and cannot find, a list that is not there say: records
 * with words are held, naming the line. */
struct pending {
        const char *what; /* "special_category" */
        struct at at;
};

enum keep_what { KEEP_RAW, KEEP_RAW_AT_LEAST, KEEP_WAREHOUSE, KEEP_HELD, KEEP_BACKUPS, KEEP_PROOF,
                 KEEP_TELL, KEEPS };
extern const char *const law_keeps[KEEPS];

enum group { GROUP_PROTECTS, GROUP_PURPOSES, GROUP_RECORDS, GROUP_SUBJECT, GROUP_FIELDS, GROUP_FIND,
             GROUP_CHILDREN, GROUP_RULES, GROUP_TRANSFERS, GROUP_BACKUPS, GROUP_KEEP, GROUP_RIGHTS,
             GROUP_BREACH, GROUP_COUNTERS, GROUP_SENSITIVE, GROUP_CONSENT, GROUP_SMALL_GROUP,
             GROUP_PATTERNS, GROUPS };
extern const char *const law_groups[GROUPS];

struct policy {
        struct conf *conf;
        const char *name, *file, *title, *law, *extends;
        int64_t version;
        int64_t review_us;
        const char *review_day; /* as written; NULL: none */
        const char *review;     /* "the review of eea.cfg:12"; NULL with review_day */
        struct at at, review_at, extends_at;
        struct at group[GROUPS]; /* file NULL: not written */
        enum decision records[RECORD_KINDS];
        struct at records_at[RECORD_KINDS]; /* line 0: not named */
        bool pseudonym;
        struct field_line fields[FIELDS]; /* at.line 0: not named */
        struct attribute_line *attributes;
        size_t n_attributes;
        struct find_line *finds;
        size_t n_finds;
        struct pattern *patterns;
        size_t n_patterns;
        const struct industries *industries; /* NULL: nothing is made coarser by it */
        const struct vocabulary *special[SPECIAL_MAX];
        size_t n_special;
        struct children children;
        struct rule *rules;
        size_t n_rules;
        struct transfer *transfers;
        size_t n_transfers;
        struct purpose *purposes;
        size_t n_purposes;
        struct consent_line *consents;
        size_t n_consents;
        int64_t keep_us[KEEPS]; /* -1: not written */
        struct at keep_at[KEEPS];
        const struct backups *backups; /* duties.h; NULL: not written */
        const struct rights *rights;
        struct breach *breaches;
        size_t n_breaches;
        struct names people_in;
        bool also_abroad, unknown_is_strictest; /* residence_unknown */
        struct pending *pending;
        size_t n_pending;
        struct counter *counters; /* asking.h */
        size_t n_counters;
        const struct sensitive *sensitive; /* NULL: nothing is said to be */
        struct small_group *small;
        size_t n_small;
};

/* A place that every record reaches, as one policy of the chain sees it. Of a code in `readings`:
 * somebody there who reads. */
struct gate {
        const struct policy *policy;
        enum permission permission;
        const char *jurisdiction;
        const struct transfer **lines; /* those that allow it, whatever their dates */
        size_t n_lines;
        struct at closed; /* the reason when none is open */
};

/* The files of a set, from a folder or from a packed book. */
struct shelf_file {
        const char *name; /* "eea.cfg", "lists/health.txt" */
        struct slice bytes;
};
struct shelf {
        struct arena *arena;
        const char *dir;   /* NULL: only what is there already */
        const char *below; /* what is not in dir is looked for here; NULL: nowhere */
        struct shelf_file files[SHELF_MAX];
        size_t n;
        const char *patterns[PATTERNS_MAX], *pattern_names[PATTERNS_MAX]; /* of its policies, by number */
        size_t n_patterns;
};

/* Policies that protect the same records, merged. A book has one of the region's policy and its
 * parents (`home`), and one for each set of policies that protect people of elsewhere beside it. */
struct law {
        struct arena *arena;           /* the book's */
        struct policy *chain[LAW_MAX]; /* the region's first, then its parents, then those of elsewhere */
        size_t n_chain, n_home;        /* of them the region's */
        uint64_t set;                  /* bits: of the book's `abroad` */
        size_t number;                 /* 0: home, then as in `beside` */

        enum decision records[RECORD_KINDS];
        struct at records_at[RECORD_KINDS];
        bool pseudonym;
        struct field_line fields[FIELDS];
        uint8_t leaving[FIELDS]; /* fields whose action is below drop */
        size_t n_leaving;
        uint8_t heard[FIELDS]; /* whose words do not leave, and would under one policy of the chain: */
        size_t n_heard;        /* what it wants held for them is held */
        uint64_t plain;        /* bits: no policy says "clean", so a field's nature is not found */
        struct attribute_line *attributes;
        size_t n_attributes;
        const struct industries *industries;
        const struct vocabulary *special[LAW_SPECIAL_MAX];
        size_t n_special;
        enum find_action find[DETECT_IDS];
        struct at find_at[DETECT_IDS];
        detect_set wanted, discarded, never;
        detect_set exempt[FIELDS]; /* see law_exempt() */
        const struct pattern *patterns[PATTERNS_MAX]; /* by number; NULL: of a policy that does not speak here */
        uint64_t sought, sought_discarded;            /* bits: of patterns */
        bool find_holds, find_stays;
        struct gate *gates;
        size_t n_gates, room_gates;
        bool places_known;
        struct dated_code *readable;
        size_t n_readable;
        struct gate *readings; /* only where `firsts` are: of each code of `readable` the policies that speak */
        size_t *n_readings;    /* how many, code by code; they follow each other */
        const struct transfer **firsts; /* lines open for a while after the first transfer by them */
        size_t n_firsts;
        int64_t keep_us; /* in the warehouse; -1: not written */
        struct at keep_at;
        int64_t held_us; /* for review, and then it stays; -1: no limit */
        struct at held_at;
        const struct pending **pending;
        size_t n_pending;
        const struct counter **counters;
        size_t n_counters;
        const struct small_group **small;
        size_t n_small;
        struct at origin; /* the region's policy, where no better line is known */
        const char *class_name;
};

/* A policy of elsewhere and its parents, and the countries whose people have another law here. */
struct abroad {
        struct policy *chain[CHAIN_MAX];
        size_t n_chain;
};
struct residence {
        const char *code;
        const struct law *law;
};

struct book {
        atomic_int refs;
        struct arena *arena;
        struct shelf shelf;
        const char *region; /* NULL: none, a desk asks */
        struct zone *zone;
        struct law home;
        struct abroad abroad[ABROAD_MAX]; /* that protect their people here too, by name */
        size_t n_abroad;
        struct law *beside[ABROAD_MAX];
        const char *classes[ABROAD_MAX]; /* of `beside` */
        size_t n_beside;
        struct residence *residences; /* by code; who is not in it has the law of home */
        size_t n_residences;
        struct patterns *patterns; /* NULL: none is written */
        const struct law *nowhere; /* of people whose country is not known */
        struct officers *officers; /* NULL: nobody signs in this house */
        struct signers signers;    /* by whose word it is in force; set before it is shared */
        uint8_t hash[32];
};

/* shelf.c */
/* ERR_CONFIG when the file is not there. The bytes live in the shelf's arena. */
bool shelf_get(struct shelf *s, const char *name, struct slice *out, struct err *err);
bool shelf_put(struct shelf *s, const char *name, struct slice bytes);
void shelf_pack(const struct shelf *s, struct buf *out);
bool shelf_unpack(struct shelf *s, struct slice packed);
void shelf_hash(const struct shelf *s, uint8_t out[32], struct slice also);

/* parse.c: one file. NULL when nothing can be made of it; else complaints are in the report.
 * `zone` dates ends. */
struct policy *law_read(struct shelf *s, const char *name, const struct zone *zone,
                            struct report *report);
/* The policies of the folder, or of the files at hand, by name. */
struct nearby {
        struct arena *arena;
        const char *names[LINES_MAX];
        size_t n;
};
/* book.c */
#define LAW_UNREADABLE_HINT "Let the user that reads it (the agent's, or yours) enter the folder, list it, and read its files."
bool law_list_policies(const struct shelf *s, struct nearby *near, struct err *err);
/* A policy and its parents; `region` (NULL: none) is named where the policy is not there. */
bool law_read_chain(struct shelf *s, const struct region *region, const char *name, struct policy **chain, size_t *n,
                    const struct zone *zone, struct report *report);
/* All that follows `chain`, the class included. False when memory is out. */
bool law_fill(struct law *law, const struct hub *hub);
/* abroad.c: reads what protects its people here too; makes a law for each set of policies. */
bool abroad_read(struct book *b, const struct zone *zone, struct report *report);
bool abroad_merge(struct book *b, const struct hub *hub, struct report *report);
void abroad_forget(struct book *b);
/* The law under which a record stands: never NULL. */
const struct law *law_of(const struct book *b, const struct record *r);
/* Of people in `code`, as place_codes() has it; NULL: whose country is not known. */
const struct law *law_of_code(const struct book *b, const char *code);

/* special.c */
void special_merge(struct law *law);
/* scratch: at least text.n bytes. */
bool special_stands_in(const struct law *law, struct slice text, char *scratch);

/* patterns.c */
void patterns_merge(struct law *law);
bool patterns_compile(struct book *b, struct report *report);
void patterns_check(const struct law *law, struct report *report);
/* "email", "special_category"; id < DETECT_MAX. */
const char *law_id_name(int id);
/* "email", "pattern:employee-id"; "email", "employee-id". id: of a finding under this law. */
const char *law_find_name(const struct law *law, int id);
const char *law_mask_word(const struct law *law, int id);
/* Whether the law looks for it, and can; id < DETECT_IDS. */
bool law_finds_id(const struct law *law, int id);

/* scanners.c: a scanner for the law of each number; those that look for the same share one. */
struct scanners {
        struct scanner *of[1 + ABROAD_MAX];
        bool owns[1 + ABROAD_MAX];
};
/* book NULL: one, for what wanted(NULL) says. False when memory is out: close it then too. */
struct wanted {
        detect_set rows;
        uint64_t patterns; /* bits, by number */
};
bool scanners_open(struct scanners *s, const struct book *b, struct wanted (*wanted)(const struct law *law));
void scanners_close(struct scanners *s);

/* check.c: what only the whole chain can tell. */
void law_check_chain(const struct law *law, struct report *report);
void law_check_places(const struct law *law, struct report *report);
void law_check_abroad(const struct book *b, struct report *report);
/* check_effect.c: lines that do nothing. */
void law_check_effect(const struct law *law, struct report *report);
/* check_dates.c */
void law_check_dates(const struct law *law, int64_t now_us, struct report *report);
/* merge.c: fills what follows `chain`. False when memory is out. */
bool law_merge(struct law *law);
/* ask.c: the lines that ask. False when memory is out. */
bool law_merge_asking(struct law *law);
/* keep.c: the line that says how long raw records under this law are kept; NULL: none does. */
const struct at *law_raw_at(const struct law *law, int64_t *raw_us);
/* residency.c */
bool residency_merge(struct law *law, const struct hub *hub);
/* As book_transfer() and book_may_read(), for those under this law. */
void law_transfer(const struct law *law, enum place_what what, struct slice jurisdiction, int64_t now_us,
                  struct transfer_said *out);
bool law_may_read(const struct law *law, struct slice country, int64_t now_us);
struct trial;
/* What the transfers decide; *basis is that of the warehouse's line. What rests on a line of which the
 * first transfer counts is noted in t->counts. */
enum decision residency_judge(struct trial *t, const struct at **why, const char **basis);
/* Until when somebody in law->readable[i] may read this record; INT64_MIN: not at all. Notes likewise. */
int64_t residency_readable(struct trial *t, size_t i);

/* filing.c: what a line says now. q: its answer, NULL if nobody knows (then HOLD, if it asks). */
enum decision transfer_says(const struct transfer *t, int64_t now_us, const struct question *q, int64_t *until_us);
/* The same for somebody who cannot know: as if no transfer had been made by it yet. */
enum decision transfer_says_to_desk(const struct transfer *t, int64_t now_us, int64_t *until_us);
/* Whether it depends on the day of the first transfer by it. */
bool transfer_asks(const struct transfer *t, int64_t now_us);

/* officers.c: officers.cfg, where the shelf has one; else *out is NULL. False when memory is out. */
bool officers_read(struct officers **out, struct shelf *s, const struct zone *zone, struct report *report);
void officers_forget(struct officers *all); /* NULL is allowed */

/* generalise.c: `to` by its name for this field ("month", "network 16"; FIELD_ATTRIBUTES: any), -1 if it
 * has none such. */
int coarse_of_name(enum field f, const char *to);
int coarse_last(enum field f); /* as small groups leave; -1: there is none */
void coarse_names(enum field f, char *out, size_t size); /* "hour, day", "" if none: for hints */
const char *coarse_name(int to); /* "network" */
int coarse_number(int to);       /* 16; 0: it has none */
/* "network 16". In the arena, or for ever. */
const char *coarse_text(int to, struct arena *a);
/* Whether `to` only joins what `from` has apart: then it says nothing that `from` does not. */
bool coarse_joins(int to, int from);
bool coarse_needs_industries(int to);
int64_t generalise_time(int64_t us, int to);
/* The coarser text, in the arena, borrowed, or the law's; absent when it cannot be made. *full when the
 * arena is. */
struct slice generalise_text(const struct law *law, struct slice s, int to, struct arena *a, bool *full);
/* continents.c: "Eastern Asia" (region) or "Asia" for JP; NULL if it is on no such list. */
const char *continent_of(const char *country, bool region);
/* industries.c: absent if no line of the list has the company. list NULL: none has. */
struct industries;
struct slice industry_of(const struct industries *list, struct slice company);

/* vocabulary.c: officers' word lists. Lines, `#` comments, `*` at the end for any ending. */
struct vocabulary *vocabulary_new(struct arena *a, struct slice list, int *bad_line);
struct vocabulary *vocabulary_of_names(struct arena *a, struct names list);
size_t vocabulary_count(const struct vocabulary *w);
/* scratch: at least text.n bytes. */
bool vocabulary_in(const struct vocabulary *w, struct slice text, char *scratch);
/* Whether every text in which `narrow` is met has a word of `wide` too. */
bool vocabulary_covers(const struct vocabulary *wide, const struct vocabulary *narrow);
/* Whether each word of it stands in one of the lists, as it is or with any ending. */
bool vocabulary_is_in(const struct vocabulary *w, const struct vocabulary *const *lists, size_t n);

/* From *at on, the first place of a word in folded text, and of those there the longest. */
bool vocabulary_next(const struct vocabulary *w, struct slice folded, size_t *at, size_t *end);

/* The text in small letters, of the same length; control characters become blanks. */
void vocabulary_fold(char *out, struct slice in);
/* Whether [start, end) is no piece of a longer word, where the script has words. */
bool vocabulary_stands_alone(struct slice text, size_t start, size_t end);

/* Country of the author in upper case, if it is one that is known; of an unknown part, the whole. */
bool law_country(const struct record *r, char out[8]);
/* Whether it names a space of several countries, and one of these codes is in it: who is somewhere in the
 * EEA may be in Germany. */
bool law_may_be_in(struct slice country, struct names codes);

#endif
