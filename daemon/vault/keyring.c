/* keyring.c - keys.db: opening, wrapping, and the key of an entry. */
#include "keyring.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

static const char schema[] = {
#include "keys.sql.h"
        , 0
};

static const char identity_key_name[] = "identity key";

/* ---- wrapping ---------------------------------------------------------- */

static struct slice aad_of(char out[64], const char *table, uint64_t id)
{
        size_t n = strlen(table);

        memcpy(out, table, n); /* our own table names: short */
        for (int i = 0; i < 8; i++)
                out[n + (size_t)i] = (char)(id >> (56 - 8 * i));
        return slice_make(out, n + 8);
}

bool keyring_wrap(struct keyring *k, const uint8_t key[KEY_BYTES], const char *table, uint64_t id,
                  struct slice plain, struct buf *out, struct err *err)
{
        char aad[64];
        char *to = buf_reserve(out, SEAL_NONCE + plain.n + SEAL_TAG);

        if (!to)
                return err_set(err, ERR_FULL, 0, "no memory to wrap a key");
        random_bytes(to, SEAL_NONCE);
        if (!seal_close(k->seal, key, (uint8_t *)to, aad_of(aad, table, id), plain,
                        to + SEAL_NONCE, err))
                return false;
        out->n += SEAL_NONCE + plain.n + SEAL_TAG;
        return true;
}

bool keyring_unwrap(struct keyring *k, const uint8_t key[KEY_BYTES], const char *table,
                    uint64_t id, struct slice wrapped, uint8_t out[KEY_BYTES], struct err *err)
{
        char aad[64];
        uint8_t nonce[SEAL_NONCE];

        if (wrapped.n != WRAPPED_BYTES)
                return err_set(err, ERR_DATA, 0, "wrapped key has %zu bytes", wrapped.n);
        memcpy(nonce, wrapped.p, SEAL_NONCE);
        return seal_open(k->seal, key, nonce, aad_of(aad, table, id),
                         slice_make(wrapped.p + SEAL_NONCE, wrapped.n - SEAL_NONCE), (char *)out,
                         err);
}

/* ---- opening ----------------------------------------------------------- */

static bool state_path(char out[PATH_MAX], const char *state_dir, const char *name, struct err *err)
{
        if (snprintf(out, PATH_MAX, "%s/%s", state_dir, name) < PATH_MAX)
                return true;
        return err_set(err, ERR_CONFIG, ENAMETOOLONG, "state directory's path is too long");
}

static struct keyring *new_keyring(const char *state_dir, struct err *err)
{
        struct keyring *k = calloc(1, sizeof *k);
        char path[PATH_MAX];

        if (k) {
                k->seal = seal_new();
                k->keys = calloc(ENTRY_KEYS, sizeof *k->keys);
        }
        if (!k || !k->seal || !k->keys) {
                err_set(err, ERR_SYSTEM, ENOMEM, "could not open the key ring: out of memory");
                keyring_close(k);
                return NULL;
        }
        if (!state_path(path, state_dir, "keys/master", err) ||
            !secret_read_key(k->master, KEY_BYTES, path, err)) {
                keyring_close(k);
                return NULL;
        }
        return k;
}

static bool meta_get(struct keyring *k, const char *name, struct buf *out, bool *found,
                     struct err *err)
{
        struct db_stmt *s = db_prepare(k->db, "SELECT value FROM meta WHERE name = ?1");

        db_bind_text(s, 1, slice_of(name));
        if (!db_step(s, found, err))
                return false;
        if (*found)
                buf_put(out, db_bytes(s, 0));
        db_reset(s);
        return buf_ok(out) || err_set(err, ERR_SYSTEM, 0, "keys.db: value \"%s\" is too long", name);
}

static bool meta_put(struct keyring *k, const char *name, struct slice value, struct err *err)
{
        struct db_stmt *s = db_prepare(k->db, "INSERT INTO meta (name, value) VALUES (?1, ?2)");

        db_bind_text(s, 1, slice_of(name));
        db_bind_bytes(s, 2, value);
        return db_do(s, err);
}

static bool add_region_subject(struct keyring *k, struct err *err)
{
        struct db_stmt *s = db_prepare(k->db, "INSERT INTO subject (number, wrapped, created_us)"
                                              " VALUES (0, ?1, ?2)");
        uint8_t key[KEY_BYTES];
        struct buf wrapped;
        bool ok;

        buf_init(&wrapped, WRAPPED_BYTES);
        random_bytes(key, sizeof key);
        ok = keyring_wrap(k, k->master, "subject", 0, slice_make(key, KEY_BYTES), &wrapped, err);
        if (ok) {
                db_bind_bytes(s, 1, buf_slice(&wrapped));
                db_bind_int(s, 2, clock_now_us());
                ok = db_do(s, err);
        }
        bytes_wipe(key, sizeof key);
        buf_clear(&wrapped);
        return ok;
}

/* A new keys.db: what it is of, the identity key, the region as a subject. */
static bool make_first_rows(struct keyring *k, const char *region, struct err *err)
{
        uint8_t key[KEY_BYTES];
        struct buf wrapped;
        bool ok;

        buf_init(&wrapped, WRAPPED_BYTES);
        random_bytes(key, sizeof key);
        ok = keyring_begin(k, err) && meta_put(k, "region", slice_of(region), err) &&
             keyring_wrap(k, k->master, identity_key_name, 0, slice_make(key, KEY_BYTES), &wrapped, err) &&
             meta_put(k, identity_key_name, buf_slice(&wrapped), err) &&
             add_region_subject(k, err) && keyring_commit(k, err);
        if (!ok)
                keyring_abort(k);
        bytes_wipe(key, sizeof key);
        buf_clear(&wrapped);
        return ok;
}

static bool check_region(struct keyring *k, const char *region, bool *found, struct err *err)
{
        struct buf stored;
        bool ok;

        buf_init(&stored, 256);
        ok = meta_get(k, "region", &stored, found, err);
        if (ok && *found && !slice_is(buf_slice(&stored), region))
                ok = err_set(err, ERR_CONFIG, 0, "state belongs to region \"%.*s\", not \"%s\"",
                             SLICE_ARG(buf_slice(&stored)), region);
        buf_clear(&stored);
        return ok;
}

/* The identity key opens only under the master key that wrapped it: the check that what
 * is written today can be read tomorrow. */
static bool open_identity_key(struct keyring *k, struct err *err)
{
        uint8_t key[KEY_BYTES];
        struct buf wrapped;
        bool found, ok;

        buf_init(&wrapped, 256);
        ok = meta_get(k, identity_key_name, &wrapped, &found, err);
        if (ok && !keyring_unwrap(k, k->master, identity_key_name, 0, buf_slice(&wrapped), key, NULL)) {
                err_set(err, ERR_CONFIG, 0, "master key does not fit the keys in keys.db");
                ok = err_hint(err, "Put back the key file \"keys/master\" that this state was made with.");
        }
        if (ok) {
                k->identity = hmac_new(slice_make(key, KEY_BYTES));
                ok = k->identity || err_set(err, ERR_SYSTEM, ENOMEM, "could not set up a key");
        }
        bytes_wipe(key, sizeof key);
        buf_clear(&wrapped);
        return ok;
}

static bool load_next_subject(struct keyring *k, struct err *err)
{
        struct db_stmt *s = db_prepare(k->db, "SELECT max(coalesce(max(number), 0), coalesce((SELECT seq"
                                              " FROM sqlite_sequence WHERE name = 'subject'), 0))"
                                              " FROM subject");
        bool row;

        if (!db_step(s, &row, err))
                return false;
        k->next_subject = (row ? (uint64_t)db_int(s, 0) : 0) + 1;
        db_reset(s);
        return true;
}

static bool set_up_writer(struct keyring *k, const char *region, bool has_segments, struct err *err)
{
        bool found;

        if (!check_region(k, region, &found, err))
                return false;
        if (!found && has_segments) {
                err_set(err, ERR_CONFIG, 0, "keys.db is empty or missing, but there are segments");
                return err_hint(err, "Without their keys they cannot be read: restore keys.db.");
        }
        return (found || make_first_rows(k, region, err)) && open_identity_key(k, err) &&
               load_next_subject(k, err) && keyring_load_erased(k, err);
}

bool keyring_open(struct keyring **out, const char *state_dir, const char *region,
                  bool has_segments, struct err *err)
{
        struct keyring *k = new_keyring(state_dir, err);
        char path[PATH_MAX];

        *out = NULL;
        if (!k)
                return false;
        k->writes = true;
        k->known = calloc(KNOWN_PEOPLE, sizeof *k->known);
        if (!k->known)
                err_set(err, ERR_SYSTEM, ENOMEM, "could not open the key ring: out of memory");
        if (!k->known || !state_path(path, state_dir, "keys.db", err) ||
            !db_open(&k->db, path, schema, err) ||
            /* 8 MiB: the pages of identities, which new people touch at random */
            !db_run(k->db, "PRAGMA cache_size = -8192", err) || !set_up_writer(k, region, has_segments, err)) {
                keyring_close(k);
                return false;
        }
        *out = k;
        return true;
}

bool keyring_open_reader(struct keyring **out, const char *state_dir, struct err *err)
{
        struct keyring *k = new_keyring(state_dir, err);
        char path[PATH_MAX];

        *out = NULL;
        if (!k)
                return false;
        if (!state_path(path, state_dir, "keys.db", err) ||
            !db_open_read_only(&k->db, path, err)) {
                keyring_close(k);
                return false;
        }
        *out = k;
        return true;
}

void keyring_close(struct keyring *k)
{
        if (!k)
                return;
        if (k->keys)
                keyring_forget(k);
        db_close(k->db);
        seal_free(k->seal);
        hmac_free(k->identity);
        free(k->keys);
        free(k->known);
        free(k->erased);
        bytes_wipe(k, sizeof *k);
        free(k);
}

void keyring_forget(struct keyring *k)
{
        bytes_wipe(k->keys, ENTRY_KEYS * sizeof *k->keys);
        bytes_wipe(&k->last_subject, sizeof k->last_subject);
        bytes_wipe(&k->last_period, sizeof k->last_period);
        bytes_wipe(&k->last_text, sizeof k->last_text);
        if (k->known)
                bytes_wipe(k->known, KNOWN_PEOPLE * sizeof *k->known);
        memset(k->periods, 0, sizeof k->periods);
        keyring_forget_names(k);
}

bool keyring_saved_time(struct keyring *k, int64_t *us, struct err *err)
{
        struct buf stored;
        bool found, ok;

        buf_init(&stored, 256);
        ok = meta_get(k, "time", &stored, &found, err);
        if (ok && found && stored.n == 8) {
                struct cut c = { .rest = buf_slice(&stored) };
                *us = (int64_t)cut_u64(&c);
        }
        buf_clear(&stored);
        return ok;
}

/* ---- transactions ------------------------------------------------------ */

bool keyring_begin(struct keyring *k, struct err *err)
{
        if (!k->in_transaction)
                k->in_transaction = db_begin(k->db, err);
        return k->in_transaction;
}

bool keyring_commit(struct keyring *k, struct err *err)
{
        bool ok = true;

        if (k->in_transaction && !db_commit(k->db, err)) {
                keyring_abort(k);
                ok = err_add(err, "keys");
        }
        k->in_transaction = false;
        return ok;
}

/* The caches may hold what was never committed. */
void keyring_abort(struct keyring *k)
{
        db_abort(k->db);
        k->in_transaction = false;
        keyring_forget(k);
}

/* ---- the key of an entry ------------------------------------------------ */

bool keyring_load_subject(struct keyring *k, uint64_t number, enum key_found *found,
                          struct err *err)
{
        struct db_stmt *s;
        bool row;

        *found = KEY_THERE;
        if (k->last_subject.there && k->last_subject.number == number)
                return true;
        k->last_subject.there = false;
        k->last_subject.times_erased = 0;
        s = db_prepare(k->db, "SELECT wrapped, times_erased FROM subject WHERE number = ?1");
        db_bind_int(s, 1, (int64_t)number);
        if (!db_step(s, &row, err))
                return false;
        if (row)
                k->last_subject.times_erased = (uint32_t)db_int(s, 1);
        if (!row || db_null(s, 0)) {
                *found = KEY_ERASED;
        } else if (!keyring_unwrap(k, k->master, "subject", number, db_bytes(s, 0), k->last_subject.key,
                                   NULL)) {
                *found = KEY_BROKEN;
        } else {
                k->last_subject.number = number;
                k->last_subject.there = true;
        }
        db_reset(s);
        return true;
}

static bool load_period(struct keyring *k, uint64_t number, enum key_found *found, struct err *err)
{
        struct db_stmt *s;
        bool row;

        if (k->last_period.there && k->last_period.number == number)
                return true;
        k->last_period.there = false;
        s = db_prepare(k->db, "SELECT wrapped FROM period WHERE number = ?1");
        db_bind_int(s, 1, (int64_t)number);
        if (!db_step(s, &row, err))
                return false;
        if (!row || db_null(s, 0)) {
                *found = KEY_EXPIRED;
        } else if (!keyring_unwrap(k, k->master, "period", number, db_bytes(s, 0), k->last_period.key,
                                   NULL)) {
                *found = KEY_BROKEN;
        } else {
                k->last_period.number = number;
                k->last_period.there = true;
        }
        db_reset(s);
        return true;
}

static struct entry_key *slot_of(struct keyring *k, uint64_t subject, uint64_t period)
{
        uint64_t mixed = (subject + period * 0x9e3779b97f4a7c15u) * 0x9e3779b97f4a7c15u;

        return &k->keys[(mixed >> 32) % ENTRY_KEYS];
}

static void derive(struct keyring *k, struct entry_key *slot)
{
        uint8_t both[2 * KEY_BYTES];

        memcpy(both, k->last_subject.key, KEY_BYTES);
        memcpy(both + KEY_BYTES, k->last_period.key, KEY_BYTES);
        hkdf_sha256(slot->key, KEY_BYTES, slice_make(both, sizeof both), SLICE_NONE,
                    SLICE("tributary entry"));
        bytes_wipe(both, sizeof both);
}

bool keyring_entry_key(struct keyring *k, uint64_t subject, uint64_t period, enum key_found *found,
                       const uint8_t **key, uint32_t *times_erased, struct err *err)
{
        struct entry_key *slot = slot_of(k, subject, period);

        *found = KEY_THERE;
        *times_erased = 0;
        if (slot->period != period || slot->subject != subject || period == 0) {
                if (!keyring_load_subject(k, subject, found, err))
                        return false;
                *times_erased = k->last_subject.times_erased;
                if (*found == KEY_THERE && !load_period(k, period, found, err))
                        return false;
                if (*found != KEY_THERE)
                        return true;
                slot->subject = subject;
                slot->period = period;
                slot->times_erased = *times_erased;
                derive(k, slot);
        }
        *times_erased = slot->times_erased;
        *key = slot->key;
        return true;
}
