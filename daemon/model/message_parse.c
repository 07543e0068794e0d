/* message_parse.c - what the loader makes of a message; its format is in message.c.
 *
 * Strict about what is known: everything a type must have is there, of its type, in range,
 * and ce_id, key and value say the same. Unknown keys are skipped: newer agents add them.  */
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "fields.h"
#include "model/message.h"
#include "wire.h"

enum { VALUE_DEPTH_MAX = 6, UUIDS_MAX = 1 << 17, CODES_MAX = 1024, REDACTIONS_MAX = 4096 };

struct envelope {
        struct slice (*header)(const char *name, void *ctx);
        void *ctx;
};

static struct slice header(const struct envelope *e, const char *name)
{
        return e->header(name, e->ctx);
}

static bool fits(struct position p)
{
        return p.epoch <= INT64_MAX && p.seq <= INT64_MAX;
}

static bool full(struct err *err)
{
        return err_set(err, ERR_FULL, 0, "message does not fit into memory's ceiling");
}

/* "16 hex-16 hex-position": what a rejected message is known by. */
static bool id_of(struct message *out, struct position *third, struct slice id)
{
        char joined[POSITION_TEXT];
        if (id.n != 2 * 17 + POSITION_TEXT - 1 || id.p[16] != '-' || id.p[33] != '-')
                return false;
        memcpy(joined, id.p, POSITION_TEXT - 1);
        joined[16] = '.';
        return position_parse(&out->at, (struct slice){ joined, POSITION_TEXT - 1 }) &&
               position_parse(third, (struct slice){ id.p + 34, POSITION_TEXT - 1 });
}

static bool type_of(struct message *out, struct slice type, struct err *err)
{
        static const char prefix[] = "tributary.";
        if (!slice_starts(type, SLICE("tributary.")))
                return err_set(err, ERR_DATA, 0, "type: \"ce_type\" is missing or not ours");
        type.p += sizeof prefix - 1;
        type.n -= sizeof prefix - 1;
        const char *dot = memchr(type.p, '.', type.n);
        struct slice name = { type.p, dot ? (size_t)(dot - type.p) : type.n };
        for (int t = 0; t < MESSAGE_TYPES; t++) {
                if (!slice_is(name, message_type_name((enum message_type)t)))
                        continue;
                out->type = (enum message_type)t;
                if (slice_is((struct slice){ type.p + name.n, type.n - name.n }, ".v1"))
                        return true;
                return err_set(err, ERR_DATA, 0, "version: \"ce_type\" is of a version not known here");
        }
        return err_set(err, ERR_DATA, 0, "type: \"ce_type\" is not known here");
}

static bool region_of(struct message *out, struct arena *a, struct slice source, struct err *err)
{
        struct slice prefix = SLICE("/tributary/");
        if (!slice_starts(source, prefix))
                return err_set(err, ERR_DATA, 0, "field: \"ce_source\" is missing or not ours");
        struct slice code = { source.p + prefix.n, source.n - prefix.n };
        if (!text_is_name(code))
                return err_set(err, ERR_DATA, 0, "field: \"ce_source\" names no region");
        out->region = arena_copy(a, code);
        return out->region.p || full(err);
}

/* Fills all that the headers and the key alone can tell before anything is refused: a
 * rejected message is known by it. */
static bool envelope_of(struct message *out, struct arena *a, struct slice key, const struct envelope *e,
                        struct err *err)
{
        struct position third;
        bool has_out = position_parse(&out->out, header(e, "tributary_out")) && fits(out->out);
        bool has_prev = position_parse(&out->prev, header(e, "tributary_prev")) && fits(out->prev);
        bool has_id = id_of(out, &third, header(e, "ce_id")) && fits(out->at);
        bool has_region = region_of(out, a, header(e, "ce_source"), err);
        if (!type_of(out, header(e, "ce_type"), err))
                return false;
        bool versioned = out->type == MESSAGE_RECORD || out->type == MESSAGE_RETRACT;
        if (key.n == 16 && versioned)
                memcpy(out->record.record_key, key.p, 16);
        if (has_id && versioned)
                out->record.judged = third;
        if (!slice_is(header(e, "ce_specversion"), "1.0"))
                return err_set(err, ERR_DATA, 0, "version: \"ce_specversion\" is not 1.0");
        if (!has_region)
                return region_of(out, a, header(e, "ce_source"), err);
        if (!has_out || !has_prev)
                return err_set(err, ERR_DATA, 0, "field: \"%s\" is missing or not a position",
                               has_out ? "tributary_prev" : "tributary_out");
        if (!has_id)
                return err_set(err, ERR_DATA, 0, "field: \"ce_id\" is missing or not an id");
        if (!slice_is(header(e, "content-type"), "application/json"))
                return err_set(err, ERR_DATA, 0, "field: \"content-type\" is not application/json");
        return key.n == 16 || err_set(err, ERR_DATA, 0, "field: key is not of 16 bytes");
}

static bool position_in(struct message *out, const struct json *j, struct err *err)
{
        return wire_count(&out->at.epoch, j, "epoch", INT64_MAX, err) &&
               wire_count(&out->at.seq, j, "seq", INT64_MAX, err);
}

static const struct json *list_of(const struct json *j, const char *key, size_t max, struct err *err)
{
        const struct json *list = json_get(j, key);
        if (!list || list->type != JSON_ARRAY)
                wire_bad(err, "field", key, "missing or not an array");
        else if (list->count > max)
                wire_bad(err, "range", key, "too long");
        else
                return list;
        return NULL;
}

static bool optional_uuid(bool *has, uint8_t out[16], const struct json *j, const char *key, struct err *err)
{
        const struct json *m = json_get(j, key);
        *has = m && m->type != JSON_NULL;
        return !*has || wire_uuid(out, j, key, err);
}

static bool source_in(struct message_record *r, const struct json *j, struct err *err)
{
        if (!wire_text(&r->source, j, "source", err) || !wire_hour(&r->hour_us, j, "hour", err))
                return false;
        return text_is_name(r->source) || wire_bad(err, "field", "source", "not a source's name");
}

static bool readable_in(struct message_record *r, struct arena *a, const struct json *j, struct err *err)
{
        const struct json *list = list_of(j, "readable_in", CODES_MAX, err);
        if (!list)
                return false;
        struct dated_code *codes = arena_array(a, list->count, sizeof *codes);
        if (!codes)
                return full(err);
        for (const struct json *m = list->first; m; m = m->next) {
                struct dated_code *c = &codes[r->n_readable_in++];
                c->until_us = INT64_MAX;
                if (!wire_text(&c->code, m, "code", err) ||
                    (json_get(m, "until") && !wire_time(&c->until_us, m, "until", err)))
                        return err_add(err, "\"readable_in\"");
                if (c->code.n < 2 || c->code.n > 16)
                        return wire_bad(err, "range", "readable_in", "not made of codes");
        }
        r->readable_in = codes;
        return true;
}

static bool redactions_in(struct message_record *r, struct arena *a, const struct json *j, struct err *err)
{
        const struct json *list = list_of(j, "redactions", REDACTIONS_MAX, err);
        if (!list)
                return false;
        struct redaction *all = arena_array(a, list->count, sizeof *all);
        if (!all)
                return full(err);
        for (const struct json *m = list->first; m; m = m->next) {
                struct redaction *one = &all[r->n_redactions++];
                uint64_t count;
                if (!wire_text(&one->field, m, "field", err) || !wire_text(&one->what, m, "what", err) ||
                    !wire_text(&one->action, m, "action", err) ||
                    !wire_count(&count, m, "count", UINT32_MAX, err))
                        return err_add(err, "\"redactions\"");
                one->count = (uint32_t)count;
        }
        r->redactions = all;
        return true;
}

static bool why_in(struct message_record *r, struct arena *a, const struct json *j, struct err *err)
{
        uint64_t version;
        if (!wire_text(&r->policy, j, "policy", err) ||
            !wire_count(&version, j, "policy_version", INT64_MAX, err) ||
            !wire_text(&r->purpose, j, "purpose", err) || !wire_text(&r->basis, j, "basis", err) ||
            !wire_time(&r->expires_at_us, j, "expires_at", err))
                return false;
        if (r->policy.n == 0)
                return wire_bad(err, "field", "policy", "empty");
        r->policy_version = (int64_t)version;
        return readable_in(r, a, j, err) && redactions_in(r, a, j, err);
}

/* The record's own fields, with the code word that rejected messages are counted under. */
static bool fields_in(struct message_record *r, struct arena *a, const struct json *j, uint64_t *seen,
                      struct err *err)
{
        if (fields_of_json(&r->fields, a, j, NULL, seen, err)) /* what stands around the fields is no stranger */
                return true;
        if (!err || err->kind != ERR_DATA)
                return false;
        return err_set(err, ERR_DATA, 0, "field: %s", err->text);
}

static bool version_in(struct message *out, const struct json *j, struct err *err)
{
        uint64_t revision;
        if (!wire_uuid(out->record.record_key, j, "record_key", err) ||
            !wire_count(&revision, j, "revision", INT64_MAX, err) ||
            !wire_bool(&out->record.fields.deleted, j, "deleted", err) || !position_in(out, j, err))
                return false;
        out->record.fields.revision = (int64_t)revision;
        return wire_position(&out->record.judged, j, "judged", err);
}

static bool record_in(struct message *out, struct arena *a, const struct json *j, struct err *err)
{
        struct message_record *r = &out->record;
        uint64_t seen;
        if (!fields_in(r, a, j, &seen, err) || !version_in(out, j, err) || !source_in(r, j, err) ||
            !why_in(r, a, j, err) ||
            !optional_uuid(&r->has_thread_key, r->thread_key, j, "thread_key", err) ||
            !optional_uuid(&r->has_subject, r->subject, j, "subject", err))
                return false;
        if (!(seen >> FIELD_KIND & 1))
                return wire_bad(err, "field", "kind", "missing");
        r->has_occurred_at = seen >> FIELD_OCCURRED_AT & 1;
        out->captured_us = r->hour_us;
        return true;
}

static bool retract_in(struct message *out, const struct json *j, struct err *err)
{
        if (!version_in(out, j, err) || (json_get(j, "source") && !source_in(&out->record, j, err)))
                return false;
        out->captured_us = out->record.hour_us;
        out->record.taken_back = json_true(json_get(j, "taken_back"));
        return true;
}

static bool uuids_in(const uint8_t (**out)[16], size_t *n, struct arena *a, const struct json *j,
                     const char *key, struct err *err)
{
        const struct json *list = list_of(j, key, UUIDS_MAX, err);
        if (!list)
                return false;
        uint8_t(*ids)[16] = arena_array(a, list->count, sizeof *ids);
        if (!ids)
                return full(err);
        for (const struct json *m = list->first; m; m = m->next)
                if (m->type != JSON_STRING || !uuid_parse(ids[(*n)++], m->text))
                        return wire_bad(err, "field", key, "not made of uuids");
        *out = (const uint8_t(*)[16])ids;
        return true;
}

static bool erase_in(struct message *out, struct arena *a, const struct json *j, struct err *err)
{
        struct message_erase *e = &out->erase;
        return wire_uuid(e->request, j, "request", err) && position_in(out, j, err) &&
               uuids_in(&e->subjects, &e->n_subjects, a, j, "subjects", err) &&
               uuids_in(&e->record_keys, &e->n_record_keys, a, j, "record_keys", err);
}

static bool account_row_in(struct account_row *row, const struct json *j, struct err *err)
{
        if (!wire_text(&row->source, j, "source", err) || !wire_hour(&row->hour_us, j, "hour", err))
                return false;
        if (!text_is_name(row->source))
                return wire_bad(err, "field", "source", "not a source's name");
        for (size_t k = 0; k < ACCOUNT_COLUMNS; k++) {
                uint64_t count;
                if (!wire_count(&count, j, account_columns[k].name, INT64_MAX, err))
                        return false;
                memcpy((char *)row + account_columns[k].offset, &count, sizeof count);
        }
        return true;
}

static bool account_in(struct message *out, struct arena *a, const struct json *j, struct err *err)
{
        const struct json *list = list_of(j, "rows", ACCOUNT_ROWS_MAX, err);
        if (!list || !wire_count(&out->account.serial, j, "serial", INT64_MAX, err) ||
            !position_in(out, j, err))
                return false;
        struct account_row *rows = arena_array(a, list->count, sizeof *rows);
        if (!rows)
                return full(err);
        for (const struct json *m = list->first; m; m = m->next)
                if (!account_row_in(&rows[out->account.n_rows++], m, err))
                        return err_add(err, "\"rows\"");
        out->account.rows = rows;
        return true;
}

static bool status_in(struct message_hello *h, struct arena *a, const struct json *j, struct err *err)
{
        const struct json *status = json_get(j, "status");
        struct standing *s = status ? ARENA_NEW(a, struct standing) : NULL;
        h->status = s;
        if (status && !s)
                return full(err);
        return !status || standing_read(s, status, err);
}

static bool hello_in(struct message *out, struct arena *a, const struct json *j, struct err *err)
{
        struct message_hello *h = &out->hello;
        uint64_t generation, start;
        bool seen;
        if (!wire_uuid(h->id, j, "id", err) || !position_in(out, j, err) ||
            !optional_uuid(&seen, h->warehouse_seen, j, "warehouse_seen", err) ||
            !wire_bool(&h->claim, j, "claim", err) ||
            !wire_count(&generation, j, "generation", UINT32_MAX, err) ||
            !wire_count(&start, j, "start", UINT32_MAX, err) || !wire_time(&h->now_us, j, "now", err))
                return false;
        h->generation = (uint32_t)generation;
        h->start = (uint32_t)start;
        return status_in(h, a, j, err);
}

static bool value_in(struct message *out, struct arena *a, const struct json *j, struct err *err)
{
        switch (out->type) {
        case MESSAGE_RECORD:
                return record_in(out, a, j, err);
        case MESSAGE_RETRACT:
                return retract_in(out, j, err);
        case MESSAGE_ERASE:
                return erase_in(out, a, j, err);
        case MESSAGE_ACCOUNT:
                return account_in(out, a, j, err);
        case MESSAGE_HELLO:
                return hello_in(out, a, j, err);
        case MESSAGE_TYPES:
                break;
        }
        return err_set(err, ERR_DATA, 0, "type: not known here");
}

static bool json_in(struct json **j, struct arena *a, struct slice value, struct err *err)
{
        if (value.n > MESSAGE_VALUE_MAX)
                return err_set(err, ERR_DATA, 0, "range: value is over %d bytes", MESSAGE_VALUE_MAX);
        if (!json_read(j, a, value, VALUE_DEPTH_MAX, err)) {
                if (err && err->kind == ERR_DATA)
                        err_set(err, ERR_DATA, 0, "json: %s", err->text);
                return false;
        }
        return (*j)->type == JSON_OBJECT || err_set(err, ERR_DATA, 0, "json: value is not an object");
}

bool message_parse(struct message *out, struct arena *a, struct slice key, struct slice value,
                   struct slice (*header_of)(const char *name, void *ctx), void *ctx, struct err *err)
{
        struct envelope e = { header_of, ctx };
        struct json *j;
        char id[MESSAGE_ID_TEXT];
        uint8_t expected[16] = { 0 };
        *out = (struct message){ 0 };
        if (!envelope_of(out, a, key, &e, err) || !json_in(&j, a, value, err) || !value_in(out, a, j, err))
                return false;
        if (!slice_is(header(&e, "ce_id"), message_id(out, id, expected)) || memcmp(expected, key.p, 16) != 0)
                return err_set(err, ERR_DATA, 0, "field: \"ce_id\", key and value differ");
        return true;
}
