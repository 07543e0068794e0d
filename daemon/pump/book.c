/* book.c - policies in force: taken between two records, activated before anything leaves.
 *
 * An activation is an entry of the vault (ENTRY_ACTIVATE), appended only if the set's hash is
 * another than the last one's; its position is the `judged` of every record judged by it. Its
 * plain form, big-endian:
 *      hash (32)  u16 n, policy's name (n)  u64 version  u32 n, the packed set (n)
 *      u16 number of officers' signatures; of each u16 n, officer (n)  u16 n, day (n)
 *      public key (32)  signature (64, of officers_statement())
 *      the region's signature (64) over all that stands before it
 * A set that was not looser needs no officer's signature, and may have none.               */
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "policy/officers.h"
#include "pump_private.h"

enum { ACTIVATION_MAX = 8 << 20 };

bool book_restore(struct pump *p, struct err *err)
{
        struct buf hash;
        bool found = false;
        buf_init(&hash, sizeof p->book_hash);
        bool ok = state_get(p->state, "book_hash", &hash, &found, err) &&
                  state_get_position(p->state, "judged", &p->judged, err) &&
                  state_get_number(p->state, "let_out", &p->let_out, err);
        if (ok && found && hash.n == sizeof p->book_hash)
                memcpy(p->book_hash, hash.p, hash.n);
        buf_clear(&hash);
        return ok;
}

void book_take(struct pump *p, struct book *b)
{
        judge_free(p->judge);
        p->judge = NULL;
        book_drop(p->book);
        p->book = b;
        metric_set(&pump_metrics[PUMP_CLOSED], b ? 0 : 1);
        if (!b && !p->stop)
                log_warning("pump", "closed", "why=\"no valid policy set\"");
}

static void put_name(struct buf *out, const char *text)
{
        buf_put_u16(out, (uint16_t)strlen(text));
        buf_puts(out, text);
}

static void write_signers(const struct signers *by, struct buf *out)
{
        buf_put_u16(out, (uint16_t)by->n);
        for (size_t i = 0; i < by->n; i++) {
                put_name(out, by->list[i].officer);
                put_name(out, by->list[i].on);
                buf_put(out, slice_make(by->list[i].key, sizeof by->list[i].key));
                buf_put(out, slice_make(by->list[i].signature, sizeof by->list[i].signature));
        }
}

static void write_activation(struct keyer *k, const struct book *b, struct buf *out)
{
        uint8_t signature[64];
        struct buf packed;
        buf_init(&packed, ACTIVATION_MAX);
        book_pack(b, &packed);
        if (!buf_ok(&packed))
                out->full = true;
        buf_put(out, slice_make(book_hash(b), 32));
        put_name(out, book_policy(b));
        buf_put_u64(out, (uint64_t)book_version(b));
        buf_put_u32(out, (uint32_t)packed.n);
        buf_put(out, buf_slice(&packed));
        write_signers(book_signers(b), out);
        keyer_sign(k, buf_slice(out), signature);
        buf_put(out, slice_make(signature, sizeof signature));
        buf_clear(&packed);
}

static bool append_activation(struct pump *p, struct position *at, struct err *err)
{
        struct buf plain;
        buf_init(&plain, ACTIVATION_MAX);
        write_activation(p->keyer, p->book, &plain);
        struct vault_item item = { .kind = ENTRY_ACTIVATE, .class = "", .plain = buf_slice(&plain) };
        bool ok = buf_ok(&plain) || err_set(err, ERR_CONFIG, 0, "policy set is too large to be kept");
        ok = ok && vault_append(p->spec.vault, &item, 1, err);
        *at = item.at;
        buf_clear(&plain);
        return ok || err_add(err, "activation of policy \"%s\"", book_policy(p->book));
}

bool book_activate_again(struct pump *p, struct position *at, struct err *err)
{
        return append_activation(p, at, err);
}

static bool save(struct pump *p, struct position at, uint64_t let_out, struct err *err)
{
        if (!state_begin(p->state, err))
                return false;
        bool ok = state_put(p->state, "book_hash", slice_make(book_hash(p->book), 32), err) &&
                  state_put_position(p->state, "judged", at, err) &&
                  state_put_number(p->state, "let_out", let_out, err) && state_commit(p->state, err);
        if (!ok)
                state_abort(p->state);
        return ok;
}

/* Kinds that this set may let go are noted before the first record leaves by it: from then on a
 * revision that is kept must be followed by a retract. */
static uint64_t kinds_let_out(const struct book *b)
{
        uint64_t bits = 0;
        for (int k = 0; k < RECORD_KINDS; k++)
                if (book_lets_out(b, (enum record_kind)k))
                        bits |= UINT64_C(1) << k;
        return bits;
}

bool book_activate(struct pump *p, struct err *err)
{
        struct position at = p->judged;
        uint64_t let_out = p->let_out | kinds_let_out(p->book);
        bool fresh = memcmp(p->book_hash, book_hash(p->book), sizeof p->book_hash) != 0;
        if (fresh && !append_activation(p, &at, err))
                return false;
        if ((fresh || let_out != p->let_out) && !save(p, at, let_out, err))
                return false;
        if (!counts_take_book(&p->counts, p->book, clock_now_us(), err))
                return false;
        p->judge = judge_new(p->book);
        if (!p->judge)
                return err_set(err, ERR_RETRY, 0, "could not set up the judge: out of memory");
        meet_judge(p);
        memcpy(p->book_hash, book_hash(p->book), sizeof p->book_hash);
        p->judged = at;
        p->let_out = let_out;
        log_info("pump", fresh ? "policy set activated" : "policy set as before",
                 "policy=%s version=%lld", book_policy(p->book), (long long)book_version(p->book));
        return true;
}
