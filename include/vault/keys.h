/* keys.h - a region's keys, and what is derived from them.
 *
 * STATE/keys/ holds, each 0600 and 32 random bytes unless said: `master` (wraps subject and
 * period keys in keys.db), `pseudonym`, `record` (never rotated), `signing` (Ed25519 seed),
 * `recovery.pub` (X25519 public half; the private half is written by keygen to where the
 * operator says, outside the state, and nowhere else).                                */
#ifndef VAULT_KEYS_H
#define VAULT_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* Makes what is missing nothing of: fails with ERR_BUSY if any key exists already.
 * recovery_out: file for the recovery key's private half (must not lie in state_dir). */
bool keys_generate(const char *state_dir, const char *recovery_out, struct err *err);
/* Whether all keys are there and only their owner can read them: ERR_CONFIG says which. */
bool keys_check(const char *state_dir, struct err *err);

/* Derivations. One keyer a thread; not shared. */
struct keyer;
bool keyer_open(struct keyer **out, const char *state_dir, struct err *err);
void keyer_close(struct keyer *k); /* wipes */
/* First 16 bytes of HMAC-SHA-256(record key; 1 || u32 len || source || u32 len || id). */
void keyer_record_key(struct keyer *k, struct slice source, struct slice id, uint8_t out[16]);
/* Likewise with byte 2. */
void keyer_thread_key(struct keyer *k, struct slice source, struct slice thread, uint8_t out[16]);
/* 16 bytes of HMAC-SHA-256(pseudonym key; key id u32 || subject number u64 || times erased u32). */
void keyer_pseudonym(struct keyer *k, uint64_t subject, uint32_t times_erased, uint8_t out[16]);
/* HMAC-SHA-256 under a key derived (HKDF) from the record key for `purpose`: hashes of files
 * and rows that must mean nothing to whoever lacks the key. */
void keyer_digest(struct keyer *k, const char *purpose, struct slice bytes, uint8_t out[32]);
/* Ed25519 over bytes with the signing key. */
void keyer_sign(struct keyer *k, struct slice bytes, uint8_t out[64]);
bool keyer_verify(struct keyer *k, struct slice bytes, const uint8_t signature[64]);

#endif
