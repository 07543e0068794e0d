/* Words of people: findings are sorted, disjoint, on borders of characters, and always the same. */
#include "base/text.h"
#include "detect/detect.h"
#include "fuzz.h"

enum { FINDINGS_KEPT = 256 };

static bool border(struct slice s, size_t at)
{
        return at == s.n || ((unsigned char)s.p[at] & 0xc0) != 0x80;
}

static void check(struct slice text, const struct finding *f, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                must(f[i].start < f[i].end && f[i].end <= text.n);
                must(i == 0 || f[i - 1].end <= f[i].start);
                must(border(text, f[i].start) && border(text, f[i].end));
                must(f[i].id < detect_count() && f[i].confidence <= 100 && detect_mask_word(f[i].id));
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        static struct scanner *s;
        struct finding kept[FINDINGS_KEPT];
        const struct finding *found;
        size_t n_found, n_again;
        struct err err = ERR_INIT;
        if (!s)
                s = scanner_new(~(detect_set)0, 1 << 20);
        char *copy = malloc(n + 1); /* not ended by a NUL */
        must(s && copy);
        memcpy(copy, bytes, n);
        make_utf8(copy, n, utf8_valid);
        struct slice text = { copy, n };
        if (scan(s, text, &found, &n_found, &err)) {
                check(text, found, n_found);
                if (n_found <= FINDINGS_KEPT) {
                        if (n_found)
                                memcpy(kept, found, n_found * sizeof *found);
                        must(scan(s, text, &found, &n_again, &err) && n_again == n_found);
                        must(!n_found || memcmp(kept, found, n_found * sizeof *found) == 0);
                }
        } else {
                must(err.kind == ERR_FULL);
        }
        free(copy);
        return 0;
}
