/* HTML as forums send it: words of the same encoding come out, never more bytes than went in. */
#include "base/arena.h"
#include "base/text.h"
#include "fuzz.h"
#include "html.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        struct slice in = { (const char *)bytes, n };
        bool own_only = take_byte(&in) & 1;
        size_t size;
        char *html = own_piece(in, 0, in.n, &size);
        make_utf8(html, size, utf8_valid);
        struct arena *a = arena_new(1 << 20);
        struct slice text = html_text(a, slice_make(html, size), own_only);
        must(text.p && text.n <= size && utf8_valid(text, NULL));
        arena_free(a);
        free(html);
        return 0;
}
