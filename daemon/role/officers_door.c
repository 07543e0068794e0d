/* officers_door.c - officers from elsewhere: who they are, one at a time, noted, answered. */
#include "officers_door.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "far.h"
#include "model/place.h"
#include "policy/officers.h"

#define AT(member) OPTION_AT(struct officers_settings, member)

const struct option officers_options[] = {
        { "address", OPTION_TEXT, AT(address), "1", "64", "0.0.0.0", 0, "Address that officers reach." },
        { "port", OPTION_INT, AT(port), "0", "65535", "8460", 0, "TCP port; 0 takes any free one and logs it." },
        { "cert_file", OPTION_TEXT, AT(cert_file), "1", "4096", NULL, OPTION_REQUIRED, "Certificate chain (PEM) of this agent." },
        { "key_file", OPTION_TEXT, AT(key_file), "1", "4096", NULL, OPTION_REQUIRED | OPTION_SECRET,
          "Private key (PEM) of the certificate." },
        { "ca_file", OPTION_TEXT, AT(ca_file), "1", "4096", NULL, OPTION_REQUIRED,
          "Authorities (PEM) that sign officers' certificates; of no other use." },
        { "url", OPTION_TEXT, AT(url), "9", "255", NULL, 0,
          "How officers reach it: https://HOST:PORT; their verbs read it here." },
        { "who", OPTION_TEXTS, AT(who), "0", "64", NULL, 0,
          "Emails or CNs of certificates that are officers; beside keys that officers.cfg names." },
        OPTION_END
};

enum { BY_MAX = 64, ARENA_MAX = FAR_ARENA_MAX };
#define WORK_US (60 * US_PER_SECOND)

struct far_ask { /* one request */
        struct letter letter;
        struct officers_door *door;
        struct http_request *request; /* NULL: the peer is gone */
        enum far_kind kind;
        struct buf body, answer;
        char by[BY_MAX + 1];
        bool across, reads; /* reads: its country may read what leaves here */
        bool taken;         /* it is noted, worked on or answered: not gone()'s to free */
        struct book *book;
        int64_t people_since_us;
        int status;
};

struct officers_door {
        struct officers_door_spec spec;
        struct http_server *server;
        struct mailbox *jobs, *answers;
        struct watch *watch;
        pthread_t thread;
        bool started, busy;
        atomic_bool stop;
};

static const char *const paths[FAR_KINDS] = { "/v1/policy", "/v1/explain", "/v1/diff" };
static const char *const noted_as[FAR_KINDS] = { "far-policy", "far-explain", "far-diff" };

static void ask_free(struct far_ask *a)
{
        book_drop(a->book);
        buf_wipe(&a->body);
        buf_wipe(&a->answer);
        free(a);
}

/* ---- Answers ----------------------------------------------------------------------- */
static void refuse(struct http_request *r, int status, const char *text, const char *hint)
{
        struct json_out o;
        struct buf b;
        buf_init(&b, 4096);
        json_out_init(&o, &b);
        json_open(&o, NULL, '{');
        json_put_int(&o, "version", 1);
        json_open(&o, "error", '{');
        json_put_text(&o, "text", text);
        json_put_text(&o, "hint", hint);
        json_close(&o, '}');
        json_close(&o, '}');
        http_reply(r, status, "application/json", status == 503 ? "Retry-After: 5\r\n" : "", buf_slice(&b));
        buf_clear(&b);
}

static void reply(struct far_ask *a)
{
        a->door->busy = false;
        if (a->request && buf_ok(&a->answer))
                http_reply(a->request, a->status, "application/json", "", buf_slice(&a->answer));
        else if (a->request)
                refuse(a->request, 500, "the answer is too large", "Ask about a shorter span.");
        ask_free(a);
}

static void fail(struct far_ask *a, const struct err *why)
{
        a->door->busy = false;
        log_err(LOG_LEVEL_WARNING, "officers", "not answered", why);
        if (a->request)
                refuse(a->request, why->kind == ERR_DATA || why->kind == ERR_CONFIG ? 422 : 503, why->text,
                       why->hint[0] ? why->hint : NULL);
        ask_free(a);
}

/* ---- The work, on its own thread ---------------------------------------------------- */
static bool work(struct far_ask *a, struct arena *arena, struct err *err)
{
        const struct officers_door_spec *s = &a->door->spec;
        struct far_wish *w = arena_array(arena, 1, sizeof *w);
        if (!w || !far_read(a->kind, buf_slice(&a->body), s->book_spec->region->timezone, arena, w, err))
                return w != NULL ? false : err_set(err, ERR_SYSTEM, 0, "out of memory");
        /* Of the vault's words none cross a border here: they cross as records do, counted and answered for. */
        const struct far_desk d = { .book = a->book, .spec = s->book_spec, .vault = s->vault,
                                    .people = s->people, .people_since_us = a->people_since_us,
                                    .words = w->has_record || (!a->across && a->reads), .exact = !a->across,
                                    .until_us = clock_mono_us() + WORK_US, .stop = &a->door->stop };
        return a->kind == FAR_EXPLAIN ? far_explain(&d, w, arena, &a->answer, err) : far_diff(&d, w, arena, &a->answer, err);
}

static void work_or_say(struct far_ask *a)
{
        struct err err = ERR_INIT;
        struct arena *arena = arena_new(ARENA_MAX);
        bool ok = arena ? work(a, arena, &err) : err_set(&err, ERR_SYSTEM, 0, "out of memory");
        a->status = 200;
        if (!ok) {
                struct json_out o;
                buf_reset(&a->answer);
                json_out_init(&o, &a->answer);
                json_open(&o, NULL, '{');
                json_put_int(&o, "version", 1);
                json_open(&o, "error", '{');
                json_put_text(&o, "text", err.text);
                json_put_text(&o, "hint", err.hint[0] ? err.hint : NULL);
                json_close(&o, '}');
                json_close(&o, '}');
                a->status = err.kind == ERR_DATA || err.kind == ERR_CONFIG ? 422 : 500;
        }
        arena_free(arena);
}

static void *run(void *ctx)
{
        struct officers_door *d = ctx;
        while (!atomic_load(&d->stop))
                for (struct letter *l = mailbox_wait(d->jobs, -1), *next; l; l = next) {
                        next = l->next;
                        work_or_say(LETTER_OF(l, struct far_ask, letter));
                        mailbox_return(d->answers, l);
                }
        return NULL;
}

static void on_answers(void *ctx)
{
        struct officers_door *d = ctx;
        for (struct letter *l = mailbox_take(d->answers), *next; l; l = next) {
                next = l->next;
                reply(LETTER_OF(l, struct far_ask, letter));
        }
}

/* ---- Who asks ------------------------------------------------------------------------ */
/* As notes take it: what no login has is a dot. */
static void set_by(struct far_ask *a, const char *name)
{
        size_t n = 0;
        for (; name[n] && n < BY_MAX; n++) {
                char c = name[n];
                bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("._-@", c);
                a->by[n] = plain ? c : '.';
        }
        a->by[n] = 0;
}

static bool is_listed(const struct officers_settings *s, const char *name)
{
        for (size_t i = 0; *name && i < s->who.n; i++)
                if (strcmp(option_text_at(&s->who, i), name) == 0)
                        return true;
        return false;
}

static bool identify(struct far_ask *a, const struct http_client *who)
{
        const struct officers_door_spec *s = &a->door->spec;
        const char *officer = a->book && who->has_key ? book_officer_of(a->book, who->key) : "";
        if (*officer)
                set_by(a, officer);
        else if (is_listed(s->settings, who->email))
                set_by(a, who->email);
        else if (is_listed(s->settings, who->name))
                set_by(a, who->name);
        else
                return false;
        struct slice country = slice_of(who->country);
        a->across = !*who->country || !place_is_known(country) || !place_within(country, slice_of(s->book_spec->region->jurisdiction));
        a->reads = a->book && *who->country && book_may_read(a->book, country, clock_now_us());
        return a->by[0] != 0;
}

/* ---- One request --------------------------------------------------------------------- */
static int kind_of(const struct http_request *r)
{
        bool get = slice_is(http_method(r), "GET");
        for (int k = 0; k < FAR_KINDS; k++)
                if (slice_is(http_path(r), paths[k]) && (get == (k == FAR_STATUS)) && (get || slice_is(http_method(r), "POST")))
                        return k;
        return -1;
}

static void on_head(struct http_request *r, void *ctx)
{
        struct officers_door *d = ctx;
        struct http_client who;
        int kind = kind_of(r);
        if (!http_client(r, &who)) {
                refuse(r, 401, "no certificate", NULL);
                return;
        }
        if (kind < 0 || d->busy) {
                refuse(r, kind < 0 ? 404 : 503, kind < 0 ? "there are GET /v1/policy, POST /v1/explain and POST /v1/diff"
                                                         : "another officer's request is worked on", NULL);
                return;
        }
        struct far_ask *a = calloc(1, sizeof *a);
        if (!a) {
                refuse(r, 503, "out of memory", NULL);
                return;
        }
        *a = (struct far_ask){ .door = d, .request = r, .kind = (enum far_kind)kind, .book = d->spec.book(d->spec.ctx),
                                .people_since_us = d->spec.people_since(d->spec.ctx) };
        buf_init(&a->body, FAR_BODY_MAX);
        buf_init(&a->answer, FAR_ANSWER_MAX);
        if (!identify(a, &who)) {
                log_warning("officers", "refused", "cn=\"%s\"", who.name);
                refuse(r, 403, "this certificate names no officer of this region",
                       "\"officers.who\" of the region file has their emails and CNs; officers.cfg their keys.");
                ask_free(a);
                return;
        }
        d->busy = true;
        http_set_ctx(r, a);
}

static void on_body(struct http_request *r, struct slice piece)
{
        struct far_ask *a = http_ctx(r);
        buf_put(&a->body, piece); /* the server refuses a longer one */
}

static void on_gone(struct http_request *r)
{
        struct far_ask *a = http_ctx(r);
        if (!a)
                return;
        a->request = NULL;
        if (a->taken)
                return;
        a->door->busy = false;
        ask_free(a);
}

static void on_noted(void *ctx, struct position at, const struct err *failed)
{
        struct far_ask *a = ctx;
        struct err err = ERR_INIT;
        (void)at;
        if (failed) {
                fail(a, failed);
                return;
        }
        if (a->kind == FAR_STATUS) {
                a->status = 200;
                a->door->spec.policy(a->door->spec.ctx, !a->across, &a->answer);
                reply(a);
        } else if (!a->book) {
                err_set(&err, ERR_CONFIG, 0, "no policy set is in force in that region");
                fail(a, &err);
        } else if (!mailbox_post(a->door->jobs, &a->letter)) {
                err_set(&err, ERR_RETRY, 0, "the agent stops");
                fail(a, &err);
        }
}

static void on_end(struct http_request *r)
{
        struct far_ask *a = http_ctx(r);
        struct err err = ERR_INIT;
        const struct note n = { .what = noted_as[a->kind], .by = slice_of(a->by) };
        a->taken = true;
        log_info("officers", "asked", "what=%s by=%s across=%d", paths[a->kind], a->by, a->across);
        if (!notes_add(a->door->spec.notes, &n, on_noted, a, &err))
                fail(a, &err);
}

static const struct http_handler handler = { on_head, on_body, on_end, on_gone };

/* ---- Opening -------------------------------------------------------------------------- */
static bool start_thread(struct officers_door *d, struct err *err)
{
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        int rc = pthread_create(&d->thread, NULL, run, d);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        d->started = rc == 0;
        return d->started || err_errno(err, rc, "could not start the officers' thread");
}

bool officers_door_open(struct officers_door **out, const struct officers_door_spec *spec, struct err *err)
{
        const struct officers_settings *s = spec->settings;
        struct officers_door *d = calloc(1, sizeof *d);
        *out = NULL;
        if (!d)
                return err_set(err, ERR_SYSTEM, 0, "out of memory");
        d->spec = *spec;
        d->jobs = mailbox_new(1);
        d->answers = mailbox_new(1);
        d->watch = d->answers ? loop_readable(spec->loop, mailbox_fd(d->answers), on_answers, d) : NULL;
        const struct http_settings h = { .address = s->address, .port = (int)s->port, .max_body = FAR_BODY_MAX,
                                         .max_connections = 8, .timeout_us = 30 * US_PER_SECOND, .cert_file = s->cert_file,
                                         .key_file = s->key_file, .client_ca_file = s->ca_file, .handler = &handler, .ctx = d };
        bool ok = (d->jobs && d->watch) || err_set(err, ERR_SYSTEM, 0, "out of memory");
        ok = ok && start_thread(d, err) && (http_start(&d->server, spec->loop, &h, err) || err_add(err, "officers' listener"));
        if (!ok) {
                officers_door_close(d);
                officers_door_free(d);
                return false;
        }
        log_info("officers", "listening", "port=%d", http_port(d->server));
        *out = d;
        return true;
}

int officers_door_port(const struct officers_door *d)
{
        return http_port(d->server);
}

/* What was to be worked on is answered by nobody: its peer is gone with the server. */
void officers_door_close(struct officers_door *d)
{
        struct err err = ERR_INIT;
        if (!d)
                return;
        http_stop(d->server);
        d->server = NULL;
        atomic_store(&d->stop, true);
        if (d->jobs)
                mailbox_shut(d->jobs);
        if (d->started)
                pthread_join(d->thread, NULL);
        d->started = false;
        watch_stop(d->watch);
        d->watch = NULL;
        if (d->answers)
                on_answers(d);
        err_set(&err, ERR_RETRY, 0, "the agent stops");
        for (struct letter *l = d->jobs ? mailbox_take(d->jobs) : NULL, *next; l; l = next) {
                next = l->next;
                fail(LETTER_OF(l, struct far_ask, letter), &err);
        }
}

/* A note's answer may come until the notes are closed. */
void officers_door_free(struct officers_door *d)
{
        if (!d)
                return;
        mailbox_free(d->jobs);
        mailbox_free(d->answers);
        free(d);
}
