/* conf_foreign.c - files that are no text: what a word processor, a browser or an old editor saved
 * under a configuration file's name. */
#include <strings.h>

#include "base/conf.h"
#include "conf_pass.h"

static const struct {
        const char *begins;
        size_t n;
        const char *what;
} formats[] = {
        { "PK\003\004", 4, "a Word document, or another packed file" },
        { "\xd0\xcf\x11\xe0", 4, "an old Word document" },
        { "{\\rtf", 5, "an RTF document" },
        { "%PDF", 4, "a PDF" },
        { "<!doctype", 9, "a web page" },
        { "<html", 5, "a web page" },
        { "<?xml", 5, "XML" },
        { "\xff\xfe", 2, "UTF-16" },
        { "\xfe\xff", 2, "UTF-16" },
};

/* Latin letters in UTF-16 without its mark: every other byte is zero. */
static bool is_wide(struct slice s)
{
        size_t zeros[2] = { 0, 0 }, n = s.n < 512 ? s.n : 512;
        for (size_t i = 0; i < n; i++)
                zeros[i & 1] += s.p[i] == 0;
        return n >= 16 && (zeros[0] > n / 3 || zeros[1] > n / 3);
}

const char *conf_foreign_kind(struct slice s)
{
        struct slice rest = slice_starts(s, SLICE("\xef\xbb\xbf")) ? slice_make(s.p + 3, s.n - 3) : s;
        const char *what = NULL;
        for (size_t i = 0; i < sizeof formats / sizeof *formats && !what; i++)
                if (rest.n >= formats[i].n && strncasecmp(rest.p, formats[i].begins, formats[i].n) == 0)
                        what = formats[i].what;
        return !what && is_wide(s) ? "UTF-16" : what;
}

bool conf_foreign(struct conf_pass *p, struct slice s)
{
        const char *what = conf_foreign_kind(s);
        if (what)
                pass_complain(p, 1, 1, CONF_SAVE_AS, "the file is %s, not UTF-8", what);
        return what != NULL;
}
