/* An officer's pattern and a stranger's text, a NUL between: the pattern compiles in bounded time
 * or is refused with a reason and a hint; what is found is sorted, disjoint, on borders of
 * characters, the same each time, and of a plain word exactly where memmem() finds it. */
#include "base/text.h"
#include "detect/detect.h"
#include "fuzz.h"

static bool border(struct slice s, size_t at)
{
        return at == s.n || ((unsigned char)s.p[at] & 0xc0) != 0x80;
}

static void check(struct slice text, const struct finding *f, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                must(f[i].id == DETECT_MAX && f[i].start < f[i].end && f[i].end <= text.n);
                must(i == 0 || f[i - 1].end <= f[i].start);
                must(border(text, f[i].start) && border(text, f[i].end));
        }
}

/* Plain letters and digits in plain text: there is no other way to read them. */
static void check_word(const char *match, struct slice text, const struct finding *f, size_t n)
{
        size_t len = strlen(match), found = 0;
        for (const char *p = match; *p; p++)
                if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9')))
                        return;
        for (size_t i = 0; i < text.n; i++)
                if ((unsigned char)text.p[i] >= 0x80 || strchr("%&=\\", text.p[i]))
                        return;
        const char *p = text.p;
        for (size_t left = text.n; left >= len && (p = memmem(p, left, match, len)); p++, left = (size_t)(text.p + text.n - p)) {
                size_t at = (size_t)(p - text.p);
                while (found < n && f[found].end <= at)
                        found++;
                must(found < n && f[found].start <= at && at + len <= f[found].end);
        }
        for (size_t i = 0; i < n; i++)
                must(memmem(text.p + f[i].start, f[i].end - f[i].start, match, len) == text.p + f[i].start);
}

static void search(const struct patterns *made, const char *match, struct slice text)
{
        static struct scanner *s;
        const struct finding *found;
        size_t n, again;
        struct err err = ERR_INIT;
        if (!s)
                s = scanner_new(0, 1 << 20);
        must(s && scanner_seek(s, made, 1));
        if (scan(s, text, &found, &n, &err)) {
                check(text, found, n);
                check_word(match, text, found, n);
                must(scan(s, text, &found, &again, &err) && n == again);
        } else {
                must(err.kind == ERR_FULL);
        }
        must(scanner_seek(s, NULL, 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        struct err err = ERR_INIT;
        struct patterns *made;
        size_t bad, cut = n ? strnlen((const char *)bytes, n) : 0;
        char *match = strndup(n ? (const char *)bytes : "", cut);
        char *text = malloc(n - cut + 1);
        must(match && text);
        size_t m = cut < n ? n - cut - 1 : 0;
        if (m)
                memcpy(text, bytes + cut + 1, m);
        make_utf8(text, m, utf8_valid);
        if (patterns_new(&made, (const char *const[]){ match }, 1, &bad, &err))
                search(made, match, slice_make(text, m));
        else
                must(err.kind == ERR_CONFIG && err.text[0] && err.hint[0] && bad == 0);
        patterns_free(made);
        free(match);
        free(text);
        return 0;
}
