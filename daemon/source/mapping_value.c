/* mapping_value.c - places of a mapping -> values: conditions, ids, times. */
#include "mapping_value.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "pointer.h"

void mapping_note_value(struct reading *rd, const char *what, const struct spot *from, struct slice found)
{
        if (!rd->say)
                return;
        const struct mapping_note note = {
                .what = what,
                .file = from && from->node ? conf_node_file(from->node) : "",
                .line = from && from->node ? conf_line(from->node) : 0,
                .from = from && from->written ? from->written : "",
                .found = found,
        };
        rd->say(rd->say_ctx, &note);
}

/* The file's name without its folders: whoever sends need not know our disks. */
const char *mapping_place(char out[128], const struct conf_node *node)
{
        const char *file = conf_node_file(node), *slash = strrchr(file, '/');
        snprintf(out, 128, "%.100s:%d", slash ? slash + 1 : file, conf_line(node));
        return out;
}

bool mapping_refuse(struct reading *rd, const struct conf_node *node, const char *fmt, ...)
{
        char text[512], place[128];
        va_list args;
        va_start(args, fmt);
        vsnprintf(text, sizeof text, fmt, args);
        va_end(args);
        return err_set(rd->err, ERR_DATA, 0, "%s: %s", text, mapping_place(place, node));
}

bool mapping_full(struct reading *rd)
{
        return err_set(rd->err, ERR_FULL, 0, "payload does not fit into memory's ceiling");
}

static bool is_scalar(const struct json *j)
{
        return j->type == JSON_STRING || j->type == JSON_NUMBER || j->type == JSON_BOOL;
}

/* A payload may be a million names long, and its items a thousand. */
static const struct json *in_payload(struct reading *rd, const struct spot *s)
{
        for (size_t i = 0; i < rd->n_remembered; i++)
                if (rd->remembered[i].spot == s)
                        return rd->remembered[i].found;
        const struct json *found = pointer_find(rd->root, s->pointer);
        if (rd->n_remembered < REMEMBERED_MAX)
                rd->remembered[rd->n_remembered++] = (struct remembered){ s, found };
        return found;
}

const struct json *spot_json(struct reading *rd, const struct spot *s, const struct json *item)
{
        const struct json *j = NULL;
        if (s->what == SPOT_ITEM)
                j = pointer_find(item, s->pointer);
        else if (s->what == SPOT_PAYLOAD)
                j = in_payload(rd, s);
        return j && j->type != JSON_NULL ? j : NULL;
}

bool spot_text(struct reading *rd, const struct spot *s, const struct json *item, struct slice *out)
{
        *out = SLICE_NONE;
        if (s->what == SPOT_HEADER) {
                *out = rd->headers[s->header];
                return true;
        }
        const struct json *j = spot_json(rd, s, item);
        if (!j)
                return true;
        if (!is_scalar(j))
                return mapping_refuse(rd, s->node, "at \"%.80s\" stands %s, not a value", s->written,
                                      j->type == JSON_ARRAY ? "a list" : "an object");
        *out = j->text;
        return true;
}

/* ---- Conditions ---------------------------------------------------------- */

static bool is_among(const struct option_texts *list, struct slice text)
{
        for (size_t i = 0; text.p && i < list->n; i++)
                if (slice_is(text, conf_text(conf_at(list->node, i))))
                        return true;
        return false;
}

/* A value, or any of a list's. */
static bool any_among(const struct option_texts *list, const struct json *j)
{
        if (!j)
                return false;
        if (is_scalar(j))
                return is_among(list, j->text);
        for (const struct json *e = j->type == JSON_ARRAY ? j->first : NULL; e; e = e->next)
                if (is_scalar(e) && is_among(list, e->text))
                        return true;
        return false;
}

static bool holds(struct reading *rd, const struct condition *c, const struct json *item)
{
        bool header = c->from.what == SPOT_HEADER;
        struct slice text = header ? rd->headers[c->from.header] : SLICE_NONE;
        const struct json *j = header ? NULL : spot_json(rd, &c->from, item);
        if (c->present || c->absent)
                return (header ? text.p != NULL : j != NULL) == c->present;
        const struct option_texts *list = c->is.n ? &c->is : &c->is_not;
        bool among = header ? is_among(list, text) : any_among(list, j);
        return among == (c->is.n > 0);
}

bool conditions_hold(struct reading *rd, const struct conditions *c, const struct json *item)
{
        for (size_t i = 0; i < c->n; i++)
                if (!holds(rd, &c->all[i], item))
                        return false;
        return true;
}

/* ---- Ids ----------------------------------------------------------------- */

static void put_escaped(struct buf *b, struct slice s)
{
        for (size_t i = 0; i < s.n; i++) {
                if (s.p[i] == '~' || s.p[i] == '/')
                        buf_puts(b, s.p[i] == '~' ? "~0" : "~1");
                else
                        buf_putc(b, s.p[i]);
        }
}

static bool put_part(struct reading *rd, const struct parts *p, size_t i, struct buf *b,
                     const struct spot **lacking)
{
        const struct part *part = &p->all[i];
        struct slice text = slice_of(part->text);
        if (i)
                buf_putc(b, '/');
        if (part->from.what == SPOT_NONE) {
                buf_put(b, text);
                return true;
        }
        if (!spot_text(rd, &part->from, rd->item, &text))
                return false;
        if (!text.n)
                *lacking = &part->from;
        else if (p->n > 1)
                put_escaped(b, text);
        else
                buf_put(b, text);
        return true;
}

bool parts_join(struct reading *rd, const struct parts *p, const char *what, bool required, struct slice *out)
{
        struct buf b;
        const struct spot *lacking = NULL;
        bool ok = true;
        *out = SLICE_NONE;
        buf_init(&b, RECORD_ID_MAX * 4);
        for (size_t i = 0; i < p->n && ok && !lacking; i++)
                ok = put_part(rd, p, i, &b, &lacking);
        if (ok && lacking && required)
                ok = mapping_refuse(rd, lacking->node, "\"%.80s\" of \"%s\" finds nothing", lacking->written,
                                    what);
        if (ok && !buf_ok(&b))
                ok = mapping_refuse(rd, p->node, "\"%s\" is longer than %d bytes", what, RECORD_ID_MAX);
        if (ok && !lacking) {
                *out = arena_copy(rd->a, buf_slice(&b));
                ok = out->p || mapping_full(rd);
        }
        buf_clear(&b);
        return ok;
}

/* ---- Times --------------------------------------------------------------- */

/* Seconds or milliseconds, with a fraction or without. */
static bool read_unix(int64_t *out, struct slice text, int64_t unit_us)
{
        int64_t whole;
        const char *point = text.n ? memchr(text.p, '.', text.n) : NULL;
        size_t n = point ? (size_t)(point - text.p) : text.n;
        if (!text_int(&whole, slice_make(text.p, n), 0, INT64_C(253402300800) * US_PER_SECOND / unit_us))
                return false;
        *out = whole * unit_us;
        for (size_t i = n + 1; i < text.n; i++) {
                if (text.p[i] < '0' || text.p[i] > '9')
                        return false;
                unit_us /= 10;
                *out += (text.p[i] - '0') * unit_us;
        }
        return true;
}

static bool read_format(int64_t *out, struct slice text, const char *format)
{
        struct civil c;
        bool has_offset;
        int offset_s = 0;
        if (!civil_parse(&c, &has_offset, &offset_s, text, format))
                return false;
        *out = civil_to_us(&c) - (has_offset ? offset_s * US_PER_SECOND : 0);
        return true;
}

/* "2026-01-02 03:04:05 UTC" too, as Ruby's programs have it. */
static bool read_rfc3339(int64_t *out, struct slice text)
{
        char copy[CLOCK_TEXT_MAX + 4];
        struct slice utc = SLICE(" UTC");
        size_t n = text.n - utc.n;
        if (text.n <= utc.n || text.n >= sizeof copy || !slice_eq(slice_make(text.p + n, utc.n), utc))
                return clock_parse_rfc3339(out, text);
        memcpy(copy, text.p, n);
        copy[n] = 'Z';
        return clock_parse_rfc3339(out, slice_make(copy, n + 1));
}

static bool read_as(int64_t *out, struct slice text, const char *as)
{
        if (strcmp(as, "rfc3339") == 0)
                return read_rfc3339(out, text);
        if (strcmp(as, "unix") == 0)
                return read_unix(out, text, US_PER_SECOND);
        if (strcmp(as, "unix_ms") == 0)
                return read_unix(out, text, US_PER_SECOND / 1000);
        if (strcmp(as, "integer") == 0)
                return text_int(out, text, 0, INT64_MAX);
        return read_format(out, text, as);
}

bool time_read(struct reading *rd, const struct time_rule *t, const char *what, int64_t *out, bool *there)
{
        struct slice text = SLICE_NONE;
        *there = t->from.what == SPOT_ARRIVAL;
        if (*there) {
                *out = rd->now_us;
                mapping_note_value(rd, what, &t->from, SLICE("now"));
                return true;
        }
        if (t->from.what == SPOT_NONE)
                return true;
        if (!spot_text(rd, &t->from, rd->item, &text))
                return false;
        text = text.p ? slice_trim(text) : text;
        mapping_note_value(rd, what, &t->from, text.n ? text : SLICE_NONE);
        if (!text.n)
                return true;
        *there = true;
        if (read_as(out, text, t->as))
                return true;
        return mapping_refuse(rd, t->from.node, "\"%.80s\" of \"%s\" is not written as %.40s",
                              t->from.written, what, t->as);
}

struct slice values_apply(const struct values *v, struct slice text)
{
        for (size_t i = 0; i < v->n; i++)
                if (slice_eq(v->all[i].is, text))
                        return v->all[i].to;
        return text;
}
