/* flat.c - the flat record: what the vault keeps and the judge reads.
 *
 * Layout, version 1. All integers are big-endian.
 *
 *      u8  version             1
 *      then, in rising order of tag, each field that is present:
 *      u8  tag                 enum field + 1 (so 1..33; 0 never occurs)
 *      u32 length              of the value
 *      value
 *
 *      tag             value
 *      2   kind        u8: 0 feedback, 1 discussion, 2 contribution, 3 member, 4 event,
 *                      5 journey, 6 lead; always there
 *      3   occurred_at i64: microseconds since 1970; always there
 *      19  tags        u16 count, then each: u32 length, bytes
 *      29  mentions    as tags
 *      30  consent     u16 count, then each: u32 length, purpose; i64 given_at (INT64_MIN:
 *                      not given); i64 until (INT64_MAX: no end); u8 flags (1 separate,
 *                      2 evidence follows); then, if so, u32 length, evidence
 *      31  attributes  u16 count, then each: u32 length, name; u32 length, value
 *      32  revision    i64 > 0; left out when 0
 *      33  deleted     u8 flags: 1 deleted, 2 first; left out when 0
 *      others          UTF-8 text (1 id is always there; rating and author.age are decimal)
 *
 * Example: id "a", kind feedback, occurred_at 1, body "hi" is 35 bytes:
 *      01  01 00000001 61  02 00000001 00  03 00000008 0000000000000001  05 00000002 6869
 *
 * Final. New fields get new tags at the end; a tag that is unknown, out of order or twice
 * makes the record unreadable (ERR_DATA) rather than silently smaller.                   */
#include "base/text.h"
#include "fields.h"
#include "model/record.h"

enum { FLAT_VERSION = 1 };
enum { CONSENT_SEPARATE = 1, CONSENT_EVIDENCE = 2 };
enum { FLAG_DELETED = 1, FLAG_FIRST = 2 };

static void put_bytes(struct buf *out, struct slice s)
{
        buf_put_u32(out, (uint32_t)s.n);
        buf_put(out, s);
}

static void put_head(struct buf *out, enum field f, size_t length)
{
        buf_put_u8(out, (uint8_t)(f + 1));
        buf_put_u32(out, (uint32_t)length);
}

static void put_texts(struct buf *out, enum field f, const struct slice *list, size_t n)
{
        size_t length = 2;
        if (n == 0)
                return;
        for (size_t i = 0; i < n; i++)
                length += 4 + list[i].n;
        put_head(out, f, length);
        buf_put_u16(out, (uint16_t)n);
        for (size_t i = 0; i < n; i++)
                put_bytes(out, list[i]);
}

static void put_consents(struct buf *out, const struct record *r)
{
        size_t length = 2;
        if (r->n_consents == 0)
                return;
        for (size_t i = 0; i < r->n_consents; i++) {
                const struct consent *c = &r->consents[i];
                length += 4 + c->purpose.n + 17 + (c->evidence.p ? 4 + c->evidence.n : 0);
        }
        put_head(out, FIELD_CONSENT, length);
        buf_put_u16(out, (uint16_t)r->n_consents);
        for (size_t i = 0; i < r->n_consents; i++) {
                const struct consent *c = &r->consents[i];
                put_bytes(out, c->purpose);
                buf_put_u64(out, (uint64_t)c->given_at_us);
                buf_put_u64(out, (uint64_t)c->until_us);
                buf_put_u8(out, (uint8_t)((c->separate ? CONSENT_SEPARATE : 0) |
                                          (c->evidence.p ? CONSENT_EVIDENCE : 0)));
                if (c->evidence.p)
                        put_bytes(out, c->evidence);
        }
}

static void put_attributes(struct buf *out, const struct record *r)
{
        size_t length = 2;
        if (r->n_attributes == 0)
                return;
        for (size_t i = 0; i < r->n_attributes; i++)
                length += 8 + r->attributes[i].name.n + r->attributes[i].value.n;
        put_head(out, FIELD_ATTRIBUTES, length);
        buf_put_u16(out, (uint16_t)r->n_attributes);
        for (size_t i = 0; i < r->n_attributes; i++) {
                put_bytes(out, r->attributes[i].name);
                put_bytes(out, r->attributes[i].value);
        }
}

static void put_field(struct buf *out, const struct record *r, enum field f)
{
        uint8_t flags = (uint8_t)((r->deleted ? FLAG_DELETED : 0) | (r->first ? FLAG_FIRST : 0));
        switch ((int)f) {
        case FIELD_KIND:
                put_head(out, f, 1);
                buf_put_u8(out, (uint8_t)r->kind);
                return;
        case FIELD_OCCURRED_AT:
                put_head(out, f, 8);
                buf_put_u64(out, (uint64_t)r->occurred_at_us);
                return;
        case FIELD_TAGS:
                put_texts(out, f, r->tags, r->n_tags);
                return;
        case FIELD_MENTIONS:
                put_texts(out, f, r->mentions, r->n_mentions);
                return;
        case FIELD_CONSENT:
                put_consents(out, r);
                return;
        case FIELD_ATTRIBUTES:
                put_attributes(out, r);
                return;
        case FIELD_REVISION:
                if (r->revision) {
                        put_head(out, f, 8);
                        buf_put_u64(out, (uint64_t)r->revision);
                }
                return;
        case FIELD_DELETED:
                if (flags) {
                        put_head(out, f, 1);
                        buf_put_u8(out, flags);
                }
                return;
        default:
                if (r->text[f].p) {
                        put_head(out, f, r->text[f].n);
                        buf_put(out, r->text[f]);
                }
        }
}

void record_flatten(const struct record *r, struct buf *out)
{
        buf_put_u8(out, FLAT_VERSION);
        for (int f = 0; f < FIELDS; f++)
                put_field(out, r, (enum field)f);
}

static struct slice take_bytes(struct cut *c)
{
        return cut_bytes(c, cut_u32(c));
}

/* A count whose members can be there at all: the ceiling on what the arena is asked for. */
static size_t take_count(struct cut *c, size_t least_each)
{
        size_t n = cut_u16(c);
        if (n > RECORD_LIST_MAX || n > c->rest.n / least_each)
                c->bad = true;
        return c->bad ? 0 : n;
}

static bool take_texts(const struct slice **out, size_t *n, struct arena *a, struct cut *c)
{
        size_t count = take_count(c, 4);
        struct slice *list = arena_array(a, count, sizeof *list);
        if (!list)
                return false;
        for (size_t i = 0; i < count; i++)
                list[i] = take_bytes(c);
        *out = list;
        *n = count;
        return true;
}

static bool take_consents(struct record *r, struct arena *a, struct cut *c)
{
        size_t count = take_count(c, 21);
        struct consent *list = arena_array(a, count, sizeof *list);
        if (!list)
                return false;
        for (size_t i = 0; i < count; i++) {
                list[i].purpose = take_bytes(c);
                list[i].given_at_us = (int64_t)cut_u64(c);
                list[i].until_us = (int64_t)cut_u64(c);
                uint8_t flags = cut_u8(c);
                list[i].separate = flags & CONSENT_SEPARATE;
                if (flags & CONSENT_EVIDENCE)
                        list[i].evidence = take_bytes(c);
        }
        r->consents = list;
        r->n_consents = count;
        return true;
}

static bool take_attributes(struct record *r, struct arena *a, struct cut *c)
{
        size_t count = take_count(c, 8);
        struct attribute *list = arena_array(a, count, sizeof *list);
        if (!list)
                return false;
        for (size_t i = 0; i < count; i++) {
                list[i].name = take_bytes(c);
                list[i].value = take_bytes(c);
        }
        r->attributes = list;
        r->n_attributes = count;
        return true;
}

/* False when the arena is full; c->bad when the bytes are wrong. */
static bool take_field(struct record *r, struct arena *a, enum field f, struct cut *c)
{
        uint8_t byte;
        switch ((int)f) {
        case FIELD_KIND:
                byte = cut_u8(c);
                c->bad = c->bad || byte >= RECORD_KINDS;
                r->kind = (enum record_kind)byte;
                return true;
        case FIELD_OCCURRED_AT:
                r->occurred_at_us = (int64_t)cut_u64(c);
                return true;
        case FIELD_TAGS:
                return take_texts(&r->tags, &r->n_tags, a, c);
        case FIELD_MENTIONS:
                return take_texts(&r->mentions, &r->n_mentions, a, c);
        case FIELD_CONSENT:
                return take_consents(r, a, c);
        case FIELD_ATTRIBUTES:
                return take_attributes(r, a, c);
        case FIELD_REVISION:
                r->revision = (int64_t)cut_u64(c);
                c->bad = c->bad || r->revision <= 0;
                return true;
        case FIELD_DELETED:
                byte = cut_u8(c);
                c->bad = c->bad || byte == 0 || byte > (FLAG_DELETED | FLAG_FIRST);
                r->deleted = byte & FLAG_DELETED;
                r->first = byte & FLAG_FIRST;
                return true;
        default:
                r->text[f] = cut_bytes(c, c->rest.n);
                return true;
        }
}

bool record_unflatten(struct record *out, struct arena *a, struct slice flat, struct err *err)
{
        struct cut c = { .rest = flat };
        int last = 0;
        uint64_t seen = 0;
        *out = (struct record){ 0 };
        if (cut_u8(&c) != FLAT_VERSION)
                return err_set(err, ERR_DATA, 0, "flat record is not of version %d", FLAT_VERSION);
        while (!c.bad && c.rest.n) {
                int tag = cut_u8(&c);
                struct cut value = { .rest = take_bytes(&c) };
                if (c.bad || tag <= last || tag > FIELDS)
                        return err_set(err, ERR_DATA, 0, "flat record is damaged after tag %d", last);
                last = tag;
                seen |= UINT64_C(1) << (tag - 1);
                if (!take_field(out, a, (enum field)(tag - 1), &value))
                        return err_set(err, ERR_FULL, 0, "record does not fit into memory's ceiling");
                if (value.bad || value.rest.n)
                        return err_set(err, ERR_DATA, 0, "flat record is damaged in tag %d", tag);
        }
        if (!(seen >> FIELD_ID & 1) || !(seen >> FIELD_KIND & 1) || !(seen >> FIELD_OCCURRED_AT & 1))
                return err_set(err, ERR_DATA, 0, "flat record lacks id, kind or occurred_at");
        return true;
}
