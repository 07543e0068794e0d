/* keyring.h - keys.db as one thread sees it: a connection, and caches over it.
 *
 * The writer has the one keyring that writes (keyring_open), each reader one that only
 * reads (keyring_open_reader). What is new joins one transaction, begun by the first call
 * that needs it; nothing that depends on it may reach a segment before keyring_commit().
 * Every cache has a fixed size. keyring_forget() empties and wipes them all: after an
 * aborted transaction, and when the vault's key generation moved. */
#ifndef VAULT_KEYRING_H
#define VAULT_KEYRING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/seal.h"
#include "link/db.h"

enum {
        KEY_BYTES = 32,
        WRAPPED_BYTES = SEAL_NONCE + KEY_BYTES + SEAL_TAG,
        ENTRY_KEYS = 1 << 13,  /* slots of the entry key cache */
        KNOWN_PEOPLE = 1 << 15, /* slots of the cache of identities */
        NAMES_CACHED = 256,
        CLASS_NAME_MAX = 255,
        ERASED_BITS = 1 << 20
};

struct entry_key {
        uint64_t subject, period; /* period 0: the slot is empty */
        uint8_t key[KEY_BYTES];
        uint32_t times_erased;
};
struct known_person {
        uint8_t digest[16]; /* of all identities together */
        uint64_t subject;   /* 0: the slot is empty */
};
struct cached_name {
        uint32_t number;
        char name[CLASS_NAME_MAX + 1];
};
struct names {
        struct cached_name *at[NAMES_CACHED];
        size_t n, last; /* `last`: where the last hit was */
};
struct cached_period {
        uint32_t class;
        uint64_t number; /* 0: empty */
        int64_t begins_us, ends_us;
};

struct keyring {
        struct db *db;
        bool writes, in_transaction;
        struct seal *seal;
        struct hmac *identity;   /* the writer's */
        uint8_t master[KEY_BYTES];
        uint64_t next_subject;
        struct entry_key *keys;
        struct known_person *known;
        struct names sources, classes;
        struct cached_period periods[16];
        struct { /* the key of the subject or period asked for last */
                uint64_t number;
                bool there;
                uint32_t times_erased;
                uint8_t key[KEY_BYTES];
        } last_subject, last_period;
        struct { /* derived from the subject's key: seals its identities */
                uint64_t number; /* 0: none yet */
                uint8_t key[KEY_BYTES];
        } last_text;
        uint8_t *erased; /* a Bloom filter over `erased`; NULL: nobody was */
};

/* has_segments: segments lie there, so keys.db must not be made anew (ERR_CONFIG). Wrong
 * master key or another region's state: ERR_CONFIG. */
bool keyring_open(struct keyring **out, const char *state_dir, const char *region,
                  bool has_segments, struct err *err);
bool keyring_open_reader(struct keyring **out, const char *state_dir, struct err *err);
void keyring_close(struct keyring *k); /* wipes; NULL is allowed */
void keyring_forget(struct keyring *k);

/* The guarded time that was written down last; *us stays as it is when none was. */
bool keyring_saved_time(struct keyring *k, int64_t *us, struct err *err);

bool keyring_begin(struct keyring *k, struct err *err); /* unless begun already */
bool keyring_commit(struct keyring *k, struct err *err);/* nothing to do is fine */
void keyring_abort(struct keyring *k);

/* AES-256-GCM under `key`; the additional data is `table` and the 8 bytes of `id`. */
bool keyring_wrap(struct keyring *k, const uint8_t key[KEY_BYTES], const char *table, uint64_t id,
                  struct slice plain, struct buf *out, struct err *err);
bool keyring_unwrap(struct keyring *k, const uint8_t key[KEY_BYTES], const char *table,
                    uint64_t id, struct slice wrapped, uint8_t out[KEY_BYTES], struct err *err);

enum key_found { KEY_THERE, KEY_ERASED, KEY_EXPIRED, KEY_BROKEN };
/* Into k->last_subject. */
bool keyring_load_subject(struct keyring *k, uint64_t number, enum key_found *found,
                          struct err *err);
/* HKDF-SHA-256(subject key || period key). *key is valid until the next call;
 * *times_erased is set whenever the subject's row is there. */
bool keyring_entry_key(struct keyring *k, uint64_t subject, uint64_t period, enum key_found *found,
                       const uint8_t **key, uint32_t *times_erased, struct err *err);

/* ---- names.c: numbers for names ---------------------------------------- */
/* Made if new (the writer's). ERR_DATA: a name too long, or not a name. */
bool keyring_source(struct keyring *k, struct slice name, uint32_t *number, struct err *err);
bool keyring_class(struct keyring *k, const char *name, uint32_t *number, struct err *err);
/* "" for an unknown number, and for 0. Valid until keyring_forget() or many other names. */
bool keyring_source_name(struct keyring *k, uint32_t number, struct slice *out, struct err *err);
bool keyring_class_name(struct keyring *k, uint32_t number, struct slice *out, struct err *err);
void keyring_forget_names(struct keyring *k);
/* The period of `class` that `now_us` lies in; made, beginning now, if there is none. None is
 * longer than span_us: one that began under a longer span ends sooner. */
bool keyring_period(struct keyring *k, uint32_t class, int64_t now_us, int64_t span_us,
                    uint64_t *number, struct err *err);

/* ---- subject.c: who it is about ---------------------------------------- */
/* The first identity decides; the others become aliases if unclaimed. n = 0: subject 0. */
bool keyring_subject(struct keyring *k, const struct slice *identities, int n, int64_t now_us,
                     uint64_t *number, struct err *err);
bool keyring_load_erased(struct keyring *k, struct err *err);
bool keyring_is_erased(struct keyring *k, const uint8_t record_key[16], bool *erased,
                       struct err *err);

#endif
