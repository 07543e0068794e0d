/* source_map.c - `source map`: a mapping file, tried with a payload.
 *
 * The manager's own file on the manager's own terminal: values are shown, with the line of the mapping
 * by which each was found, and what found nothing. Nothing is captured. */
#include <stdio.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "source.h"
#include "source/mapping.h"
#include "verb.h"

static const char usage[] = "source map MAPPING [PAYLOAD|- [HEADER:VALUE...]]";

enum { PAYLOAD_MAX = 25 << 20, ARENA_BYTES = 256 << 20, SHOWN_BYTES = 160, OUT_MAX = 64 << 20 };

struct showing {
        struct json_out o;
        bool json, open; /* a record's notes are being told */
        size_t taken, refused, counted;
};

/* One line, without what a terminal would obey. */
static void say_value(struct slice s)
{
        size_t n = utf8_cut(s, SHOWN_BYTES);
        for (size_t i = 0; i < n; i++) {
                unsigned char c = (unsigned char)s.p[i];
                bool c1 = c == 0xc2 && i + 1 < n && (unsigned char)s.p[i + 1] < 0xa0; /* U+0080 to U+009F */
                if (c == '\n')
                        fputs("\\n", stdout);
                else if (c < ' ' || c == 0x7f || c1)
                        putchar('?');
                else
                        putchar(c);
                i += c1;
        }
        printf("%s\n", n < s.n ? "…" : "");
}

static void end_record(struct showing *w, const char *outcome, const struct record *r, const struct err *why)
{
        if (w->json) {
                struct buf b;
                buf_init(&b, RECORD_BYTES_MAX * 8);
                json_close(&w->o, ']');
                json_put_text(&w->o, "outcome", outcome);
                if (why)
                        json_put_text(&w->o, "reason", why->text);
                if (r) {
                        record_format(r, &b);
                        json_put_raw(&w->o, "record", buf_slice(&b));
                }
                json_close(&w->o, '}');
                buf_clear(&b);
        } else if (r) {
                printf("  taken: %s%s\n", kind_name(r->kind),
                       r->deleted ? ", deleted"
                       : r->first ? ", new"
                                  : "");
        } else {
                printf("  %s%s%s\n", outcome, why ? ": " : ": its kind is not mapped", why ? why->text : "");
        }
        w->open = false;
}

static void begin_record(struct showing *w, const struct mapping_note *note)
{
        if (w->open) {
                w->counted++;
                end_record(w, "counted", NULL, NULL);
        }
        w->open = true;
        if (w->json) {
                json_open(&w->o, NULL, '{');
                json_put_int(&w->o, "line", note->line);
                json_open(&w->o, "fields", '[');
        } else {
                printf("record %zu, by line %d:\n", w->taken + w->refused + w->counted + 1, note->line);
        }
}

static void say_note(void *ctx, const struct mapping_note *note)
{
        struct showing *w = ctx;
        if (!note->what) {
                begin_record(w, note);
        } else if (w->json) {
                json_open(&w->o, NULL, '{');
                json_put_text(&w->o, "field", note->what);
                json_put_int(&w->o, "line", note->line);
                json_put_text(&w->o, "from", note->from);
                json_put_string(&w->o, "found", note->found);
                json_close(&w->o, '}');
        } else {
                printf("  %-18s line %-4d %-34s ", note->what, note->line, note->from);
                if (note->found.p)
                        say_value(note->found);
                else
                        printf("(nothing is there)\n");
        }
}

static bool take(void *ctx, int64_t line, const struct record *r, const struct err *why)
{
        struct showing *w = ctx;
        (void)line;
        if (r)
                w->taken++;
        else
                w->refused++;
        end_record(w, r ? "taken" : "refused", r, why);
        return true;
}

/* "X-Event: push" for the headers that the mapping looks at. */
static void read_headers(struct slice *values, const struct hook_sender *s, int n, char **words)
{
        for (int w = 0; w < n; w++) {
                size_t end = strcspn(words[w], ":");
                bool wanted = false;
                for (size_t i = 0; words[w][end] && i < s->n_headers; i++) {
                        if (!slice_eq_nocase(slice_of(s->headers[i]), slice_make(words[w], end)))
                                continue;
                        values[i] = slice_trim(slice_of(words[w] + end + 1));
                        wanted = true;
                }
                if (!wanted)
                        fprintf(stderr, "tributary: the mapping does not look at \"%.80s\"\n", words[w]);
        }
}

static int conclude(struct showing *w, bool ok, const struct hook_result *result, const struct err *err)
{
        if (w->open) {
                w->counted++;
                end_record(w, "counted", NULL, NULL);
        }
        if (w->json) {
                json_close(&w->o, ']');
                json_put_uint(&w->o, "taken", w->taken);
                json_put_uint(&w->o, "refused", w->refused);
                json_put_string(&w->o, "echo", result->echo);
                json_put_text(&w->o, "error", ok ? NULL : err->text);
                json_close(&w->o, '}');
                printf("%.*s\n", SLICE_ARG(buf_slice(w->o.b)));
        } else if (!ok) {
                fprintf(stderr, "tributary: %s\n", err->text);
        } else if (result->outcome == HOOK_ECHO) {
                printf("The payload would be answered 200 with what stands at `echo`.\n");
        } else if (w->taken + w->refused == 0) {
                printf("The payload would be answered 202 and counted: no `when` holds, or its kind is not "
                       "mapped.\n");
        } else {
                printf("%zu taken, %zu refused.%s\n", w->taken, w->refused,
                       w->refused ? " The sender would hear 422 with these reasons." : "");
        }
        return ok && !w->refused ? EXIT_WELL : EXIT_FINDING;
}

static int try_payload(const struct mapping *m, const char *path, int n, char **words, bool json)
{
        static const struct source source = { .name = "try", .type = SOURCE_WEBHOOK, .kind = -1 };
        struct slice values[HOOK_HEADERS_MAX] = { { NULL, 0 } };
        struct err err = ERR_INIT;
        struct buf payload, out;
        struct hook_result result = { .outcome = HOOK_COUNTED };
        struct showing w = { .json = json };
        int status = EXIT_COULD_NOT;
        struct arena *a = arena_new(ARENA_BYTES);
        buf_init(&payload, PAYLOAD_MAX);
        buf_init(&out, OUT_MAX);
        json_out_init(&w.o, &out);
        read_headers(values, mapping_sender(m), n, words);
        if (!a || !file_read(&payload, strcmp(path, "-") == 0 ? "/dev/stdin" : path, &err)) {
                act_fail(&err, json);
        } else {
                if (json) {
                        json_open(&w.o, NULL, '{');
                        json_put_int(&w.o, "version", 1);
                        json_open(&w.o, "records", '[');
                }
                bool ok = mapping_read(m, &source, values, buf_slice(&payload), a, &result, take, &w,
                                       say_note, &err);
                status = conclude(&w, ok, &result, &err);
        }
        buf_clear(&payload);
        buf_clear(&out);
        arena_free(a);
        return status;
}

static void say_sender(const struct hook_sender *s, bool json)
{
        static const char *const algorithms[] = { "sha256", "sha1", "sha512", "token" };
        if (json) {
                printf("{\"version\":1,\"ok\":true,\"signature\":\"%s\",\"algorithm\":\"%s\"}\n",
                       s->signature.name, algorithms[s->algorithm]);
                return;
        }
        printf("The mapping is well. Requests are known by %s (%s); it looks at", s->signature.name,
               algorithms[s->algorithm]);
        for (size_t i = 0; i < s->n_headers; i++)
                printf("%s header %s", i ? "," : "", s->headers[i]);
        printf("%s.\n", s->n_headers ? " and the payload" : " the payload alone");
}

int source_map(int argc, char **argv)
{
        struct deployment d = { 0 };
        struct buf keep;
        bool help = false;
        int status = EXIT_COULD_NOT;
        const struct flag flags[] = { { "json", 0, NULL, &d.json, "Print JSON for programs." },
                                      { "help", 'h', NULL, &help, "This help." },
                                      FLAG_END };
        int n = verb_begin(flags, usage, argc, argv, &d, &keep, &help, &status);
        struct report *report = report_new();
        struct mapping *m = NULL;
        if (n == 0) {
                fprintf(stderr, "tributary: which mapping is not said\nhint: usage: tributary %s\n", usage);
        } else if (n > 0) {
                bool ok = mapping_load(&m, argv[0], report);
                if (!ok)
                        act_report(report, d.json);
                else if (!d.json)
                        report_print(report, stderr);
                status = !ok ? EXIT_BAD_CONFIG : EXIT_WELL;
                if (ok && n > 1)
                        status = try_payload(m, argv[1], n - 2, argv + 2, d.json);
                else if (ok)
                        say_sender(mapping_sender(m), d.json);
        }
        mapping_free(m);
        report_free(report);
        buf_clear(&keep);
        return status;
}
