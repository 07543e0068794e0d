/* text.h - UTF-8, hex, numbers, sizes, nearest names: text <-> value, no I/O. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* Strict UTF-8 (RFC 3629: no overlong forms, no surrogates, <= U+10FFFF). On
 * failure *bad_at (may be NULL) is the offset of the first bad byte. */
bool utf8_valid(struct slice s, size_t *bad_at);
/* Bytes of the longest prefix of s that is <= max bytes and ends between characters. */
size_t utf8_cut(struct slice s, size_t max);
/* Decodes the character at *at (valid UTF-8), moves *at on. */
uint32_t utf8_next(struct slice s, size_t *at);

/* Whole-text conversions: false unless all of `s` is the value and in range. */
bool text_int(int64_t *out, struct slice s, int64_t min, int64_t max);
bool text_uint(uint64_t *out, struct slice s, uint64_t max);
bool text_double(double *out, struct slice s);
bool text_bool(bool *out, struct slice s); /* true|false|yes|no|on|off|1|0 */
/* "10 GiB", "64 KiB", "1048576", "1 GB" (decimal) -> bytes. */
bool text_size(uint64_t *out_bytes, struct slice s, struct err *err);
const char *text_size_format(char out[32], uint64_t bytes);

/* out gets n bytes from 2n hex digits (either case). */
bool hex_decode(void *out, size_t n, struct slice text);
void hex_encode(char *out_2n_plus_1, const void *bytes, size_t n);
/* Base64 (RFC 4648), plain or URL-safe, with or without its padding; out has room for max bytes.
 * False unless all of `text` is that and fits. */
bool base64_decode(void *out, size_t max, size_t *n, struct slice text);
/* RFC 4122 text form of 16 bytes: 36 characters and a NUL. */
void uuid_format(char out[37], const uint8_t bytes[16]);
bool uuid_parse(uint8_t out[16], struct slice text);

/* The name nearest to `got` by edit distance if near enough to suggest
 * (<= 1/3 of its length, at least 1), else NULL. */
const char *text_nearest(const char *got, const char *const *names, size_t n);
/* `[a-z0-9-]{1,32}`, as source names and region codes are. */
bool text_is_name(struct slice s);
/* ASCII lower case copy in the arena. */
struct slice text_lower(struct arena *a, struct slice s);
/* Fits a shell-style "*" "?" pattern ("*.csv"). */
bool text_glob(const char *pattern, const char *name);

#endif
