/* mapping.h - regions/mappings/NAME.cfg: what the webhooks of a sender that we do not know mean.
 *
 * A manager writes how the sender signs and where in its payload each field of a record stands; the
 * rows below are all that can be written, regions/mappings/README.md explains them. Read whole and
 * checked strictly: an unknown key, a pointer that can point nowhere, a missing id, kind or time is an
 * error with its place. A mapping never changes; any number of threads may read payloads by it.      */
#ifndef SOURCE_MAPPING_H
#define SOURCE_MAPPING_H

#include "source/hook.h"

/* The file's rows, and those of its groups and lists. */
extern const struct option mapping_options[], mapping_signature_options[], mapping_record_options[],
        mapping_time_options[], mapping_condition_options[], mapping_field_options[],
        mapping_value_options[], mapping_consent_options[];

struct mapping;
/* Gives: free with mapping_free(). On failure *out is NULL and the report says why, with line and hint. */
bool mapping_load(struct mapping **out, const char *path, struct report *report);
/* The same from memory; `name` stands for the file. */
bool mapping_parse(struct mapping **out, const char *name, struct slice text, struct report *report);
void mapping_free(struct mapping *m); /* NULL is allowed */
const struct hook_sender *mapping_sender(const struct mapping *m);

/* What was looked for and what was there, for `source map`. */
struct mapping_note {
        const char *what;   /* "id", "occurred_at", "author.name"; NULL: the next record begins */
        const char *file;
        int line;
        const char *from;   /* the place as it is written; "" if the value is the mapping's own */
        struct slice found; /* p NULL: nothing was there */
};
typedef void mapping_say(void *ctx, const struct mapping_note *note);

/* As hook_read(); `say` may be NULL. */
bool mapping_read(const struct mapping *m, const struct source *s, const struct slice *values,
                  struct slice payload, struct arena *a, struct hook_result *result, source_each *each,
                  void *ctx, mapping_say *say, struct err *err);

#endif
