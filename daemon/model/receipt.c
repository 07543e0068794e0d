/* receipt.c - the hub's word. Key and value are text; the formats are final, new keys may be
 * added. Positions as in message.c: 16 hex digits, a point, 16 hex digits. Ids are uuids in
 * their text form. Counts are cumulative, at most 2^63 - 1.
 *
 * w/PARTITION   { "warehouse": uuid, "warehouse_generation": 1, "out": position,
 *                 "gap": position (left out if there is none), "loaded": 0, "superseded": 0,
 *                 "rejected": 0, "retracted": 0, "erased": 0 }
 *               e.g. w/3 -> { "warehouse": "0b52…", "warehouse_generation": 1,
 *               "out": "0000000000000001.000000000000002a", "loaded": 41, … }
 * x/EPOCH-SEQ   16 hex digits each; { "record_key": uuid, "code": "field" }: that entry's
 *               message was rejected, under that code word
 * e/REQUEST     uuid; { "erased": true }: the person's rows are gone
 * c/GENERATION  decimal; { "granted": true | false }
 * f/FLAG        uuid; { "record_key": uuid, "mask": "[phone 1]", "note": text, "by": role }: a
 *               reader says that this mask of the record covers nobody's data
 * A null value settles the key.                                                          */
#include "model/receipt.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "wire.h"

enum { VALUE_MAX = 4096, CODE_MAX = 64, MASK_MAX = 64, NOTE_MAX = 400 };

static void put_key(const struct receipt *r, struct buf *key)
{
        char uuid[37];
        switch (r->type) {
        case RECEIPT_WATERMARK:
                buf_printf(key, "w/%" PRId32, r->partition);
                return;
        case RECEIPT_REJECTED:
                buf_printf(key, "x/%016" PRIx64 "-%016" PRIx64, r->at.epoch, r->at.seq);
                return;
        case RECEIPT_ERASED:
                uuid_format(uuid, r->request);
                buf_printf(key, "e/%s", uuid);
                return;
        case RECEIPT_CLAIM:
                buf_printf(key, "c/%" PRIu32, r->generation);
                return;
        case RECEIPT_FLAG:
                uuid_format(uuid, r->request);
                buf_printf(key, "f/%s", uuid);
                return;
        }
}

static void put_watermark(struct json_out *o, const struct receipt *r)
{
        char text[POSITION_TEXT];
        json_put_uuid(o, "warehouse", r->warehouse);
        json_put_uint(o, "warehouse_generation", r->warehouse_generation);
        json_put_text(o, "out", position_format(text, r->out));
        if (r->gap)
                json_put_text(o, "gap", position_format(text, r->gap_prev));
        json_put_uint(o, "loaded", r->loaded);
        json_put_uint(o, "superseded", r->superseded);
        json_put_uint(o, "rejected", r->rejected);
        json_put_uint(o, "retracted", r->retracted);
        json_put_uint(o, "erased", r->erased);
}

static void put_value(const struct receipt *r, struct buf *value)
{
        struct json_out o;
        json_out_init(&o, value);
        json_open(&o, NULL, '{');
        switch (r->type) {
        case RECEIPT_WATERMARK:
                put_watermark(&o, r);
                break;
        case RECEIPT_REJECTED:
                json_put_uuid(&o, "record_key", r->record_key);
                json_put_string(&o, "code", r->code);
                break;
        case RECEIPT_ERASED:
                json_put_bool(&o, "erased", true);
                break;
        case RECEIPT_CLAIM:
                json_put_bool(&o, "granted", r->granted);
                break;
        case RECEIPT_FLAG:
                json_put_uuid(&o, "record_key", r->record_key);
                json_put_string(&o, "mask", r->mask);
                json_put_string(&o, "note", r->note);
                json_put_string(&o, "by", r->by);
                break;
        }
        json_close(&o, '}');
}

bool receipt_format(const struct receipt *r, struct buf *key, struct buf *value, struct err *err)
{
        if ((unsigned)r->type > RECEIPT_FLAG || r->partition < 0 || r->code.n > CODE_MAX || r->mask.n > MASK_MAX ||
            r->note.n > NOTE_MAX || r->by.n > MASK_MAX)
                return err_set(err, ERR_BUG, 0, "receipt without type, partition or code");
        put_key(r, key);
        if (!r->settled)
                put_value(r, value);
        if (!buf_ok(key) || !buf_ok(value))
                return err_set(err, ERR_FULL, 0, "receipt is over its ceiling");
        return true;
}

static bool epoch_seq(struct position *out, struct slice text)
{
        char point[POSITION_TEXT];
        if (text.n != POSITION_TEXT - 1 || text.p[16] != '-')
                return false;
        memcpy(point, text.p, text.n);
        point[16] = '.';
        return position_parse(out, (struct slice){ point, text.n });
}

static bool key_of(struct receipt *out, struct slice key)
{
        uint64_t number;
        if (key.n < 3 || key.p[1] != '/')
                return false;
        struct slice rest = { key.p + 2, key.n - 2 };
        switch (key.p[0]) {
        case 'w':
                out->type = RECEIPT_WATERMARK;
                if (!text_uint(&number, rest, INT32_MAX))
                        return false;
                out->partition = (int32_t)number;
                return true;
        case 'x':
                out->type = RECEIPT_REJECTED;
                return epoch_seq(&out->at, rest);
        case 'e':
                out->type = RECEIPT_ERASED;
                return uuid_parse(out->request, rest);
        case 'c':
                out->type = RECEIPT_CLAIM;
                if (!text_uint(&number, rest, UINT32_MAX))
                        return false;
                out->generation = (uint32_t)number;
                return true;
        case 'f':
                out->type = RECEIPT_FLAG;
                return uuid_parse(out->request, rest);
        default:
                return false;
        }
}

static bool watermark_in(struct receipt *out, const struct json *j, struct err *err)
{
        out->gap = json_get(j, "gap") != NULL;
        return wire_uuid(out->warehouse, j, "warehouse", err) &&
               wire_count(&out->warehouse_generation, j, "warehouse_generation", INT64_MAX, err) &&
               wire_position(&out->out, j, "out", err) &&
               (!out->gap || wire_position(&out->gap_prev, j, "gap", err)) &&
               wire_count(&out->loaded, j, "loaded", INT64_MAX, err) &&
               wire_count(&out->superseded, j, "superseded", INT64_MAX, err) &&
               wire_count(&out->rejected, j, "rejected", INT64_MAX, err) &&
               wire_count(&out->retracted, j, "retracted", INT64_MAX, err) &&
               wire_count(&out->erased, j, "erased", INT64_MAX, err);
}

static bool flag_in(struct receipt *out, const struct json *j, struct err *err)
{
        return wire_uuid(out->record_key, j, "record_key", err) && wire_text(&out->mask, j, "mask", err) &&
               wire_text(&out->note, j, "note", err) && wire_text(&out->by, j, "by", err) &&
               (out->mask.n <= MASK_MAX || wire_bad(err, "range", "mask", "too long")) &&
               (out->note.n <= NOTE_MAX || wire_bad(err, "range", "note", "too long")) &&
               (out->by.n <= MASK_MAX || wire_bad(err, "range", "by", "too long"));
}

static bool value_of(struct receipt *out, const struct json *j, struct err *err)
{
        bool erased;
        switch (out->type) {
        case RECEIPT_WATERMARK:
                return watermark_in(out, j, err);
        case RECEIPT_REJECTED:
                return wire_uuid(out->record_key, j, "record_key", err) &&
                       wire_text(&out->code, j, "code", err) &&
                       (out->code.n <= CODE_MAX || wire_bad(err, "range", "code", "too long"));
        case RECEIPT_ERASED:
                return wire_bool(&erased, j, "erased", err) &&
                       (erased || wire_bad(err, "range", "erased", "not true"));
        case RECEIPT_CLAIM:
                return wire_bool(&out->granted, j, "granted", err);
        case RECEIPT_FLAG:
                return flag_in(out, j, err);
        }
        return err_set(err, ERR_DATA, 0, "type: not known here");
}

bool receipt_parse(struct receipt *out, struct arena *a, struct slice key, struct slice value,
                   struct err *err)
{
        struct json *j;
        *out = (struct receipt){ 0 };
        if (!key_of(out, key))
                return err_set(err, ERR_DATA, 0, "type: receipt's key is not known here");
        out->settled = value.n == 0;
        if (out->settled)
                return true;
        if (value.n > VALUE_MAX)
                return err_set(err, ERR_DATA, 0, "range: receipt is over %d bytes", VALUE_MAX);
        if (!json_read(&j, a, value, 4, err))
                return err_add(err, "receipt");
        return value_of(out, j, err);
}
