/* entry.c - entries as bytes: header, checksum, seal. */
#include "entry.h"

#include <string.h>

#include "base/hash.h"

enum { CRC_AT = 4, CRC_FROM = 8 };

static void put_u32(uint8_t *p, uint32_t v)
{
        for (int i = 0; i < 4; i++)
                p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void put_u64(uint8_t *p, uint64_t v)
{
        put_u32(p, (uint32_t)(v >> 32));
        put_u32(p + 4, (uint32_t)v);
}

static void put_header(uint8_t p[ENTRY_HEADER], const struct entry_header *h, uint32_t length)
{
        put_u32(p, length);
        put_u32(p + CRC_AT, 0);
        p[8] = h->kind;
        p[9] = h->codec;
        p[10] = (uint8_t)(h->back >> 8);
        p[11] = (uint8_t)h->back;
        put_u32(p + 12, h->source);
        put_u64(p + 16, h->epoch);
        put_u64(p + 24, h->seq);
        put_u64(p + 32, (uint64_t)h->captured_us);
        memcpy(p + 40, h->record_key, 16);
        put_u64(p + 56, h->subject);
        put_u64(p + 64, h->period);
        memcpy(p + 72, h->nonce, SEAL_NONCE);
}

/* Over the length and everything after the checksum itself. */
static uint32_t checksum(const char *p, size_t length)
{
        uint32_t crc = crc32c(0, slice_make(p, CRC_AT));

        return crc32c(crc, slice_make(p + CRC_FROM, length - CRC_FROM));
}

struct aad {
        uint8_t bytes[SEGMENT_ID + ENTRY_HEADER];
};

/* The segment's id and the whole header, its checksum (which covers the tag) as zero. */
static struct slice make_aad(struct aad *a, const uint8_t id[SEGMENT_ID], const void *header)
{
        memcpy(a->bytes, id, SEGMENT_ID);
        memcpy(a->bytes + SEGMENT_ID, header, ENTRY_HEADER);
        memset(a->bytes + SEGMENT_ID + CRC_AT, 0, 4);
        return slice_make(a->bytes, sizeof a->bytes);
}

bool entry_encode(struct buf *out, const struct entry_header *h, const uint8_t id[SEGMENT_ID],
                  struct seal *seal, const uint8_t key[SEAL_KEY], struct slice plain,
                  struct err *err)
{
        struct aad aad;
        size_t length = ENTRY_MIN + plain.n;
        uint8_t header[ENTRY_HEADER];
        char *to;

        if (plain.n > ENTRY_PLAIN_MAX)
                return err_set(err, ERR_DATA, 0, "entry is longer than %d bytes", ENTRY_PLAIN_MAX);
        to = buf_reserve(out, length);
        if (!to)
                return err_set(err, ERR_FULL, 0, "no memory for an entry");
        put_header(header, h, (uint32_t)length);
        memcpy(to, header, ENTRY_HEADER);
        if (!seal_close(seal, key, h->nonce, make_aad(&aad, id, to), plain, to + ENTRY_HEADER, err))
                return false;
        put_u32(header + CRC_AT, checksum(to, length));
        memcpy(to + CRC_AT, header + CRC_AT, 4);
        out->n += length;
        return true;
}

uint32_t entry_length(const char *at)
{
        struct cut c = { .rest = slice_make(at, 4) };
        uint32_t length = cut_u32(&c);

        return length >= ENTRY_MIN && length <= ENTRY_MAX ? length : 0;
}

static void take(uint8_t *to, struct cut *c, size_t n)
{
        struct slice s = cut_bytes(c, n);

        if (s.p)
                memcpy(to, s.p, n);
}

bool entry_decode(struct entry_header *out, struct slice bytes)
{
        struct cut c = { .rest = bytes };
        uint32_t crc;

        if (bytes.n < ENTRY_MIN || entry_length(bytes.p) != bytes.n)
                return false;
        out->length = cut_u32(&c);
        crc = cut_u32(&c);
        if (crc != checksum(bytes.p, bytes.n))
                return false;
        out->kind = cut_u8(&c);
        out->codec = cut_u8(&c);
        out->back = cut_u16(&c);
        out->source = cut_u32(&c);
        out->epoch = cut_u64(&c);
        out->seq = cut_u64(&c);
        out->captured_us = (int64_t)cut_u64(&c);
        take(out->record_key, &c, 16);
        out->subject = cut_u64(&c);
        out->period = cut_u64(&c);
        take(out->nonce, &c, SEAL_NONCE);
        return true;
}

bool entry_open(const struct entry_header *h, struct slice bytes, const uint8_t id[SEGMENT_ID],
                struct seal *seal, const uint8_t key[SEAL_KEY], struct buf *plain,
                struct err *err)
{
        struct aad aad;
        struct slice sealed = slice_make(bytes.p + ENTRY_HEADER, bytes.n - ENTRY_HEADER);
        size_t n = sealed.n - SEAL_TAG;
        char *to = buf_reserve(plain, n);

        if (!to)
                return err_set(err, ERR_FULL, 0, "no memory for an entry");
        if (!seal_open(seal, key, h->nonce, make_aad(&aad, id, bytes.p), sealed, to, err))
                return false;
        plain->n += n;
        to[n] = 0;
        return true;
}
