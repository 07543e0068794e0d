/* option.h - one option = one row; everything else is printed from the rows:
 * parser, range checks, nearest names, --help, annotated examples, reference page.
 *
 * A module that has options exports `const struct option X_options[]` (ended by
 * OPTION_END) and the plain struct they fill. Text values point into the conf
 * tree, which therefore must live as long as the struct.
 *
 *      const struct option vault_options[] = {
 *              { "max_bytes", OPTION_SIZE, OPTION_AT(struct vault_settings, max_bytes),
 *                "64 MiB", "16 TiB", "10 GiB", 0,
 *                "Space the vault may take. When full, senders get 503 and files wait." },
 *              OPTION_END };                                                */
#ifndef BASE_OPTION_H
#define BASE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/report.h"

enum option_type {
        OPTION_TEXT,   /* const char *; min/max: length in bytes ("1", "64") */
        OPTION_NAME,   /* const char *, [a-z0-9-]{1,32} */
        OPTION_INT,    /* int64_t */
        OPTION_FLOAT,  /* double; whole numbers are fine too */
        OPTION_BOOL,   /* bool; default "true" or "false" */
        OPTION_SIZE,   /* uint64_t bytes; text with a unit, "10 GiB" */
        OPTION_TIME,   /* int64_t microseconds; text with a unit, "30 s" */
        OPTION_CHOICE, /* int: index into `max`, which lists "a|b|c"; default by name */
        OPTION_TEXTS,  /* struct option_texts: array of text; min/max: how many; see OPTION_OR_ONE */
        OPTION_GROUP,  /* const struct conf_node *: `{ }`, read by its owner with its own rows */
        OPTION_LIST,   /* const struct conf_node *: `( {}, {} )`, likewise */
};

struct option_texts {
        const struct conf_node *node; /* NULL when not written */
        size_t n;
};
/* The i-th of them, i < n. */
const char *option_text_at(const struct option_texts *t, size_t i);

enum {
        OPTION_REQUIRED = 1, /* no default; missing is an error */
        OPTION_SECRET = 2,   /* names where a secret lies; the value is not dumped */
        OPTION_LIVE = 4,     /* SIGHUP changes it */
        OPTION_ADVANCED = 8, /* left out of the annotated example */
        OPTION_OR_ONE = 16   /* of OPTION_TEXTS: a text stands for an array of one */
};

struct option {
        const char *name;
        enum option_type type;
        size_t offset;
        const char *min, *max; /* as text in the option's own syntax; NULL: none */
        const char *def;       /* default as text; NULL: zero or absent */
        unsigned flags;
        const char *help;      /* a sentence with a full stop */
};
#define OPTION_AT(type, member) offsetof(type, member)
#define OPTION_END { NULL, OPTION_TEXT, 0, NULL, NULL, NULL, 0, NULL }

/* Fills defaults only. */
void option_defaults(const struct option *rows, void *dest);
/* Fills *dest from the group `node` (NULL: as if empty): defaults first, then what
 * is written. Unknown keys are errors with the nearest name, unless `also` (names
 * ended by NULL, may be NULL) has them. Returns false if it added an error. */
bool option_read(const struct option *rows, const struct conf_node *node, void *dest,
                 const char *const *also, struct report *report);
/* The row's values of a struct, as configuration text; secrets as "(set)". */
void option_dump(const struct option *rows, const void *src, struct buf *out);
/* Markdown rows for `| option | type | range | default | what it is for |`; `prefix`
 * such as "vault.". An annotated example, indented by so many blanks. */
void option_reference(const struct option *rows, const char *prefix, struct buf *out);
void option_example(const struct option *rows, int indent, struct buf *out);
/* Errors of the rows themselves (no full stop, default out of range): for a test. */
bool option_rows_ok(const struct option *rows, struct report *report);

/* Command lines of verbs: `--name VALUE`, `--name=VALUE`, flags, positionals. */
struct flag {
        const char *name; /* "regions" for --regions */
        char letter;      /* 0 if none */
        const char *value;/* "DIR"; NULL for a switch */
        void *at;         /* const char ** for a value, bool * for a switch */
        const char *help;
};
#define FLAG_END { NULL, 0, NULL, NULL, NULL }
/* argv holds arguments only, not the program. "--" ends the options. Moves positionals
 * to the front; returns their count, or -1 with an error: usage, exit status 2. */
int flag_read(const struct flag *flags, int argc, char **argv, struct err *err);
void flag_help(const struct flag *flags, struct buf *out);

#endif
