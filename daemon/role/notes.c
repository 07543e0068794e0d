/* notes.c - notes on their way into the vault. */
#include "notes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"

enum { SIGNATURE = 64, NOTE_MAX = 4096, WAITING_MAX = 64, BY_MAX = 64 };

struct waiting {
        struct vault_group group;
        struct vault_item item;
        struct buf plain;
        void (*done)(void *ctx, struct position at, const struct err *failed);
        void *ctx;
};

struct notes {
        struct vault *vault;
        struct keyer *keyer;
        struct mailbox *answers;
        struct watch *watch;
        size_t waiting;
};

/* ---- The form --------------------------------------------------------------------------- */

static bool is_login(struct slice s)
{
        for (size_t i = 0; i < s.n; i++) {
                char c = s.p[i];
                if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("._-@", c)) || !c)
                        return false;
        }
        return s.n > 0 && s.n <= BY_MAX;
}

bool note_format(struct keyer *k, const struct note *n, int64_t now_us, struct buf *out, struct err *err)
{
        struct json_out o;
        struct buf json;
        char record[48];
        uint8_t signature[SIGNATURE];

        if (!is_login(n->by))
                return err_set(err, ERR_DATA, 0, "who does it is no login's name");
        snprintf(record, sizeof record, "%" PRIu64 "-%" PRIu64, n->record.epoch, n->record.seq);
        buf_init(&json, NOTE_MAX - SIGNATURE);
        json_out_init(&o, &json);
        json_open(&o, NULL, '{');
        json_put_text(&o, "what", n->what);
        json_put_text(&o, "record", record);
        json_put_string(&o, "by", n->by);
        json_put_uint(&o, "uid", n->uid);
        json_put_time(&o, "at", now_us);
        json_close(&o, '}');
        bool ok = buf_ok(&json);
        if (ok) {
                keyer_sign(k, buf_slice(&json), signature);
                buf_put(out, slice_make(signature, sizeof signature));
                buf_put(out, buf_slice(&json));
        }
        buf_clear(&json);
        return (ok && buf_ok(out)) || err_set(err, ERR_DATA, 0, "note is too long");
}

bool note_read(struct keyer *k, struct slice plain, struct slice *json)
{
        struct cut c = { .rest = plain };
        struct slice signature = cut_bytes(&c, SIGNATURE);
        *json = c.rest;
        return !c.bad && keyer_verify(k, c.rest, (const uint8_t *)signature.p);
}

static const char *const kinds[] = { "reveal" };

bool note_asked(struct slice body, struct arena *a, struct note *out, struct err *err)
{
        struct json *j;
        int64_t epoch, seq;
        *out = (struct note){ .what = NULL };
        if (!json_read(&j, a, body, 2, err))
                return false;
        struct slice what = json_string(json_get(j, "what"));
        if (!json_int(json_get(j, "epoch"), &epoch) || !json_int(json_get(j, "seq"), &seq) || epoch < 1 || seq < 1)
                return err_set(err, ERR_DATA, 0, "\"epoch\" and \"seq\" say which record");
        out->record = (struct position){ (uint64_t)epoch, (uint64_t)seq };
        out->by = json_string(json_get(j, "by"));
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
                if (slice_is(what, kinds[i]))
                        out->what = kinds[i];
        return out->what || err_set(err, ERR_DATA, 0, "\"what\" is not what is noted");
}

/* ---- The way ---------------------------------------------------------------------------------- */

static void answer(struct notes *n, struct waiting *w)
{
        n->waiting--;
        w->done(w->ctx, w->item.at, w->group.ok ? NULL : &w->group.err);
        buf_clear(&w->plain);
        free(w);
}

static void on_answers(void *ctx)
{
        struct notes *n = ctx;
        for (struct letter *l = mailbox_take(n->answers), *next; l; l = next) {
                next = l->next;
                answer(n, LETTER_OF(l, struct waiting, group.letter));
        }
}

bool notes_open(struct notes **out, struct loop *l, struct vault *v, struct keyer *k, struct err *err)
{
        struct notes *n = calloc(1, sizeof *n);
        *out = n;
        if (!n)
                return err_set(err, ERR_SYSTEM, 0, "out of memory");
        n->vault = v;
        n->keyer = k;
        n->answers = mailbox_new(WAITING_MAX);
        n->watch = n->answers ? loop_readable(l, mailbox_fd(n->answers), on_answers, n) : NULL;
        return n->watch || err_set(err, ERR_SYSTEM, 0, "could not set up notes: out of memory");
}

void notes_close(struct notes *n)
{
        if (!n)
                return;
        watch_stop(n->watch);
        if (n->answers)
                on_answers(n);
        mailbox_free(n->answers);
        free(n);
}

bool notes_add(struct notes *n, const struct note *what, void (*done)(void *ctx, struct position at, const struct err *failed),
               void *ctx, struct err *err)
{
        struct waiting *w = n->waiting < WAITING_MAX ? calloc(1, sizeof *w) : NULL;
        if (!w)
                return err_set(err, ERR_RETRY, 0, "too many notes wait");
        buf_init(&w->plain, NOTE_MAX);
        w->done = done;
        w->ctx = ctx;
        w->group = (struct vault_group){ .reply = n->answers, .items = &w->item, .n = 1 };
        bool ok = note_format(n->keyer, what, clock_now_us(), &w->plain, err);
        w->item = (struct vault_item){ .kind = ENTRY_LEDGER, .class = "", .plain = buf_slice(&w->plain) };
        n->waiting += ok;
        if (ok && vault_submit(n->vault, &w->group))
                return true;
        if (ok) {
                n->waiting--;
                err_set(err, ERR_RETRY, 0, "the vault takes nothing now");
        }
        buf_clear(&w->plain);
        free(w);
        return false;
}
