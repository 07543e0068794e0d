/* words.c - looks for many words at once: a bitmap of first bytes, then the few words
 * that begin so. */
#include "words.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "look.h"

enum { WORDS_MAX = 96 };

static const char claims[] =
        "order*|part no|part|serial*|batch|ticket*|invoice*|asset*|job|build|version|isbn|sku|region*|"
        "region_id|tso|ts|ref|订单*|工单*|注文*|주문*|bestell*|pedido*|commande*|ordine*|pesanan|đơn|ऑर्डर*";
static const char release[] =
        "version*|ver|driver|firmware|release|build|agent|sdk|jdk|jdbc|odbc|connector|upgrade*|版本|"
        "バージョン|버전|oid";

struct word {
        const char *text; /* n bytes, lower case */
        uint8_t n;
        bool open; /* may go on */
};

struct word_list {
        uint64_t first[4]; /* bytes that a word begins with */
        size_t n;
        struct word words[WORDS_MAX];
};

struct words {
        struct word_list lists[LISTS];
};

static void fill(struct word_list *list, const char *text)
{
        while (text && *text && list->n < WORDS_MAX) {
                size_t n = strcspn(text, "|");
                bool open = n > 1 && text[n - 1] == '*';
                uint8_t c = (uint8_t)text[0];
                list->words[list->n++] = (struct word){ text, (uint8_t)(n - open), open };
                list->first[c / 64] |= UINT64_C(1) << c % 64;
                text += text[n] ? n + 1 : n;
        }
}

struct words *words_new(void)
{
        struct words *w = calloc(1, sizeof *w);
        if (!w)
                return NULL;
        for (int id = 0; id < IDS; id++)
                fill(&w->lists[id], rows[id].words);
        fill(&w->lists[LIST_CLAIMS], claims);
        fill(&w->lists[LIST_RELEASE], release);
        return w;
}

void words_free(struct words *w)
{
        free(w);
}

static bool word_at(const struct word *w, const char *text, size_t n, size_t i, size_t to)
{
        if (i + w->n > to)
                return false;
        for (size_t k = 1; k < w->n; k++)
                if (to_lower(text[i + k]) != w->text[k])
                        return false;
        return w->open || !is_alnum(w->text[w->n - 1]) || i + w->n >= n || !is_alpha(text[i + w->n]);
}

bool words_in(const struct words *w, int list, const char *text, size_t n, size_t from, size_t to)
{
        const struct word_list *all = &w->lists[list];
        for (size_t i = from; i < to; i++) {
                uint8_t c = (uint8_t)to_lower(text[i]);
                if (!(all->first[c / 64] >> c % 64 & 1))
                        continue;
                if (is_alnum((char)c) && i > 0 && is_alnum(text[i - 1]))
                        continue;
                for (size_t k = 0; k < all->n; k++)
                        if ((uint8_t)all->words[k].text[0] == c && word_at(&all->words[k], text, n, i, to))
                                return true;
        }
        return false;
}
