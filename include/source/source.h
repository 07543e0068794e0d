/* source.h - what a sender means: its bytes -> records. Pure and fuzzed.
 *
 * `sources = ( { name = ...; type = ...; ... } )` of a region file. A type is a row in
 * source.c: canonical (POST /v1/records), github and discourse (webhooks), folder (files), webhook (the
 * webhooks of whoever else, by a mapping file). hook.h has what webhooks share.                 */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/option.h"
#include "base/report.h"
#include "model/record.h"

enum source_type { SOURCE_API, SOURCE_GITHUB, SOURCE_FOLDER, SOURCE_DISCOURSE, SOURCE_WEBHOOK };

struct mapping;     /* of webhooks: mapping.h */
struct csv_mapping; /* what follows, checked and ready */
struct file_options {   /* how CSV files are read, as written */
        const char *encoding, *delimiter, *timezone;
        const struct conf_node *columns, *values, *consent;
        struct option_texts id_from, time_format;
        int id;         /* 0 column, 1 row */
};

struct source { /* texts live as long as the conf */
        const char *name;       /* [a-z0-9-]{1,32} */
        int type;               /* enum source_type */
        const char *title;
        const char *name_space; /* option `namespace`; default: name */
        const char *secret_file, *secret_env, *next_secret_file, *next_secret_env;
        const char *inbox;      /* folder: default STATE/inbox/NAME */
        int kind;               /* default kind for files; -1: the record says */
        const char *product, *lang; /* set where the sender gives none */
        struct file_options files;
        const char *mapping_file;   /* as written */
        struct mapping *mapping;    /* of a webhook, else NULL; free with source_clear() */
        struct csv_mapping *csv; /* of a folder, else NULL; free with source_clear() */
        const struct conf_node *node;
};
const char *source_type_name(int type); /* "api", "github", ... as written */
extern const struct option source_options[];
enum { SOURCES_MAX = 64 };
/* Reads `sources`; at most SOURCES_MAX; names unique. Returns false if it complained. */
bool sources_read(struct source *out, size_t *n, const struct conf_node *list, struct report *report);
void source_clear(struct source *s);
/* Bits of the fields that its records can have. */
uint64_t source_fields(const struct source *s);
/* The source's product and lang where the sender gave none; readers and github_read() do it. */
void source_defaults(const struct source *s, struct record *r);

/* ---- GitHub webhooks --------------------------------------------------- */
enum github_outcome {
        GITHUB_RECORDS, /* *n records: 1, or as many as a push has commits */
        GITHUB_PING,
        GITHUB_COUNTED  /* an event we do not map, a push without commits, a draft of a release, what
                           is about nobody: answered 202 and counted */
};
/* `event` is X-GitHub-Event. issues -> feedback; issue_comment, discussion, discussion_comment,
 * pull_request_review, pull_request_review_comment -> discussion; pull_request, push (a record
 * a commit) -> contribution; star, fork, release -> event; member, membership, organization ->
 * member. Edits and deletes are revisions by updated_at (µs); deleted carries what was deleted's
 * updated_at. Members alone need a clock: GitHub sends no time with them. Records live in the arena.
 * ERR_DATA when the payload is not what the event promises. */
bool github_read(const char *event, struct slice payload, const struct source *s, struct arena *a,
                 enum github_outcome *outcome, struct record **out, size_t *n, struct err *err);

/* ---- Files ------------------------------------------------------------- */
/* Called for each line or row, in order. `line` is 1-based. record NULL: refused, `why` says
 * so (no values). Return false to stop. What is passed lives until the call returns. */
typedef bool source_each(void *ctx, int64_t line, const struct record *record, const struct err *why);

/* A reader fed with pieces of a file's bytes, as they come (also uncompressed .gz). */
struct reader;
/* format: "ndjson" or "csv" (the file's extension without .gz). */
struct reader *reader_new(const struct source *s, const char *format, source_each *each, void *ctx,
                          struct err *err);
void reader_free(struct reader *r);
/* ERR_DATA: the file as a whole cannot be read (a header without the id column, not UTF-8).
 * ERR_BUSY: `each` asked to stop; ERR_FULL: memory. After a failure the reader only fails. */
bool reader_put(struct reader *r, struct slice piece, struct err *err);
bool reader_finish(struct reader *r, struct err *err); /* the last line may lack its newline */
/* Columns of the CSV file, or keys in NDJSON lines so far, that are no field's: left out. */
uint64_t reader_unmapped(const struct reader *r);
/* Whether lines are what stands between line feeds of the file's own bytes: false in UTF-16, and
 * where a carriage return alone ends lines. Then a line's number does not find it in the bytes. */
bool reader_has_lines(const struct reader *r);
/* What the file is read as, "shift_jis"; NULL: not known yet. */
const char *reader_encoding(const struct reader *r);

#endif
