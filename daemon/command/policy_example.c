/* policy_example.c - examples of false masks. */
#include "policy_example.h"

#include <string.h>

#include "base/text.h"

enum { VALUE_MAX = 4 << 20 };

size_t example_mask_at(struct slice s)
{
        size_t n = 1;
        if (s.n && slice_starts(s, SLICE("[removed]")))
                return 9;
        while (n < s.n && n < 40 && ((s.p[n] >= 'a' && s.p[n] <= 'z') || s.p[n] == '_' || s.p[n] == '-' || s.p[n] == ' ' ||
                                     (s.p[n] >= '0' && s.p[n] <= '9')))
                n++;
        return s.n > n && s.p[0] == '[' && s.p[n] == ']' && s.p[n - 1] >= '0' && s.p[n - 1] <= '9' ? n + 1 : 0;
}

/* ---- Which finding a mask covers ------------------------------------------------------------- */

/* Masks before the wanted one, and in all. False: it does not stand there. */
static bool count_masks(struct slice left, struct slice mask, size_t *before, size_t *all)
{
        bool found = false;
        *before = *all = 0;
        for (size_t i = 0; i < left.n; i++) {
                struct slice rest = slice_make(left.p + i, left.n - i);
                size_t n = rest.p[0] == '[' ? example_mask_at(rest) : 0;
                if (!n)
                        continue;
                if (!found && slice_eq(slice_make(rest.p, n), mask)) {
                        found = true;
                        *before = *all;
                }
                ++*all;
                i += n - 1;
        }
        return found;
}

static const struct explained_find *masked(const struct explanation *e, enum field f, size_t k, size_t *all)
{
        const struct explained_find *found = NULL;
        *all = 0;
        for (size_t i = 0; i < e->n_finds; i++)
                if (e->finds[i].field == f && e->finds[i].item == 0 && strcmp(e->finds[i].action, "mask") == 0 && (*all)++ == k)
                        found = &e->finds[i];
        return found;
}

static bool look_in(const struct record *r, const struct explanation *e, enum field f, struct slice mask, struct buf *left,
                    bool *there, struct example_spot *out)
{
        size_t before, all, finds;
        *there = explain_item(r, f, 0).p && field_type(f) == FIELD_TYPE_TEXT && explain_left(&e->left, f, SLICE_NONE, left) &&
                 count_masks(buf_slice(left), mask, &before, &all);
        if (!*there)
                return false;
        const struct explained_find *find = masked(e, f, before, &finds);
        if (!find || finds != all)
                return false;
        *out = (struct example_spot){ f, find->start, find->end, find->what, find->by };
        return true;
}

bool example_spot(const struct record *r, const struct explanation *e, const char *mask, struct example_spot *out,
                  struct err *err)
{
        struct buf left;
        bool ok = false, there = false, anywhere = false;
        if (example_mask_at(slice_of(mask)) != strlen(mask))
                return err_set(err, ERR_SYSTEM, 0, "\"%.40s\" is no mask", mask) ||
                       err_hint(err, "Write it as the record shows it: --mask \"[phone 1]\".");
        if (e->refused || e->said.decision != DECISION_GO || e->more_finds)
                return err_set(err, ERR_DATA, 0, "the record does not leave under today's policy: nothing of it is shown with masks");
        buf_init(&left, VALUE_MAX);
        for (int f = 0; f < FIELDS && !ok; f++) {
                ok = look_in(r, e, (enum field)f, slice_of(mask), &left, &there, out);
                anywhere |= there;
        }
        buf_wipe(&left);
        if (ok)
                return true;
        if (anywhere)
                return err_set(err, ERR_DATA, 0, "which finding \"%s\" covers cannot be told: its text has other brackets", mask);
        err_set(err, ERR_DATA, 0, "the record is not masked by \"%s\" under today's policy", mask);
        return err_hint(err, "`tributary policy explain` shows the record as it would leave.");
}

/* ---- Another value of its shape -------------------------------------------------------------------- */

static uint32_t roll(uint32_t *seed)
{
        *seed = *seed * 1664525u + 1013904223u;
        return *seed >> 16;
}

static char other(char c, uint32_t *seed)
{
        if (c >= '0' && c <= '9')
                return (char)('0' + roll(seed) % 10);
        if (c >= 'a' && c <= 'z')
                return (char)('a' + roll(seed) % 26);
        return c >= 'A' && c <= 'Z' ? (char)('A' + roll(seed) % 26) : c;
}

/* The line on which it stands, as far as no other finding does. */
static void window(const struct record *r, const struct explanation *e, const struct example_spot *spot, size_t around,
                   size_t *from, size_t *to)
{
        struct slice text = explain_item(r, spot->field, 0);
        *from = spot->start > around ? spot->start - around : 0;
        *to = text.n - spot->end > around ? spot->end + around : text.n;
        for (size_t i = 0; i < e->n_finds; i++) {
                const struct explained_find *f = &e->finds[i];
                if (f->field != spot->field || f->item)
                        continue;
                if (f->end <= spot->start && f->end > *from)
                        *from = f->end;
                if (f->start >= spot->end && f->start < *to)
                        *to = f->start;
        }
        for (size_t i = *from; i < spot->start; i++)
                if (text.p[i] == '\n' || text.p[i] == '\r')
                        *from = i + 1;
        for (size_t i = spot->end; i < *to; i++)
                if (text.p[i] == '\n' || text.p[i] == '\r')
                        *to = i;
        while (*from < spot->start && ((unsigned char)text.p[*from] & 0xc0) == 0x80)
                ++*from; /* whole characters */
        while (*to > spot->end && *to < text.n && ((unsigned char)text.p[*to] & 0xc0) == 0x80)
                --*to;
}

void example_words(const struct record *r, const struct explanation *e, const struct example_spot *spot, size_t around,
                   uint32_t seed, struct buf *out)
{
        struct slice text = explain_item(r, spot->field, 0);
        size_t from, to;
        window(r, e, spot, around, &from, &to);
        buf_put(out, slice_make(text.p + from, spot->start - from));
        for (size_t i = spot->start; i < spot->end; i++)
                buf_putc(out, other(text.p[i], &seed));
        buf_put(out, slice_make(text.p + spot->end, to - spot->end));
}
