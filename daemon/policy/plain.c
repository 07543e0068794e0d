/* plain.c - values that are no free text, as whoever typed them meant them: word processors put
 * spaces and hyphens that do not break between "3 years" and into "2027-06-01", and keyboards of
 * East Asia write wide letters and digits. */
#include "base/text.h"
#include "reader.h"

/* The ASCII character that is meant, 0: nothing, -1: it means itself. */
static int meant(uint32_t c)
{
        if (c == 0xa0 || c == 0x2007 || c == 0x2009 || c == 0x202f || c == 0x3000)
                return ' ';
        if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212)
                return '-';
        if (c >= 0xff01 && c <= 0xff5e)
                return (int)(c - 0xff01 + '!');
        return c == 0x200b || c == 0x200c || c == 0x200d || c == 0x2060 || c == 0xad || c == 0xfeff ? 0 : -1;
}

const char *law_plain(struct reader *r, const char *text)
{
        struct slice s = slice_of(text);
        struct buf b;
        bool changed = false;
        buf_init(&b, s.n + 1);
        for (size_t at = 0; at < s.n;) {
                size_t from = at;
                int c = meant(utf8_next(s, &at));
                changed |= c >= 0;
                if (c > 0)
                        buf_putc(&b, (char)c);
                else if (c < 0)
                        buf_put(&b, slice_make(s.p + from, at - from));
        }
        const char *plain = changed && buf_ok(&b) ? arena_string(r->shelf->arena, buf_slice(&b)) : NULL;
        buf_clear(&b);
        return plain ? plain : text;
}
