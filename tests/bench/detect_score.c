/* detect_score.c - what the detector finds, for tests/data/score.py's eyes.
 *
 *   detect_score < corpus.ndjson > predictions.ndjson     {"id","title","body"} in,
 *                                                         {"id","spans":[...]} out
 *   detect_score --speed N < text                         N scans of the text in records
 *                                                         of about 1 KB, MB/s
 *
 * Type names are printed in capitals, as the labels have them.                  */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "detect/detect.h"

enum { TEXT_MAX = 64 << 20, LINE_MAX_BYTES = 4 << 20 };

static void put_spans(struct json_out *o, struct scanner *s, const struct json *record,
                      const char *field)
{
        const struct finding *f;
        size_t n;
        struct err err = ERR_INIT;
        struct slice text = json_string(json_get(record, field));
        if (!text.p || !scan(s, text, &f, &n, &err))
                return;
        for (size_t i = 0; i < n; i++) {
                char name[32] = { 0 };
                for (size_t k = 0; k < sizeof name - 1 && detect_name(f[i].id)[k]; k++)
                        name[k] = (char)toupper((unsigned char)detect_name(f[i].id)[k]);
                json_open(o, NULL, '{');
                json_put_text(o, "field", field);
                json_put_uint(o, "start", f[i].start);
                json_put_uint(o, "end", f[i].end);
                json_put_text(o, "type", name);
                json_close(o, '}');
        }
}

static bool predict(struct scanner *s, FILE *in, FILE *out)
{
        struct arena *a = arena_new(LINE_MAX_BYTES * 8);
        struct buf b;
        char *line = NULL;
        size_t cap = 0;
        ssize_t got;
        struct err err = ERR_INIT;
        bool ok = a != NULL;
        buf_init(&b, LINE_MAX_BYTES);
        while (ok && (got = getline(&line, &cap, in)) > 0) {
                struct json *record;
                struct json_out o;
                arena_reset(a);
                buf_reset(&b);
                json_out_init(&o, &b);
                ok = json_read(&record, a, slice_make(line, (size_t)got), 16, &err);
                if (!ok)
                        break;
                json_open(&o, NULL, '{');
                json_put_string(&o, "id", json_string(json_get(record, "id")));
                json_open(&o, "spans", '[');
                put_spans(&o, s, record, "title");
                put_spans(&o, s, record, "body");
                json_close(&o, ']');
                json_close(&o, '}');
                fprintf(out, "%.*s\n", SLICE_ARG(buf_slice(&b)));
        }
        if (!ok)
                fprintf(stderr, "detect_score: %s\n", err.text);
        free(line);
        buf_clear(&b);
        arena_free(a);
        return ok;
}

/* The end of the record that begins at `from`: a line's end after about 1 KB. */
static size_t record_end(const char *text, size_t n, size_t from)
{
        size_t end = from + 1000;
        while (end < n && text[end - 1] != '\n' && end - from < 4000)
                end++;
        while (end < n && ((unsigned char)text[end] & 0xC0) == 0x80)
                end++;
        return end < n ? end : n;
}

static bool measure(struct scanner *s, FILE *in, int rounds)
{
        char *text = malloc(TEXT_MAX);
        size_t n = text ? fread(text, 1, TEXT_MAX, in) : 0, found = 0;
        struct err err = ERR_INIT;
        bool ok = n > 0;
        int64_t start = clock_mono_us();
        for (int i = 0; ok && i < rounds; i++)
                for (size_t from = 0, end; ok && from < n; from = end) {
                        const struct finding *f;
                        size_t k;
                        end = record_end(text, n, from);
                        ok = scan(s, slice_make(text + from, end - from), &f, &k, &err);
                        found += k;
                }
        double us = (double)(clock_mono_us() - start);
        printf("%zu bytes, %zu findings, %.1f MB/s\n", n, found, us > 0 ? (double)n * rounds / us : 0);
        free(text);
        return ok;
}

int main(int argc, char **argv)
{
        struct scanner *s = scanner_new(~(detect_set)0, TEXT_MAX);
        bool speed = argc == 3 && strcmp(argv[1], "--speed") == 0;
        bool ok = s && (speed ? measure(s, stdin, atoi(argv[2])) : predict(s, stdin, stdout));
        scanner_free(s);
        return ok ? 0 : 2;
}
