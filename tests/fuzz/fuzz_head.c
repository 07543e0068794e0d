/* The head of a request: found at the same place whatever the pieces, and strictly read. */
#include "fuzz.h"
#include "http_head.h"

static void read_head(struct slice head)
{
        struct http_head h;
        struct http_fault fault = http_head_read(&h, head);
        must(fault.status == 0 || (fault.text && fault.status >= 400 && fault.status <= 505));
        if (fault.status)
                return;
        must(h.method.n && h.path.n && h.query.p && !(h.chunked && h.length >= 0) && h.length >= -1);
        for (size_t i = 0; i < h.lines.n; i++) { /* nothing that another reader would see otherwise */
                bool lf = h.lines.p[i] == '\n';
                must(h.lines.p[i] != 0 && (!lf || (i > 0 && h.lines.p[i - 1] == '\r')));
                must(!lf || i + 1 == h.lines.n || (h.lines.p[i + 1] != ' ' && h.lines.p[i + 1] != '\t'));
        }
        http_head_get(&h, "content-length");
        http_head_get(&h, "X-Hub-Signature-256");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        struct slice in = { (const char *)bytes, n };
        size_t step = 1 + take_byte(&in) % 64, scanned = 0, whole = 0, found = 0;
        struct http_fault once = http_head_find(in, &scanned, &whole), fault = { 0, NULL };
        must(whole <= in.n && whole <= HTTP_HEAD_MAX);
        scanned = 0;
        for (size_t had = 0; had < in.n && !found && !fault.status;) {
                had = in.n - had < step ? in.n : had + step;
                fault = http_head_find(slice_make(in.p, had), &scanned, &found);
        }
        must(found == whole && (fault.status == 0) == (once.status == 0));
        if (whole) {
                char *copy = malloc(whole);
                must(copy);
                memcpy(copy, in.p, whole);
                read_head(slice_make(copy, whole));
                free(copy);
        }
        return 0;
}
