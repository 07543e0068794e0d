/* subject.c - who an entry is about: identities to a subject's number.
 *
 * Identities are found by a keyed digest; their plaintext lies sealed under a key derived
 * from their subject's, so that it goes when the subject's key does. The first identity
 * present decides. The others become aliases only if unclaimed: commit emails are forgeable,
 * so two subjects are never made one because a record says so. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keyring.h"
#include "model/identity.h"

enum { DIGEST = 16 };

/* ---- people already met ------------------------------------------------ */

/* One digest over all identities instead of one each: whoever comes with the same ones
 * again needs neither SQLite nor a second digest. */
static struct known_person *known_slot(struct keyring *k, const struct slice *ids, int n,
                                       uint8_t digest[SHA256_BYTES])
{
        uint32_t at;

        for (int i = 0; i < n; i++) {
                uint8_t length[5] = { 'K', (uint8_t)(ids[i].n >> 24), (uint8_t)(ids[i].n >> 16),
                                      (uint8_t)(ids[i].n >> 8), (uint8_t)ids[i].n };
                hmac_put(k->identity, slice_make(length, sizeof length));
                hmac_put(k->identity, ids[i]);
        }
        hmac_finish(k->identity, digest);
        memcpy(&at, digest + 16, sizeof at);
        return &k->known[at % KNOWN_PEOPLE];
}

static void digest_of(struct keyring *k, struct slice identity, uint8_t out[DIGEST])
{
        uint8_t full[SHA256_BYTES];

        hmac_put(k->identity, SLICE("I"));
        hmac_put(k->identity, identity);
        hmac_finish(k->identity, full);
        memcpy(out, full, DIGEST);
}

/* *number: 0 if nobody has it. Whose key was destroyed is nobody: a person who returns
 * after an erasure is a new subject. */
static bool claimed_by(struct keyring *k, const uint8_t digest[DIGEST], uint64_t *number,
                       struct err *err)
{
        struct db_stmt *s = db_prepare(k->db, "SELECT i.subject FROM identity i JOIN subject s"
                                              " ON s.number = i.subject"
                                              " WHERE i.digest = ?1 AND s.wrapped IS NOT NULL");
        bool row;

        db_bind_bytes(s, 1, slice_make(digest, DIGEST));
        if (!db_step(s, &row, err))
                return false;
        *number = row ? (uint64_t)db_int(s, 0) : 0;
        db_reset(s);
        return true;
}

/* ---- new people, new aliases ------------------------------------------- */

/* Leaves the new key in last_subject: the entry's key is derived next. */
static bool add_subject(struct keyring *k, int64_t now_us, uint64_t *number, struct err *err)
{
        struct db_stmt *s;
        struct buf wrapped;
        bool ok = false;

        if (!keyring_begin(k, err))
                return false;
        buf_init(&wrapped, WRAPPED_BYTES);
        k->last_subject.there = false;
        random_bytes(k->last_subject.key, KEY_BYTES);
        s = db_prepare(k->db, "INSERT INTO subject (number, wrapped, created_us) VALUES (?1, ?2, ?3)");
        if (keyring_wrap(k, k->master, "subject", k->next_subject,
                         slice_make(k->last_subject.key, KEY_BYTES), &wrapped, err)) {
                db_bind_int(s, 1, (int64_t)k->next_subject);
                db_bind_bytes(s, 2, buf_slice(&wrapped));
                db_bind_int(s, 3, now_us);
                ok = db_do(s, err);
        }
        if (ok) {
                *number = k->last_subject.number = k->next_subject++;
                k->last_subject.times_erased = 0;
                k->last_subject.there = true;
        }
        buf_clear(&wrapped);
        return ok;
}

/* The key that seals the plaintext of the subject's identities, in k->last_text. */
static bool load_text_key(struct keyring *k, uint64_t subject, struct err *err)
{
        enum key_found found;

        if (k->last_text.number == subject)
                return true;
        if (!keyring_load_subject(k, subject, &found, err))
                return false;
        if (found != KEY_THERE)
                return err_set(err, ERR_SYSTEM, 0, "key of a subject in keys.db cannot be read");
        hkdf_sha256(k->last_text.key, KEY_BYTES, slice_make(k->last_subject.key, KEY_BYTES), SLICE_NONE,
                    SLICE("tributary identity"));
        k->last_text.number = subject;
        return true;
}

static bool claim(struct keyring *k, const uint8_t digest[DIGEST], uint64_t subject,
                  struct err *err)
{
        struct db_stmt *s = db_prepare(k->db, "INSERT OR REPLACE INTO identity (digest, subject)"
                                              " VALUES (?1, ?2)");

        db_bind_bytes(s, 1, slice_make(digest, DIGEST));
        db_bind_int(s, 2, (int64_t)subject);
        return db_do(s, err);
}

static bool add_identity(struct keyring *k, const uint8_t digest[DIGEST],
                         struct slice identity, uint64_t subject, struct err *err)
{
        struct buf sealed;
        struct db_stmt *s;
        bool ok;

        buf_init(&sealed, identity.n + SEAL_NONCE + SEAL_TAG);
        ok = keyring_begin(k, err) && load_text_key(k, subject, err) &&
             keyring_wrap(k, k->last_text.key, "identity", subject, identity, &sealed, err) &&
             claim(k, digest, subject, err);
        if (ok) {
                s = db_prepare(k->db, "INSERT OR REPLACE INTO identity_text (subject, digest, sealed)"
                                      " VALUES (?1, ?2, ?3)");
                db_bind_int(s, 1, (int64_t)subject);
                db_bind_bytes(s, 2, slice_make(digest, DIGEST));
                db_bind_bytes(s, 3, buf_slice(&sealed));
                ok = db_do(s, err);
        }
        buf_clear(&sealed);
        return ok;
}

static bool find_or_add(struct keyring *k, const struct slice *ids, int n, int64_t now_us,
                        uint64_t *number, struct err *err)
{
        uint8_t digest[DIGEST];
        uint64_t owner;

        digest_of(k, ids[0], digest);
        if (!claimed_by(k, digest, number, err))
                return false;
        if (*number == 0 && (!add_subject(k, now_us, number, err) ||
                             !add_identity(k, digest, ids[0], *number, err)))
                return false;
        for (int i = 1; i < n; i++) {
                digest_of(k, ids[i], digest);
                if (!claimed_by(k, digest, &owner, err))
                        return false;
                if (owner == 0 && !add_identity(k, digest, ids[i], *number, err))
                        return false;
        }
        return true;
}

bool keyring_subject(struct keyring *k, const struct slice *identities, int n, int64_t now_us,
                     uint64_t *number, struct err *err)
{
        uint8_t digest[SHA256_BYTES];
        struct known_person *known;

        *number = 0;
        if (n == 0)
                return true;
        if (n < 0 || n > IDENTITIES_MAX)
                return err_set(err, ERR_BUG, 0, "entry has %d identities", n);
        known = known_slot(k, identities, n, digest);
        if (known->subject != 0 && memcmp(known->digest, digest, sizeof known->digest) == 0) {
                *number = known->subject;
                return true;
        }
        if (!find_or_add(k, identities, n, now_us, number, err))
                return false;
        memcpy(known->digest, digest, sizeof known->digest);
        known->subject = *number;
        return true;
}

/* ---- erased record keys ------------------------------------------------ */

/* record_key is a keyed digest: any four bytes of it are a hash. */
static uint32_t erased_bit(const uint8_t record_key[16], int i)
{
        uint32_t h;

        memcpy(&h, record_key + 4 * i, sizeof h);
        return h % ERASED_BITS;
}

/* A filter in memory keeps the check off SQLite for all but erased records and a few
 * others: under 1 in 50 with 100,000 erased. */
bool keyring_load_erased(struct keyring *k, struct err *err)
{
        struct db_stmt *s = db_prepare(k->db, "SELECT record_key FROM erased");
        bool row;

        for (;;) {
                struct slice key;
                if (!db_step(s, &row, err))
                        return false;
                if (!row)
                        return true;
                if (!k->erased && !(k->erased = calloc(1, ERASED_BITS / 8))) {
                        db_reset(s);
                        return err_set(err, ERR_SYSTEM, ENOMEM, "no memory for erased records");
                }
                key = db_bytes(s, 0);
                for (int i = 0; i < 4 && key.n == 16; i++) {
                        uint32_t bit = erased_bit((const uint8_t *)key.p, i);
                        k->erased[bit / 8] |= (uint8_t)(1u << bit % 8);
                }
        }
}

bool keyring_is_erased(struct keyring *k, const uint8_t record_key[16], bool *erased,
                       struct err *err)
{
        struct db_stmt *s;

        *erased = false;
        if (!k->erased)
                return true;
        for (int i = 0; i < 4; i++) {
                uint32_t bit = erased_bit(record_key, i);
                if (!(k->erased[bit / 8] >> bit % 8 & 1))
                        return true;
        }
        s = db_prepare(k->db, "SELECT 1 FROM erased WHERE record_key = ?1");
        db_bind_bytes(s, 1, slice_make(record_key, 16));
        if (!db_step(s, erased, err))
                return false;
        db_reset(s);
        return true;
}
