/* secret.h - secrets come from files or the environment, never from a value in
 * a configuration file; they are never printed and wiped after use.         */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/buf.h"
#include "base/err.h"

/* Reads a secret (trailing newline removed, 1..4096 bytes) from `file` or, when
 * that is empty or NULL, from the environment variable `env`. ERR_CONFIG says
 * which is missing; a file that others can read is refused
 * (its group may: mode 0640). Clear with buf_wipe(). */
bool secret_load(struct buf *out, const char *file, const char *env, struct err *err);
/* A file of exactly n random bytes, mode 0600, never over an existing one (ERR_BUSY). */
bool secret_create(const char *path, size_t n, struct err *err);
bool secret_read_key(uint8_t *out, size_t n, const char *path, struct err *err);

#endif
