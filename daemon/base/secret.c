/* secret.c - secrets from files or the environment. */
#include "base/secret.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"

enum { SECRET_MAX = 4096 };

/* Root's own view may be wider than that of the users a file is hidden from, so the
 * mode is looked at, not what access(2) says. Group may read: a file given to a
 * service's group is a common arrangement. */
static bool hidden(const char *path, struct err *err)
{
        struct stat st;
        if (stat(path, &st) != 0)
                return true; /* reading it will say why */
        if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
                return err_set(err, ERR_CONFIG, 0, "secret file \"%s\" is not a file", path);
        if (!(st.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)))
                return true;
        err_set(err, ERR_CONFIG, 0, "secret file \"%s\" is open to other users (mode %04o)", path,
                (unsigned)(st.st_mode & 07777));
        return err_hint(err, "Run: chmod 600 %s", path);
}

/* An editor's newline at the end is not part of the secret. */
static void cut_newline(struct buf *b)
{
        while (b->n && (b->p[b->n - 1] == '\n' || b->p[b->n - 1] == '\r'))
                b->p[--b->n] = 0;
}

static bool from_file(struct buf *out, const char *path, struct err *err)
{
        struct buf raw;
        bool ok = false;
        buf_init(&raw, SECRET_MAX + 2);
        if (!hidden(path, err))
                goto out;
        if (!file_read(&raw, path, err)) {
                if (err && err->kind != ERR_FULL)
                        err->kind = ERR_CONFIG;
                err_add(err, "secret");
                goto out;
        }
        cut_newline(&raw);
        if (raw.n < 1 || raw.n > SECRET_MAX) {
                err_set(err, ERR_CONFIG, 0, "secret file \"%s\" holds %zu bytes, not 1 to %d", path,
                        raw.n, SECRET_MAX);
                goto out;
        }
        buf_put(out, buf_slice(&raw));
        ok = buf_ok(out) || err_set(err, ERR_FULL, 0, "no room for a secret");
out:
        buf_wipe(&raw);
        return ok;
}

bool secret_load(struct buf *out, const char *file, const char *env, struct err *err)
{
        if (file && *file)
                return from_file(out, file, err);
        if (!env || !*env) {
                err_set(err, ERR_CONFIG, 0, "no secret is named");
                return err_hint(err, "Name a file or an environment variable that holds it.");
        }
        const char *value = getenv(env);
        if (!value || !*value) {
                err_set(err, ERR_CONFIG, 0, "environment variable \"%s\" is not set", env);
                return err_hint(err, "It has to hold a secret; a file can be named instead.");
        }
        struct slice s = slice_of(value);
        if (s.n > SECRET_MAX)
                return err_set(err, ERR_CONFIG, 0, "environment variable \"%s\" is longer than %d bytes",
                               env, SECRET_MAX);
        buf_put(out, s);
        return buf_ok(out) || err_set(err, ERR_FULL, 0, "no room for a secret");
}

bool secret_create(const char *path, size_t n, struct err *err)
{
        struct buf key;
        buf_init(&key, SECRET_MAX);
        char *p = n ? buf_reserve(&key, n) : NULL;
        if (!p)
                return err_set(err, ERR_BUG, 0, "a secret of %zu bytes was asked for", n);
        random_bytes(p, n);
        key.n = n;
        bool ok = file_create(path, buf_slice(&key), 0600, err);
        buf_wipe(&key);
        return ok;
}

bool secret_read_key(uint8_t *out, size_t n, const char *path, struct err *err)
{
        struct buf key;
        buf_init(&key, SECRET_MAX);
        bool ok = hidden(path, err) && (file_read(&key, path, err) || err_add(err, "key"));
        if (ok && key.n != n)
                ok = err_set(err, ERR_CONFIG, 0, "key file \"%s\" holds %zu bytes, not %zu", path,
                             key.n, n);
        if (ok)
                memcpy(out, key.p, n);
        buf_wipe(&key);
        return ok;
}
