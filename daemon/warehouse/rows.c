/* rows.c - a message as one row of the staging table, by binary COPY. */
#include "base/json.h"
#include "base/text.h"
#include "store.h"

/* A delete is a capture of its own, whether it came as a record or as a retract. */
enum { OP_RECORD, OP_RETRACT, OP_DELETED };

const char stage_table[] =
        "CREATE TEMP TABLE IF NOT EXISTS stage ("
        "part integer, op smallint, fresh boolean, region text, record_key uuid, revision bigint,"
        "deleted boolean, epoch bigint, seq bigint, judged_epoch bigint, judged_seq bigint,"
        "source text, hour timestamptz, occurred_at timestamptz, expires_at timestamptz, subject uuid,"
        "thread_key uuid, reading integer, policy_version integer, policy text, purpose text, basis text,"
        "kind text, source_id text, title text, body text, lang text, url text, thread text, product text,"
        "version text, edition text, severity text, scenario text, industry text, user_group text,"
        "place text, came_from text, author_id text, author_handle text, author_name text,"
        "author_email text, author_ip text, author_country text, author_company text, author_age text,"
        "author_standing text, rating double precision, tags text[], mentions text[], consent jsonb,"
        "attributes jsonb, redactions jsonb) ON COMMIT DELETE ROWS;"
        /* Words of up to 8 KB are not compressed on their way through. */
        "ALTER TABLE stage SET (toast_tuple_target = 8160)";

/* In the order of the columns from source_id to author_standing. */
static const enum field text_fields[] = {
        FIELD_ID, FIELD_TITLE, FIELD_BODY, FIELD_LANG, FIELD_URL, FIELD_THREAD, FIELD_PRODUCT,
        FIELD_VERSION, FIELD_EDITION, FIELD_SEVERITY, FIELD_SCENARIO, FIELD_INDUSTRY, FIELD_GROUP,
        FIELD_PLACE, FIELD_CAME_FROM, FIELD_AUTHOR_ID, FIELD_AUTHOR_HANDLE, FIELD_AUTHOR_NAME,
        FIELD_AUTHOR_EMAIL, FIELD_AUTHOR_IP, FIELD_AUTHOR_COUNTRY, FIELD_AUTHOR_COMPANY,
        FIELD_AUTHOR_AGE, FIELD_AUTHOR_STANDING,
};
enum { TEXT_FIELDS = sizeof text_fields / sizeof *text_fields, COLUMNS = 23 + TEXT_FIELDS + 6,
       JSON_MAX = 8 << 20 };

static void put_text(struct pg *c, struct slice s)
{
        if (s.p)
                pg_copy_bytes(c, s);
        else
                pg_copy_null(c);
}

static void put_uuid(struct pg *c, bool has, const uint8_t id[16])
{
        put_text(c, has ? slice_make(id, 16) : SLICE_NONE);
}

static void put_list(struct pg *c, const struct slice *v, size_t n)
{
        if (n)
                pg_copy_texts(c, v, n);
        else
                pg_copy_null(c);
}

static void put_json(struct pg *c, struct buf *json, size_t n)
{
        if (n && buf_ok(json))
                pg_copy_jsonb(c, buf_slice(json));
        else
                pg_copy_null(c);
        buf_reset(json);
}

static void put_consents(struct pg *c, struct buf *json, const struct record *r)
{
        struct json_out o;
        json_out_init(&o, json);
        json_open(&o, NULL, '[');
        for (size_t i = 0; i < r->n_consents; i++) {
                const struct consent *k = &r->consents[i];
                json_open(&o, NULL, '{');
                json_put_string(&o, "purpose", k->purpose);
                if (k->given_at_us != INT64_MIN)
                        json_put_time(&o, "given_at", k->given_at_us);
                if (k->until_us != INT64_MAX)
                        json_put_time(&o, "until", k->until_us);
                json_put_bool(&o, "separate", k->separate);
                if (k->evidence.p)
                        json_put_string(&o, "evidence", k->evidence);
                json_close(&o, '}');
        }
        json_close(&o, ']');
        put_json(c, json, r->n_consents);
}

static void put_attributes(struct pg *c, struct buf *json, const struct record *r)
{
        struct json_out o;
        json_out_init(&o, json);
        json_open(&o, NULL, '{');
        for (size_t i = 0; i < r->n_attributes; i++)
                json_put_pair(&o, r->attributes[i].name, r->attributes[i].value);
        json_close(&o, '}');
        put_json(c, json, r->n_attributes);
}

static void put_redactions(struct pg *c, struct buf *json, const struct message_record *m)
{
        struct json_out o;
        json_out_init(&o, json);
        json_open(&o, NULL, '[');
        for (size_t i = 0; i < m->n_redactions; i++) {
                json_open(&o, NULL, '{');
                json_put_string(&o, "field", m->redactions[i].field);
                json_put_string(&o, "what", m->redactions[i].what);
                json_put_string(&o, "action", m->redactions[i].action);
                json_put_uint(&o, "count", m->redactions[i].count);
                json_close(&o, '}');
        }
        json_close(&o, ']');
        put_json(c, json, m->n_redactions);
}

static void put_version(struct pg *c, const struct item *i)
{
        pg_copy_bytes(c, slice_of(i->part->region));
        pg_copy_bytes(c, slice_make(i->m.record.record_key, 16));
        pg_copy_i64(c, i->m.record.fields.revision);
        pg_copy_bool(c, item_deleted_counts(i));
        pg_copy_i64(c, (int64_t)i->m.at.epoch);
        pg_copy_i64(c, (int64_t)i->m.at.seq);
        pg_copy_i64(c, (int64_t)i->m.record.judged.epoch);
        pg_copy_i64(c, (int64_t)i->m.record.judged.seq);
        pg_copy_bytes(c, i->m.record.source.p ? i->m.record.source : SLICE(""));
        pg_copy_time(c, i->m.record.hour_us);
}

static void put_content(struct pg *c, struct buf *json, const struct item *i)
{
        const struct message_record *m = &i->m.record;
        const struct record *r = &m->fields;
        double rating;
        if (m->has_occurred_at)
                pg_copy_time(c, r->occurred_at_us);
        else
                pg_copy_null(c);
        pg_copy_time(c, m->expires_at_us);
        put_uuid(c, m->has_subject, m->subject);
        put_uuid(c, m->has_thread_key, m->thread_key);
        pg_copy_i32(c, i->reading);
        pg_copy_i32(c, (int32_t)m->policy_version);
        put_text(c, m->policy);
        put_text(c, m->purpose);
        put_text(c, m->basis);
        pg_copy_bytes(c, slice_of(kind_name(r->kind)));
        for (size_t k = 0; k < TEXT_FIELDS; k++)
                put_text(c, r->text[text_fields[k]]);
        if (r->text[FIELD_RATING].p && text_double(&rating, r->text[FIELD_RATING]))
                pg_copy_double(c, rating);
        else
                pg_copy_null(c);
        put_list(c, r->tags, r->n_tags);
        put_list(c, r->mentions, r->n_mentions);
        put_consents(c, json, r);
        put_attributes(c, json, r);
        put_redactions(c, json, m);
}

static void put_row(struct pg *c, struct buf *json, const struct item *i, int32_t part)
{
        bool retract = i->m.type == MESSAGE_RETRACT, deleted = i->m.record.fields.deleted;
        pg_copy_row(c, COLUMNS);
        pg_copy_i32(c, part);
        /* A delete travels as a retract, which has no content; it is a capture all the same. */
        pg_copy_i16(c, deleted ? OP_DELETED : retract ? OP_RETRACT : OP_RECORD);
        pg_copy_bool(c, retract && !deleted ? !i->taken : i->fresh);
        put_version(c, i);
        if (retract || deleted)
                for (int k = 13; k < COLUMNS; k++)
                        pg_copy_null(c);
        else
                put_content(c, json, i);
}

bool rows_stage(struct store *s, struct item *const *winners, size_t n, struct err *err)
{
        struct buf json;
        if (!pg_copy_begin(s->c, "COPY stage FROM STDIN (FORMAT binary)", err))
                return false;
        buf_init(&json, JSON_MAX);
        for (size_t i = 0; i < n; i++)
                put_row(s->c, &json, winners[i], (int32_t)winners[i]->part->partition);
        buf_clear(&json);
        return pg_copy_end(s->c, NULL, err);
}
