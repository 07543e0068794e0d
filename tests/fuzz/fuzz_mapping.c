/* A mapping file as somebody wrote it: taken whole or refused with places, and what is taken reads any
 * payload to the end. */
#include "fuzz.h"
#include "source/mapping.h"

static const char full[] =
        "{\"id\":7,\"at\":\"2026-01-02T03:04:05Z\",\"event\":\"created\",\"items\":[{\"id\":1,\"name\":\"a\"},{\"id\":2},3,null,\"x\"],"
        "\"text\":\"words\",\"html\":\"<p>a&amp;b</p>\",\"n\":1700000000,\"yes\":true,\"a/b\":{\"m~n\":[[1]]}}";
static const char *const payloads[] = { full, "[]", "null", "\"x\"", "{\"items\":{}}" };
static const struct source source = { .name = "hook", .type = SOURCE_WEBHOOK, .kind = -1, .name_space = "hook" };

static bool check(void *ctx, int64_t line, const struct record *r, const struct err *why)
{
        (void)ctx;
        must(line > 0 && !r == (why != NULL));
        must(r ? record_check(r, NULL) : why->kind == ERR_DATA);
        return true;
}

static void note(void *ctx, const struct mapping_note *n)
{
        (void)ctx;
        must(n->file && n->from && n->line >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        struct report *report = report_new();
        struct mapping *m = NULL;
        bool ok = mapping_parse(&m, "tracker.cfg", slice_make(bytes, n), report);
        must(ok == (m != NULL) && ok == (report_count(report, REPORT_ERROR) == 0));
        if (ok) {
                const struct hook_sender *s = mapping_sender(m);
                must(s->signature.name && s->before && s->between && s->prefix && s->n_headers <= HOOK_HEADERS_MAX);
                must(!s->timestamp.name || s->algorithm != HOOK_TOKEN);
        }
        for (size_t i = 0; ok && i < sizeof payloads / sizeof *payloads; i++) {
                const struct slice values[HOOK_HEADERS_MAX] = { SLICE("created"), SLICE("x") };
                struct arena *a = arena_new(64 << 20);
                struct hook_result result;
                struct err err = ERR_INIT;
                if (!mapping_read(m, &source, values, slice_of(payloads[i]), a, &result, check, NULL, note, &err))
                        must(err.kind == ERR_DATA || err.kind == ERR_FULL);
                arena_free(a);
        }
        mapping_free(m);
        report_free(report);
        return 0;
}
