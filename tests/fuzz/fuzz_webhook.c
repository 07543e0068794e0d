/* A stranger's payload, read by the mappings that are shipped: the first byte says which and with which header. */
#include "base/text.h"
#include "fuzz.h"
#include "source/mapping.h"

static const struct {
        const char *mapping, *header;
} rows[] = { { "gitlab", "Issue Hook" }, { "gitlab", "Note Hook" }, { "typeform", NULL }, { "example", "changes" },
            { "slack", NULL } };
enum { ROWS = sizeof rows / sizeof *rows };
static const struct source source = { .name = "hook", .type = SOURCE_WEBHOOK, .kind = -1, .product = "db", .name_space = "hook" };
static struct mapping *mappings[ROWS];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        struct report *report = report_new();
        for (size_t i = 0; i < ROWS; i++) {
                char path[512];
                snprintf(path, sizeof path, "%s/regions/mappings/%s.cfg", PROJECT_DIR, rows[i].mapping);
                must(mapping_load(&mappings[i], path, report));
        }
        report_free(report);
        return 0;
}

static bool check(void *ctx, int64_t line, const struct record *r, const struct err *why)
{
        struct arena *a = ctx;
        struct record again;
        struct err err = ERR_INIT;
        struct buf flat;
        must(line > 0 && !r == (why != NULL));
        if (!r) {
                must(why->kind == ERR_DATA && strstr(why->text, ".cfg:") && utf8_valid(slice_of(why->text), NULL));
                return true;
        }
        must(record_check(r, &err));
        must(!r->deleted || (!r->text[FIELD_BODY].n && !r->n_tags && !r->n_attributes));
        buf_init(&flat, 8 << 20);
        record_flatten(r, &flat);
        must(buf_ok(&flat) && record_unflatten(&again, a, buf_slice(&flat), &err));
        buf_clear(&flat);
        return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        struct slice in = { (const char *)bytes, n };
        size_t which = take_byte(&in) % ROWS;
        const struct slice values[HOOK_HEADERS_MAX] = { slice_of(rows[which].header) };
        struct arena *a = arena_new(64 << 20);
        struct hook_result result;
        struct err err = ERR_INIT;
        if (!mapping_read(mappings[which], &source, values, in, a, &result, check, a, NULL, &err))
                must(err.kind == ERR_DATA || err.kind == ERR_FULL);
        arena_free(a);
        return 0;
}
