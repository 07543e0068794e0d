/* Text in any encoding: the first byte says which, the second in what pieces and through what window. What
 * comes out is UTF-8, the same in any pieces, up to the same place; what is guessed can be opened. */
#include "base/charset.h"
#include "base/text.h"
#include "fuzz.h"

static bool decode(enum charset c, struct slice in, size_t piece, size_t window, struct buf *all, struct err *err)
{
        struct charset_reader *r;
        struct buf out;
        bool ok = charset_open(&r, c, err);
        must(ok);
        buf_init(&out, window);
        buf_init(all, 1 << 20);
        for (size_t at = 0, n; at < in.n && ok; at += n) {
                char *copy = own_piece(in, at, piece, &n);
                struct slice part = slice_make(copy, n);
                while (part.n && ok) {
                        size_t before = part.n;
                        ok = charset_put(r, &part, &out, err);
                        must(!ok || part.n < before || out.n);
                        buf_put(all, buf_slice(&out));
                        buf_reset(&out);
                }
                free(copy);
        }
        ok = ok && charset_finish(r, err);
        must(ok || err->kind == ERR_DATA);
        must(buf_ok(all) && utf8_valid(buf_slice(all), NULL));
        charset_close(r);
        buf_clear(&out);
        return ok;
}

static void guess(struct slice in, uint8_t how)
{
        static const char *const langs[] = { NULL, "ja", "zh,en", "de-DE" };
        struct charset_said said;
        struct err err = ERR_INIT;
        if (charset_guess(&said, in, how & 3, langs[how >> 2 & 3], &err)) {
                must(said.charset < CHARSETS && said.charset != CHARSET_UTF_16 && said.why[0]);
        } else {
                must(err.kind == ERR_DATA && err.hint[0]);
        }
        charset_guess_unicode(&said, in, how & 3);
        must(said.charset == CHARSET_UTF_8 || said.charset == CHARSET_UTF_16LE || said.charset == CHARSET_UTF_16BE);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        struct slice in = { (const char *)bytes, n };
        enum charset c = (enum charset)(take_byte(&in) % CHARSET_UTF_16);
        uint8_t how = take_byte(&in);
        struct err one = ERR_INIT, other = ERR_INIT;
        struct buf whole, pieces;
        bool ok = decode(c, in, in.n + 1, 1 << 16, &whole, &one);
        must(ok == decode(c, in, 1 + how % 9, 16 + how, &pieces, &other));
        must(slice_eq(buf_slice(&whole), buf_slice(&pieces)) && strcmp(one.text, other.text) == 0);
        buf_clear(&whole);
        buf_clear(&pieces);
        guess(in, how);
        return 0;
}
