/* charset.c - iconv behind one door: pieces of any size, characters torn across them. */
#include "base/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { CHARACTER_MAX = 8 }; /* bytes of the longest character, and then some */

static const struct {
        const char *name, *iconv, *people; /* people: what people call it */
} rows[CHARSETS] = {
        [CHARSET_UTF_8] = { "utf-8", "UTF-8", "UTF-8" },
        [CHARSET_UTF_16LE] = { "utf-16le", "UTF-16LE", "UTF-16 (little-endian)" },
        [CHARSET_UTF_16BE] = { "utf-16be", "UTF-16BE", "UTF-16 (big-endian)" },
        [CHARSET_SHIFT_JIS] = { "shift_jis", "CP932", "Shift-JIS" },
        [CHARSET_EUC_JP] = { "euc-jp", "EUC-JP", "EUC-JP" },
        [CHARSET_GB18030] = { "gb18030", "GB18030", "GB18030" },
        [CHARSET_BIG5] = { "big5", "CP950", "Big5" },
        [CHARSET_EUC_KR] = { "euc-kr", "CP949", "EUC-KR" },
        [CHARSET_WINDOWS_1252] = { "windows-1252", "WINDOWS-1252", "Windows-1252" },
        [CHARSET_ISO_8859_1] = { "iso-8859-1", "ISO-8859-1", "ISO 8859-1" },
        [CHARSET_ISO_8859_15] = { "iso-8859-15", "ISO-8859-15", "ISO 8859-15" },
        [CHARSET_UTF_16] = { "utf-16", NULL, "UTF-16" },
};

/* In lower case, without the marks that each program sets otherwise. */
static const struct {
        const char *name;
        enum charset charset;
} others[] = {
        { "sjis", CHARSET_SHIFT_JIS }, { "cp932", CHARSET_SHIFT_JIS }, { "ms932", CHARSET_SHIFT_JIS },
        { "windows31j", CHARSET_SHIFT_JIS }, { "gbk", CHARSET_GB18030 }, { "gb2312", CHARSET_GB18030 },
        { "cp936", CHARSET_GB18030 }, { "cp950", CHARSET_BIG5 }, { "cp949", CHARSET_EUC_KR },
        { "cp1252", CHARSET_WINDOWS_1252 }, { "ansi", CHARSET_WINDOWS_1252 }, { "latin1", CHARSET_ISO_8859_1 },
        { "latin9", CHARSET_ISO_8859_15 }, { "unicode", CHARSET_UTF_16 },
};
enum { OTHERS = sizeof others / sizeof *others };

const char *charset_name(enum charset c)
{
        return rows[c].name;
}

static bool plain_name(char out[32], const char *name)
{
        size_t n = 0;
        for (; *name; name++) {
                if (*name == '-' || *name == '_' || *name == ' ')
                        continue;
                if (n == 31)
                        return false;
                out[n++] = *name >= 'A' && *name <= 'Z' ? (char)(*name + 32) : *name;
        }
        out[n] = 0;
        return true;
}

int charset_of_name(const char *name)
{
        char got[32], known[32];
        if (!plain_name(got, name))
                return -1;
        for (int c = 0; c < CHARSETS; c++)
                if (plain_name(known, rows[c].name) && strcmp(got, known) == 0)
                        return c;
        for (size_t i = 0; i < OTHERS; i++)
                if (strcmp(got, others[i].name) == 0)
                        return (int)others[i].charset;
        return -1;
}

const char *charset_nearest(const char *name)
{
        const char *names[CHARSETS + OTHERS];
        size_t n = 0;
        for (; n < CHARSETS; n++)
                names[n] = rows[n].name;
        for (size_t i = 0; i < OTHERS; i++)
                names[n++] = others[i].name;
        return text_nearest(name, names, n);
}

struct charset_reader {
        enum charset charset;
        iconv_t iconv;
        uint64_t at;              /* bytes read so far, those of `torn` not counted */
        char torn[CHARACTER_MAX]; /* the beginning of a character whose rest is awaited */
        size_t n_torn;
        bool failed;
};

bool charset_open(struct charset_reader **out, enum charset c, struct err *err)
{
        *out = NULL;
        iconv_t cd = rows[c].iconv ? iconv_open("UTF-8", rows[c].iconv) : (iconv_t)-1;
        if (cd == (iconv_t)-1) {
                err_set(err, ERR_CONFIG, 0, "encoding \"%s\" cannot be read on this machine", rows[c].name);
                return err_hint(err, "Install the C library's conversion tables, or save the file as UTF-8.");
        }
        struct charset_reader *r = calloc(1, sizeof *r);
        if (!r) {
                iconv_close(cd);
                return err_set(err, ERR_FULL, 0, "out of memory");
        }
        *r = (struct charset_reader){ .charset = c, .iconv = cd };
        *out = r;
        return true;
}

void charset_close(struct charset_reader *r)
{
        if (!r)
                return;
        iconv_close(r->iconv);
        free(r);
}

static bool is_none(struct charset_reader *r, struct err *err)
{
        r->failed = true;
        return err_set(err, ERR_DATA, 0, "byte %llu is not %s", (unsigned long long)r->at + 1, rows[r->charset].people);
}

enum step { STEP_DONE, STEP_FULL, STEP_TORN, STEP_BAD };

/* As much of `in` as can be; what is written is at most 3 bytes a byte. */
static enum step convert(struct charset_reader *r, struct slice *in, struct buf *out)
{
        size_t room = out->max - out->n, want = 3 * in->n + 16, left = room < want ? room : want;
        char *to = buf_reserve(out, left), *from = (char *)(uintptr_t)in->p; /* iconv() writes none of it */
        size_t given = left;
        if (!to)
                return STEP_FULL;
        size_t said = iconv(r->iconv, &from, &in->n, &to, &left);
        int why = said == (size_t)-1 ? errno : 0;
        r->at += (uint64_t)(from - in->p);
        in->p = from;
        out->n += given - left;
        out->p[out->n] = 0;
        return why == 0 ? STEP_DONE : why == E2BIG ? STEP_FULL : why == EINVAL ? STEP_TORN : STEP_BAD;
}

/* A byte more for the torn character, until it is one. */
static bool mend(struct charset_reader *r, struct slice *in, struct buf *out, struct err *err)
{
        while (r->n_torn && in->n) {
                if (out->max - out->n < CHARACTER_MAX)
                        return true;
                r->torn[r->n_torn++] = *in->p++;
                in->n--;
                struct slice character = { r->torn, r->n_torn };
                enum step step = convert(r, &character, out);
                if (step == STEP_TORN && r->n_torn < CHARACTER_MAX)
                        continue;
                if (!buf_ok(out))
                        return err_set(err, ERR_FULL, 0, "out of memory");
                if (step != STEP_DONE)
                        return is_none(r, err);
                r->n_torn = 0;
        }
        return true;
}

bool charset_put(struct charset_reader *r, struct slice *in, struct buf *out, struct err *err)
{
        if (r->failed)
                return is_none(r, err);
        if (!mend(r, in, out, err))
                return false;
        if (!in->n || out->max - out->n < CHARACTER_MAX)
                return true;
        switch (convert(r, in, out)) {
        case STEP_DONE:
                return true;
        case STEP_FULL:
                if (!buf_ok(out))
                        return err_set(err, ERR_FULL, 0, "out of memory");
                return true;
        case STEP_TORN:
                if (in->n >= CHARACTER_MAX)
                        return is_none(r, err);
                memcpy(r->torn, in->p, in->n);
                r->n_torn = in->n;
                in->n = 0;
                return true;
        case STEP_BAD:
                break;
        }
        return is_none(r, err);
}

bool charset_finish(struct charset_reader *r, struct err *err)
{
        if (r->failed)
                return is_none(r, err);
        if (!r->n_torn)
                return true;
        r->failed = true;
        return err_set(err, ERR_DATA, 0, "text ends within a character of %s", rows[r->charset].people);
}
