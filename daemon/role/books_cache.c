/* books_cache.c - the set in force, kept for the next start. */
#include "books_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"

#define MAGIC "TPCACHE2"
enum { CACHE_MAX = 16 << 20, SIGNATURE = 64, LOOSENED = 1, TEXT_MAX = 256 };

static const char *path_of(char out[4096], const char *state_dir)
{
        snprintf(out, 4096, "%s/policy.cache", state_dir);
        return out;
}

/* ---- Out ------------------------------------------------------------------------------------ */

static void put_text(struct buf *b, const char *text)
{
        buf_put_u16(b, (uint16_t)strlen(text ? text : ""));
        buf_puts(b, text ? text : "");
}

static void put_signers(struct buf *b, const struct signers *s)
{
        buf_put_u8(b, (uint8_t)s->n);
        for (size_t i = 0; i < s->n; i++) {
                put_text(b, s->list[i].officer);
                put_text(b, s->list[i].on);
                buf_put(b, slice_make(s->list[i].key, sizeof s->list[i].key));
                buf_put(b, slice_make(s->list[i].signature, sizeof s->list[i].signature));
        }
}

static void put_body(struct buf *b, const struct cached *c, const struct book_spec *spec)
{
        size_t n = spec->hub ? spec->hub->n_places : 0;
        buf_puts(b, MAGIC);
        buf_put_u64(b, (uint64_t)c->since_us);
        buf_put_u8(b, c->unsigned_loosening ? LOOSENED : 0);
        buf_put(b, slice_make(book_hash(c->book), 32));
        put_text(b, spec->region->code);
        put_text(b, spec->region->jurisdiction);
        put_text(b, spec->region->timezone);
        put_text(b, spec->region->policy);
        buf_put_u16(b, (uint16_t)n);
        for (size_t i = 0; i < n; i++) {
                buf_put_u8(b, (uint8_t)spec->hub->places[i].what);
                put_text(b, spec->hub->places[i].jurisdiction);
        }
        put_signers(b, book_signers(c->book));
        book_pack(c->book, b);
}

bool cache_save(const char *state_dir, struct keyer *k, const struct cached *c, const struct book_spec *spec)
{
        struct buf body, file;
        struct err err = ERR_INIT;
        char path[4096];
        uint8_t signature[SIGNATURE];
        bool ok = false;

        buf_init(&body, CACHE_MAX);
        buf_init(&file, CACHE_MAX + SIGNATURE);
        put_body(&body, c, spec);
        keyer_sign(k, buf_slice(&body), signature);
        buf_put(&file, slice_make(signature, sizeof signature));
        buf_put(&file, buf_slice(&body));
        if (!buf_ok(&body) || !buf_ok(&file))
                log_warning("policy", "set too large to cache", NULL);
        else
                ok = file_save(path_of(path, state_dir), buf_slice(&file), 0600, &err);
        if (err.kind != ERR_NONE)
                log_err(LOG_LEVEL_WARNING, "policy", "could not cache the set", &err);
        buf_clear(&body);
        buf_clear(&file);
        return ok;
}

/* ---- In -------------------------------------------------------------------------------------- */

/* Where a set was in force: enough of a region and a hub to read it again. */
struct place_then {
        struct region region;
        struct hub hub;
        char texts[4 + HUB_PLACES_MAX][TEXT_MAX];
};

static const char *cut_text(struct cut *c, char out[TEXT_MAX])
{
        struct slice s = cut_bytes(c, cut_u16(c));
        if (c->bad || s.n >= TEXT_MAX || (s.n && memchr(s.p, 0, s.n))) {
                c->bad = true;
                s.n = 0;
        }
        if (s.n)
                memcpy(out, s.p, s.n);
        out[s.n] = 0;
        return out;
}

static void cut_place(struct cut *c, struct place_then *then)
{
        then->region.code = cut_text(c, then->texts[0]);
        then->region.jurisdiction = cut_text(c, then->texts[1]);
        then->region.timezone = cut_text(c, then->texts[2]);
        then->region.policy = cut_text(c, then->texts[3]);
        size_t n = cut_u16(c);
        c->bad |= n > HUB_PLACES_MAX;
        for (size_t i = 0; i < n && !c->bad; i++) {
                then->hub.places[i].what = cut_u8(c);
                const char *where = cut_text(c, then->texts[4 + i]);
                then->hub.places[i].jurisdiction = *where ? where : NULL;
                then->hub.n_places = i + 1;
        }
}

static void cut_signers(struct cut *c, struct signers *out)
{
        size_t n = cut_u8(c);
        c->bad |= n > SIGNERS_MAX;
        for (size_t i = 0; i < n && !c->bad; i++) {
                struct signer *s = &out->list[i];
                char text[TEXT_MAX];
                snprintf(s->officer, sizeof s->officer, "%.32s", cut_text(c, text));
                snprintf(s->on, sizeof s->on, "%.10s", cut_text(c, text));
                struct slice key = cut_bytes(c, sizeof s->key), signature = cut_bytes(c, sizeof s->signature);
                if (c->bad)
                        return;
                memcpy(s->key, key.p, key.n);
                memcpy(s->signature, signature.p, signature.n);
                out->n = i + 1;
        }
}

/* What an older release let pass may be a mistake today: err says which line of it. */
static bool unpack(struct cached *out, struct slice packed, const struct book_spec *spec, struct err *err)
{
        struct report *own = report_new();
        bool ok = book_unpack(&out->book, packed, spec, own);
        for (size_t i = 0; !ok && own && i < report_size(own) && err->kind == ERR_NONE; i++) {
                const struct report_item *it = report_at(own, i);
                if (it->level == REPORT_ERROR)
                        err_set(err, ERR_DATA, 0, "this release refuses its %s:%d: %s", it->file, it->line, it->text);
        }
        report_free(own);
        return ok;
}

/* Of an earlier release: where the hub stood is not in it. */
static bool read_old(struct cached *out, struct cut *c, const struct book_spec *spec, struct err *err)
{
        out->since_us = (int64_t)cut_u64(c);
        return !c->bad && unpack(out, c->rest, spec, err);
}

static bool read_body(struct cached *out, struct cut *c, struct err *err)
{
        struct place_then *then = calloc(1, sizeof *then);
        struct signers signers = { .n = 0 };
        bool ok = false;
        cut_bytes(c, strlen(MAGIC));
        out->since_us = (int64_t)cut_u64(c);
        out->unsigned_loosening = cut_u8(c) & LOOSENED;
        cut_bytes(c, 32); /* for people with a hex editor: another release may hash otherwise */
        if (then) {
                cut_place(c, then);
                cut_signers(c, &signers);
        }
        if (then && !c->bad) {
                const struct book_spec spec = { NULL, &then->region, &then->hub };
                ok = unpack(out, c->rest, &spec, err);
        }
        if (ok)
                book_attest(out->book, &signers);
        free(then);
        return ok;
}

bool cache_load(struct cached *out, const char *state_dir, struct keyer *k, const struct book_spec *spec)
{
        struct buf file;
        struct err err = ERR_INIT;
        char path[4096];
        bool ok = false;

        *out = (struct cached){ .book = NULL };
        buf_init(&file, CACHE_MAX + SIGNATURE);
        if (!file_exists(path_of(path, state_dir)))
                return false;
        if (file_read(&file, path, &err)) {
                struct cut c = { buf_slice(&file), false };
                struct slice signature = cut_bytes(&c, SIGNATURE);
                if (!c.bad && keyer_verify(k, c.rest, (const uint8_t *)signature.p))
                        ok = slice_starts(c.rest, SLICE(MAGIC)) ? read_body(out, &c, &err) : read_old(out, &c, spec, &err);
                else
                        err_set(&err, ERR_DATA, 0, "its signature is wrong");
        }
        out->lost = !ok;
        if (!ok)
                log_error("policy", "cached set cannot be used, the next is weighed as a region's first", "file=\"%s\" why=\"%s\"", path,
                          *err.text ? err.text : "it is damaged, or of another release");
        buf_clear(&file);
        return ok;
}
