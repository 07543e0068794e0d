/* `sources` of a region's file, and a sheet read as they say. */
#include "fuzz.h"
#include "source/source.h"

static const char sheet[] = "id,mail,text,points,when\n1,a@example.com,good,8,2026-11-20 10:00\n2,,,9,\n";

static bool note(void *ctx, int64_t line, const struct record *r, const struct err *why)
{
        (void)ctx;
        must(line > 0 && (r ? record_check(r, NULL) : why != NULL));
        return true;
}

static void read_sheet(const struct source *s)
{
        struct err err = ERR_INIT;
        struct reader *r = s->csv ? reader_new(s, "csv", note, NULL, &err) : NULL;
        if (r && reader_put(r, slice_of(sheet), &err))
                reader_finish(r, &err);
        reader_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        static struct source sources[SOURCES_MAX];
        struct report *report = report_new();
        struct conf *c = NULL;
        size_t n_sources = 0;
        if (conf_parse(&c, "jp-tokyo.cfg", slice_make(bytes, n), report)) {
                bool ok = sources_read(sources, &n_sources, conf_get(conf_root(c), "sources"), report);
                must(ok == (report_count(report, REPORT_ERROR) == 0) && n_sources <= SOURCES_MAX);
                for (size_t i = 0; i < n_sources; i++) {
                        if (ok)
                                read_sheet(&sources[i]);
                        source_clear(&sources[i]);
                }
                conf_free(c);
        }
        report_free(report);
        return 0;
}
