/* source_try.c - `source try FILE|-`: what a sheet is likely to mean, what of it would leave, and
 * the configuration to paste. Changes nothing, writes nothing, keeps nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/pack.h"
#include "base/text.h"
#include "leaving.h"
#include "source.h"
#include "source_sample.h"
#include "verb.h"

static const char usage[] = "source try FILE|- [--region CODE] [--source NAME] [--lines N] [--kind KIND]\n"
                            "       [--time-format FORMAT]";

enum { LINES_MAX = 1000, OUT_MAX = 256 << 20 };

struct trying {
        struct deployment d;
        const char *file, *name, *time_format, *kind, *lines_text;
        int64_t lines;
        struct sample sample;
        struct leaving leaving;
        const struct source *as; /* the region has it: read as it is configured */
        struct json_out o;
        struct buf json;
        size_t shown, taken, refused;
        struct err failure; /* of leaving_say() */
};

static struct json_out *json_of(struct trying *t)
{
        return t->d.json ? &t->o : NULL;
}

/* ---- The guess ------------------------------------------------------------------ */

static void say_column(struct trying *t, const struct guess_column *c)
{
        const char *use = c->use == GUESS_FIELD ? field_name(c->field) : c->use == GUESS_CONSENT ? "consent" : NULL;
        if (t->d.json) {
                json_open(&t->o, NULL, '{');
                json_put_string(&t->o, "column", c->name);
                json_put_text(&t->o, "field", use);
                json_put_text(&t->o, "why", c->why);
                json_close(&t->o, '}');
                return;
        }
        printf("  %-16s ", use ? use : "(left out)");
        leaving_print(slice_make(c->name.p, utf8_cut(c->name, 200)));
        printf("  - %s\n", c->why);
}

static const char *delimiter_name(char c)
{
        return c == '\t' ? "tab" : c == ',' ? "comma" : c == ';' ? "semicolon" : "bar";
}

static void say_guess(struct trying *t)
{
        const struct guess *g = t->sample.guess;
        if (t->d.json) {
                json_put_text(&t->o, "format", g->ndjson ? "ndjson" : "csv");
                json_put_text(&t->o, "encoding", charset_name(g->encoding.charset));
                json_put_text(&t->o, "encoding_why", g->encoding.why);
                json_put_text(&t->o, "delimiter", g->ndjson ? NULL : delimiter_name(g->delimiter));
                json_put_text(&t->o, "time_format", g->time_format);
                json_put_text(&t->o, "time_why", g->time_why);
                json_open(&t->o, "columns", '[');
        } else {
                printf("Read as %s in %s: %s.\n", g->ndjson ? "NDJSON" : "CSV", charset_name(g->encoding.charset),
                       g->encoding.why);
                if (!g->ndjson)
                        printf("Columns stand between %ss: %s.\n", delimiter_name(g->delimiter), g->delimiter_why);
                if (g->time_why)
                        printf("Times are read by %s: %s.\n", g->time_format ? g->time_format : "ISO 8601", g->time_why);
                printf("%zu rows looked at%s\n", g->n_rows, g->ndjson ? "." : "; what the columns mean:");
        }
        for (size_t i = 0; i < g->n_columns; i++)
                say_column(t, &g->columns[i]);
        if (t->d.json)
                json_close(&t->o, ']');
}

static void say_needs(struct trying *t)
{
        const struct guess *g = t->sample.guess;
        if (t->d.json)
                json_open(&t->o, "needs", '[');
        else if (g->n_needs)
                printf("\nTo be decided by you:\n");
        for (size_t i = 0; i < g->n_needs; i++) {
                if (t->d.json) {
                        json_open(&t->o, NULL, '{');
                        json_put_text(&t->o, "what", g->needs[i].what);
                        json_put_text(&t->o, "hint", g->needs[i].todo);
                        json_close(&t->o, '}');
                } else {
                        printf("  * ");
                        leaving_print(slice_of(g->needs[i].what));
                        printf(".\n    hint: %s\n", g->needs[i].todo);
                }
        }
        if (t->d.json)
                json_close(&t->o, ']');
}

static void say_configuration(struct trying *t)
{
        if (t->d.json) {
                json_put_string(&t->o, "configuration", buf_slice(&t->sample.configuration));
                return;
        }
        printf("\nTo be pasted into `sources = ( ... );` of the region's file (with a comma between two),\n"
               "or written there by `tributary source add %s --type folder --from %s`:\n\n%s", t->name,
               strcmp(t->file, "-") == 0 ? "FILE" : t->file, t->sample.configuration.p);
}

/* ---- The records ---------------------------------------------------------------- */

static bool each(void *ctx, int64_t line, const struct record *r, const struct err *why)
{
        struct trying *t = ctx;
        bool show = t->shown < (size_t)t->lines;
        t->taken += r != NULL;
        t->refused += r == NULL;
        if (!show)
                return true;
        t->shown++;
        if (r && t->d.region)
                return leaving_say(&t->leaving, t->name, line, r, json_of(t), &t->failure);
        if (r)
                return true;
        if (t->d.json) {
                json_open(&t->o, NULL, '{');
                json_put_int(&t->o, "line", line);
                json_put_text(&t->o, "decision", "refused");
                json_put_text(&t->o, "because", why->text);
                json_close(&t->o, '}');
        } else {
                printf("  line %lld: refused: %s\n", (long long)line, why->text);
        }
        return true;
}

static bool say_records(struct trying *t, struct err *err)
{
        const struct source *s = t->as ? t->as : &t->sample.source;
        if (t->d.json)
                json_open(&t->o, "records", '[');
        else
                printf("\n%s\n", t->d.region ? "As they would leave under the policies of today:"
                                             : "What would leave cannot be known without --region; the rows were read:");
        struct reader *r = reader_new(s, t->sample.format, each, t, err);
        bool ok = r && reader_put(r, buf_slice(&t->sample.bytes), err) &&
                  (!t->sample.whole || reader_finish(r, err));
        if (!ok && t->failure.kind != ERR_NONE)
                *err = t->failure;
        if (t->d.json)
                json_close(&t->o, ']');
        else
                printf("  %s%zu rows can be read, %zu are refused.\n", t->sample.whole ? "" : "of the first MiB: ", t->taken,
                       t->refused);
        reader_free(r);
        return ok;
}

/* ---- The whole ------------------------------------------------------------------ */

/* The region's source of that name, if it has one that reads files. */
static const struct source *configured(const struct trying *t)
{
        const struct agent_settings *s = t->leaving.settings;
        for (size_t i = 0; t->d.region && t->name && i < s->n_sources; i++)
                if (strcmp(s->sources[i].name, t->name) == 0 && s->sources[i].type == SOURCE_FOLDER)
                        return &s->sources[i];
        return NULL;
}

static bool say_all(struct trying *t, struct err *err)
{
        if (t->as && !t->d.json)
                printf("Read as source \"%s\" of %s is configured.\n", t->as->name, t->d.region);
        if (!t->as) {
                say_guess(t);
                say_needs(t);
                say_configuration(t);
        }
        return say_records(t, err);
}

static int try_file(struct trying *t)
{
        struct err err = ERR_INIT;
        const struct region *region = t->d.region ? &t->leaving.settings->region : NULL;
        struct sample_spec spec = { .file = t->file, .name = t->name, .kind = t->kind, .time_format = t->time_format,
                                    .region = region, .as = t->as };
        if (!sample_read(&t->sample, &spec, &err)) {
                int status = act_fail(&err, t->d.json);
                return err.kind == ERR_DATA ? EXIT_FINDING : status;
        }
        t->name = t->sample.name;
        if (t->d.json) {
                json_open(&t->o, NULL, '{');
                json_put_int(&t->o, "version", 1);
                json_put_text(&t->o, "source", t->name);
                json_put_text(&t->o, "region", t->d.region);
        }
        bool ok = say_all(t, &err);
        size_t needs = t->as ? 0 : t->sample.guess->n_needs;
        if (t->d.json) {
                json_put_uint(&t->o, "readable", t->taken);
                json_put_uint(&t->o, "refused", t->refused);
                json_put_text(&t->o, "error", ok ? NULL : err.text);
                json_put_text(&t->o, "hint", ok || !err.hint[0] ? NULL : err.hint);
                json_close(&t->o, '}');
                printf("%s\n", t->json.p);
        } else if (!ok) {
                act_fail(&err, false);
        }
        return ok && !needs && !t->refused && t->taken ? EXIT_WELL : EXIT_FINDING;
}

static int with_region(struct trying *t)
{
        struct report *report = report_new();
        int status = EXIT_COULD_NOT;
        bool ok = !t->d.region || leaving_open(&t->leaving, &t->d, report);
        if (!ok) {
                status = act_report(report, t->d.json);
        } else {
                t->as = configured(t);
                status = try_file(t);
        }
        sample_clear(&t->sample);
        if (t->d.region)
                leaving_close(&t->leaving);
        report_free(report);
        return status;
}

static bool arguments_ok(struct trying *t, int n, char **argv, struct err *err)
{
        t->lines = 5;
        t->file = argv[0];
        if (n != 1)
                err_set(err, ERR_SYSTEM, 0, n ? "one file at a time" : "which file? \"-\" is what comes in by a pipe");
        else if (t->lines_text && !text_int(&t->lines, slice_of(t->lines_text), 0, LINES_MAX))
                err_set(err, ERR_SYSTEM, 0, "--lines is a number from 0 to %d", LINES_MAX);
        else if (t->name && !text_is_name(slice_of(t->name)))
                err_set(err, ERR_SYSTEM, 0, "\"%.40s\" is no name of a source: small letters, digits and -, at most 32", t->name);
        else if (t->kind && kind_of_name(slice_of(t->kind)) < 0)
                err_set(err, ERR_SYSTEM, 0, "\"%.40s\" is no kind of record", t->kind);
        else
                return true;
        return err_hint(err, "usage: tributary %s", usage);
}

int source_try(int argc, char **argv)
{
        struct trying t = { .taken = 0 };
        struct buf keep;
        struct err err = ERR_INIT;
        bool help = false;
        int status = EXIT_COULD_NOT;
        const struct flag flags[] = {
                VERB_FLAGS(&t.d, &help),
                { "source", 0, "NAME", &t.name, "Read it as this source of the region; or the name of a new one." },
                { "lines", 0, "N", &t.lines_text, "How many records to show (default 5)." },
                { "time-format", 0, "FORMAT", &t.time_format, "How its times are written, where that cannot be guessed." },
                { "kind", 0, "KIND", &t.kind, "What its rows are (default feedback)." },
                FLAG_END
        };
        int n = verb_begin(flags, usage, argc, argv, &t.d, &keep, &help, &status);
        buf_init(&t.json, OUT_MAX);
        json_out_init(&t.o, &t.json);
        if (n >= 0)
                status = arguments_ok(&t, n, argv, &err) ? with_region(&t) : act_fail(&err, t.d.json);
        buf_clear(&t.json);
        buf_clear(&keep);
        return status;
}
