/* source_sample.c - the beginning of a file, unpacked, guessed at, and read back as configured. */
#include "source_sample.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/pack.h"
#include "base/text.h"

enum { ARENA_MAX = 64 << 20, PIECE = 64 << 10, CONFIGURATION_MAX = 1 << 20 };

/* A gzip file says so in its first two bytes, whatever its name. */
static bool take_piece(struct sample *s, struct gunzip *g, struct slice piece, bool *full, struct err *err)
{
        while (piece.n && !*full) {
                size_t before = piece.n, n = s->bytes.n;
                if (!g) {
                        size_t room = s->bytes.max - s->bytes.n;
                        buf_put(&s->bytes, slice_make(piece.p, piece.n < room ? piece.n : room));
                        piece.n = piece.n < room ? 0 : piece.n - room;
                } else if (!gunzip_put(g, &piece, &s->bytes, err)) {
                        return false;
                } else if (piece.n == before && s->bytes.n == n) {
                        return err_set(err, ERR_DATA, 0, "gzip data is damaged");
                }
                *full = s->bytes.n == s->bytes.max;
        }
        return true;
}

static bool read_all(struct sample *s, int fd, char *window, struct err *err)
{
        struct gunzip *g = NULL;
        bool full = false, first = true, ok = true;
        while (ok && !full) {
                ssize_t n = read(fd, window, PIECE);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        ok = err_errno(err, errno, "could not read the file");
                if (n <= 0)
                        break;
                if (first && n >= 2 && memcmp(window, "\x1f\x8b", 2) == 0)
                        g = gunzip_new(UINT64_MAX);
                first = false;
                ok = take_piece(s, g, slice_make(window, (size_t)n), &full, err);
        }
        s->whole = !full;
        ok = ok && (!g || full || gunzip_finish(g, err));
        gunzip_free(g);
        return ok;
}

static bool read_bytes(struct sample *s, const char *file, struct err *err)
{
        bool piped = strcmp(file, "-") == 0;
        int fd = piped ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
        char *window = malloc(PIECE);
        if (fd < 0) {
                err_errno(err, errno, "could not open \"%s\"", file);
                free(window);
                return false;
        }
        bool ok = window ? read_all(s, fd, window, err) : err_set(err, ERR_SYSTEM, 0, "out of memory");
        free(window);
        if (!piped)
                close(fd);
        return ok;
}

/* "Umfrage Q3 (1).csv" -> "umfrage-q3-1". */
static void make_name(struct sample *s, const struct sample_spec *spec)
{
        const char *base = strrchr(spec->file, '/');
        size_t n = 0;
        base = base ? base + 1 : spec->file;
        if (spec->name) {
                snprintf(s->name, sizeof s->name, "%s", spec->name);
                return;
        }
        for (const char *p = base; *p && strcmp(p, ".csv") != 0 && strcmp(p, ".csv.gz") != 0 && n < 24; p++) {
                char c = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
                bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
                if (plain || (n && s->name[n - 1] != '-'))
                        s->name[n++] = plain ? c : '-';
        }
        while (n && s->name[n - 1] == '-')
                n--;
        s->name[n] = 0;
        if (!n || strcmp(s->name, "email") == 0)
                snprintf(s->name, sizeof s->name, "sheet");
}

static void join_langs(const struct region *r, char out[128])
{
        out[0] = 0;
        for (size_t i = 0; r && i < r->languages.n; i++) {
                size_t n = strlen(out);
                snprintf(out + n, 128 - n, "%s%s", n ? "," : "", option_text_at(&r->languages, i));
        }
}

/* As the agent would: a guess that cannot be read is none. */
static bool read_back(struct sample *s, struct err *err)
{
        struct buf text;
        struct source all[SOURCES_MAX] = { { .name = NULL } };
        struct report *report = report_new();
        size_t n = 0;
        buf_init(&text, CONFIGURATION_MAX);
        buf_puts(&text, "sources = (\n");
        buf_put(&text, buf_slice(&s->configuration));
        buf_puts(&text, ");\n");
        bool ok = buf_ok(&text) && report && conf_parse(&s->conf, "the guess", buf_slice(&text), report) &&
                  sources_read(all, &n, conf_get(conf_root(s->conf), "sources"), report) && n == 1;
        if (ok) {
                s->source = all[0];
        } else {
                const struct report_item *item = report && report_size(report) ? report_at(report, 0) : NULL;
                for (size_t i = 0; i < n; i++)
                        source_clear(&all[i]);
                err_set(err, ERR_DATA, 0, "no configuration can be made of it: %s", item ? item->text : "out of memory");
                if (item && item->hint)
                        err_hint(err, "%s", item->hint);
        }
        report_free(report);
        buf_clear(&text);
        return ok;
}

bool sample_read(struct sample *s, const struct sample_spec *spec, struct err *err)
{
        char langs[128];
        *s = (struct sample){ .format = "csv", .arena = arena_new(ARENA_MAX) };
        buf_init(&s->bytes, GUESS_BYTES_MAX);
        buf_init(&s->configuration, CONFIGURATION_MAX);
        make_name(s, spec);
        join_langs(spec->region, langs);
        if (!s->arena)
                return err_set(err, ERR_SYSTEM, 0, "out of memory");
        if (!read_bytes(s, spec->file, err))
                return false;
        struct guess_hints hints = { .langs = langs, .timezone = spec->region ? spec->region->timezone : NULL,
                                     .kind = spec->kind, .time_format = spec->time_format };
        if (spec->as) {
                struct slice start = slice_trim(buf_slice(&s->bytes));
                s->format = start.n && start.p[0] == '{' ? "ndjson" : "csv";
                return true;
        }
        if (!guess_file(&s->guess, s->arena, buf_slice(&s->bytes), s->whole, &hints, err))
                return false;
        s->format = s->guess->ndjson ? "ndjson" : "csv";
        guess_configuration(s->guess, s->name, &s->configuration);
        return read_back(s, err);
}

void sample_clear(struct sample *s)
{
        source_clear(&s->source);
        conf_free(s->conf);
        arena_free(s->arena);
        buf_clear(&s->configuration);
        buf_wipe(&s->bytes);
}
