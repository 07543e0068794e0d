/* A refused line, any bytes: a name that stands in it is found, however it is written. */
#include "base/text.h"
#include "fuzz.h"
#include "naming.h"

static void put_escaped(struct buf *b, struct slice name, int how)
{
        for (size_t i = 0; i < name.n; i++) {
                unsigned c = (unsigned char)name.p[i];
                if (how == 0)
                        buf_printf(b, "\\u%04x", c);
                else if (how == 1)
                        buf_printf(b, "%%%02X", c);
                else if (how == 2)
                        buf_printf(b, "&#%u;", c);
                else
                        buf_printf(b, "&#x%x;", c);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        struct slice in = { (const char *)bytes, n };
        uint8_t how = take_byte(&in);
        struct slice name = slice_trim(take_line(&in)), before = take_line(&in);
        struct err err = ERR_INIT;
        struct naming *m;
        struct buf row, tail;
        bool ascii = true;
        if (!naming_new(&m, &name, 1, &err))
                return 0;
        for (size_t i = 0; i < name.n; i++)
                ascii &= (unsigned char)name.p[i] < 0x80 && name.p[i] >= ' ';
        bool plain = !memchr(name.p, ':', name.n); /* else a part of it is the name */
        buf_init(&row, 1 << 20);
        buf_init(&tail, NAMING_TAIL);
        naming_in(m, in);
        naming_wide(m, &tail, in);
        naming_wide(m, &tail, before);
        buf_put(&row, before);
        buf_puts(&row, " ");
        size_t at = row.n;
        buf_put(&row, name);
        buf_puts(&row, " ");
        buf_put(&row, in);
        must(!plain || naming_in(m, buf_slice(&row)) != NAMING_NO);
        row.n = at;
        put_escaped(&row, name, how % 4);
        buf_puts(&row, " ");
        buf_put(&row, in);
        must(!plain || !ascii || naming_in(m, buf_slice(&row)) != NAMING_NO);
        buf_clear(&row);
        buf_clear(&tail);
        naming_free(m);
        return 0;
}
