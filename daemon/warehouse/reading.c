/* reading.c - the sets of codes that policies write, and their ids in tributary.reading.
 *
 * A set's text is "CODE until;" for each code in order; there are as many sets as policies have
 * had lists, so a small cache answers nearly always. Made outside of the batch's transaction,
 * so that two lanes never wait for each other's sets.                                    */
#include <inttypes.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/text.h"
#include "store.h"

enum { SLOTS = 4096, CODES_MAX = 1024, SET_BYTES_MAX = 64 << 10 };

struct reading_cache {
        struct {
                uint8_t digest[16];
                int32_t id; /* 0: free */
        } slots[SLOTS];
};

struct reading_cache *reading_cache_new(void)
{
        return calloc(1, sizeof(struct reading_cache));
}

void reading_cache_free(struct reading_cache *c)
{
        free(c);
}

static int by_code(const void *x, const void *y)
{
        const struct dated_code *a = x, *b = y;
        int c = slice_compare(a->code, b->code);
        return c ? c : (a->until_us > b->until_us) - (a->until_us < b->until_us);
}

/* The order of a policy's lines is not part of the set. */
static struct dated_code *sorted(struct store *s, const struct message_record *r)
{
        struct dated_code *codes = arena_array(s->scratch, r->n_readable_in, sizeof *codes);
        if (codes && r->n_readable_in) {
                memcpy(codes, r->readable_in, r->n_readable_in * sizeof *codes);
                qsort(codes, r->n_readable_in, sizeof *codes, by_code);
        }
        return codes;
}

static bool digest_of(const struct dated_code *codes, size_t n, uint8_t digest[16])
{
        struct buf text;
        uint8_t whole[SHA256_BYTES];
        buf_init(&text, SET_BYTES_MAX);
        for (size_t i = 0; i < n; i++)
                buf_printf(&text, "%.*s %" PRId64 ";", SLICE_ARG(codes[i].code), codes[i].until_us);
        sha256(whole, buf_slice(&text));
        memcpy(digest, whole, 16);
        bool ok = buf_ok(&text);
        buf_clear(&text);
        return ok;
}

static bool find_or_make(struct store *s, const struct dated_code *codes, size_t n,
                         const uint8_t digest[16], int32_t *id, struct err *err)
{
        char uuid[37];
        struct buf names, until;
        struct pg_rows *r = NULL;
        uuid_format(uuid, digest);
        buf_init(&names, SET_BYTES_MAX);
        buf_init(&until, SET_BYTES_MAX);
        buf_putc(&names, '{');
        buf_putc(&until, '{');
        for (size_t i = 0; i < n; i++) {
                put_array_text(&names, codes[i].code);
                put_array_int(&until, codes[i].until_us);
        }
        buf_putc(&names, '}');
        buf_putc(&until, '}');
        struct pg_param p[] = { { slice_of(uuid) }, { buf_slice(&names) }, { buf_slice(&until) } };
        bool ok = (buf_ok(&names) && buf_ok(&until)) || err_set(err, ERR_DATA, 0, "too many codes");
        ok = ok && pg_run_params(s->c, "INSERT INTO tributary.reading (digest, codes, until) SELECT $1, $2::text[],"
                                       " ARRAY(SELECT CASE WHEN u = 9223372036854775807 THEN 'infinity' ELSE "
                                       SQL_TIME("u") " END FROM unnest($3::bigint[]) WITH ORDINALITY AS x (u, o)"
                                       " ORDER BY o) ON CONFLICT (digest) DO NOTHING", p, 3, NULL, err) &&
             pg_query(&r, s->c, "SELECT id FROM tributary.reading WHERE digest = $1", p, 1, err);
        if (ok)
                *id = (int32_t)pg_rows_int(r, 0, 0);
        pg_rows_free(r);
        buf_clear(&names);
        buf_clear(&until);
        return ok;
}

static bool resolve(struct store *s, struct item *i, struct err *err)
{
        const struct message_record *m = &i->m.record;
        uint8_t digest[16];
        struct dated_code *codes = sorted(s, m);
        if (!codes)
                return err_set(err, ERR_FULL, 0, "the transaction's memory is full");
        if (m->n_readable_in > CODES_MAX || !digest_of(codes, m->n_readable_in, digest)) {
                memcpy(i->code, "range", sizeof "range");
                return true;
        }
        size_t at = (size_t)(digest[0] << 8 | digest[1]) % SLOTS;
        int32_t id = s->readings->slots[at].id;
        if (id == 0 || memcmp(s->readings->slots[at].digest, digest, 16) != 0) {
                if (!find_or_make(s, codes, m->n_readable_in, digest, &id, err))
                        return false;
                s->readings->slots[at].id = id;
                memcpy(s->readings->slots[at].digest, digest, 16);
        }
        i->reading = id;
        return true;
}

static bool same_set(const struct message_record *a, const struct message_record *b)
{
        if (a->n_readable_in != b->n_readable_in)
                return false;
        for (size_t i = 0; i < a->n_readable_in; i++)
                if (a->readable_in[i].until_us != b->readable_in[i].until_us ||
                    !slice_eq(a->readable_in[i].code, b->readable_in[i].code))
                        return false;
        return true;
}

bool reading_resolve(struct store *s, struct item *const *items, size_t n, struct err *err)
{
        const struct item *last = NULL;
        for (size_t k = 0; k < n; k++) {
                struct item *i = items[k];
                if (i->code[0] || i->m.type != MESSAGE_RECORD)
                        continue;
                if (last && same_set(&last->m.record, &i->m.record))
                        i->reading = last->reading;
                else if (!resolve(s, i, err))
                        return false;
                if (!i->code[0])
                        last = i;
        }
        return true;
}
