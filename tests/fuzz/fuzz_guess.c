/* A sheet that somebody wants to drop: whatever is guessed, its configuration is one that can be read, and the
 * sheet is read by it without a fault. */
#include "base/text.h"
#include "fuzz.h"
#include "source/guess.h"
#include "source/source.h"

static bool note(void *ctx, int64_t line, const struct record *r, const struct err *why)
{
        struct err err = ERR_INIT;
        (void)ctx;
        must(line > 0 && (r ? record_check(r, &err) : why && why->kind != ERR_NONE));
        return true;
}

static void read_it(const struct guess *g, struct slice in, struct slice configuration)
{
        static struct source sources[SOURCES_MAX];
        struct conf *conf;
        size_t n = 0;
        struct err err = ERR_INIT;
        struct report *report = report_new();
        bool ok = conf_parse(&conf, "guess.cfg", configuration, report);
        ok = ok && sources_read(sources, &n, conf_get(conf_root(conf), "sources"), report);
        if (!ok)
                report_print(report, stderr);
        must(ok && n == 1);
        struct reader *r = reader_new(&sources[0], g->ndjson ? "ndjson" : "csv", note, NULL, &err);
        must(r);
        if (reader_put(r, in, &err))
                reader_finish(r, &err);
        must(err.kind == ERR_NONE || err.kind == ERR_DATA || err.kind == ERR_FULL);
        reader_free(r);
        source_clear(&sources[0]);
        conf_free(conf);
        report_free(report);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        static const char *const langs[] = { NULL, "ja", "zh,en", "de", "id" };
        struct slice in = { (const char *)bytes, n };
        uint8_t how = take_byte(&in);
        struct guess_hints hints = { .langs = langs[how % 5], .timezone = how & 64 ? "Asia/Jakarta" : NULL };
        struct arena *a = arena_new(32 << 20);
        struct guess *g;
        struct err err = ERR_INIT;
        struct buf text;
        must(a);
        buf_init(&text, 4 << 20);
        if (guess_file(&g, a, in, how & 128, &hints, &err)) {
                buf_puts(&text, "sources = (\n");
                guess_configuration(g, "sheet", &text);
                buf_puts(&text, ");\n");
                must(buf_ok(&text) && utf8_valid(buf_slice(&text), NULL));
                read_it(g, in, buf_slice(&text));
        } else {
                must(err.kind == ERR_DATA && err.text[0]);
        }
        buf_clear(&text);
        arena_free(a);
        return 0;
}
