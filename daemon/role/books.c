/* books.c - loads a policy set, keeps the last good one signed in the state.
 *
 * STATE/policy.cache: Ed25519 signature (64 bytes) over the rest; in force since (u64,
 * microseconds); the packed set as book_pack() gives it. */
#include "books.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

enum { OPEN, STALE };
struct metric books_metrics[] = {
        [OPEN] = { "tributary_policy_open", METRIC_GAUGE, NULL,
                   "1 while a valid policy set is in force and records may leave.", 0 },
        [STALE] = { "tributary_policy_stale", METRIC_GAUGE, NULL,
                    "1 while the newest region or policy files cannot be used: an older set, or none, is in force.",
                    0 },
        METRIC_END
};

enum { CACHE_MAX = 16 << 20, SIGNATURE = 64 };

static const char *cache_path(char out[4096], const struct books *b)
{
        snprintf(out, 4096, "%s/policy.cache", b->state_dir);
        return out;
}

static void cache_save(const struct books *b)
{
        struct buf body, file;
        struct err err = ERR_INIT;
        char path[4096];
        uint8_t signature[SIGNATURE];

        buf_init(&body, CACHE_MAX);
        buf_init(&file, CACHE_MAX + SIGNATURE);
        buf_put_u64(&body, (uint64_t)b->since_us);
        book_pack(b->book, &body);
        keyer_sign(b->keyer, buf_slice(&body), signature);
        buf_put(&file, slice_make(signature, sizeof signature));
        buf_put(&file, buf_slice(&body));
        if (!buf_ok(&body) || !buf_ok(&file))
                log_warning("policy", "set too large to cache", NULL);
        else if (!file_save(cache_path(path, b), buf_slice(&file), 0600, &err))
                log_err(LOG_LEVEL_WARNING, "policy", "could not cache the set", &err);
        buf_clear(&body);
        buf_clear(&file);
}

/* Gives the cached set, or NULL; *since_us as the cache says. */
static struct book *cache_load(const struct books *b, const struct book_spec *spec, int64_t *since_us)
{
        struct buf file;
        struct err err = ERR_INIT;
        char path[4096];
        struct book *book = NULL;

        buf_init(&file, CACHE_MAX + SIGNATURE);
        if (!file_read(&file, cache_path(path, b), &err)) {
                buf_clear(&file);
                return NULL;
        }
        struct cut c = { buf_slice(&file), false };
        struct slice signature = cut_bytes(&c, SIGNATURE);
        if (c.bad || !keyer_verify(b->keyer, c.rest, (const uint8_t *)signature.p)) {
                log_error("policy", "cached set has a wrong signature, ignored", NULL);
        } else {
                struct report *quiet = report_new();
                *since_us = (int64_t)cut_u64(&c);
                if (!book_unpack(&book, c.rest, spec, quiet))
                        book = NULL;
                report_free(quiet);
        }
        buf_clear(&file);
        return book;
}

static void first_complaint(struct books *b, const struct report *report)
{
        for (size_t i = 0; i < report_size(report); i++) {
                const struct report_item *it = report_at(report, i);
                if (it->level != REPORT_ERROR)
                        continue;
                if (it->line)
                        snprintf(b->trouble, sizeof b->trouble, "%s:%d: %s", it->file, it->line, it->text);
                else
                        snprintf(b->trouble, sizeof b->trouble, "%s: %s", it->file, it->text);
                return;
        }
        snprintf(b->trouble, sizeof b->trouble, "files cannot be read");
}

static void show(const struct books *b)
{
        metric_set(&books_metrics[OPEN], b->open && b->book);
        metric_set(&books_metrics[STALE], b->stale);
}

void books_spoilt(struct books *b, const struct report *report)
{
        first_complaint(b, report);
        b->stale = true;
        show(b);
}

static void enforce(struct books *b, struct book *fresh, const struct book_spec *spec)
{
        if (b->book && memcmp(book_hash(b->book), book_hash(fresh), 32) == 0) {
                book_drop(fresh); /* the same set: nothing changes, since stays */
        } else {
                int64_t since = 0;
                struct book *cached = b->book ? NULL : cache_load(b, spec, &since);
                bool same = cached && memcmp(book_hash(cached), book_hash(fresh), 32) == 0;
                book_drop(cached);
                book_drop(b->book);
                b->book = fresh;
                b->since_us = same ? since : clock_now_us();
                cache_save(b);
        }
        b->open = true;
        b->stale = false;
        b->trouble[0] = 0;
        show(b);
}

/* As `check` has it: another country's law is none for what is said here. A region file may be
 * edited while we run. */
static bool is_law_here(const struct book *fresh, const struct book_spec *spec, struct report *report)
{
        const struct region *r = spec->region;
        char file[64];

        if (book_protects(fresh, slice_of(r->jurisdiction)))
                return true;
        snprintf(file, sizeof file, "%.32s.cfg", r->code);
        report_add(report, REPORT_ERROR, file, 0, 0,
                   "Name the policy of this jurisdiction, or write it: policies/README.md.",
                   "%s stands in %s, and policy \"%s\" protects nobody there", r->code, r->jurisdiction, r->policy);
        return false;
}

bool books_load(struct books *b, const struct book_spec *spec, struct report *report)
{
        struct book *fresh = NULL;
        if (book_load(&fresh, spec, report) && is_law_here(fresh, spec, report)) {
                enforce(b, fresh, spec);
                return true;
        }
        book_drop(fresh);
        if (!b->book) {
                b->book = cache_load(b, spec, &b->since_us);
                b->open = false;
        }
        books_spoilt(b, report);
        return false;
}

void books_clear(struct books *b)
{
        book_drop(b->book);
        b->book = NULL;
}
