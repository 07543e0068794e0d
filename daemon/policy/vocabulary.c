/* vocabulary.c - officers' word lists, in any script.
 *
 * Case is folded in every script that has it, in place: lengths never change, and the few letters
 * whose small form is of another length (İ, ẞ) match exactly. Where a script has blanks between
 * words, a word is met whole: it is not found inside another; `*` at its end lets any ending follow.
 * Han, kana, Thai and their like have no blanks and match anywhere; Hangul glues endings on, so only
 * its beginning counts.
 *
 * One pass: a bitmap over the first three bytes of all words (hashed; two of the few that have no more)
 * says where to look closer.                                                               */
#include <string.h>

#include "base/text.h"
#include "detect/fold.h"
#include "law.h"

enum { WORDS_MAX = 20000, WORD_MAX = 100, SHORTEST = 2, LEAD = 3, LEADS = 1 << 16, HEADS = 1024 };
enum script { SCRIPT_NONE, SCRIPT_SPACED, SCRIPT_HANGUL };

struct word {
        const struct word *next; /* of the same head */
        struct slice text;       /* folded, >= SHORTEST bytes */
        uint8_t first, last;     /* enum script; last is SCRIPT_NONE where any ending may follow */
};
struct vocabulary {
        size_t n, shortest;      /* shortest: SHORTEST or LEAD */
        const struct word *heads[HEADS];
        uint8_t leads[LEADS / 8];
};

#define EACH_BYTE(b) (UINT64_C(0x0101010101010101) * (b))

/* Eight ASCII characters at once: capitals get bit 5, control characters become blanks. Bytes
 * from 0x80 on stay. */
static uint64_t fold_eight(uint64_t w)
{
        uint64_t low = w & EACH_BYTE(0x7F), ascii = ~w & EACH_BYTE(0x80);
        uint64_t from_a = low + EACH_BYTE(0x80 - 'A'), after_z = low + EACH_BYTE(0x7F - 'Z');
        uint64_t capital = (from_a & ~after_z) & ascii;
        uint64_t control = ~(low + EACH_BYTE(0x80 - ' ')) & ascii;
        w |= capital >> 2;
        return (w & ~((control >> 7) * 0xFF)) | control >> 2;
}

static size_t put_character(unsigned char out[4], uint32_t c)
{
        if (c < 0x800) {
                out[0] = (unsigned char)(0xC0 | c >> 6);
                out[1] = (unsigned char)(0x80 | (c & 0x3F));
                return 2;
        }
        if (c < 0x10000) {
                out[0] = (unsigned char)(0xE0 | c >> 12);
                out[1] = (unsigned char)(0x80 | (c >> 6 & 0x3F));
                out[2] = (unsigned char)(0x80 | (c & 0x3F));
                return 3;
        }
        out[0] = (unsigned char)(0xF0 | c >> 18);
        out[1] = (unsigned char)(0x80 | (c >> 12 & 0x3F));
        out[2] = (unsigned char)(0x80 | (c >> 6 & 0x3F));
        out[3] = (unsigned char)(0x80 | (c & 0x3F));
        return 4;
}

/* Lead bytes of letters that come in two sizes: Latin to Cyrillic, Armenian and Georgian, their later
 * blocks, full-width Latin, Deseret and its like. Not Han, kana, Hangul, nor what India writes. */
static bool has_sizes(unsigned char lead)
{
        return (lead >= 0xC3 && lead <= 0xD6) || lead == 0xE1 || lead == 0xE2 || lead == 0xEA || lead == 0xEF || lead == 0xF0;
}

/* One character beyond ASCII at p[i]; a small letter of another length than its capital stays. */
static size_t fold_one(char *p, size_t n, size_t i)
{
        unsigned char small[4], lead = (unsigned char)p[i];
        size_t next = i;
        if (!has_sizes(lead))
                return i + 1;
        uint32_t c = utf8_next((struct slice){ p, n }, &next), to = fold_lower(c);
        if (to != c && to >= 0x80 && put_character(small, to) == next - i)
                memcpy(p + i, small, next - i);
        return next > i ? next : i + 1;
}

void vocabulary_fold(char *out, struct slice in)
{
        uint64_t w, seen = 0;
        size_t i = 0;
        for (; i < in.n; i += sizeof w) {
                size_t n = in.n - i < sizeof w ? in.n - i : sizeof w;
                w = 0;
                if (n == sizeof w)
                        memcpy(&w, in.p + i, sizeof w);
                else
                        memcpy(&w, in.p + i, n);
                seen |= w;
                w = fold_eight(w);
                if (n == sizeof w)
                        memcpy(out + i, &w, sizeof w);
                else
                        memcpy(out + i, &w, n);
        }
        for (i = 0; (seen & EACH_BYTE(0x80)) && i < in.n;)
                i = (unsigned char)out[i] < 0x80 ? i + 1 : fold_one(out, in.n, i);
}

static enum script script_of(uint32_t c)
{
        if (c < 0x80)
                return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
                               ? SCRIPT_SPACED
                               : SCRIPT_NONE;
        if (c < 0xC0 || c == 0xD7 || c == 0xF7)
                return SCRIPT_NONE;
        if (c < 0x0E00 || (c >= 0x10A0 && c <= 0x10FF) || (c >= 0x1E00 && c <= 0x1FFF))
                return SCRIPT_SPACED; /* Latin to Sinhala, Georgian, their extensions */
        if ((c >= 0xAC00 && c <= 0xD7A3) || (c >= 0x1100 && c <= 0x11FF))
                return SCRIPT_HANGUL;
        return SCRIPT_NONE;
}

static enum script script_at(struct slice s, size_t at)
{
        return at < s.n ? script_of(utf8_next(s, &at)) : SCRIPT_NONE;
}

static enum script script_before(struct slice s, size_t at)
{
        if (at == 0)
                return SCRIPT_NONE;
        do
                at--;
        while (at > 0 && ((unsigned char)s.p[at] & 0xC0) == 0x80);
        return script_at(s, at);
}

/* Of the first n bytes, SHORTEST or LEAD. */
static unsigned lead_of(const char *p, size_t n)
{
        const unsigned char *b = (const unsigned char *)p;
        uint32_t v = b[0] | (uint32_t)b[1] << 8 | (n > SHORTEST ? (uint32_t)b[2] << 16 : UINT32_C(1) << 24);
        return v * UINT32_C(0x9E3779B1) >> 16;
}

static const struct word *head_of(const struct vocabulary *w, const char *p, size_t n)
{
        return w->heads[lead_of(p, n) % HEADS];
}

static size_t lead_length(struct slice text)
{
        return text.n < LEAD ? text.n : LEAD;
}

static bool add_word(struct vocabulary *w, struct arena *a, struct slice text)
{
        bool any_ending = text.n > 1 && text.p[text.n - 1] == '*';
        if (any_ending)
                text.n--;
        if (text.n < SHORTEST || text.n > WORD_MAX || !utf8_valid(text, NULL) || w->n == WORDS_MAX)
                return false;
        char *folded = arena_string(a, text);
        struct word *word = ARENA_NEW(a, struct word);
        if (!folded || !word)
                return false;
        vocabulary_fold(folded, text);
        word->text = (struct slice){ folded, text.n };
        word->first = (uint8_t)script_at(word->text, 0);
        word->last = (uint8_t)script_before(word->text, text.n);
        if (any_ending || word->last == SCRIPT_HANGUL)
                word->last = SCRIPT_NONE;
        unsigned lead = lead_of(folded, lead_length(text));
        word->next = w->heads[lead % HEADS];
        w->heads[lead % HEADS] = word;
        w->leads[lead / 8] |= (uint8_t)(1u << lead % 8);
        if (w->n++ == 0 || text.n < w->shortest)
                w->shortest = lead_length(text);
        return true;
}

struct vocabulary *vocabulary_new(struct arena *a, struct slice list, int *bad_line)
{
        struct vocabulary *w = ARENA_NEW(a, struct vocabulary);
        if (slice_starts(list, SLICE("\xEF\xBB\xBF")))
                list.p += 3, list.n -= 3;
        for (*bad_line = 1; w && list.n; (*bad_line)++) {
                const char *end = memchr(list.p, '\n', list.n);
                struct slice line = { list.p, end ? (size_t)(end - list.p) : list.n };
                list.p += line.n + (end != NULL);
                list.n -= line.n + (end != NULL);
                const char *comment = memchr(line.p, '#', line.n);
                if (comment)
                        line.n = (size_t)(comment - line.p);
                line = slice_trim(line);
                if (line.n && !add_word(w, a, line))
                        return NULL;
        }
        return w;
}

struct vocabulary *vocabulary_of_names(struct arena *a, struct names list)
{
        struct vocabulary *w = ARENA_NEW(a, struct vocabulary);
        for (size_t i = 0; w && i < list.n; i++)
                if (!add_word(w, a, slice_trim(slice_of(list.v[i]))))
                        return NULL;
        return w;
}

size_t vocabulary_count(const struct vocabulary *w)
{
        return w->n;
}

bool vocabulary_stands_alone(struct slice text, size_t start, size_t end)
{
        enum script first = script_at(text, start), last = script_before(text, end);
        return (first == SCRIPT_NONE || script_before(text, start) != first) &&
               (last != SCRIPT_SPACED || script_at(text, end) != last);
}

static bool stands_here(const struct word *word, struct slice text, size_t at)
{
        if (text.n - at < word->text.n || memcmp(text.p + at, word->text.p, word->text.n) != 0)
                return false;
        if (word->first != SCRIPT_NONE && script_before(text, at) == (enum script)word->first)
                return false;
        return word->last == SCRIPT_NONE || script_at(text, at + word->text.n) != (enum script)word->last;
}

/* *end: of the longest word there, if it ends later. */
static inline void look_at(const struct vocabulary *w, struct slice folded, size_t at, size_t n, size_t *end)
{
        if (folded.n - at < n)
                return;
        unsigned lead = lead_of(folded.p + at, n);
        if (!(w->leads[lead / 8] >> lead % 8 & 1))
                return;
        for (const struct word *word = w->heads[lead % HEADS]; word; word = word->next)
                if (at + word->text.n > *end && stands_here(word, folded, at))
                        *end = at + word->text.n;
}

bool vocabulary_next(const struct vocabulary *w, struct slice folded, size_t *at, size_t *end)
{
        *end = 0;
        for (; w->n && *at + w->shortest <= folded.n; ++*at) {
                look_at(w, folded, *at, LEAD, end);
                if (w->shortest == SHORTEST)
                        look_at(w, folded, *at, SHORTEST, end);
                if (*end)
                        return true;
        }
        return false;
}

bool vocabulary_in(const struct vocabulary *w, struct slice text, char *scratch)
{
        size_t at = 0, end;
        vocabulary_fold(scratch, text);
        return vocabulary_next(w, (struct slice){ scratch, text.n }, &at, &end);
}

/* Whether `wide`'s word is met wherever `narrow`'s stands: it is a piece of it that begins and
 * ends where words may, or at its very ends, where both ask for the same. */
static bool is_met_in(const struct word *wide, const struct word *narrow, size_t at)
{
        if (!stands_here(wide, narrow->text, at))
                return false;
        bool at_end = at + wide->text.n == narrow->text.n;
        return !at_end || wide->last == SCRIPT_NONE || wide->last == narrow->last;
}

static bool covers_word(const struct vocabulary *wide, const struct word *narrow)
{
        for (size_t at = 0; at + SHORTEST <= narrow->text.n; at++)
                for (size_t n = SHORTEST; n <= LEAD && at + n <= narrow->text.n; n++)
                        for (const struct word *w = head_of(wide, narrow->text.p + at, n); w; w = w->next)
                                if (is_met_in(w, narrow, at))
                                        return true;
        return false;
}

bool vocabulary_covers(const struct vocabulary *wide, const struct vocabulary *narrow)
{
        for (size_t i = 0; i < HEADS; i++)
                for (const struct word *w = narrow->heads[i]; w; w = w->next)
                        if (!covers_word(wide, w))
                                return false;
        return true;
}

static bool has_word(const struct vocabulary *w, const struct word *wanted)
{
        for (const struct word *x = head_of(w, wanted->text.p, lead_length(wanted->text)); x; x = x->next)
                if (slice_eq(x->text, wanted->text) && (x->last == SCRIPT_NONE || x->last == wanted->last))
                        return true;
        return false;
}

bool vocabulary_is_in(const struct vocabulary *w, const struct vocabulary *const *lists, size_t n)
{
        for (size_t i = 0; i < HEADS; i++) {
                for (const struct word *x = w->heads[i]; x; x = x->next) {
                        bool found = false;
                        for (size_t k = 0; k < n && !found; k++)
                                found = has_word(lists[k], x);
                        if (!found)
                                return false;
                }
        }
        return true;
}
