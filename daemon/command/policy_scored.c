/* policy_scored.c - the score for people and as JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "policy_score.h"

static int by_name(const void *a, const void *b)
{
        const struct score_type_count *const *x = a, *const *y = b;
        return strcmp((*x)->name, (*y)->name);
}

static void sorted(const struct score *s, const struct score_type_count *out[SCORE_TYPES])
{
        for (size_t i = 0; i < s->n_types; i++)
                out[i] = &s->types[i];
        qsort(out, s->n_types, sizeof *out, by_name);
}

static double per_thousand(const struct score *s)
{
        return s->clean_records ? 1000.0 * (double)s->false_alarms / (double)s->clean_records : 0;
}

static double leaked_percent(const struct score *s)
{
        return s->labelled_bytes ? 100.0 * (double)s->leaked_bytes / (double)s->labelled_bytes : 0;
}

static double speed(const struct score_told *t)
{
        return t->seconds > 0 ? (double)t->bytes / t->seconds / 1e6 : 0;
}

static void line(const char *name, const struct score_count *o, const struct score_count *x)
{
        printf("%-16s %7llu %7llu |   %.3f  %.3f  %.3f", name, (unsigned long long)o->labels,
               (unsigned long long)o->predicted, score_precision(o), score_recall(o), score_f1(o));
        if (x)
                printf(" |   %.3f  %.3f  %.3f", score_precision(x), score_recall(x), score_f1(x));
        putchar('\n');
}

void score_text(const struct score_told *t)
{
        const struct score *s = t->score;
        const struct score_type_count *types[SCORE_TYPES];
        struct score_count overlap = score_all(s, false), exact = score_all(s, true), findable = score_findable(s);
        sorted(s, types);
        printf("%-16s %7s %7s | %-20s | %-20s\n", "type", "labels", "found", "overlap  P    R    F1", "exact  P    R    F1");
        for (size_t i = 0; i < s->n_types; i++)
                line(types[i]->name, &types[i]->overlap, &types[i]->exact);
        line("ALL", &overlap, &exact);
        line("OVERALL *", &findable, NULL);
        printf("* without ADDRESS and the labels of persons that nobody knows, which stand apart:\n");
        printf("  PERSON known     recall %.3f of %llu   (%zu names known)\n", score_recall(&s->known),
               (unsigned long long)s->known.labels, t->people);
        printf("  PERSON unknown   recall %.3f of %llu\n", score_recall(&s->unknown),
               (unsigned long long)s->unknown.labels);
        printf("leaked: %llu of %llu labelled bytes (%.2f %%)\n", (unsigned long long)s->leaked_bytes,
               (unsigned long long)s->labelled_bytes, leaked_percent(s));
        printf("false alarms: %llu in %llu clean records of %llu (%.2f per 1,000)\n",
               (unsigned long long)s->false_alarms, (unsigned long long)s->clean_records,
               (unsigned long long)s->records, per_thousand(s));
        printf("speed: %.1f MB/s of CPU time over %llu bytes\n", speed(t), (unsigned long long)t->bytes);
}

static void put_count(struct json_out *o, const char *key, const struct score_count *c)
{
        json_open(o, key, '{');
        json_put_uint(o, "labels", c->labels);
        json_put_uint(o, "predicted", c->predicted);
        json_put_double(o, "precision", score_precision(c));
        json_put_double(o, "recall", score_recall(c));
        json_put_double(o, "f1", score_f1(c));
        json_close(o, '}');
}

static void put_both(struct json_out *o, const char *name, const struct score_count *overlap,
                     const struct score_count *exact)
{
        json_open(o, name, '{');
        put_count(o, "overlap", overlap);
        put_count(o, "exact", exact);
        json_close(o, '}');
}

void score_json(const struct score_told *t)
{
        const struct score *s = t->score;
        const struct score_type_count *types[SCORE_TYPES];
        struct score_count overlap = score_all(s, false), exact = score_all(s, true), findable = score_findable(s);
        struct buf b;
        struct json_out o;
        sorted(s, types);
        buf_init(&b, 1 << 20);
        json_out_init(&o, &b);
        json_open(&o, NULL, '{');
        json_put_int(&o, "version", 1);
        json_put_uint(&o, "records", s->records);
        json_open(&o, "types", '{');
        for (size_t i = 0; i < s->n_types; i++)
                put_both(&o, types[i]->name, &types[i]->overlap, &types[i]->exact);
        json_close(&o, '}');
        put_both(&o, "all", &overlap, &exact);
        put_count(&o, "overall", &findable);
        put_count(&o, "person_known", &s->known);
        put_count(&o, "person_unknown", &s->unknown);
        json_put_uint(&o, "names_known", t->people);
        json_put_uint(&o, "labelled_bytes", s->labelled_bytes);
        json_put_uint(&o, "leaked_bytes", s->leaked_bytes);
        json_put_double(&o, "leaked_percent", leaked_percent(s));
        json_put_uint(&o, "clean_records", s->clean_records);
        json_put_uint(&o, "false_alarms", s->false_alarms);
        json_put_double(&o, "false_alarms_per_1000", per_thousand(s));
        json_put_double(&o, "mb_per_s", speed(t));
        json_close(&o, '}');
        printf("%s\n", b.p ? b.p : "");
        buf_clear(&b);
}
