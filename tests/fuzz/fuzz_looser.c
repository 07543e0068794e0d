/* Two versions of a policy, before and after a line "====": compared both ways. A version is never
 * looser than itself. */
#include "base/file.h"
#include "desk.h"
#include "policy/looser.h"

static struct book *book_with(struct slice text)
{
        static const struct region region = { .code = "de-frankfurt", .jurisdiction = "EEA",
                                              .timezone = "Europe/Berlin", .policy = "p" };
        static const struct hub hub = { .places = { { .what = PLACE_KAFKA, .jurisdiction = "DE" },
                                                    { .what = PLACE_WAREHOUSE, .jurisdiction = "IE" } },
                                        .n_places = 2 };
        static struct buf base, list;
        const struct book_spec spec = { NULL, &region, &hub };
        struct book *b = NULL;
        struct buf packed;
        if (!base.p) {
                buf_init(&base, 1 << 20);
                buf_init(&list, 1 << 20);
                must(file_read(&base, PROJECT_DIR "/policies/base.cfg", NULL) &&
                     file_read(&list, PROJECT_DIR "/policies/lists/health.txt", NULL));
        }
        buf_init(&packed, 8 << 20);
        buf_puts(&packed, "TPOL\x01");
        buf_put_u32(&packed, 3);
        put_file(&packed, "base.cfg", buf_slice(&base));
        put_file(&packed, "lists/health.txt", buf_slice(&list));
        put_file(&packed, "p.cfg", text);
        book_unpack(&b, buf_slice(&packed), &spec, NULL);
        buf_clear(&packed);
        return b;
}

static void compare(const struct book *before, const struct book *after)
{
        struct changes *c = book_compare(before, after);
        struct report *report = report_new();
        must(c);
        for (size_t i = 0; i < changes_size(c); i++) {
                char text[640];
                change_say(changes_at(c, i), text, sizeof text);
                must(*text);
        }
        must(memcmp(book_hash(before), book_hash(after), 32) != 0 || changes_size(c) == 0);
        book_check_versions(before, after, report);
        report_free(report);
        changes_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        const char *middle = n ? memmem(bytes, n, "\n====\n", 6) : NULL;
        size_t first = middle ? (size_t)(middle - (const char *)bytes) : n;
        struct book *before = book_with(slice_make(bytes, first));
        struct book *after = middle ? book_with(slice_make(middle + 6, n - first - 6)) : book_hold(before);
        if (before && after) {
                compare(before, after);
                compare(after, before);
        }
        book_drop(before);
        book_drop(after);
        return 0;
}
