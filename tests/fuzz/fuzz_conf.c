/* Files that people write: a tree in which every node knows its place, or complaints. */
#include "base/conf.h"
#include "base/text.h"
#include "fuzz.h"

static size_t walk(const struct conf_node *n, int depth)
{
        size_t seen = 1;
        must(depth <= 40 && conf_line(n) >= 0 && conf_column(n) >= 0);
        must(conf_type_name(conf_type(n)) && conf_name(n) && conf_text(n));
        if (conf_type(n) == CONF_TEXT)
                must(utf8_valid(slice_of(conf_text(n)), NULL));
        for (size_t i = 0; i < conf_count(n); i++) {
                const struct conf_node *m = conf_at(n, i);
                must(m && (conf_type(n) != CONF_GROUP || conf_get(n, conf_name(m)) == m));
                seen += walk(m, depth + 1);
        }
        return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        struct report *report = report_new();
        struct conf *c = NULL;
        struct buf printed;
        int line;
        bool ok = conf_parse(&c, "fuzz.cfg", slice_make(bytes, n), report);
        must(ok == (report_count(report, REPORT_ERROR) == 0) && ok == (c != NULL));
        if (ok) {
                walk(conf_root(c), 0);
                for (size_t i = 0; conf_not_yet(c, i, &line); i++)
                        must(line > 0);
        }
        buf_init(&printed, 16 << 20);
        report_json(report, &printed);
        must(buf_ok(&printed) && utf8_valid(buf_slice(&printed), NULL));
        buf_clear(&printed);
        conf_free(c);
        report_free(report);
        return 0;
}
