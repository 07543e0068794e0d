/* record_json.c - canonical JSON <-> struct record.
 *
 * Strings must be strings; a number is taken as its text where a source's own ids or
 * versions may be numbers (so that integers beyond 2^53 stay whole); null is absent. */
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "fields.h"
#include "model/record.h"

enum { STRANGER_MAX = 256 }; /* bytes of a name that are kept */

static bool full(struct err *err)
{
        return err_set(err, ERR_FULL, 0, "record does not fit into memory's ceiling");
}

static bool wrong(struct err *err, const char *field, const char *what)
{
        return err_set(err, ERR_DATA, 0, "\"%s\" is not %s", field, what);
}

static bool takes_number(enum field f)
{
        switch ((int)f) {
        case FIELD_ID:
        case FIELD_THREAD:
        case FIELD_VERSION:
        case FIELD_SEVERITY:
        case FIELD_RATING:
        case FIELD_AUTHOR_ID:
        case FIELD_AUTHOR_AGE:
                return true;
        default:
                return false;
        }
}

/* What cannot be named for want of memory is counted all the same. unknown NULL: nobody asks. */
static void note_stranger(struct record *out, struct arena *a, const char *within, struct slice key, size_t *unknown)
{
        if (!unknown)
                return;
        ++*unknown;
        if (out->n_strangers == RECORD_STRANGERS_MAX)
                return;
        struct slice *list = arena_array(a, out->n_strangers + 1, sizeof *list);
        char *name = list ? arena_printf(a, "%s%.*s", within, (int)(key.n < STRANGER_MAX ? key.n : STRANGER_MAX), key.p) : NULL;
        if (!name)
                return;
        if (out->n_strangers)
                memcpy(list, out->strangers, out->n_strangers * sizeof *list);
        list[out->n_strangers++] = slice_of(name);
        out->strangers = list;
}

static bool texts_of(const struct slice **out, size_t *n, struct arena *a, const struct json *j,
                     const char *name, struct err *err)
{
        if (j->type != JSON_ARRAY)
                return wrong(err, name, "an array of texts");
        if (j->count > RECORD_LIST_MAX)
                return err_set(err, ERR_DATA, 0, "\"%s\" has over %d members", name, RECORD_LIST_MAX);
        struct slice *list = arena_array(a, j->count, sizeof *list);
        if (!list)
                return full(err);
        *n = 0;
        for (const struct json *m = j->first; m; m = m->next) {
                if (m->type != JSON_STRING)
                        return wrong(err, name, "an array of texts");
                list[(*n)++] = m->text;
        }
        *out = list;
        return true;
}

static bool time_of(int64_t *out, const struct json *j, const char *name, struct err *err)
{
        return (j->type == JSON_STRING && clock_parse_rfc3339(out, j->text)) ||
               wrong(err, name, "an RFC 3339 time");
}

/* A day begins with it (`given_at`), or ends with it (`until`): told by its last microsecond in UTC,
 * which the judge takes for that of the region. */
static bool day_or_time_of(int64_t *out, const struct json *j, bool ends, const char *name, struct err *err)
{
        if (j->type == JSON_STRING && clock_parse_date(out, j->text)) {
                *out += ends ? US_PER_DAY - 1 : 0;
                return true;
        }
        return time_of(out, j, name, err);
}

static bool consent_of(struct record *out, struct arena *a, struct consent *c, const struct json *j, size_t *unknown,
                       struct err *err)
{
        *c = (struct consent){ .given_at_us = INT64_MIN, .until_us = INT64_MAX };
        if (j->type != JSON_OBJECT)
                return wrong(err, "consent", "an array of objects");
        for (const struct json *m = j->first; m; m = m->next) {
                if (m->type == JSON_NULL)
                        continue;
                if (slice_is(m->key, "purpose") || slice_is(m->key, "evidence")) {
                        if (m->type != JSON_STRING)
                                return wrong(err, "consent", "made of texts, times and true or false");
                        *(m->key.p[0] == 'p' ? &c->purpose : &c->evidence) = m->text;
                } else if (slice_is(m->key, "given_at")) {
                        if (!day_or_time_of(&c->given_at_us, m, false, "consent.given_at", err))
                                return false;
                } else if (slice_is(m->key, "until")) {
                        if (!day_or_time_of(&c->until_us, m, true, "consent.until", err))
                                return false;
                } else if (slice_is(m->key, "separate")) {
                        if (m->type != JSON_BOOL)
                                return wrong(err, "consent.separate", "true or false");
                        c->separate = json_true(m);
                } else {
                        note_stranger(out, a, "consent.", m->key, unknown);
                }
        }
        if (c->purpose.n == 0)
                return err_set(err, ERR_DATA, 0, "\"consent\" has no \"purpose\"");
        return true;
}

static bool consents_of(struct record *out, struct arena *a, const struct json *j, size_t *unknown,
                        struct err *err)
{
        if (j->type != JSON_ARRAY)
                return wrong(err, "consent", "an array of objects");
        if (j->count > RECORD_LIST_MAX)
                return err_set(err, ERR_DATA, 0, "\"consent\" has over %d members", RECORD_LIST_MAX);
        struct consent *list = arena_array(a, j->count, sizeof *list);
        if (!list)
                return full(err);
        for (const struct json *m = j->first; m; m = m->next)
                if (!consent_of(out, a, &list[out->n_consents++], m, unknown, err))
                        return false;
        out->consents = list;
        return true;
}

static bool attributes_of(struct record *out, struct arena *a, const struct json *j, struct err *err)
{
        if (j->type != JSON_OBJECT)
                return wrong(err, "attributes", "an object");
        if (j->count > RECORD_LIST_MAX)
                return err_set(err, ERR_DATA, 0, "\"attributes\" has over %d members", RECORD_LIST_MAX);
        struct attribute *list = arena_array(a, j->count, sizeof *list);
        if (!list)
                return full(err);
        for (const struct json *m = j->first; m; m = m->next) {
                if (m->type == JSON_NULL)
                        continue;
                if (m->type == JSON_ARRAY || m->type == JSON_OBJECT)
                        return wrong(err, "attributes", "one level of texts, numbers, true and false");
                list[out->n_attributes++] = (struct attribute){ m->key, m->text };
        }
        out->attributes = list;
        return true;
}

static bool other_of(struct record *out, struct arena *a, enum field f, const struct json *j, size_t *unknown,
                     struct err *err)
{
        switch ((int)f) {
        case FIELD_TAGS:
                return texts_of(&out->tags, &out->n_tags, a, j, "tags", err);
        case FIELD_MENTIONS:
                return texts_of(&out->mentions, &out->n_mentions, a, j, "mentions", err);
        case FIELD_CONSENT:
                return consents_of(out, a, j, unknown, err);
        case FIELD_ATTRIBUTES:
                return attributes_of(out, a, j, err);
        case FIELD_REVISION:
                return (j->type == JSON_NUMBER && record_set(out, a, f, j->text, err)) ||
                       wrong(err, "revision", "a whole number from 0 to 9223372036854775807");
        case FIELD_DELETED:
                if (j->type != JSON_BOOL)
                        return wrong(err, "deleted", "true or false");
                out->deleted = json_true(j);
                return true;
        default: /* kind, occurred_at */
                if (j->type != JSON_STRING)
                        return wrong(err, field_name(f), "a text");
                return record_set(out, a, f, j->text, err);
        }
}

static bool member_of(struct record *out, struct arena *a, enum field f, const struct json *j,
                      size_t *unknown, struct err *err)
{
        if (field_type(f) != FIELD_TYPE_TEXT && field_type(f) != FIELD_TYPE_NUMBER)
                return other_of(out, a, f, j, unknown, err);
        if (j->type != JSON_STRING && !(j->type == JSON_NUMBER && takes_number(f)))
                return wrong(err, field_name(f), field_type(f) == FIELD_TYPE_NUMBER ? "a number" : "a text");
        return record_set(out, a, f, j->text, err);
}

/* author.* is nested in JSON; everything else stands at the top. */
static int field_of_member(const struct json *m, bool author)
{
        if (!author)
                return m->key.n && memchr(m->key.p, '.', m->key.n) ? -1 : field_of_name(m->key);
        char name[32] = "author.";
        if (m->key.n + 8 > sizeof name)
                return -1;
        memcpy(name + 7, m->key.p, m->key.n);
        return field_of_name((struct slice){ name, 7 + m->key.n });
}

static bool members_of(struct record *out, struct arena *a, const struct json *j, bool author,
                       size_t *unknown, uint64_t *seen, struct err *err)
{
        for (const struct json *m = j->first; m; m = m->next) {
                if (!author && slice_is(m->key, "author") && m->type == JSON_OBJECT) {
                        if (!members_of(out, a, m, true, unknown, seen, err))
                                return false;
                        continue;
                }
                int f = field_of_member(m, author);
                if (!author && slice_is(m->key, "author") && m->type != JSON_NULL)
                        return wrong(err, "author", "an object");
                if (f < 0) {
                        if (m->type != JSON_NULL)
                                note_stranger(out, a, author ? "author." : "", m->key, unknown);
                        continue;
                }
                if (m->type == JSON_NULL)
                        continue;
                if (!member_of(out, a, (enum field)f, m, unknown, err))
                        return false;
                *seen |= UINT64_C(1) << f;
        }
        return true;
}

bool fields_of_json(struct record *out, struct arena *a, const struct json *j, size_t *unknown,
                    uint64_t *seen, struct err *err)
{
        *out = (struct record){ 0 };
        *seen = 0;
        return members_of(out, a, j, false, unknown, seen, err);
}

bool record_of_json(struct record *out, struct arena *a, const struct json *j, size_t *unknown,
                    struct err *err)
{
        static const enum field required[] = { FIELD_ID, FIELD_KIND, FIELD_OCCURRED_AT };
        size_t strangers = 0;
        uint64_t seen;
        if (unknown)
                *unknown = 0;
        if (!j || j->type != JSON_OBJECT)
                return err_set(err, ERR_DATA, 0, "record is not a JSON object");
        if (!fields_of_json(out, a, j, &strangers, &seen, err))
                return false;
        for (size_t i = 0; i < sizeof required / sizeof *required; i++)
                if (!(seen >> required[i] & 1))
                        return err_set(err, ERR_DATA, 0, "\"%s\" is missing", field_name(required[i]));
        if (unknown)
                *unknown = strangers;
        return record_check_shape(out, err);
}

bool record_parse(struct record *out, struct arena *a, struct slice text, size_t *unknown, struct err *err)
{
        struct json *j;
        if (text.n > RECORD_BYTES_MAX)
                return err_set(err, ERR_DATA, 0, "record is over %d bytes", RECORD_BYTES_MAX);
        return json_read(&j, a, text, RECORD_DEPTH_MAX, err) && record_of_json(out, a, j, unknown, err);
}

static void put_texts(struct json_out *o, const char *key, const struct slice *list, size_t n)
{
        if (n == 0)
                return;
        json_open(o, key, '[');
        for (size_t i = 0; i < n; i++)
                json_put_string(o, NULL, list[i]);
        json_close(o, ']');
}

static void put_consents(struct json_out *o, const struct record *r)
{
        if (r->n_consents == 0)
                return;
        json_open(o, "consent", '[');
        for (size_t i = 0; i < r->n_consents; i++) {
                const struct consent *c = &r->consents[i];
                json_open(o, NULL, '{');
                json_put_string(o, "purpose", c->purpose);
                if (c->given_at_us != INT64_MIN)
                        json_put_time(o, "given_at", c->given_at_us);
                if (c->until_us != INT64_MAX)
                        json_put_time(o, "until", c->until_us);
                json_put_bool(o, "separate", c->separate);
                if (c->evidence.p)
                        json_put_string(o, "evidence", c->evidence);
                json_close(o, '}');
        }
        json_close(o, ']');
}

/* Numbers are written anew: "+9", "9." and "09" are numbers to a form, not to JSON. */
static void put_text(struct json_out *o, const struct record *r, enum field f, const char *key)
{
        double number;
        if (!r->text[f].p)
                return;
        if (field_type(f) == FIELD_TYPE_NUMBER && text_double(&number, r->text[f]))
                json_put_double(o, key, number);
        else
                json_put_string(o, key, r->text[f]);
}

static void put_author(struct json_out *o, const struct record *r)
{
        bool any = false;
        for (int f = FIELD_AUTHOR_ID; f <= FIELD_AUTHOR_STANDING; f++)
                any = any || r->text[f].p;
        if (!any)
                return;
        json_open(o, "author", '{');
        for (int f = FIELD_AUTHOR_ID; f <= FIELD_AUTHOR_STANDING; f++)
                put_text(o, r, (enum field)f, field_name((enum field)f) + strlen("author."));
        json_close(o, '}');
}

void fields_to_json(struct json_out *o, const struct record *r)
{
        put_text(o, r, FIELD_ID, "id");
        json_put_text(o, "kind", kind_name(r->kind));
        for (int f = FIELD_TITLE; f <= FIELD_CAME_FROM; f++)
                put_text(o, r, (enum field)f, field_name((enum field)f));
        put_texts(o, "tags", r->tags, r->n_tags);
        put_author(o, r);
        put_texts(o, "mentions", r->mentions, r->n_mentions);
        put_consents(o, r);
        if (r->n_attributes) {
                json_open(o, "attributes", '{');
                for (size_t i = 0; i < r->n_attributes; i++)
                        json_put_pair(o, r->attributes[i].name, r->attributes[i].value);
                json_close(o, '}');
        }
}

void record_format(const struct record *r, struct buf *out)
{
        struct json_out o;
        json_out_init(&o, out);
        json_open(&o, NULL, '{');
        fields_to_json(&o, r);
        json_put_time(&o, "occurred_at", r->occurred_at_us);
        if (r->revision)
                json_put_int(&o, "revision", r->revision);
        if (r->deleted)
                json_put_bool(&o, "deleted", true);
        json_close(&o, '}');
}
