/* post.c - one request that carries records, from its head to its answer. */
#include "post.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"

enum { RETRY_US = 20000, ANSWER_MAX = 4 << 20 };

/* ---- Answers ------------------------------------------------------------ */

void reply_error(struct http_request *r, int status, const char *why)
{
        struct json_out o;
        struct buf b;
        const char *extra = "";
        buf_init(&b, 4096);
        json_out_init(&o, &b);
        json_open(&o, NULL, '{');
        json_put_text(&o, "error", why);
        json_close(&o, '}');
        buf_putc(&b, '\n');
        if (status == 503) {
                count(CAPTURE_BUSY, 1);
                extra = "Retry-After: 2\r\n";
        } else if (status == 401) {
                extra = "WWW-Authenticate: Bearer\r\n";
        } else if (status == 405) {
                extra = "Allow: GET, HEAD, POST\r\n";
        }
        http_reply(r, status, "application/json", extra, buf_slice(&b));
        buf_clear(&b);
}

bool may_send(struct http_request *r, struct intake_source *s)
{
        int64_t wait_us = 0;
        char extra[64];
        if (pace_take(&s->pace, 0, clock_mono_us(), &wait_us))
                return true;
        count(CAPTURE_PACED, 1);
        snprintf(extra, sizeof extra, "Retry-After: %lld\r\n", (long long)(wait_us / US_PER_SECOND + 1));
        http_reply(r, 429, "application/json", extra, SLICE("{\"error\":\"too many records a second\"}\n"));
        return false;
}

void reply_unauthorised(struct http_request *r)
{
        count(CAPTURE_UNAUTHORISED, 1);
        reply_error(r, 401, "not authorised");
}

static void reply_counts(struct post *p, int status, const char *why)
{
        struct json_out o;
        struct buf b;
        buf_init(&b, ANSWER_MAX);
        json_out_init(&o, &b);
        json_open(&o, NULL, '{');
        if (why)
                json_put_text(&o, "error", why);
        answer_put(&p->answer, &o);
        if (p->counted_only)
                json_put_uint(&o, "counted_only", 1);
        json_close(&o, '}');
        buf_putc(&b, '\n');
        if (status == 503)
                count(CAPTURE_BUSY, 1);
        http_reply(p->request, status, "application/json", status == 503 ? "Retry-After: 5\r\n" : "",
                   buf_slice(&b));
        buf_clear(&b);
}

/* ---- Life --------------------------------------------------------------- */

struct post *post_begin(struct listener *ls, struct http_request *r, struct intake_source *s)
{
        struct post *p = calloc(1, sizeof *p);
        if (!p) {
                reply_error(r, 503, "no memory");
                return NULL;
        }
        p->listener = ls;
        p->request = r;
        p->source = s;
        answer_init(&p->answer);
        lines_init(&p->lines, RECORD_BYTES_MAX, false);
        p->next = ls->posts;
        if (p->next)
                p->next->prev = p;
        ls->posts = p;
        http_set_ctx(r, p);
        return p;
}

static void leave_stalled(struct post *p)
{
        struct post **at = &p->listener->stalled;
        while (*at && *at != p)
                at = &(*at)->next_stalled;
        if (*at)
                *at = p->next_stalled;
        p->stalled = false;
}

/* Batches that were not given to the vault were not promised to anybody. */
static void drop_unsent(struct post *p)
{
        if (p->stalled)
                leave_stalled(p);
        while (p->stuck) {
                struct batch *next = p->stuck->next;
                batch_free(p->stuck);
                p->stuck = next;
        }
        p->waiting = 0;
        batch_free(p->batch);
        p->batch = NULL;
}

void post_free(struct post *p)
{
        struct listener *ls = p->listener;
        drop_unsent(p);
        if (p->prev)
                p->prev->next = p->next;
        else
                ls->posts = p->next;
        if (p->next)
                p->next->prev = p->prev;
        intake_count(ls->intake, p->source, p->answer.accepted, p->answer.refused);
        intake_release(ls->intake, p->held);
        hook_free(p->hook);
        lines_clear(&p->lines);
        answer_clear(&p->answer);
        free(p);
}

static void free_if_over(struct post *p)
{
        if (!p->request && !p->flying && !p->busy)
                post_free(p);
}

/* Between enter and leave a post is not freed under the feet of its callers: a reply may
 * happen in the middle of a piece. */
static void enter(struct post *p)
{
        p->busy++;
}

static void leave(struct post *p)
{
        p->busy--;
        free_if_over(p);
}

void post_gone(struct post *p)
{
        p->request = NULL;
        p->ended = true;
        drop_unsent(p);
        free_if_over(p);
}

void post_reply(struct post *p, int status, const char *why)
{
        reply_counts(p, status, why);
        post_gone(p);
}

/* ---- To the vault and back ---------------------------------------------- */

static void retry_later(void *ctx)
{
        struct listener *ls = ctx;
        watch_stop(ls->retry);
        ls->retry = NULL;
        posts_retry(ls);
}

static void stall(struct post *p)
{
        struct listener *ls = p->listener;
        if (!p->stalled) {
                struct post **at = &ls->stalled;
                while (*at)
                        at = &(*at)->next_stalled;
                *at = p;
                p->next_stalled = NULL;
                p->stalled = true;
                p->stalled_us = clock_mono_us();
        }
        if (!ls->retry)
                ls->retry = loop_once(ls->loop, RETRY_US, retry_later, ls);
}

static bool submit(struct post *p, struct batch *b)
{
        struct listener *ls = p->listener;
        if (!vault_submit(ls->intake->spec.vault, batch_seal(b, ls->mailbox)))
                return false;
        p->flying++;
        ls->flying++;
        return true;
}

static void flush(struct post *p)
{
        struct batch *b = p->batch;
        p->batch = NULL;
        if (!b)
                return;
        if (!p->stuck && submit(p, b))
                return;
        struct batch **at = &p->stuck;
        while (*at)
                at = &(*at)->next;
        *at = b;
        p->waiting++;
        stall(p);
}

static int answer_status(const struct post *p)
{
        if (p->unread)
                return 422; /* taken again, what was accepted does no harm */
        if (p->counted_only || p->answer.accepted || (p->hook && p->answer.refused == 0))
                return 202;
        return p->answer.refused ? 422 : 400;
}

/* Everything is back: tell the sender. */
static void answer_if_done(struct post *p)
{
        if (!p->ended || p->flying || p->waiting)
                return;
        if (p->request) {
                int status = answer_status(p);
                reply_counts(p, status, status == 400 ? "there is no record in the body" : NULL);
                p->request = NULL;
        }
        free_if_over(p);
}

void post_settled(struct batch *b)
{
        struct post *p = b->owner;
        p->flying--;
        p->listener->flying--;
        bool ok = b->group.ok;
        if (ok)
                answer_take(&p->answer, b);
        else
                log_debug("capture", "group refused by the vault", "kind=%s",
                          err_kind_name(b->group.err.kind));
        batch_free(b);
        enter(p);
        if (!ok && p->request) {
                /* What was accepted before is; sending all of it again does no harm. */
                post_reply(p, 503, "the vault cannot take more at present: send the request again later");
        }
        if (p->request && !p->ended && p->flying + p->waiting < POST_AHEAD)
                http_resume(p->request);
        answer_if_done(p);
        leave(p);
}

/* The first has waited longest. */
static void give_up_on_old(struct listener *ls)
{
        int64_t since = clock_mono_us() - ls->intake->spec.settings->timeout_us;
        while (ls->stalled && ls->stalled->stalled_us < since)
                post_reply(ls->stalled, 503, "the vault is busy: send the request again later");
}

void posts_retry(struct listener *ls)
{
        while (ls->stalled) {
                struct post *p = ls->stalled;
                struct batch *b = p->stuck, *next = b->next;
                if (!submit(p, b)) {
                        stall(p); /* sets the timer */
                        give_up_on_old(ls);
                        return;
                }
                b->next = NULL;
                p->stuck = next;
                p->waiting--;
                if (!p->stuck)
                        leave_stalled(p);
        }
}

/* ---- Records ------------------------------------------------------------ */

void post_refuse(struct post *p, int64_t line, const char *reason)
{
        answer_refuse(&p->answer, line, reason);
}

bool post_put(struct post *p, struct record *record, int64_t line)
{
        struct err err = ERR_INIT;
        if (!p->batch)
                p->batch = batch_new(p->source, p);
        if (p->batch && door_put(p->listener->door, p->batch, record, line, &err)) {
                if (door_batch_full(p->batch))
                        flush(p);
                return true;
        }
        if (p->batch && err.kind != ERR_FULL) {
                post_refuse(p, line, err.text);
                return true;
        }
        post_reply(p, 503, "no memory");
        return false;
}

static void on_line(void *ctx, struct slice text, int64_t line, bool too_long)
{
        struct post *p = ctx;
        struct err err = ERR_INIT;
        struct record record;
        if (!p->request)
                return;
        p->source->pace.tokens -= 1; /* a debt, perhaps: see may_send() */
        if (too_long)
                post_refuse(p, line, "line is larger than 1 MiB");
        else if (!door_record(p->listener->door, text, &record, &err))
                post_refuse(p, line, err.text);
        else
                post_put(p, &record, line);
}

static void records_body(struct post *p, struct slice piece)
{
        p->bytes += piece.n;
        if (p->bytes > p->listener->intake->spec.settings->max_request) {
                post_reply(p, 413, "the request is too large; split it");
                return;
        }
        lines_put(&p->lines, piece, on_line, p);
        if (p->request && p->flying + p->waiting >= POST_AHEAD)
                http_pause(p->request);
}

void post_body(struct post *p, struct slice piece)
{
        enter(p);
        if (p->hook)
                hook_body(p, piece);
        else
                records_body(p, piece);
        leave(p);
}

void post_end(struct post *p)
{
        enter(p);
        if (p->hook)
                hook_end(p);
        else
                lines_finish(&p->lines, on_line, p);
        if (p->request) {
                if (p->batch && p->batch->n == 0) { /* all of it was refused */
                        batch_free(p->batch);
                        p->batch = NULL;
                }
                flush(p);
                p->ended = true;
                answer_if_done(p);
        }
        leave(p);
}
