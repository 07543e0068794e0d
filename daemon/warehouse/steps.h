/* steps.h - one run of `warehouse migrate`: what migrate.c, schema.c and roles.c share. */
#ifndef WAREHOUSE_STEPS_H
#define WAREHOUSE_STEPS_H

#include "base/json.h"
#include "warehouse/migrate.h"

struct steps {
        const struct migrate_spec *spec;
        struct pg *c;
        struct buf *out; /* NULL: nobody listens */
        struct json_out *json; /* NULL: lines of text */
        size_t taken;
};

/* Notes a step ("made partition for region ..."); true if it is to be done (not a dry run). */
bool step(struct steps *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* One value of the first row, as a number; `otherwise` if there is no row or it is NULL. */
bool ask_int(struct pg *c, int64_t *out, int64_t otherwise, const char *sql,
             const struct pg_param *params, size_t n, struct err *err);

/* schema.c: the SQL files, in order; a view file whose text changed is made anew. */
struct schema_file {
        const char *name, *text;
        bool view;
        const char *surface; /* roles that read it, "community_voice"; NULL: it is no reader's */
};
extern const struct schema_file schema_files[];
extern const size_t schema_files_n;
void schema_digest(char out[65], const struct schema_file *f);
/* The last numbered step that a newer release took, "" if there is none. */
bool schema_newer(struct pg *c, char step[64], struct err *err);
bool schema_is_ours(struct pg *c, struct err *err); /* ERR_CONFIG: a newer release migrated it */
void schema_warn(struct pg *c); /* logs the steps that are still to be taken */
bool schema_applied(struct pg *c, const struct schema_file *f, bool *same, bool *any, struct err *err);
bool schema_migrate(struct steps *s, struct err *err);
/* "community"."record_jp_tokyo" */
const char *partition_name(char out[128], const char *region);
bool partitions_migrate(struct steps *s, struct err *err);

/* roles.c: the views' owner, the two surfaces, the loader's grants. */
bool roles_make(struct steps *s, struct err *err); /* before the schema */
bool roles_grant(struct steps *s, struct err *err); /* after it */
bool roles_missing(struct pg *c, int64_t *missing, struct err *err); /* 1: some grant of the surfaces */
bool make_role(struct steps *s, const char *role, bool login, struct err *err); /* if it is not there */
/* Appends what gives a view to its owner and its readers; nothing if it is no reader's. */
void put_hand_over(struct buf *b, const struct schema_file *f);

/* readers.c: the readers of hub.cfg. */
bool readers_migrate(struct steps *s, struct err *err);
/* Appends the codes that the country lies in, as an array in SQL: {DE,EEA}. */
void reader_codes(struct buf *out, const char *country);
const char *reader_surface(const struct migrate_reader *r); /* "voice", "count" */
/* 1: codes, surface and membership are as hub.cfg has them. */
bool reader_is_as_written(struct pg *c, const struct migrate_reader *r, int64_t *same, struct err *err);
/* Appends why the role, which is there, may not be a reader; nothing if it may. will_change: if it
 * has the other surface itself, that is about to be taken back. */
bool reader_danger(struct pg *c, const struct migrate_spec *spec, const struct migrate_reader *r, bool will_change,
                   struct buf *out, struct err *err);

/* Appends an identifier in double quotes, or a literal in single ones. */
void put_identifier(struct buf *b, const char *name);
void put_literal(struct buf *b, const char *text);

#endif
