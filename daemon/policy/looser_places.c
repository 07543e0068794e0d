/* looser_places.c - to whom and how long: every place that is known, under every permission, with
 * the last moment at which it is open; who may read; where the hub stands; times. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "comparing.h"
#include "model/place.h"

const char *comparing_codes(char out[128], const char *const *codes, size_t n)
{
        size_t used = 0, more = 0;
        out[0] = 0;
        for (size_t i = 0; i < n; i++) {
                const char *space = place_jurisdiction(slice_of(codes[i]));
                bool said = false;
                for (size_t k = 0; k < n && space; k++)
                        said |= k != i && strcmp(codes[k], space) == 0;
                if (said)
                        continue;
                if (used < 90)
                        used += (size_t)snprintf(out + used, 128 - used, "%s%.8s", used ? ", " : "", codes[i]);
                else
                        more++;
        }
        if (more)
                snprintf(out + used, 128 - used, " and %zu more", more);
        return out;
}

/* ---- Transfers ---------------------------------------------------------------------------- */

/* Until when a place is open, and until when what goes there is at least held, not kept. */
struct window {
        int64_t open_us, held_us;
        const struct at *at;
};

static bool covers(const struct transfer *t, enum permission p, struct slice code)
{
        if (!(t->allow >> p & 1))
                return false;
        const char *own = t->to.n ? place_jurisdiction(code) : NULL; /* as place_within(), looked up once */
        for (size_t i = 0; own && i < t->to.n; i++)
                if (slice_is(code, t->to.v[i]) || strcmp(own, t->to.v[i]) == 0)
                        return true;
        return false;
}

/* A line that is to be filed, or was (on a day that may be still to come), is open for a while: less than
 * open, more than closed, and so ranked as held. Two of them are compared by compare_filings(). */
static bool waits(const struct transfer *t)
{
        return t->filing.needed && t->filing.filed_us == INT64_MAX;
}

static bool has_filings(const struct gate *g)
{
        for (size_t i = 0; i < g->n_lines; i++)
                if (g->lines[i]->filing.needed)
                        return true;
        return false;
}

static struct window window_of(const struct policy *p, enum permission permission, struct slice code)
{
        struct window w = { INT64_MIN, INT64_MIN, &p->group[GROUP_TRANSFERS] };
        for (size_t i = 0; i < p->n_transfers; i++) {
                const struct transfer *t = &p->transfers[i];
                if (!covers(t, permission, code))
                        continue;
                if (!t->filing.needed && t->until_us > w.open_us) {
                        w.open_us = t->until_us;
                        w.at = &t->at;
                }
                if (t->until_us > w.held_us)
                        w.held_us = t->until_us;
        }
        return w;
}

/* Every policy must allow it; one without transfers has no voice, and where none has, all is closed. */
static struct window window_in(const struct law *law, enum permission permission, struct slice code)
{
        struct window out = { INT64_MIN, INT64_MIN, &law->origin };
        bool voiced = false;
        for (size_t i = 0; i < law->n_chain; i++) {
                if (!law->chain[i]->group[GROUP_TRANSFERS].file)
                        continue;
                struct window w = window_of(law->chain[i], permission, code);
                if (!voiced || w.open_us < out.open_us) {
                        out.open_us = w.open_us;
                        out.at = w.at;
                }
                if (!voiced || w.held_us < out.held_us)
                        out.held_us = w.held_us;
                voiced = true;
        }
        return out;
}

static const char *until_text(char out[CLOCK_TEXT_MAX + 16], struct window w)
{
        char day[CLOCK_TEXT_MAX];
        if (w.open_us == INT64_MIN)
                snprintf(out, CLOCK_TEXT_MAX + 16, w.held_us == INT64_MIN ? "closed" : "held");
        else if (w.open_us == INT64_MAX)
                snprintf(out, CLOCK_TEXT_MAX + 16, "open");
        else
                snprintf(out, CLOCK_TEXT_MAX + 16, "open until %.10s", clock_format_rfc3339(day, w.open_us));
        return out;
}

struct opened {
        struct window from, to;
        bool is;
};

static bool opened_alike(const struct opened *a, const struct opened *b)
{
        return a->is && b->is && a->from.open_us == b->from.open_us && a->to.open_us == b->to.open_us &&
               a->from.at == b->from.at && a->to.at == b->to.at;
}

static void note_opened(struct comparing *c, enum permission permission, struct opened *all, const char *const *codes,
                        size_t n)
{
        for (size_t i = 0; i < n; i++) {
                const char *same[CODES_MAX];
                char list[128], what[200], was[CLOCK_TEXT_MAX + 16], is[CLOCK_TEXT_MAX + 16];
                size_t k = 0;
                struct opened one = all[i];
                if (!one.is)
                        continue;
                for (size_t j = i; j < n; j++) {
                        if (!opened_alike(&one, &all[j]))
                                continue;
                        same[k++] = codes[j];
                        all[j].is = j == i;
                }
                all[i].is = false;
                snprintf(what, sizeof what, "%s in %s", law_permissions[permission], comparing_codes(list, same, k));
                comparing_note_values(c, one.from.at, one.to.at, what, until_text(was, one.from), until_text(is, one.to));
        }
}

static void compare_permission(struct comparing *c, enum permission permission)
{
        struct opened all[CODES_MAX];
        size_t n;
        const char *const *codes = place_codes(&n);
        for (size_t i = 0; i < n && i < CODES_MAX; i++) {
                all[i].from = window_in(c->from, permission, slice_of(codes[i]));
                all[i].to = window_in(c->to, permission, slice_of(codes[i]));
                all[i].is = all[i].to.open_us > all[i].from.open_us || all[i].to.held_us > all[i].from.held_us;
        }
        note_opened(c, permission, all, codes, n < CODES_MAX ? n : CODES_MAX);
}

/* ---- The hub's places ------------------------------------------------------------------------ */

/* Until when records may leave at all, as the hub stands. */
static struct window window_of_hub(const struct law *law)
{
        struct window out = { INT64_MAX, INT64_MAX, &law->origin };
        if (!law->places_known || law->n_gates == 0)
                return (struct window){ INT64_MIN, INT64_MIN, &law->origin };
        for (size_t i = 0; i < law->n_gates; i++) {
                struct window w = { INT64_MIN, INT64_MIN, &law->gates[i].closed };
                for (size_t k = 0; k < law->gates[i].n_lines; k++) {
                        const struct transfer *t = law->gates[i].lines[k];
                        if (!t->filing.needed && t->until_us > w.open_us)
                                w.open_us = t->until_us;
                        if (t->until_us > w.held_us)
                                w.held_us = t->until_us;
                }
                if (w.open_us < out.open_us) {
                        out.open_us = w.open_us;
                        out.at = w.at;
                }
                if (w.held_us < out.held_us)
                        out.held_us = w.held_us;
        }
        return out;
}

/* Transfers as they were, and the hub elsewhere: what was closed may be open now. */
static void compare_hub(struct comparing *c)
{
        struct window from = window_of_hub(c->from), to = window_of_hub(c->to);
        char was[CLOCK_TEXT_MAX + 16], is[CLOCK_TEXT_MAX + 16];
        if (to.open_us > from.open_us || to.held_us > from.held_us)
                comparing_note_values(c, from.at, to.at, "everything, by where the hub's Kafka and warehouse are",
                                      until_text(was, from), until_text(is, to));
}

/* ---- Filings ----------------------------------------------------------------------------------- */

/* Whose first transfer counts: another basis begins its time anew. */
static bool same_clock(const char *old, const char *now)
{
        return old && now ? strcmp(old, now) == 0 : old == now;
}

/* A filing may be dated ahead: until its day the line waits. */
static bool same_wait(const struct filing *old, const struct filing *now)
{
        return same_clock(old->first_id, now->first_id) && old->days >= now->days && old->due_us >= now->due_us &&
               old->filed_us <= now->filed_us;
}

/* Whether what t opens was open as long by this line. */
static bool was_open(const struct transfer *old, const struct transfer *t)
{
        return old->until_us >= t->until_us &&
               (!old->filing.needed || (t->filing.needed && same_wait(&old->filing, &t->filing)));
}

/* The lines of one policy for one place. */
struct lines {
        const struct transfer *of[LINES_MAX];
        size_t n;
        bool filings;
};

static void find_lines(const struct policy *p, enum permission permission, struct slice code, struct lines *out)
{
        out->n = 0;
        out->filings = false;
        for (size_t i = 0; i < p->n_transfers; i++) {
                if (!covers(&p->transfers[i], permission, code))
                        continue;
                out->of[out->n++] = &p->transfers[i];
                out->filings |= p->transfers[i].filing.needed;
        }
}

/* One of `to` for which `from` has none as good; NULL: whatever the one opens the other does, as long. */
static const struct transfer *longer(const struct transfer *const *from, size_t n_from, const struct transfer *const *to, size_t n_to)
{
        for (size_t i = 0; i < n_to; i++) {
                bool was = false;
                for (size_t k = 0; k < n_from && !was; k++)
                        was = was_open(from[k], to[i]);
                if (!was)
                        return to[i];
        }
        return NULL;
}

static void note_filing(struct comparing *c, const struct transfer *t)
{
        comparing_note(c, NULL, &t->at, waits(t) ? "\"%.100s\" may be used for longer without its filing"
                                                 : "\"%.100s\" may be used for longer, by when it is filed", t->basis);
}

/* All policies of a law must let it through: so none that did may have nobody in its stead who is as
 * strict. Where nothing is to be filed the windows have said all. */
static void compare_filing(struct comparing *c, enum permission permission, struct slice code)
{
        struct lines from, to;
        for (size_t i = 0; i < c->from->n_chain; i++) {
                const struct transfer *loose = NULL;
                bool made_up = false, voiced = false;
                if (!c->from->chain[i]->group[GROUP_TRANSFERS].file)
                        continue;
                find_lines(c->from->chain[i], permission, code, &from);
                bool filings = from.filings;
                for (size_t k = 0; k < c->to->n_chain && !made_up; k++) {
                        if (!c->to->chain[k]->group[GROUP_TRANSFERS].file)
                                continue;
                        find_lines(c->to->chain[k], permission, code, &to);
                        const struct transfer *t = longer(from.of, from.n, to.of, to.n);
                        filings |= to.filings;
                        voiced = true;
                        made_up = !t;
                        loose = loose ? loose : t;
                }
                if (voiced && !made_up && filings)
                        note_filing(c, loose);
        }
}

static void compare_filings(struct comparing *c)
{
        size_t n;
        const char *const *codes = place_codes(&n);
        for (int p = 0; c->kind == CHANGE_LOOSER && p < PERMISSIONS; p++)
                for (size_t i = 0; i < n; i++)
                        compare_filing(c, (enum permission)p, slice_of(codes[i]));
}

/* The same of the hub's own places: wherever it was, a gate now is as strict. */
static void compare_gates(struct comparing *c)
{
        for (size_t i = 0; c->kind == CHANGE_LOOSER && c->to->places_known && i < c->from->n_gates; i++) {
                const struct gate *from = &c->from->gates[i];
                const struct transfer *loose = NULL;
                bool made_up = c->to->n_gates == 0, filings = has_filings(from);
                for (size_t k = 0; k < c->to->n_gates && !made_up; k++) {
                        const struct gate *to = &c->to->gates[k];
                        const struct transfer *t = longer(from->lines, from->n_lines, to->lines, to->n_lines);
                        filings |= has_filings(to);
                        made_up = !t;
                        loose = loose ? loose : t;
                }
                if (!made_up && filings)
                        note_filing(c, loose);
        }
}

void compare_places(struct comparing *c)
{
        size_t before = c->out->n;
        for (int p = 0; p < PERMISSIONS; p++)
                compare_permission(c, (enum permission)p);
        compare_filings(c);
        if (c->out->n == before) {
                compare_hub(c);
                compare_gates(c);
        }
}

/* ---- Times ------------------------------------------------------------------------------------ */

/* The shortest time of the chain; no line: as long as anybody likes. */
static int64_t shortest(const struct law *law, enum keep_what k, const struct at **at)
{
        int64_t out = INT64_MAX;
        *at = &law->origin;
        for (size_t i = 0; i < law->n_chain; i++) {
                const struct policy *p = law->chain[i];
                if (p->keep_us[k] < 0 || p->keep_us[k] >= out)
                        continue;
                out = p->keep_us[k];
                *at = &p->keep_at[k];
        }
        return out;
}

static const char *span_text(char out[CLOCK_TEXT_MAX], int64_t us)
{
        if (us == INT64_MAX)
                snprintf(out, CLOCK_TEXT_MAX, "without an end");
        else
                snprintf(out, CLOCK_TEXT_MAX, "%lld days", (long long)(us / US_PER_DAY));
        return out;
}

/* A least time that is longer than the time wins. */
static int64_t at_home(const struct law *law, const struct at **at)
{
        int64_t out = shortest(law, KEEP_RAW, at);
        for (size_t i = 0; i < law->n_chain; i++) {
                const struct policy *p = law->chain[i];
                if (p->keep_us[KEEP_RAW_AT_LEAST] <= out)
                        continue;
                out = p->keep_us[KEEP_RAW_AT_LEAST];
                *at = &p->keep_at[KEEP_RAW_AT_LEAST];
        }
        return out;
}

static void compare_time(struct comparing *c, enum keep_what k, const char *what)
{
        const struct at *was_at, *is_at;
        char was[CLOCK_TEXT_MAX], is[CLOCK_TEXT_MAX];
        int64_t from = k == KEEP_RAW ? at_home(c->from, &was_at) : shortest(c->from, k, &was_at);
        int64_t to = k == KEEP_RAW ? at_home(c->to, &is_at) : shortest(c->to, k, &is_at);
        if (to > from)
                comparing_note_values(c, was_at, is_at, what, span_text(was, from), span_text(is, to));
}

/* Where no policy says how long the warehouse keeps records, none gets there. */
void compare_times(struct comparing *c)
{
        if (c->from->keep_us < 0 && c->to->keep_us >= 0)
                comparing_note_values(c, NULL, &c->to->keep_at, "kept in the warehouse", "not at all", "for some time");
        else if (c->to->keep_us >= 0)
                compare_time(c, KEEP_WAREHOUSE, "kept in the warehouse");
        compare_time(c, KEEP_RAW, "kept at home");
        compare_time(c, KEEP_HELD, "held records kept");
        compare_time(c, KEEP_BACKUPS, "backups kept");
}
