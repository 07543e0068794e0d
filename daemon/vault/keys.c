/* keys.c - a region's key files, and what is derived from them. */
#include "vault/keys.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/secret.h"
#include "base/sign.h"

enum { KEY = 32, PSEUDONYM_KEY_ID = 1 };

static const char *const key_names[] = { "master", "pseudonym", "record", "signing", "recovery.pub" };
enum { KEY_FILES = sizeof key_names / sizeof key_names[0], RECOVERY_PUB = KEY_FILES - 1 };

static bool key_path(char out[PATH_MAX], const char *state_dir, const char *name, struct err *err)
{
        if (snprintf(out, PATH_MAX, "%s/keys/%s", state_dir, name) < PATH_MAX)
                return true;
        return err_set(err, ERR_CONFIG, ENAMETOOLONG, "state directory's path is too long");
}

/* ---- keygen ------------------------------------------------------------ */

/* A private half that lies in the state would be copied, and lost, with it. */
static bool is_outside(const char *file, const char *state_dir, struct err *err)
{
        char folder[PATH_MAX], real_folder[PATH_MAX], real_state[PATH_MAX];
        const char *slash = strrchr(file, '/');
        size_t n;

        snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - file) : 1,
                 slash ? file : ".");
        if (slash == file)
                strcpy(folder, "/");
        if (!realpath(folder, real_folder))
                return err_errno(err, errno, "could not find directory \"%s\"", folder);
        if (!realpath(state_dir, real_state))
                return err_errno(err, errno, "could not find directory \"%s\"", state_dir);
        n = strlen(real_state);
        if (strncmp(real_folder, real_state, n) != 0 || (real_folder[n] && real_folder[n] != '/'))
                return true;
        err_set(err, ERR_CONFIG, 0, "recovery key file \"%s\" lies inside the state directory", file);
        return err_hint(err, "Name a place that is kept apart, such as a removable disk.");
}

static bool none_exists(const char *state_dir, const char *recovery_out, struct err *err)
{
        char path[PATH_MAX];

        for (int i = 0; i < KEY_FILES; i++) {
                if (!key_path(path, state_dir, key_names[i], err))
                        return false;
                if (file_exists(path)) {
                        err_set(err, ERR_BUSY, EEXIST, "key file \"%s\" exists already", path);
                        return err_hint(err, "A region's keys are made once: what was sealed with them needs them.");
                }
        }
        if (file_exists(recovery_out)) {
                err_set(err, ERR_BUSY, EEXIST, "file \"%s\" exists already", recovery_out);
                return err_hint(err, "It may be another region's recovery key: name a new file.");
        }
        return true;
}

static bool make_recovery(const char *state_dir, const char *recovery_out, struct err *err)
{
        uint8_t private_half[KEY], public_half[KEY];
        char path[PATH_MAX];
        bool ok;

        random_bytes(private_half, KEY);
        x25519_public(private_half, public_half);
        ok = key_path(path, state_dir, key_names[RECOVERY_PUB], err) &&
             file_create(recovery_out, slice_make(private_half, KEY), 0600, err);
        bytes_wipe(private_half, KEY);
        if (ok && !file_create(path, slice_make(public_half, KEY), 0600, err)) {
                unlink(recovery_out);
                ok = false;
        }
        return ok;
}

/* Half a set of keys would block the next attempt: what this call made goes again. */
static void remove_made(const char *state_dir, int n)
{
        char path[PATH_MAX];

        for (int i = 0; i < n; i++)
                if (key_path(path, state_dir, key_names[i], NULL))
                        unlink(path);
}

bool keys_generate(const char *state_dir, const char *recovery_out, struct err *err)
{
        char path[PATH_MAX];
        int made = 0;

        if (!key_path(path, state_dir, "", err) || !dir_make(path, 0700, err) ||
            !dir_sync(state_dir, err) || !is_outside(recovery_out, state_dir, err) ||
            !none_exists(state_dir, recovery_out, err))
                return false;
        for (; made < RECOVERY_PUB; made++) {
                key_path(path, state_dir, key_names[made], NULL);
                if (!secret_create(path, KEY, err))
                        break;
        }
        if (made == RECOVERY_PUB && make_recovery(state_dir, recovery_out, err))
                return true;
        remove_made(state_dir, made);
        return false;
}

/* "" if fine, else what is wrong with it. */
static const char *fault_of(const char *path)
{
        struct stat st;

        if (stat(path, &st) != 0)
                return errno == ENOENT ? "is missing" : "cannot be looked at";
        if (!S_ISREG(st.st_mode) || st.st_size != KEY)
                return "is not a file of 32 bytes";
        if (st.st_mode & 077)
                return "can be read by others";
        if (st.st_uid != geteuid())
                return "belongs to another user";
        return "";
}

bool keys_check(const char *state_dir, struct err *err)
{
        char path[PATH_MAX], said[512] = "";
        bool all_missing = true;

        for (int i = 0; i < KEY_FILES; i++) {
                const char *fault;
                size_t n = strlen(said);
                if (!key_path(path, state_dir, key_names[i], err))
                        return false;
                fault = fault_of(path);
                if (*fault)
                        snprintf(said + n, sizeof said - n, "%s\"%s\" %s", n ? ", " : "",
                                 key_names[i], fault);
                all_missing = all_missing && strcmp(fault, "is missing") == 0;
        }
        if (!*said)
                return true;
        err_set(err, ERR_CONFIG, 0, "keys in \"%s/keys\" cannot be used: %s", state_dir, said);
        if (all_missing)
                return err_hint(err, "Make them with: tributary keygen");
        return err_hint(err, "Each is 32 bytes and readable by its owner only (chmod 600).");
}

/* ---- keyer ------------------------------------------------------------- */

struct keyer {
        struct hmac *record, *pseudonym;
        struct hmac *digest;      /* for the purpose asked for last */
        char digest_purpose[64];
        struct sign *sign;
        uint8_t sign_public[KEY];
        uint8_t record_key[KEY];  /* digest keys are derived from it */
};

static bool read_key(uint8_t out[KEY], const char *state_dir, const char *name, struct err *err)
{
        char path[PATH_MAX];

        return key_path(path, state_dir, name, err) && secret_read_key(out, KEY, path, err);
}

static bool open_hmac(struct hmac **out, const char *state_dir, const char *name, uint8_t raw[KEY],
                      struct err *err)
{
        if (!read_key(raw, state_dir, name, err))
                return false;
        *out = hmac_new(slice_make(raw, KEY));
        return *out || err_set(err, ERR_SYSTEM, ENOMEM, "could not set up a key: out of memory");
}

bool keyer_open(struct keyer **out, const char *state_dir, struct err *err)
{
        struct keyer *k = calloc(1, sizeof *k);
        uint8_t raw[KEY];
        bool ok = false;

        *out = NULL;
        if (!k)
                return err_set(err, ERR_SYSTEM, ENOMEM, "could not set up keys: out of memory");
        if (!open_hmac(&k->record, state_dir, "record", k->record_key, err) ||
            !open_hmac(&k->pseudonym, state_dir, "pseudonym", raw, err) ||
            !read_key(raw, state_dir, "signing", err))
                goto out;
        k->sign = sign_new(raw);
        if (!k->sign) {
                err_set(err, ERR_SYSTEM, ENOMEM, "could not set up the signing key");
                goto out;
        }
        sign_public(k->sign, k->sign_public);
        *out = k;
        ok = true;
out:
        bytes_wipe(raw, sizeof raw);
        if (!ok)
                keyer_close(k);
        return ok;
}

void keyer_close(struct keyer *k)
{
        if (!k)
                return;
        hmac_free(k->record);
        hmac_free(k->pseudonym);
        hmac_free(k->digest);
        sign_free(k->sign);
        bytes_wipe(k, sizeof *k);
        free(k);
}

static void put_u32(struct hmac *h, uint32_t v)
{
        const uint8_t b[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };

        hmac_put(h, slice_make(b, sizeof b));
}

/* Lengths stand before the texts, so that no two pairs give the same bytes. */
static void key_of_pair(struct hmac *h, char what, struct slice a, struct slice b, uint8_t out[16])
{
        uint8_t full[SHA256_BYTES];

        hmac_put(h, slice_make(&what, 1));
        put_u32(h, (uint32_t)a.n);
        hmac_put(h, a);
        put_u32(h, (uint32_t)b.n);
        hmac_put(h, b);
        hmac_finish(h, full);
        memcpy(out, full, 16);
}

void keyer_record_key(struct keyer *k, struct slice source, struct slice id, uint8_t out[16])
{
        key_of_pair(k->record, 1, source, id, out);
}

void keyer_thread_key(struct keyer *k, struct slice source, struct slice thread, uint8_t out[16])
{
        key_of_pair(k->record, 2, source, thread, out);
}

void keyer_pseudonym(struct keyer *k, uint64_t subject, uint32_t times_erased, uint8_t out[16])
{
        uint8_t full[SHA256_BYTES];

        put_u32(k->pseudonym, PSEUDONYM_KEY_ID);
        put_u32(k->pseudonym, (uint32_t)(subject >> 32));
        put_u32(k->pseudonym, (uint32_t)subject);
        put_u32(k->pseudonym, times_erased);
        hmac_finish(k->pseudonym, full);
        memcpy(out, full, 16);
}

void keyer_digest(struct keyer *k, const char *purpose, struct slice bytes, uint8_t out[32])
{
        uint8_t key[KEY];

        if (!k->digest || strcmp(k->digest_purpose, purpose) != 0) {
                hmac_free(k->digest);
                hkdf_sha256(key, sizeof key, slice_make(k->record_key, KEY), SLICE("tributary digest"),
                            slice_of(purpose));
                k->digest = hmac_new(slice_make(key, sizeof key));
                bytes_wipe(key, sizeof key);
                if (!k->digest)
                        abort(); /* a digest under no key would tell what it must not */
                snprintf(k->digest_purpose, sizeof k->digest_purpose, "%s", purpose);
        }
        hmac_put(k->digest, bytes);
        hmac_finish(k->digest, out);
}

void keyer_sign(struct keyer *k, struct slice bytes, uint8_t out[64])
{
        sign_bytes(k->sign, bytes, out);
}

bool keyer_verify(struct keyer *k, struct slice bytes, const uint8_t signature[64])
{
        return sign_verify(k->sign_public, bytes, signature);
}
