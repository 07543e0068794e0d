/* hook.c - webhooks: decided on the head, hashed as they come, judged at the end.
 *
 * Who sends is a row of source/hook.h, which says how it signs; here nobody is known by name. The
 * signature is over the raw bytes (and a timestamp before them, where one is signed: then no older than
 * five minutes), so they are kept until it is known to fit; what all senders together may keep is bounded
 * (at most half the budget, since anybody can begin a webhook), beyond it they hear 503. Nor may they take
 * more than a quarter of the connections: then who has been at it for longer than GitHub itself would wait
 * gives way. Nothing of a body is parsed before its signature fits. Whatever is wrong with a signature,
 * a token or a timestamp, the answer is the same 401. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"
#include "post.h"
#include "source/hook.h"

#define PATIENCE_US (10 * US_PER_SECOND) /* GitHub's */

/* The tree of a body of nothing but tiny values would take far more than any real payload's,
 * which is about three times its text: at most so much, and the agent stays below 128 MiB. */
enum { ARENA_FACTOR = 16, ARENA_LEAST = 1 << 20, ARENA_MAX = 72 << 20, SIGNATURES_MAX = 4 };

struct signatures { /* any of them may fit: a sender that changes its secret sends two */
        uint8_t all[SIGNATURES_MAX][HMAC_BYTES_MAX];
        size_t n;
};

struct hook {
        const struct hook_sender *sender;
        struct hmac *macs[2]; /* under the two live secrets; NULL if there is none */
        struct signatures signatures;
        char headers[HOOK_HEADERS_MAX][HOOK_VALUE_MAX]; /* copies: the request's are gone at its end */
        struct slice values[HOOK_HEADERS_MAX];
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

/* ---- Who it is ------------------------------------------------------------ */

/* The header's value, or that of its next part of the name from *at on; SLICE_NONE at the end. */
static struct slice next_value(struct http_request *r, const struct hook_header *h, size_t *at)
{
        struct slice all = http_header(r, h->name);
        while (all.p && *at <= all.n) {
                struct slice rest = { all.p + *at, all.n - *at };
                const char *end = h->part ? memchr(rest.p, ',', rest.n) : NULL;
                struct slice value = slice_trim(slice_make(rest.p, end ? (size_t)(end - rest.p) : rest.n));
                *at += end ? (size_t)(end - rest.p) + 1 : rest.n + 1;
                if (!h->part)
                        return value;
                size_t n = strlen(h->part);
                if (value.n > n && value.p[n] == '=' && memcmp(value.p, h->part, n) == 0)
                        return slice_make(value.p + n + 1, value.n - n - 1);
        }
        return SLICE_NONE;
}

static size_t mac_size(const struct hook_sender *s)
{
        return s->algorithm == HOOK_SHA512 ? 64 : s->algorithm == HOOK_SHA1 ? 20 : SHA256_BYTES;
}

static bool decode(uint8_t *out, const struct hook_sender *s, struct slice text)
{
        size_t n;
        if (s->encoding == HOOK_HEX)
                return hex_decode(out, mac_size(s), text);
        return base64_decode(out, HMAC_BYTES_MAX, &n, text) && n == mac_size(s);
}

static bool without_prefix(struct slice *value, const struct hook_sender *s)
{
        struct slice prefix = slice_of(s->prefix);
        if (!slice_starts(*value, prefix))
                return false;
        *value = slice_make(value->p + prefix.n, value->n - prefix.n);
        return true;
}

/* "sha256=" and 64 hex digits, say. */
static bool read_signatures(struct signatures *out, struct http_request *r, const struct hook_sender *s)
{
        struct slice value;
        out->n = 0;
        for (size_t at = 0; out->n < SIGNATURES_MAX && (value = next_value(r, &s->signature, &at)).p;)
                if (without_prefix(&value, s) && decode(out->all[out->n], s, value))
                        out->n++;
        return out->n > 0;
}

/* In time that does not depend on the token. */
static bool token_fits(struct http_request *r, const struct intake_source *source,
                       const struct hook_sender *s)
{
        uint8_t given[SHA256_BYTES], ours[SHA256_BYTES];
        size_t at = 0;
        struct slice value = next_value(r, &s->signature, &at);
        bool fits = false;
        if (!value.p || !without_prefix(&value, s))
                return false;
        sha256(given, value);
        for (int i = 0; i < 2; i++) {
                if (source->secrets[i].n == 0)
                        continue;
                sha256(ours, buf_slice(&source->secrets[i]));
                fits |= bytes_equal(given, ours, SHA256_BYTES);
        }
        return fits;
}

/* Unix seconds, as nearly all have it; milliseconds, which no second will look like before the year
 * 5138; or RFC 3339. */
static bool read_timestamp(int64_t *us, struct slice text)
{
        uint64_t n;
        if (!text_uint(&n, text, (uint64_t)INT64_MAX / US_PER_SECOND))
                return clock_parse_rfc3339(us, text);
        *us = (int64_t)n * (n < UINT64_C(100000000000) ? US_PER_SECOND : US_PER_SECOND / 1000);
        return true;
}

static bool timestamp_fits(struct http_request *r, const struct hook_sender *s, struct slice *text)
{
        int64_t us, now_us = clock_now_us();
        size_t at = 0;
        *text = SLICE_NONE;
        if (!s->timestamp.name)
                return true;
        *text = next_value(r, &s->timestamp, &at);
        return text->p && read_timestamp(&us, *text) && us <= now_us + HOOK_WINDOW_US &&
               us >= now_us - HOOK_WINDOW_US;
}

/* Whether the head alone lets it in; a signature is then still to be compared with its body. */
static bool may_knock(struct http_request *r, const struct intake_source *source, const struct hook_sender *s,
                      struct signatures *signatures, struct slice *timestamp)
{
        if (s->algorithm == HOOK_TOKEN)
                return token_fits(r, source, s);
        return read_signatures(signatures, r, s) && timestamp_fits(r, s, timestamp);
}

/* ---- The head -------------------------------------------------------------- */

static bool start_macs(struct hook *h, const struct intake_source *source, struct slice timestamp)
{
        static const enum hmac_kind kinds[] = {
                [HOOK_SHA256] = HMAC_SHA256, [HOOK_SHA1] = HMAC_SHA1, [HOOK_SHA512] = HMAC_SHA512
        };
        const struct hook_sender *s = h->sender;
        for (int i = 0; i < 2 && s->algorithm != HOOK_TOKEN; i++) {
                if (source->secrets[i].n == 0)
                        continue;
                h->macs[i] = hmac_new_of(kinds[s->algorithm], buf_slice(&source->secrets[i]));
                if (!h->macs[i])
                        return false;
                hmac_put(h->macs[i], slice_of(s->before));
                hmac_put(h->macs[i], timestamp);
                hmac_put(h->macs[i], slice_of(s->between));
        }
        return true;
}

static struct hook *hook_new(struct http_request *r, const struct intake_source *source, uint64_t max,
                             const struct signatures *signatures, struct slice timestamp)
{
        struct hook *h = calloc(1, sizeof *h);
        if (!h)
                return NULL;
        buf_init(&h->body, max);
        h->began_us = clock_mono_us();
        h->sender = hook_sender(source->source);
        h->signatures = *signatures;
        for (size_t i = 0; i < h->sender->n_headers; i++) {
                struct slice value = http_header(r, h->sender->headers[i]);
                if (!value.p)
                        continue;
                memcpy(h->headers[i], value.p, value.n);
                h->values[i] = slice_make(h->headers[i], value.n);
        }
        if (start_macs(h, source, timestamp))
                return h;
        hook_free(h);
        return NULL;
}

/* Whether its headers say what they must; if not, it was answered 400. */
static bool headers_fit(struct http_request *r, const struct hook_sender *s)
{
        size_t there = 0;
        char why[160];
        for (size_t i = 0; i < s->n_headers; i++) {
                struct slice value = http_header(r, s->headers[i]);
                there += value.n > 0;
                if (value.n < HOOK_VALUE_MAX)
                        continue;
                snprintf(why, sizeof why, "%.80s is too long", s->headers[i]);
                reply_error(r, 400, why);
                return false;
        }
        if (there || !s->event_first)
                return true;
        snprintf(why, sizeof why, "%.80s is missing", s->headers[0]);
        reply_error(r, 400, why);
        return false;
}

static bool is_json(struct slice type)
{
        const char *end = type.p ? memchr(type.p, ';', type.n) : NULL;
        if (end)
                type.n = (size_t)(end - type.p);
        type = slice_trim(type);
        return slice_eq_nocase(type, SLICE("application/json")) ||
               (type.n > 17 && slice_eq_nocase(slice_make(type.p, 12), SLICE("application/")) &&
                slice_eq_nocase(slice_make(type.p + type.n - 5, 5), SLICE("+json"))); /* vnd.example+json */
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
        struct signatures signatures = { .n = 0 };
        struct slice timestamp = SLICE_NONE;
        struct intake_source *s = intake_hook(in, name);
        const struct hook_sender *sender = s ? hook_sender(s->source) : NULL;

        if (!s || !may_knock(r, s, sender, &signatures, &timestamp)) {
                reply_unauthorised(r);
        } else if (!is_json(http_header(r, "Content-Type"))) {
                reply_error(r, 415, "webhooks are read as application/json; choose it at the sender");
        } else if (http_length(r) > 0 && (uint64_t)http_length(r) > max) {
                reply_error(r, 413, "the webhook is too large");
        } else if (!has_room(ls)) {
                reply_error(r, 503, "too many webhooks at once");
        } else if (headers_fit(r, sender) && may_send(r, s)) {
                struct post *p = post_begin(ls, r, s);
                if (!p)
                        return;
                p->hook = hook_new(r, s, max, &signatures, timestamp);
                if (!p->hook)
                        post_reply(p, 503, "no memory");
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
        bool fits = h->sender->algorithm == HOOK_TOKEN; /* seen on the head */
        for (int i = 0; i < 2; i++) {
                uint8_t mac[HMAC_BYTES_MAX];
                if (!h->macs[i])
                        continue;
                hmac_finish(h->macs[i], mac);
                for (size_t k = 0; k < h->signatures.n; k++)
                        fits |= bytes_equal(mac, h->signatures.all[k], hmac_size(h->macs[i]));
        }
        return fits;
}

static bool take_record(void *ctx, int64_t line, const struct record *record, const struct err *why)
{
        struct post *p = ctx;
        if (!record) {
                p->unread = true;
                post_refuse(p, line, why->text);
                return true;
        }
        struct record copy = *record;
        p->source->pace.tokens -= 1;
        door_reset(p->listener->door);
        return post_put(p, &copy, line) && p->request;
}

static void take_counted(struct post *p)
{
        p->counted_only = true;
        count(CAPTURE_HOOKS_COUNTED, 1);
        atomic_fetch_add(&p->source->counted_only, 1);
}

/* {"challenge": ...}: what Slack wants, and those that do as Slack does. */
static void answer_echo(struct post *p, struct slice echo)
{
        struct json_out o;
        struct buf b;
        buf_init(&b, 64 << 10);
        json_out_init(&o, &b);
        json_open(&o, NULL, '{');
        json_put_string(&o, "challenge", echo);
        json_close(&o, '}');
        if (buf_ok(&b)) {
                http_reply(p->request, 200, "application/json", "", buf_slice(&b));
                post_gone(p);
        } else {
                post_refuse(p, 1, "what is to be echoed is too long");
        }
        buf_clear(&b);
}

void hook_end(struct post *p)
{
        struct hook *h = p->hook;
        struct err err = ERR_INIT;
        struct hook_result result;
        if (!signature_fits(h)) {
                reply_unauthorised(p->request);
                post_gone(p);
                return;
        }
        size_t room = h->body.n * ARENA_FACTOR + ARENA_LEAST;
        struct arena *a = arena_new(room < ARENA_MAX ? room : ARENA_MAX);
        if (!a) {
                post_reply(p, 503, "no memory");
        } else if (!hook_read(p->source->source, h->values, buf_slice(&h->body), a, &result, take_record, p,
                              &err)) {
                p->unread = true;
                post_refuse(p, 1, err.text);
        } else if (result.outcome == HOOK_ECHO) {
                answer_echo(p, result.echo);
        } else if (result.outcome != HOOK_RECORDS) {
                take_counted(p);
        }
        arena_free(a);
}
