/* mapping_value.h - what mapping_read.c and mapping_value.c share: one payload on its way to records. */
#ifndef SOURCE_MAPPING_VALUE_H
#define SOURCE_MAPPING_VALUE_H

#include "base/json.h"
#include "mapping.h"

enum { REMEMBERED_MAX = 16 };
struct remembered {
        const struct spot *spot;
        const struct json *found;
};

struct reading {
        const struct mapping *m;
        const struct source *s;
        const struct slice *headers;
        const struct json *root, *item;
        struct arena *a;
        int64_t now_us;
        mapping_say *say;
        void *say_ctx;
        struct err *err;
        struct remembered remembered[REMEMBERED_MAX]; /* of the payload: the same for each of its items */
        size_t n_remembered;
};

/* Tells `source map`, if it is that which asks. */
void mapping_note_value(struct reading *rd, const char *what, const struct spot *from, struct slice found);
/* false, with ERR_DATA and the mapping's place. */
bool mapping_refuse(struct reading *rd, const struct conf_node *node, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));
bool mapping_full(struct reading *rd);
const char *mapping_place(char out[128], const struct conf_node *node); /* "tracker.cfg:12" */

/* What stands there; NULL if nothing, or if it is a header. */
const struct json *spot_json(struct reading *rd, const struct spot *s, const struct json *item);
/* Its text; SLICE_NONE where nothing or null is. False, with why, when it is a list or an object. */
bool spot_text(struct reading *rd, const struct spot *s, const struct json *item, struct slice *out);
bool conditions_hold(struct reading *rd, const struct conditions *c, const struct json *item);
/* Parts joined by "/"; what a part has of "/" or "~" is written ~1 and ~0 where there are several. Where a
 * part finds nothing: refused if `required`, else there is none (*out absent). */
bool parts_join(struct reading *rd, const struct parts *p, const char *what, bool required,
                struct slice *out);
/* False, with why, when it is not written so. *out is left alone where nothing stands (*there false). */
bool time_read(struct reading *rd, const struct time_rule *t, const char *what, int64_t *out, bool *there);
struct slice values_apply(const struct values *v, struct slice text);

#endif
