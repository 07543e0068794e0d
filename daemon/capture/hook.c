/* hook.c - webhooks: decided on the head, hashed as they come, judged at the end.
 *
 * The signature is over the raw bytes, so they are kept until it is known to fit; what all
 * senders together may keep is bounded (at most half the budget, since anybody can begin a
 * webhook), beyond it they hear 503. Nor may they take more than a quarter of the connections:
 * then who has been at it for longer than GitHub itself would wait gives way. Nothing of a body
 * is parsed before its signature fits. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"
#include "post.h"

#define PATIENCE_US (10 * US_PER_SECOND) /* GitHub's */

/* The tree of a body of nothing but tiny values would take far more than any real payload's,
 * which is about three times its text: at most so much, and the agent stays below 128 MiB. */
enum { ARENA_FACTOR = 16, ARENA_LEAST = 1 << 20, ARENA_MAX = 72 << 20 };

struct hook {
        struct hmac *macs[2]; /* under the two live secrets; NULL if there is none */
        uint8_t signature[SHA256_BYTES];
        char event[HOOK_EVENT_MAX];
        struct buf body;
        int64_t began_us; /* monotonic */
};

void hook_free(struct hook *h)
{
        if (!h)
                return;
        hmac_free(h->macs[0]);
        hmac_free(h->macs[1]);
        buf_clear(&h->body);
        free(h);
}

static struct hook *hook_new(const struct intake_source *s, uint64_t max)
{
        struct hook *h = calloc(1, sizeof *h);
        if (!h)
                return NULL;
        buf_init(&h->body, max);
        h->began_us = clock_mono_us();
        for (int i = 0; i < 2; i++) {
                if (s->secrets[i].n == 0)
                        continue;
                h->macs[i] = hmac_new(buf_slice(&s->secrets[i]));
                if (!h->macs[i]) {
                        hook_free(h);
                        return NULL;
                }
        }
        return h;
}

/* "sha256=" and 64 hex digits. */
static bool read_signature(uint8_t out[SHA256_BYTES], struct slice header)
{
        struct slice prefix = SLICE("sha256=");
        return slice_starts(header, prefix) &&
               hex_decode(out, SHA256_BYTES, slice_make(header.p + prefix.n, header.n - prefix.n));
}

static bool is_json(struct slice type)
{
        const char *end = type.p ? memchr(type.p, ';', type.n) : NULL;
        if (end)
                type.n = (size_t)(end - type.p);
        return slice_eq_nocase(slice_trim(type), SLICE("application/json"));
}

static bool is_coming(const struct post *p)
{
        return p->hook && p->request && !p->ended;
}

/* Whether one more may begin; the slowest of those that still come may have to end for it. */
static bool has_room(struct listener *ls)
{
        int64_t most = ls->intake->spec.settings->connections / 4, n = 0;
        struct post *slowest = NULL;
        for (struct post *p = ls->posts; p; p = p->next) {
                if (!is_coming(p))
                        continue;
                n++;
                if (!slowest || p->hook->began_us < slowest->hook->began_us)
                        slowest = p;
        }
        if (!slowest || n < most)
                return true;
        if (clock_mono_us() - slowest->hook->began_us < PATIENCE_US)
                return false;
        post_reply(slowest, 408, "the webhook came too slowly");
        return true;
}

void hook_head(struct listener *ls, struct http_request *r, struct slice name)
{
        struct intake *in = ls->intake;
        uint64_t max = in->spec.settings->max_hook;
        uint8_t signature[SHA256_BYTES];
        struct intake_source *s = intake_named(in, name, SOURCE_GITHUB);
        struct slice event = http_header(r, "X-GitHub-Event");

        if (!s || !read_signature(signature, http_header(r, "X-Hub-Signature-256"))) {
                reply_unauthorised(r);
        } else if (!is_json(http_header(r, "Content-Type"))) {
                reply_error(r, 415, "webhooks are read as application/json; choose it at the sender");
        } else if (event.n == 0 || event.n >= HOOK_EVENT_MAX) {
                reply_error(r, 400, "X-GitHub-Event is missing");
        } else if (http_length(r) > 0 && (uint64_t)http_length(r) > max) {
                reply_error(r, 413, "the webhook is too large");
        } else if (!has_room(ls)) {
                reply_error(r, 503, "too many webhooks at once");
        } else if (may_send(r, s)) {
                struct post *p = post_begin(ls, r, s);
                if (!p)
                        return;
                p->hook = hook_new(s, max);
                if (!p->hook) {
                        post_reply(p, 503, "no memory");
                        return;
                }
                memcpy(p->hook->signature, signature, sizeof signature);
                memcpy(p->hook->event, event.p, event.n);
        }
}

void hook_body(struct post *p, struct slice piece)
{
        struct hook *h = p->hook;
        if (!intake_hold(p->listener->intake, piece.n, 1)) {
                post_reply(p, 503, "too many webhooks at once");
                return;
        }
        p->held += piece.n;
        for (int i = 0; i < 2; i++)
                if (h->macs[i])
                        hmac_put(h->macs[i], piece);
        buf_put(&h->body, piece);
        if (!buf_ok(&h->body))
                post_reply(p, 413, "the webhook is too large");
}

static bool signature_fits(struct hook *h)
{
        bool fits = false;
        for (int i = 0; i < 2; i++) {
                uint8_t mac[SHA256_BYTES];
                if (!h->macs[i])
                        continue;
                hmac_finish(h->macs[i], mac);
                fits |= bytes_equal(mac, h->signature, SHA256_BYTES);
        }
        return fits;
}

static void take_records(struct post *p, struct record *records, size_t n)
{
        for (size_t i = 0; i < n && p->request; i++) {
                p->source->pace.tokens -= 1;
                door_reset(p->listener->door);
                post_put(p, &records[i], (int64_t)i + 1);
        }
}

static void take_counted(struct post *p)
{
        p->counted_only = true;
        count(CAPTURE_HOOKS_COUNTED, 1);
        atomic_fetch_add(&p->source->counted_only, 1);
}

void hook_end(struct post *p)
{
        struct hook *h = p->hook;
        struct err err = ERR_INIT;
        enum github_outcome outcome;
        struct record *records = NULL;
        size_t n = 0;
        if (!signature_fits(h)) {
                reply_unauthorised(p->request);
                post_gone(p);
                return;
        }
        size_t room = h->body.n * ARENA_FACTOR + ARENA_LEAST;
        struct arena *a = arena_new(room < ARENA_MAX ? room : ARENA_MAX);
        if (!a)
                post_reply(p, 503, "no memory");
        else if (!github_read(h->event, buf_slice(&h->body), p->source->source, a, &outcome, &records, &n,
                              &err))
                post_refuse(p, 1, err.text);
        else if (outcome == GITHUB_RECORDS)
                take_records(p, records, n);
        else
                take_counted(p);
        arena_free(a);
}
