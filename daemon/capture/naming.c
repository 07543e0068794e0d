/* naming.c - whether text names a person, in whatever way it is written. */
#include "naming.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"

enum { NAMES_MAX = 256, NAME_MAX_BYTES = 1024, DECODED_MAX = 20 << 20 };

struct name {
        char *lower;      /* ASCII letters folded */
        size_t n;
        bool word, ascii; /* word: no letter, digit or '_' beside it */
        struct buf wide[2]; /* UTF-16, little and big endian, folded likewise */
};

struct naming {
        struct name *names;
        size_t n;
        struct buf lower, decoded; /* of a row */
};

static char fold(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static void put_folded(struct buf *out, struct slice s)
{
        char *to = buf_reserve(out, s.n);
        for (size_t i = 0; to && i < s.n; i++)
                to[i] = fold(s.p[i]);
        out->n += to ? s.n : 0;
}

/* ---- Names -------------------------------------------------------------- */

/* "email:ADDRESS", "NS:id:ID", "NS:handle:HANDLE"; else the whole text is a word. */
static struct slice plain_form(struct slice identity, bool *word)
{
        static const char *const kinds[] = { ":id:", ":handle:" };
        *word = !slice_starts(identity, SLICE("email:"));
        if (!*word)
                return slice_trim(slice_make(identity.p + 6, identity.n - 6));
        for (size_t i = 0; i < 2; i++) {
                size_t n = strlen(kinds[i]);
                const char *colon = identity.n ? memchr(identity.p, ':', identity.n) : NULL;
                size_t before = colon ? (size_t)(colon - identity.p) : 0;
                if (colon && identity.n - before > n && memcmp(colon, kinds[i], n) == 0)
                        return slice_trim(slice_make(colon + n, identity.n - before - n));
        }
        return slice_trim(identity);
}

static void put_unit(struct name *name, uint32_t unit)
{
        buf_putc(&name->wide[0], (char)(unit & 0xff));
        buf_putc(&name->wide[0], (char)(unit >> 8));
        buf_putc(&name->wide[1], (char)(unit >> 8));
        buf_putc(&name->wide[1], (char)(unit & 0xff));
}

static void make_wide(struct name *name)
{
        struct slice s = { name->lower, name->n };
        buf_init(&name->wide[0], 4 * NAME_MAX_BYTES);
        buf_init(&name->wide[1], 4 * NAME_MAX_BYTES);
        for (size_t at = 0; at < s.n;) {
                uint32_t c = utf8_next(s, &at);
                if (c >= 0x10000) {
                        put_unit(name, 0xd800 + ((c - 0x10000) >> 10));
                        put_unit(name, 0xdc00 + ((c - 0x10000) & 0x3ff));
                } else {
                        put_unit(name, c);
                }
        }
}

static bool add_name(struct naming *m, struct slice identity, struct err *err)
{
        struct name *name = &m->names[m->n];
        struct slice s = plain_form(identity, &name->word);
        if (s.n == 0)
                return true;
        if (s.n > NAME_MAX_BYTES || !utf8_valid(s, NULL))
                return err_set(err, ERR_DATA, 0, "an identity is over %d bytes, or not UTF-8", NAME_MAX_BYTES);
        name->lower = malloc(s.n + 1);
        if (!name->lower)
                return err_set(err, ERR_SYSTEM, 0, "out of memory");
        name->ascii = true;
        name->n = s.n;
        for (size_t i = 0; i < s.n; i++) {
                name->lower[i] = fold(s.p[i]);
                name->ascii &= (unsigned char)s.p[i] < 0x80;
        }
        m->n++;
        make_wide(name);
        return true;
}

bool naming_new(struct naming **out, const struct slice *identities, size_t n, struct err *err)
{
        struct naming *m = calloc(1, sizeof *m);
        *out = NULL;
        if (m && n <= NAMES_MAX)
                m->names = calloc(n + 1, sizeof *m->names);
        bool ok = m && m->names;
        if (!ok)
                err_set(err, n > NAMES_MAX ? ERR_DATA : ERR_SYSTEM, 0, "over %d identities, or out of memory", NAMES_MAX);
        for (size_t i = 0; ok && i < n; i++)
                ok = add_name(m, identities[i], err);
        if (ok && m->n == 0)
                ok = err_set(err, ERR_DATA, 0, "no identity to look for");
        if (!ok) {
                naming_free(m);
                return false;
        }
        buf_init(&m->lower, DECODED_MAX);
        buf_init(&m->decoded, DECODED_MAX);
        *out = m;
        return true;
}

void naming_free(struct naming *m)
{
        if (!m)
                return;
        for (size_t i = 0; m->names && i < m->n; i++) {
                bytes_wipe(m->names[i].lower, m->names[i].n);
                free(m->names[i].lower);
                buf_wipe(&m->names[i].wide[0]);
                buf_wipe(&m->names[i].wide[1]);
        }
        free(m->names);
        buf_wipe(&m->lower);
        buf_wipe(&m->decoded);
        free(m);
}

/* ---- Text --------------------------------------------------------------- */

static bool is_word(char c)
{
        return isalnum((unsigned char)c) || c == '_';
}

/* A letter beyond ASCII is no part of a word: Chinese text has no blanks around a handle. */
static bool contains(const struct name *name, struct slice text, bool loosely)
{
        const char *p = text.p, *end = text.p + text.n;
        while (p && (p = memmem(p, (size_t)(end - p), name->lower, name->n))) {
                bool before = p > text.p && is_word(p[-1]) && is_word(name->lower[0]);
                bool after = p + name->n < end && is_word(p[name->n]) && is_word(name->lower[name->n - 1]);
                if (!name->word || loosely || (!before && !after))
                        return true;
                p++;
        }
        return false;
}

static bool any_in(const struct naming *m, struct slice text, bool loosely)
{
        for (size_t i = 0; i < m->n; i++)
                if (contains(&m->names[i], text, loosely))
                        return true;
        return false;
}

static bool hex(struct slice s, size_t at, size_t n, uint32_t *out)
{
        *out = 0;
        if (at + n > s.n)
                return false;
        for (size_t i = at; i < at + n; i++) {
                if (!isxdigit((unsigned char)s.p[i]))
                        return false;
                uint32_t digit = s.p[i] <= '9' ? (uint32_t)(s.p[i] - '0') : (uint32_t)(fold(s.p[i]) - 'a' + 10);
                *out = *out << 4 | digit;
        }
        return true;
}

static void put_utf8(struct buf *out, uint32_t c)
{
        if (c < 0x80) {
                buf_putc(out, fold((char)c));
        } else if (c < 0x800) {
                buf_putc(out, (char)(0xc0 | c >> 6));
                buf_putc(out, (char)(0x80 | (c & 0x3f)));
        } else if (c < 0x10000) {
                buf_putc(out, (char)(0xe0 | c >> 12));
                buf_putc(out, (char)(0x80 | (c >> 6 & 0x3f)));
                buf_putc(out, (char)(0x80 | (c & 0x3f)));
        } else if (c < 0x110000) {
                buf_putc(out, (char)(0xf0 | c >> 18));
                buf_putc(out, (char)(0x80 | (c >> 12 & 0x3f)));
                buf_putc(out, (char)(0x80 | (c >> 6 & 0x3f)));
                buf_putc(out, (char)(0x80 | (c & 0x3f)));
        }
}

/* &#64; &#x40; at `at`: how many bytes it takes, 0 if it is none. */
static size_t entity(struct slice s, size_t at, uint32_t *c)
{
        size_t i = at + 2, from;
        bool in_hex = i < s.n && fold(s.p[i]) == 'x';
        *c = 0;
        if (at + 2 >= s.n || s.p[at + 1] != '#')
                return 0;
        for (from = i += in_hex; i < s.n && i < from + 7; i++) {
                uint32_t digit;
                if (!hex(s, i, 1, &digit) || (!in_hex && digit > 9))
                        break;
                *c = *c * (in_hex ? 16 : 10) + digit;
        }
        return i == from ? 0 : i - at + (i < s.n && s.p[i] == ';');
}

/* What stands at s.p[at] if it is written otherwise: how many bytes it takes, 0 if it is not. */
static size_t written_otherwise(struct slice s, size_t at, uint32_t *c)
{
        uint32_t low;
        char next = at + 1 < s.n ? s.p[at + 1] : 0;
        if (s.p[at] == '%' && hex(s, at + 1, 2, c))
                return 3;
        if (s.p[at] == '&')
                return entity(s, at, c);
        if (s.p[at] == '"' && next == '"') {
                *c = '"';
                return 2;
        }
        if (s.p[at] != '\\' || !next)
                return 0;
        if (next == 'u' && hex(s, at + 2, 4, c)) {
                if (*c >> 10 != 0x36 || at + 12 > s.n || s.p[at + 6] != '\\' || s.p[at + 7] != 'u' || !hex(s, at + 8, 4, &low))
                        return 6;
                *c = 0x10000 + ((*c & 0x3ff) << 10) + (low & 0x3ff);
                return 12;
        }
        *c = strchr("bfnrt", next) ? ' ' : (unsigned char)next;
        return 2;
}

/* %XX gives bytes, of UTF-8 mostly; all else characters. False: nothing was written otherwise. */
static bool decode(struct naming *m, struct slice row)
{
        bool any = false;
        buf_reset(&m->decoded);
        for (size_t at = 0; at < row.n;) {
                uint32_t c;
                size_t n = written_otherwise(row, at, &c);
                if (n == 0)
                        buf_putc(&m->decoded, fold(row.p[at]));
                else if (row.p[at] == '%' || c < 0x80 || (n == 2 && row.p[at] == '\\'))
                        buf_putc(&m->decoded, fold((char)c));
                else
                        put_utf8(&m->decoded, c);
                any |= n > 0;
                at += n ? n : 1;
        }
        return any;
}

static bool has_control(struct slice row)
{
        for (size_t i = 0; i < row.n; i++)
                if ((unsigned char)row.p[i] < 0x20 && !memchr("\t\n\v\f\r\x1b", row.p[i], 6))
                        return true;
        return false;
}

enum naming_found naming_in(struct naming *m, struct slice row)
{
        bool utf8 = utf8_valid(row, NULL);
        if ((!utf8 && has_control(row)) || (row.n && memchr(row.p, 0, row.n)))
                return NAMING_BINARY;
        buf_reset(&m->lower);
        put_folded(&m->lower, row);
        if (!buf_ok(&m->lower))
                return NAMING_UNKNOWN;
        if (any_in(m, buf_slice(&m->lower), !utf8))
                return NAMING_YES;
        if (decode(m, row) && any_in(m, buf_slice(&m->decoded), !utf8))
                return NAMING_YES;
        if (!buf_ok(&m->decoded))
                return NAMING_UNKNOWN;
        /* ESC begins another set of characters in mail of Japan. */
        bool foreign = !utf8 || (row.n && memchr(row.p, 0x1b, row.n));
        for (size_t i = 0; foreign && i < m->n; i++)
                if (!m->names[i].ascii)
                        return NAMING_UNKNOWN;
        return NAMING_NO;
}

bool naming_wide(struct naming *m, struct buf *tail, struct slice piece)
{
        size_t keep = tail->n < NAMING_TAIL / 2 ? tail->n : NAMING_TAIL / 2;
        bool found = false;
        if (piece.n == 0)
                return false;
        buf_reset(&m->lower);
        if (keep)
                buf_put(&m->lower, slice_make(tail->p + (tail->n - keep), keep));
        put_folded(&m->lower, piece);
        struct slice text = buf_slice(&m->lower);
        for (size_t i = 0; i < m->n && !found; i++)
                for (int k = 0; k < 2 && !found; k++)
                        found = memmem(text.p, text.n, m->names[i].wide[k].p, m->names[i].wide[k].n) != NULL;
        keep = text.n < NAMING_TAIL / 2 ? text.n : NAMING_TAIL / 2;
        buf_reset(tail);
        buf_put(tail, slice_make(text.p + (text.n - keep), keep));
        return found || !buf_ok(&m->lower);
}
