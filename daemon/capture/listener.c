/* listener.c - the public HTTP front: who may speak, to what, and the mail that comes back.
 *
 * Everything that a head decides is decided here, before a byte of a body is read.  */
#include "capture/listener.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "post.h"

enum { MAILBOX_LETTERS = 4096 };

/* ---- Heads -------------------------------------------------------------- */

static void healthz(struct http_request *r)
{
        http_reply(r, 200, "text/plain", "Cache-Control: no-store\r\n", SLICE("ok\n"));
}

static void readyz(struct listener *ls, struct http_request *r)
{
        char why[256] = "";
        if (ls->stalled)
                reply_error(r, 503, "the vault is busy");
        else if (ls->spec.ready && !ls->spec.ready(ls->spec.ctx, why))
                reply_error(r, 503, why);
        else
                http_reply(r, 200, "text/plain", "Cache-Control: no-store\r\n", SLICE("ready\n"));
}

static struct slice bearer_token(const struct http_request *r)
{
        struct slice given = http_header(r, "Authorization"), scheme = SLICE("Bearer ");
        if (given.n <= scheme.n || !slice_eq_nocase(slice_make(given.p, scheme.n), scheme))
                return SLICE_NONE;
        return slice_trim(slice_make(given.p + scheme.n, given.n - scheme.n));
}

/* What comes: lines, one document, or something we do not read. */
enum form { FORM_LINES, FORM_DOCUMENT, FORM_OTHER };

static bool charset_is_utf8(struct slice parameters)
{
        struct slice p = slice_trim(parameters), key = SLICE("charset=");
        if (p.n == 0)
                return true;
        if (p.n < key.n || !slice_eq_nocase(slice_make(p.p, key.n), key))
                return false;
        p = slice_make(p.p + key.n, p.n - key.n);
        return slice_eq_nocase(p, SLICE("utf-8")) || slice_eq_nocase(p, SLICE("\"utf-8\""));
}

static enum form form_of(const struct http_request *r)
{
        static const char *const lines[] = { "application/x-ndjson", "application/ndjson",
                                             "application/jsonl" };
        struct slice type = http_header(r, "Content-Type"), coding = http_header(r, "Content-Encoding");
        if (coding.p && !slice_eq_nocase(coding, SLICE("identity")))
                return FORM_OTHER;
        if (!type.p)
                return FORM_LINES;
        const char *semicolon = memchr(type.p, ';', type.n);
        if (semicolon) {
                size_t n = (size_t)(semicolon - type.p);
                if (!charset_is_utf8(slice_make(semicolon + 1, type.n - n - 1)))
                        return FORM_OTHER;
                type.n = n;
        }
        type = slice_trim(type);
        for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
                if (slice_eq_nocase(type, slice_of(lines[i])))
                        return FORM_LINES;
        return slice_eq_nocase(type, SLICE("application/json")) ? FORM_DOCUMENT : FORM_OTHER;
}

/* What a streaming request may hold at once is set aside for it before it begins: so those
 * that have begun can always go on. */
static bool set_aside(struct listener *ls, const struct http_request *r, uint64_t *held)
{
        int64_t length = http_length(r);
        *held = length >= 0 && length < HELD_BY_POST ? (uint64_t)length : HELD_BY_POST;
        return intake_hold(ls->intake, *held, 2);
}

static void records_head(struct listener *ls, struct http_request *r)
{
        uint64_t held, max = ls->intake->spec.settings->max_request;
        enum form form = form_of(r);
        struct intake_source *s = intake_bearer(ls->intake, bearer_token(r));
        if (!s) {
                reply_unauthorised(r);
        } else if (form == FORM_OTHER) {
                reply_error(r, 415, "send application/x-ndjson (a record a line) or application/json (one "
                                    "record), in UTF-8, not compressed");
        } else if (http_length(r) > 0 && (uint64_t)http_length(r) > max) {
                reply_error(r, 413, "the request is too large; split it");
        } else if (!may_send(r, s)) {
                return;
        } else if (ls->stalled) {
                reply_error(r, 503, "the vault is busy");
        } else if (!set_aside(ls, r, &held)) {
                reply_error(r, 503, "too many requests at once");
        } else {
                struct post *p = post_begin(ls, r, s);
                if (!p) {
                        intake_release(ls->intake, held);
                        return;
                }
                p->held = held;
                p->lines.whole = form == FORM_DOCUMENT;
        }
}

static void on_head(struct http_request *r, void *ctx)
{
        struct listener *ls = ctx;
        struct slice path = http_path(r), hooks = SLICE("/v1/hooks/");
        bool post = slice_is(http_method(r), "POST");
        bool get = slice_is(http_method(r), "GET") || slice_is(http_method(r), "HEAD");
        bool hook = slice_starts(path, hooks);
        bool records = slice_is(path, "/v1/records");

        if (get && slice_is(path, "/healthz"))
                healthz(r);
        else if (get && slice_is(path, "/readyz"))
                readyz(ls, r);
        else if (post && records)
                records_head(ls, r);
        else if (post && hook)
                hook_head(ls, r, slice_make(path.p + hooks.n, path.n - hooks.n));
        else if (records || hook || slice_is(path, "/healthz") || slice_is(path, "/readyz"))
                reply_error(r, 405, "this method is not for this path");
        else
                reply_error(r, 404, "there is nothing here");
}

static void on_body(struct http_request *r, struct slice piece)
{
        post_body(http_ctx(r), piece);
}

static void on_end(struct http_request *r)
{
        post_end(http_ctx(r));
}

static void on_gone(struct http_request *r)
{
        post_gone(http_ctx(r));
}

static const struct http_handler handler = { on_head, on_body, on_end, on_gone };

/* ---- Mail --------------------------------------------------------------- */

static void on_mail(void *ctx)
{
        struct listener *ls = ctx;
        struct letter *next;
        for (struct letter *l = mailbox_take(ls->mailbox); l; l = next) {
                next = l->next;
                post_settled(BATCH_OF(l));
        }
        posts_retry(ls);
}

/* ---- Life --------------------------------------------------------------- */

static bool start_server(struct listener *ls, struct loop *l, struct err *err)
{
        const struct capture_settings *set = ls->intake->spec.settings;
        struct http_settings http = {
                .address = ls->spec.address,
                .port = ls->spec.port,
                .max_body = set->max_request > set->max_hook ? set->max_request : set->max_hook,
                .max_connections = (int)set->connections,
                .timeout_us = set->timeout_us,
                .cert_file = ls->spec.cert_file,
                .key_file = ls->spec.key_file,
                .handler = &handler,
                .ctx = ls,
        };
        return http_start(&ls->server, l, &http, err) || err_add(err, "public listener");
}

bool listener_start(struct listener **out, struct loop *l, const struct listener_spec *spec, struct err *err)
{
        *out = NULL;
        struct listener *ls = calloc(1, sizeof *ls);
        if (!ls)
                return err_set(err, ERR_SYSTEM, 0, "out of memory");
        ls->spec = *spec;
        ls->intake = spec->intake;
        ls->loop = l;
        ls->door = door_open(spec->intake);
        ls->mailbox = mailbox_new(MAILBOX_LETTERS);
        if (ls->mailbox)
                ls->mail_watch = loop_readable(l, mailbox_fd(ls->mailbox), on_mail, ls);
        if (!ls->door || !ls->mail_watch) {
                listener_stop(ls);
                return err_set(err, ERR_SYSTEM, 0, "out of memory or descriptors");
        }
        if (!start_server(ls, l, err)) {
                listener_stop(ls);
                return false;
        }
        *out = ls;
        return true;
}

int listener_port(const struct listener *ls)
{
        return http_port(ls->server);
}

void listener_drain(struct listener *ls)
{
        http_drain(ls->server);
}

int listener_busy(const struct listener *ls)
{
        return http_busy(ls->server);
}

void listener_stop(struct listener *ls)
{
        if (!ls)
                return;
        http_stop(ls->server);
        /* The vault answers every group it took: then nothing of ours is out there. */
        while (ls->flying) {
                struct letter *next;
                for (struct letter *l = mailbox_wait(ls->mailbox, -1); l; l = next) {
                        next = l->next;
                        post_settled(BATCH_OF(l));
                }
        }
        watch_stop(ls->retry);
        watch_stop(ls->mail_watch);
        mailbox_free(ls->mailbox);
        door_close(ls->door);
        free(ls);
}
