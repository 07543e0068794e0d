/* check_readers.c - what is hidden from whom, by which line, and what soon will be. */
#include "check_readers.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "region_plan.h"

/* Regions that one line of a policy decides alike for a reader. */
struct verdict {
        const struct hub_reader *reader;
        char file[80], why[640], law[256];
        int line;
        bool reads;
        int64_t until_us;
        char **regions;
        size_t n;
};

struct reader_views {
        const struct hub_settings *hub;
        int64_t now_us;
        struct verdict **verdicts; /* by reader as hub.cfg has them, then as they were met */
        size_t n;
        bool full; /* memory is out: what is told is not all */
};

static const int64_t warn_days = 60;

struct reader_views *reader_views_new(const struct hub_settings *hub, int64_t now_us)
{
        struct reader_views *v = calloc(1, sizeof *v);
        if (v) {
                v->hub = hub;
                v->now_us = now_us;
        }
        return v;
}

void reader_views_free(struct reader_views *v)
{
        for (size_t i = 0; v && i < v->n; i++) {
                for (size_t k = 0; k < v->verdicts[i]->n; k++)
                        free(v->verdicts[i]->regions[k]);
                free(v->verdicts[i]->regions);
                free(v->verdicts[i]);
        }
        if (v)
                free(v->verdicts);
        free(v);
}

static struct verdict *find(struct reader_views *v, const struct hub_reader *r, const struct transfer_said *said)
{
        for (size_t i = 0; i < v->n; i++) {
                struct verdict *d = v->verdicts[i];
                if (d->reader == r && d->line == said->line && d->reads == (said->decision == DECISION_GO) &&
                    d->until_us == said->until_us && strcmp(d->file, said->file) == 0)
                        return d;
        }
        return NULL;
}

static struct verdict *make(struct reader_views *v, const struct hub_reader *r, const struct transfer_said *said)
{
        struct verdict **more = realloc(v->verdicts, (v->n + 1) * sizeof *more);
        struct verdict *d = more ? calloc(1, sizeof *d) : NULL;
        if (more)
                v->verdicts = more;
        if (!d)
                return NULL;
        d->reader = r;
        d->line = said->line;
        d->reads = said->decision == DECISION_GO;
        d->until_us = said->until_us;
        snprintf(d->file, sizeof d->file, "%s", said->file);
        snprintf(d->law, sizeof d->law, "%s", said->law);
        plan_reason(said, d->why, sizeof d->why);
        v->verdicts[v->n++] = d;
        return d;
}

static bool add_region(struct verdict *d, const char *region)
{
        char **more = realloc(d->regions, (d->n + 1) * sizeof *more);
        if (more)
                d->regions = more;
        if (!more || !(more[d->n] = strdup(region)))
                return false;
        d->n++;
        return true;
}

void reader_views_note(struct reader_views *v, const char *region, const struct book *book)
{
        const struct hub *hub = &v->hub->hub;
        for (size_t i = 0; i < hub->n_readers; i++) {
                const struct hub_reader *r = &hub->readers[i];
                struct transfer_said said;
                if (!r->country)
                        continue;
                book_transfer(book, PLACE_READERS, slice_of(r->country), v->now_us, &said);
                struct verdict *d = find(v, r, &said);
                d = d ? d : make(v, r, &said);
                if (!d || !add_region(d, region))
                        v->full = true;
        }
}

static void put_regions(const struct verdict *d, struct buf *out)
{
        for (size_t i = 0; i < d->n; i++)
                buf_printf(out, "%s%s", i ? ", " : "", d->regions[i]);
}

/* Days until what is read is hidden; -1: not within the time of which is warned. */
static int64_t days_left(const struct reader_views *v, const struct verdict *d)
{
        if (!d->reads || d->until_us == INT64_MAX || d->until_us < v->now_us)
                return -1;
        int64_t days = (d->until_us - v->now_us) / US_PER_DAY;
        return days < warn_days ? days : -1;
}

static void warn_of_end(const struct reader_views *v, const struct verdict *d, struct report *report)
{
        struct buf regions;
        char when[48];
        int64_t days = days_left(v, d);
        if (days < 0)
                return;
        if (days == 0)
                snprintf(when, sizeof when, "within a day");
        else
                snprintf(when, sizeof when, "in %" PRId64 " day%s", days, days == 1 ? "" : "s");
        buf_init(&regions, 64 << 10);
        put_regions(d, &regions);
        conf_complain(report, d->reader->node, REPORT_WARNING,
                      "Renew the basis and its date; rows that are there keep the old date until their region sends "
                      "them anew.",
                      "%s what comes from %s is hidden from reader \"%s\" in %s: %s:%d ends: %s", when,
                      regions.p ? regions.p : "", d->reader->role, d->reader->country, d->file, d->line, d->why);
        buf_clear(&regions);
}

static bool sees_something(const struct reader_views *v, const struct hub_reader *r)
{
        for (size_t i = 0; i < v->n; i++)
                if (v->verdicts[i]->reader == r && v->verdicts[i]->reads)
                        return true;
        return false;
}

void reader_views_tell(const struct reader_views *v, bool all_known, struct report *report)
{
        const struct hub *hub = &v->hub->hub;
        for (size_t i = 0; i < hub->n_readers && all_known && !v->full; i++) {
                const struct hub_reader *r = &hub->readers[i];
                if (r->role && r->country && !sees_something(v, r))
                        conf_complain(report, r->node, REPORT_ERROR,
                                      "Add \"reading\" to a line of \"transfers\" if the law allows it, or take "
                                      "the reader out.",
                                      "reader \"%s\" would see nothing: no region's policy allows reading from %s",
                                      r->role, r->country);
        }
        for (size_t i = 0; i < v->n; i++)
                warn_of_end(v, v->verdicts[i], report);
}

/* What is open without an end needs no words. */
static void say_one(const struct verdict *d, FILE *out)
{
        if (d->reads && d->until_us == INT64_MAX)
                return;
        struct buf regions;
        char end[CLOCK_TEXT_MAX] = "";
        buf_init(&regions, 64 << 10);
        put_regions(d, &regions);
        if (d->reads)
                clock_format_rfc3339(end, d->until_us);
        fprintf(out, "    %s%.16s%s %s: %s:%d: %s\n", d->reads ? "until " : "hidden:", end, d->reads ? " UTC:" : "",
                regions.p ? regions.p : "", d->file, d->line, d->why);
        buf_clear(&regions);
}

void reader_views_say(const struct reader_views *v, FILE *out)
{
        const struct hub *hub = &v->hub->hub;
        if (v->n)
                fprintf(out, "Who reads what at the hub, and what is hidden from whom:\n");
        for (size_t i = 0; i < hub->n_readers; i++) {
                const struct hub_reader *r = &hub->readers[i];
                if (!r->role || !r->country)
                        continue;
                size_t seen = 0, all = 0;
                for (size_t k = 0; k < v->n; k++) {
                        const struct verdict *d = v->verdicts[k];
                        all += d->reader == r ? d->n : 0;
                        seen += d->reader == r && d->reads ? d->n : 0;
                }
                fprintf(out, "  %s (%s, %s) reads %zu of %zu regions\n", r->role, r->surface ? "count" : "voice",
                        r->country, seen, all);
                for (size_t k = 0; k < v->n; k++)
                        if (v->verdicts[k]->reader == r)
                                say_one(v->verdicts[k], out);
        }
}

static void verdict_json(const struct reader_views *v, const struct verdict *d, struct json_out *o)
{
        for (size_t i = 0; i < d->n; i++) {
                json_open(o, NULL, '{');
                json_put_text(o, "region", d->regions[i]);
                json_put_bool(o, "reads", d->reads);
                json_put_text(o, "file", d->file);
                json_put_int(o, "line", d->line);
                json_put_text(o, "law", d->law);
                json_put_text(o, "reason", d->why);
                if (d->until_us == INT64_MAX || d->until_us == INT64_MIN)
                        json_put_null(o, "until");
                else
                        json_put_time(o, "until", d->until_us);
                if (days_left(v, d) >= 0)
                        json_put_int(o, "days_left", days_left(v, d));
                json_close(o, '}');
        }
}

void reader_views_json(const struct reader_views *v, struct json_out *o)
{
        const struct hub *hub = &v->hub->hub;
        json_open(o, "readers", '[');
        for (size_t i = 0; i < hub->n_readers; i++) {
                const struct hub_reader *r = &hub->readers[i];
                json_open(o, NULL, '{');
                json_put_text(o, "role", r->role);
                json_put_text(o, "country", r->country);
                json_put_text(o, "surface", r->surface ? "count" : "voice");
                json_open(o, "regions", '[');
                for (size_t k = 0; k < v->n; k++)
                        if (v->verdicts[k]->reader == r)
                                verdict_json(v, v->verdicts[k], o);
                json_close(o, ']');
                json_close(o, '}');
        }
        json_close(o, ']');
}
