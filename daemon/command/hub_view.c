/* hub_view.c - each region judged by what is worst of it; the deployment in a sentence. */
#include "hub_view.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/count.h"

enum { SAID_MAX = 3, HELLOS_MISSED = 3 };
#define SILENT_LEAST_US (90 * US_PER_SECOND)
#define SILENT_UNKNOWN_US (300 * US_PER_SECOND) /* of an agent that does not say how often it speaks */
#define FULL_SOON_US US_PER_DAY
#define BASIS_SOON_US (14 * US_PER_DAY)
#define STRANGER_FOR_US (7 * US_PER_DAY) /* without a file and silent for longer: it was given up */

const char *moment_format(char out[MOMENT_MAX], int64_t us, int64_t now_us)
{
        static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
        struct civil c, now;
        civil_of_us(&c, us);
        civil_of_us(&now, now_us);
        if (c.year == now.year && c.month == now.month && c.day == now.day)
                snprintf(out, MOMENT_MAX, "%02d:%02d UTC", c.hour, c.minute);
        else
                snprintf(out, MOMENT_MAX, "%d %s %02d:%02d UTC", c.day, months[(c.month - 1) % 12], c.hour, c.minute);
        return out;
}

/* ---- One region: the worst of it ------------------------------------------- */
struct look {
        const char *region;
        const struct overview_region *r;
        const struct standing *s;
        int64_t now_us, silent_us;
};

/* Each says what is wrong, or nothing: the first that speaks is heard. */
typedef bool judge(char out[CLAUSE_MAX], const struct look *l);

static bool clause(char out[CLAUSE_MAX], const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool clause(char out[CLAUSE_MAX], const char *fmt, ...)
{
        va_list args;
        va_start(args, fmt);
        vsnprintf(out, CLAUSE_MAX, fmt, args);
        va_end(args);
        return true;
}

static bool is_silent(char out[CLAUSE_MAX], const struct look *l)
{
        char long_ago[CLOCK_TEXT_MAX], at[MOMENT_MAX];
        int64_t silent = l->silent_us, since = l->now_us - l->r->heard_us;
        if (!silent && !l->r->has_standing)
                silent = SILENT_UNKNOWN_US;
        if (!silent && l->s->hello_every_s < UINT64_C(1) << 32)
                silent = (int64_t)l->s->hello_every_s * HELLOS_MISSED * US_PER_SECOND;
        if (silent < SILENT_LEAST_US && !l->silent_us)
                silent = SILENT_LEAST_US;
        if (!l->r->heard_us)
                return clause(out, "%s was never heard", l->region);
        return since > silent && clause(out, "%s has been silent for %s (last heard %s)", l->region,
                                        duration_format(long_ago, since), moment_format(at, l->r->heard_us, l->now_us));
}

static bool has_trouble(const struct look *l, enum trouble t)
{
        return l->s->troubles >> t & 1;
}

static bool cannot_accept(char out[CLAUSE_MAX], const struct look *l)
{
        if (has_trouble(l, TROUBLE_VAULT_FAILED))
                return clause(out, "%s accepts nothing: its disk failed", l->region);
        return has_trouble(l, TROUBLE_VAULT_FULL) &&
               clause(out, "%s accepts nothing: its vault is full", l->region);
}

static bool lacks_policy(char out[CLAUSE_MAX], const struct look *l)
{
        if (l->s->policy_waits)
                return clause(out, "policy version %lld of %s is looser than before and waits for %llu signature%s",
                              (long long)l->s->policy_waits, l->region, (unsigned long long)l->s->policy_missing,
                              l->s->policy_missing == 1 ? "" : "s");
        if (has_trouble(l, TROUBLE_POLICY_CLOSED))
                return clause(out, "nothing leaves %s: no policy is in force", l->region);
        return has_trouble(l, TROUBLE_POLICY_STALE) &&
               clause(out, "%s runs on an older policy set, since the newest cannot be read", l->region);
}

static bool lost_records(char out[CLAUSE_MAX], const struct look *l)
{
        char n[COUNT_TEXT];
        if (l->r->missing > 0)
                return clause(out, "%s records of %s are missing", count_say(n, (uint64_t)l->r->missing), l->region);
        if (l->r->surplus > 0)
                return clause(out, "%s records of %s are counted twice", count_say(n, (uint64_t)l->r->surplus), l->region);
        if (l->r->open_gaps > 0)
                return clause(out, "messages of %s are missing on their way and were asked for again", l->region);
        return l->r->rejected > 0 && clause(out, "%s records of %s could not be loaded",
                                            count_say(n, (uint64_t)l->r->rejected), l->region);
}

static bool has_other_trouble(char out[CLAUSE_MAX], const struct look *l)
{
        char n[COUNT_TEXT];
        if (has_trouble(l, TROUBLE_PUMP))
                return clause(out, "%s has trouble with what should leave it", l->region);
        if (has_trouble(l, TROUBLE_DAMAGED))
                return clause(out, "%s entries of %s's vault cannot be read", count_say(n, l->s->damaged), l->region);
        return has_trouble(l, TROUBLE_OTHER) &&
               clause(out, "%s has a trouble that this release does not know", l->region);
}

static bool fills_up(char out[CLAUSE_MAX], const struct look *l)
{
        char in[CLOCK_TEXT_MAX];
        if (l->s->full_in_s < 0 || l->s->full_in_s >= FULL_SOON_US / US_PER_SECOND)
                return false;
        return clause(out, "%s's vault is full in %s", l->region,
                      duration_format(in, l->s->full_in_s * US_PER_SECOND));
}

static judge *const judges[] = { is_silent, cannot_accept, lacks_policy, lost_records, has_other_trouble, fills_up };

/* ---- What to look at all the same --------------------------------------------- */
static bool remark(char out[CLAUSE_MAX], const struct look *l)
{
        char for_long[CLOCK_TEXT_MAX], at[MOMENT_MAX];
        for (size_t i = l->s->n_downtimes; i-- > 0;) {
                const struct downtime *d = &l->s->downtimes[i];
                if (d->filled == FILLED_NO && d->to_us > l->now_us - US_PER_DAY)
                        return clause(out, "%s met senders with a closed door for %s at %s, and a webhook sent nothing of"
                                           " that time since", l->region, duration_format(for_long, d->to_us - d->from_us),
                                      moment_format(at, d->from_us, l->now_us));
        }
        if (!l->s->basis_ends_us || l->s->basis_ends_us > l->now_us + BASIS_SOON_US || l->s->basis_ends_us < l->now_us)
                return false;
        return clause(out, "a legal basis of %s ends or is due for review in %s", l->region,
                      duration_format(for_long, l->s->basis_ends_us - l->now_us));
}

static void judge_region(struct region_view *v, const struct overview *o, bool stranger, int64_t silent_us)
{
        const struct look l = { v->region, v->r, v->r ? &v->r->standing : NULL, o->now_us, silent_us };
        if (!v->r) {
                clause(v->trouble, "%s was never heard", v->region);
                return;
        }
        if (stranger) {
                clause(v->trouble, "%s is heard and has no file in regions", v->region);
                return;
        }
        v->well = true;
        for (size_t i = 0; v->well && i < sizeof judges / sizeof *judges; i++)
                v->well = !judges[i](v->trouble, &l);
        remark(v->remark, &l);
}

/* ---- The sentence --------------------------------------------------------------- */
struct sentence {
        char *to;
        size_t n;
};

static void say(struct sentence *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(struct sentence *s, const char *fmt, ...)
{
        va_list args;
        va_start(args, fmt);
        int n = vsnprintf(s->to + s->n, HUB_SENTENCE_MAX - s->n, fmt, args);
        va_end(args);
        if (n > 0)
                s->n = s->n + (size_t)n < HUB_SENTENCE_MAX ? s->n + (size_t)n : HUB_SENTENCE_MAX - 1;
}

static const char *number(char out[24], size_t n, bool first)
{
        static const char *const words[] = { "none", "one", "two", "three", "four", "five", "six", "seven",
                                             "eight", "nine", "ten", "eleven", "twelve" };
        if (n < sizeof words / sizeof *words)
                snprintf(out, 24, "%s", words[n]);
        else
                snprintf(out, 24, "%zu", n);
        if (first && out[0] >= 'a')
                out[0] = (char)(out[0] - 'a' + 'A');
        return out;
}

static void say_how_many(struct sentence *s, const struct hub_view *v)
{
        char a[24], b[24];
        if (v->n == 0)
                say(s, "There is no region yet");
        else if (v->n == 1)
                say(s, v->well ? "The one region is well" : "The one region is not well");
        else if (v->well == v->n && v->n == 2)
                say(s, "Both regions are well");
        else if (v->well == v->n)
                say(s, "All %s regions are well", number(b, v->n, false));
        else
                say(s, "%s of %s regions %s well", number(a, v->well, true), number(b, v->n, false),
                    v->well == 1 ? "is" : "are");
}

/* At most SAID_MAX of them, "; a, b, and c". */
static void say_list(struct sentence *s, const struct hub_view *v, size_t offset)
{
        size_t all = 0, n = 0;
        for (size_t i = 0; i < v->n; i++)
                all += ((const char *)&v->regions[i])[offset] != 0;
        size_t shown = all <= SAID_MAX ? all : SAID_MAX;
        for (size_t i = 0; i < v->n && n < shown; i++) {
                const char *text = (const char *)&v->regions[i] + offset;
                if (!*text)
                        continue;
                bool last = ++n == shown && all == shown;
                say(s, "%s%s", n == 1 ? "; " : last ? ", and " : ", ", text);
        }
        if (all > shown)
                say(s, ", and %zu more", all - shown);
}

static void say_all(struct hub_view *v, const struct overview *o)
{
        struct sentence s = { v->sentence, 0 };
        if (o->n && !o->loaders)
                say(&s, "No loader is at work at the hub, so that what follows is old: ");
        size_t before = s.n;
        say_how_many(&s, v);
        if (before && s.n > before && v->sentence[before] >= 'A' && v->sentence[before] <= 'Z')
                v->sentence[before] = (char)(v->sentence[before] - 'A' + 'a');
        say_list(&s, v, offsetof(struct region_view, trouble));
        say_list(&s, v, offsetof(struct region_view, remark));
        if (o->loaders && o->orphans)
                say(&s, "; no loader holds %lld of %lld partitions", (long long)o->orphans, (long long)o->partitions);
        say(&s, ".");
}

/* ---- All ---------------------------------------------------------------------------- */
static const struct overview_region *find(const struct overview *o, const char *code)
{
        for (size_t i = 0; i < o->n; i++)
                if (strcmp(o->regions[i].region, code) == 0)
                        return &o->regions[i];
        return NULL;
}

static bool is_named(const char *const *codes, size_t n, const char *code)
{
        for (size_t i = 0; i < n; i++)
                if (strcmp(codes[i], code) == 0)
                        return true;
        return false;
}

bool hub_view_make(struct hub_view *v, const struct overview *o, const char *const *codes, size_t n_codes,
                   int64_t silent_us, struct err *err)
{
        *v = (struct hub_view){ .regions = calloc(n_codes + o->n + 1, sizeof *v->regions),
                                .loaders_well = o->n == 0 || (o->loaders > 0 && o->orphans == 0) };
        if (!v->regions)
                return err_set(err, ERR_SYSTEM, 0, "out of memory");
        for (size_t i = 0; i < n_codes; i++)
                v->regions[v->n++] = (struct region_view){ .region = codes[i], .r = find(o, codes[i]) };
        for (size_t i = 0; i < o->n; i++)
                if (!is_named(codes, n_codes, o->regions[i].region) &&
                    o->regions[i].heard_us > o->now_us - STRANGER_FOR_US)
                        v->regions[v->n++] = (struct region_view){ .region = o->regions[i].region,
                                                                   .r = &o->regions[i] };
        for (size_t i = 0; i < v->n; i++) {
                judge_region(&v->regions[i], o, i >= n_codes, silent_us);
                v->well += v->regions[i].well;
        }
        say_all(v, o);
        return true;
}

void hub_view_clear(struct hub_view *v)
{
        free(v->regions);
        *v = (struct hub_view){ 0 };
}
