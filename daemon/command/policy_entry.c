/* policy_entry.c - looks one record up in the region's vault, and notes what is done with it. */
#include "policy_entry.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "vault/vault.h"

static bool read_place(const char *word, struct position *at)
{
        const char *dash = strchr(word, '-');
        struct slice seq = slice_of(dash ? dash + 1 : word);
        if (dash && !text_uint(&at->epoch, slice_make(word, (size_t)(dash - word)), INT64_MAX))
                return false;
        return text_uint(&at->seq, seq, INT64_MAX) && at->seq > 0;
}

bool entry_is_named(const char *word)
{
        struct position at = { 0 };
        uint8_t key[16];
        return uuid_parse(key, slice_of(word)) || (strchr(word, '-') && read_place(word, &at));
}

/* Why it is not to be had. */
static bool gone(enum vault_read what, const char *word, struct err *err)
{
        switch (what) {
        case VAULT_ERASED:
                err_set(err, ERR_DATA, 0, "record %.48s was erased", word);
                return err_hint(err, "Its key is destroyed: nobody can read it any more, in no copy.");
        case VAULT_EXPIRED:
                return err_set(err, ERR_DATA, 0, "record %.48s is not kept any more: its raw time is over", word) ||
                       err_hint(err, "Its key was destroyed when the policy's `raw` said; nobody can read it any more.");
        case VAULT_DAMAGED:
                err_set(err, ERR_DATA, 0, "record %.48s is damaged", word);
                return err_hint(err, "`tributary doctor --region CODE` looks at the disk; `status` counts what is damaged.");
        case VAULT_ENTRY:
        case VAULT_END:
                break;
        }
        err_set(err, ERR_DATA, 0, "there is no record %.48s in this vault", word);
        return err_hint(err, "Name it as the warehouse does: record_key in the voice views, or epoch and seq, as 1-17.");
}

static bool take(struct entry_found *out, const struct vault_entry *e, struct arena *a, struct err *err)
{
        struct slice plain = arena_copy(a, e->plain);
        *out = (struct entry_found){ .at = e->at, .captured_us = e->captured_us, .source = arena_copy(a, e->source) };
        uuid_format(out->key, e->record_key);
        if (!plain.p || !out->source.p)
                return err_set(err, ERR_FULL, 0, "out of memory");
        return record_unflatten(&out->record, a, plain, err);
}

static bool find_by_place(struct entry_found *out, struct vault *v, struct position at, const char *word, struct arena *a,
                          struct err *err)
{
        struct vault_reader *r;
        struct vault_entry e;
        enum vault_read what;
        bool ok = vault_reader_open(&r, v, (struct position){ 0, 0 }, err) && vault_fetch(r, at, &what, &e, err);
        if (ok && what != VAULT_ENTRY)
                ok = gone(what, word, err);
        else if (ok && e.kind != ENTRY_RECORD)
                ok = err_set(err, ERR_DATA, 0, "entry %.48s of the vault is no record", word);
        ok = ok && take(out, &e, a, err);
        vault_reader_close(r);
        return ok;
}

/* The newest version is the last that was captured. */
static bool find_by_key(struct entry_found *out, struct vault *v, const uint8_t key[16], const char *word, struct arena *a,
                        struct err *err)
{
        struct vault_reader *r;
        struct vault_entry e;
        enum vault_read what = VAULT_ENTRY, last = VAULT_END;
        struct position at = { 0, 0 };
        bool ok = vault_reader_open(&r, v, at, err);
        while (ok && (ok = vault_read(r, &what, &e, err)) && what != VAULT_END)
                if (e.kind == ENTRY_RECORD && memcmp(e.record_key, key, 16) == 0) {
                        at = e.at;
                        last = what;
                }
        vault_reader_close(r);
        if (ok && last != VAULT_ENTRY)
                return gone(last, word, err);
        return ok && find_by_place(out, v, at, word, a, err);
}

bool entry_find(struct entry_found *out, const struct deployment *d, const char *word, struct arena *a, struct err *err)
{
        struct vault *v;
        struct position at = { 0, 0 };
        uint8_t key[16];
        bool by_key = uuid_parse(key, slice_of(word)), ok;
        if (!by_key && !read_place(word, &at))
                return err_set(err, ERR_SYSTEM, 0, "\"%.48s\" is no place in a vault", word) ||
                       err_hint(err, "Write EPOCH-SEQ, as 1-17, or a record_key.");
        if (!vault_peek(&v, d->state, err))
                return false;
        if (!at.epoch)
                at.epoch = vault_mark(v).epoch;
        ok = by_key ? find_by_key(out, v, key, word, a, err) : find_by_place(out, v, at, word, a, err);
        vault_close(v);
        return ok;
}

const char *entry_login(char out[65])
{
        const struct passwd *own = getpwuid(getuid());
        const char *caller = getuid() == 0 ? getenv("SUDO_USER") : NULL;
        snprintf(out, 65, "%.64s", caller && *caller ? caller : own ? own->pw_name : "unknown");
        return out;
}

bool entry_note(const struct deployment *d, const char *what, struct position at, struct err *err)
{
        struct buf answer;
        char body[256], login[65];
        buf_init(&answer, 4096);
        snprintf(body, sizeof body, "{\"what\":\"%s\",\"epoch\":%" PRIu64 ",\"seq\":%" PRIu64 ",\"by\":\"%s\"}", what, at.epoch,
                 at.seq, entry_login(login));
        bool ok = agent_ask(d->state, "/v1/note", body, &answer, err);
        buf_clear(&answer);
        if (!ok) {
                err_add(err, "nothing is revealed that cannot be noted in the vault first");
                err_hint(err, "The region's agent must run, with room on its disk: `tributary status --region %s`.", d->region);
        }
        return ok;
}
