/* Names that people give themselves, and words in which they are looked for: findings lie in the
 * text, on borders of characters, and are the same whoever was added twice. */
#include "base/text.h"
#include "detect/detect.h"
#include "fuzz.h"

enum { NAMES = 64, KEPT = 128 };

static void add(struct people *p, struct slice name)
{
        enum people_kind kind = (enum people_kind)(take_byte(&name) % 3);
        size_t before = people_count(p);
        must(people_add(p, name, kind));
        must(people_count(p) <= NAMES && people_count(p) <= before + 1);
}

static size_t look(struct scanner *s, struct slice text, struct finding kept[KEPT])
{
        const struct finding *f;
        size_t n;
        struct err err = ERR_INIT;
        if (!scan(s, text, &f, &n, &err)) {
                must(err.kind == ERR_FULL);
                return 0;
        }
        for (size_t i = 0; i < n; i++) {
                must(f[i].start < f[i].end && f[i].end <= text.n && (i == 0 || f[i - 1].end <= f[i].start));
                must(((unsigned char)text.p[f[i].start] & 0xc0) != 0x80);
                must(f[i].end == text.n || ((unsigned char)text.p[f[i].end] & 0xc0) != 0x80);
        }
        if (n)
                memcpy(kept, f, (n < KEPT ? n : KEPT) * sizeof *f);
        return n;
}

/* A name a line, an empty line, the words. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        static struct scanner *s;
        static struct finding first[KEPT], again[KEPT];
        if (!s)
                s = scanner_new(detect_one(detect_id("known_person")) | detect_one(detect_id("handle")), 1 << 20);
        struct people *p = people_new(NAMES);
        char *copy = malloc(n + 1);
        must(s && p && copy);
        memcpy(copy, bytes, n);
        make_utf8(copy, n, utf8_valid);
        struct slice names = { copy, n }, rest = names, line;
        while ((line = take_line(&rest)).n)
                add(p, line);
        scanner_know(s, p);
        char *tight = malloc(rest.n ? rest.n : 1); /* ends where it ends */
        must(tight);
        memcpy(tight, rest.p, rest.n);
        size_t found = look(s, slice_make(tight, rest.n), first), known = people_count(p);
        while (known < NAMES / 2 && (line = take_line(&names)).n)
                add(p, line);
        if (known < NAMES / 2) {
                must(people_count(p) == known);
                must(look(s, slice_make(tight, rest.n), again) == found);
                must(!found || memcmp(first, again, (found < KEPT ? found : KEPT) * sizeof *first) == 0);
        }
        scanner_know(s, NULL);
        people_free(p);
        free(tight);
        free(copy);
        return 0;
}
