/* charset.h - text in the encoding that some program chose -> UTF-8, a piece at a time.
 *
 * Strict: what is no character of the encoding is an error that names the byte, never a
 * replacement; nothing is transliterated. Byte order marks are dropped. Shift-JIS is read as
 * Windows' code page 932, GB18030 covers GBK and GB2312.
 *
 * Calling sequence: charset_guess() where nobody said it; charset_open -> charset_put* ->
 * charset_finish -> charset_close. No text is copied for UTF-8: its readers check it. */
#ifndef BASE_CHARSET_H
#define BASE_CHARSET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum charset {
        CHARSET_UTF_8, CHARSET_UTF_16LE, CHARSET_UTF_16BE, CHARSET_SHIFT_JIS, CHARSET_EUC_JP, CHARSET_GB18030,
        CHARSET_BIG5, CHARSET_EUC_KR, CHARSET_WINDOWS_1252, CHARSET_ISO_8859_1, CHARSET_ISO_8859_15,
        CHARSET_UTF_16, /* the byte order is to be found: charset_guess() */
        CHARSETS
};
const char *charset_name(enum charset c);    /* "shift_jis" */
/* Also what people call them: "sjis", "cp932", "GBK", "latin1". -1 if unknown. */
int charset_of_name(const char *name);
const char *charset_nearest(const char *name); /* NULL: none is near */

struct charset_reader;
/* ERR_CONFIG when this machine's iconv does not know it. Not for CHARSET_UTF_16. */
bool charset_open(struct charset_reader **out, enum charset c, struct err *err);
void charset_close(struct charset_reader *r); /* NULL is allowed */
/* Appends `in` to `out` as UTF-8. Comes back with some of `in` left when `out` is full: empty it
 * and call again (its ceiling: >= 16 bytes). ERR_DATA: "byte 17 is not ..." counted from 1; all
 * before it is in `out`. */
bool charset_put(struct charset_reader *r, struct slice *in, struct buf *out, struct err *err);
/* ERR_DATA when the text ends within a character. */
bool charset_finish(struct charset_reader *r, struct err *err);

enum { CHARSET_SAMPLE_MAX = 64 << 10, CHARSET_WHY_MAX = 120 };
struct charset_said {
        enum charset charset;
        char why[CHARSET_WHY_MAX]; /* for people: "its zero bytes are UTF-16's" */
};
/* Whether the sample is the text's beginning, and whether nothing follows it. */
enum { CHARSET_BEGINS = 1, CHARSET_ENDS = 2 };
/* What `sample` is written in: by its byte order mark or its zero bytes (where it begins the text), as
 * valid UTF-8, else as Shift-JIS, EUC-JP, GB18030 or Windows-1252 by how usual its characters would
 * be in each. Without CHARSET_ENDS its last character may be torn. `langs` (may be NULL): languages
 * expected, "ja,en". UTF-8 in which some bytes are damaged is UTF-8. ERR_DATA when no answer is much
 * better than the next. */
bool charset_guess(struct charset_said *out, struct slice sample, unsigned edges, const char *langs,
                   struct err *err);
/* The same, of UTF-8 and UTF-16 alone: what is neither is UTF-8. */
void charset_guess_unicode(struct charset_said *out, struct slice sample, unsigned edges);

#endif
