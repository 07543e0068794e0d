/* downtime.c - gaps: noted, kept, judged by what came of them later.
 *
 * STATE/downtimes is text: a line "downtimes 1", then a line a gap, oldest first:
 *      FROM TO WHY SOURCE=COUNT ...
 * FROM and TO in microseconds since 1970, WHY stopped or full, then each source that there was,
 * with how many records of that time came since.                                            */
#include "capture/downtime.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#define KEPT_US (30 * US_PER_DAY)
enum { GAP_MIN_US = 1000000, STANDSTILL_MIN_US = 5000000, SAVE_EVERY_US = 10000000, FILE_MAX = 256 << 10, ALIVE_MAX = 8 << 10 };
enum { GAPS_MAX = STANDING_DOWNTIMES_MAX, NOT_THERE = -1 };
static const char head[] = "downtimes 1\n";

struct gap {
        int64_t from_us, to_us;
        enum downtime_why why;
        int64_t came[SOURCES_MAX]; /* NOT_THERE: not a source at that time */
};

struct downtimes {
        const struct source *sources;
        size_t n_sources;
        char file[PATH_MAX];
        int alive_fd;
        int64_t alive_us;      /* when a record could last be accepted; 0: never */
        bool was[SOURCES_MAX]; /* a source of the agent before this one, as STATE/alive has it */
        bool shut, started;    /* shut: the vault was full since; started: this agent accepted once */
        atomic_bool dirty;
        int64_t saved_us;
        pthread_mutex_t lock;  /* over gaps: captures count into them */
        struct gap gaps[GAPS_MAX + 1];
        size_t n;
        _Atomic int64_t first_us, last_us; /* no gap lies outside: most records need no lock */
};

/* ---- The list -------------------------------------------------------------- */
static void set_span(struct downtimes *d)
{
        int64_t last = INT64_MIN;
        for (size_t i = 0; i < d->n; i++)
                last = d->gaps[i].to_us > last ? d->gaps[i].to_us : last;
        atomic_store(&d->first_us, d->n ? d->gaps[0].from_us : INT64_MAX);
        atomic_store(&d->last_us, last);
}

static void remove_gap(struct downtimes *d, size_t i)
{
        memmove(&d->gaps[i], &d->gaps[i + 1], (d->n - i - 1) * sizeof d->gaps[0]);
        d->n--;
}

static void forget_old(struct downtimes *d, int64_t now_us)
{
        while (d->n && d->gaps[0].to_us < now_us - KEPT_US) {
                remove_gap(d, 0);
                d->dirty = true;
        }
}

/* gap i takes up its successor, and the time between. */
static void join(struct downtimes *d, size_t i)
{
        struct gap *a = &d->gaps[i], *b = &d->gaps[i + 1];
        if (b->to_us > a->to_us)
                a->to_us = b->to_us;
        if (b->why == DOWNTIME_STOPPED)
                a->why = DOWNTIME_STOPPED;
        for (size_t k = 0; k < SOURCES_MAX; k++)
                a->came[k] = a->came[k] == NOT_THERE   ? b->came[k]
                             : b->came[k] == NOT_THERE ? a->came[k]
                                                       : a->came[k] + b->came[k];
        remove_gap(d, i + 1);
}

static void make_room(struct downtimes *d)
{
        size_t best = 0;
        if (d->n <= GAPS_MAX)
                return;
        for (size_t i = 1; i + 1 < d->n; i++)
                if (d->gaps[i + 1].from_us - d->gaps[i].to_us <
                    d->gaps[best + 1].from_us - d->gaps[best].to_us)
                        best = i;
        join(d, best);
}

static void note(struct downtimes *d, int64_t from_us, int64_t to_us, enum downtime_why why)
{
        char text[CLOCK_TEXT_MAX];
        pthread_mutex_lock(&d->lock);
        struct gap *g = &d->gaps[d->n++];
        *g = (struct gap){ .from_us = from_us, .to_us = to_us, .why = why };
        for (size_t k = 0; k < SOURCES_MAX; k++)
                if (k >= d->n_sources || !(d->started || d->was[k]))
                        g->came[k] = NOT_THERE;
        make_room(d);
        set_span(d);
        d->dirty = true;
        pthread_mutex_unlock(&d->lock);
        log_warning("capture", "senders met a closed door", "why=%s since=%s seconds=%" PRId64,
                    downtime_why_name(why), clock_format_rfc3339(text, from_us),
                    (to_us - from_us) / US_PER_SECOND);
}

/* ---- The file --------------------------------------------------------------- */
static void format(const struct downtimes *d, struct buf *b)
{
        buf_puts(b, head);
        for (size_t i = 0; i < d->n; i++) {
                const struct gap *g = &d->gaps[i];
                buf_printf(b, "%" PRId64 " %" PRId64 " %s", g->from_us, g->to_us, downtime_why_name(g->why));
                for (size_t k = 0; k < d->n_sources; k++)
                        if (g->came[k] != NOT_THERE)
                                buf_printf(b, " %s=%" PRId64, d->sources[k].name, g->came[k]);
                buf_putc(b, '\n');
        }
}

/* Without a sync, which the front must not wait for: a crash of the process keeps it, and a power
 * cut may take what came in the last seconds. */
static bool replace(const char *path, struct slice bytes)
{
        char fresh[PATH_MAX + 8];
        snprintf(fresh, sizeof fresh, "%s.new", path);
        int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        bool ok = fd >= 0 && fd_write_all(fd, bytes, NULL);
        if (fd >= 0)
                close(fd);
        return ok && rename(fresh, path) == 0;
}

/* durable: at start, where everything waits for the disk anyway. */
static void save(struct downtimes *d, int64_t now_us, bool durable)
{
        struct buf b;
        d->saved_us = now_us;
        buf_init(&b, FILE_MAX);
        pthread_mutex_lock(&d->lock);
        format(d, &b);
        d->dirty = false;
        pthread_mutex_unlock(&d->lock);
        if (!buf_ok(&b) ||
            !(durable ? file_save(d->file, buf_slice(&b), 0600, NULL) : replace(d->file, buf_slice(&b))))
                d->dirty = true; /* a full disk, perhaps: tried again */
        buf_clear(&b);
}

/* The next word of a line; "" at its end. */
static struct slice word(struct slice *line)
{
        const char *blank = memchr(line->p, ' ', line->n);
        struct slice w = { line->p, blank ? (size_t)(blank - line->p) : line->n };
        line->p += blank ? w.n + 1 : w.n;
        line->n -= blank ? w.n + 1 : w.n;
        return w;
}

static bool source_in(struct downtimes *d, struct gap *g, struct slice w)
{
        const char *sign = memchr(w.p, '=', w.n);
        size_t n = sign ? (size_t)(sign - w.p) : 0;
        int64_t came;
        if (!sign || !text_int(&came, (struct slice){ sign + 1, w.n - n - 1 }, 0, INT64_MAX))
                return false;
        for (size_t k = 0; k < d->n_sources; k++)
                if (slice_is((struct slice){ w.p, n }, d->sources[k].name))
                        g->came[k] = came;
        return true; /* a source that is gone is forgotten */
}

static bool gap_in(struct downtimes *d, struct slice line)
{
        if (d->n == GAPS_MAX)
                return false;
        struct gap *g = &d->gaps[d->n];
        bool ok = text_int(&g->from_us, word(&line), 0, INT64_MAX) &&
                  text_int(&g->to_us, word(&line), 0, INT64_MAX) && g->from_us < g->to_us &&
                  (d->n == 0 || g->from_us >= d->gaps[d->n - 1].from_us);
        struct slice why = word(&line);
        g->why = slice_is(why, downtime_why_name(DOWNTIME_FULL)) ? DOWNTIME_FULL : DOWNTIME_STOPPED;
        for (size_t k = 0; k < SOURCES_MAX; k++)
                g->came[k] = NOT_THERE;
        while (ok && line.n)
                ok = source_in(d, g, word(&line));
        d->n += ok;
        return ok;
}

static bool parse(struct downtimes *d, struct slice text)
{
        if (!slice_starts(text, slice_of(head)))
                return false;
        text.p += sizeof head - 1;
        text.n -= sizeof head - 1;
        while (text.n) {
                const char *end = memchr(text.p, '\n', text.n);
                size_t n = end ? (size_t)(end - text.p) : 0;
                if (!end || !gap_in(d, (struct slice){ text.p, n }))
                        return false;
                text.p += n + 1;
                text.n -= n + 1;
        }
        return true;
}

static void load(struct downtimes *d)
{
        struct buf b;
        buf_init(&b, FILE_MAX);
        if (file_exists(d->file) && !(file_read(&b, d->file, NULL) && parse(d, buf_slice(&b)))) {
                log_warning("capture", "gaps of before are forgotten: their file cannot be read", NULL);
                d->n = 0;
        }
        buf_clear(&b);
        set_span(d);
}

/* ---- When it could last accept ---------------------------------------------- */
/* The file holds the names of the sources that there were, a line each: one that came since has
 * missed nothing. An empty one is of a release that wrote none: all were there. */
static void load_sources(struct downtimes *d, const char *path)
{
        struct buf b;
        buf_init(&b, ALIVE_MAX);
        bool known = file_exists(path) && file_read(&b, path, NULL) && b.n;
        for (size_t k = 0; k < d->n_sources; k++) {
                char line[64]; /* names have at most 32 */
                int n = snprintf(line, sizeof line, "\n%s\n", d->sources[k].name);
                d->was[k] = !known || memmem(b.p, b.n, line, (size_t)n) != NULL;
        }
        buf_clear(&b);
}

static bool open_alive(struct downtimes *d, const char *state_dir, struct err *err)
{
        char path[PATH_MAX];
        struct stat st;
        snprintf(path, sizeof path, "%s/alive", state_dir);
        bool there = stat(path, &st) == 0;
        load_sources(d, path);
        d->alive_fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (d->alive_fd < 0) {
                err_errno(err, errno, "could not open \"%s\"", path);
                return err_hint(err, "The agent's user must own its state folder and what is in it.");
        }
        if (there)
                d->alive_us = (int64_t)st.st_mtim.tv_sec * US_PER_SECOND + st.st_mtim.tv_nsec / 1000;
        return true;
}

/* On a full disk the file keeps or loses names: then a gap is told where none may be. */
static void put_sources(struct downtimes *d)
{
        struct buf b;
        buf_init(&b, ALIVE_MAX);
        buf_putc(&b, '\n');
        for (size_t k = 0; k < d->n_sources; k++)
                buf_printf(&b, "%s\n", d->sources[k].name);
        if (ftruncate(d->alive_fd, 0) == 0)
                fd_write_all(d->alive_fd, buf_slice(&b), NULL);
        buf_clear(&b);
}

static void touch(struct downtimes *d, int64_t now_us)
{
        struct timespec t = { .tv_sec = now_us / US_PER_SECOND, .tv_nsec = now_us % US_PER_SECOND * 1000 };
        const struct timespec both[2] = { t, t };
        d->alive_us = now_us;
        if (futimens(d->alive_fd, both) != 0) /* the gap will seem longer than it was */
                log_debug("capture", "could not set the time of a file", "errno=%d", errno);
}

void downtimes_watch(struct downtimes *d, int64_t now_us, bool accepting)
{
        d->shut |= !accepting;
        if (!accepting)
                return;
        int64_t least = d->started && !d->shut ? STANDSTILL_MIN_US : GAP_MIN_US;
        bool first = !d->started;
        if (d->alive_us && now_us - d->alive_us >= least)
                note(d, d->alive_us, now_us, d->started && d->shut ? DOWNTIME_FULL : DOWNTIME_STOPPED);
        if (first)
                put_sources(d);
        d->shut = false;
        d->started = true;
        touch(d, now_us);
        pthread_mutex_lock(&d->lock);
        forget_old(d, now_us);
        set_span(d);
        pthread_mutex_unlock(&d->lock);
        if (d->dirty && (first || now_us - d->saved_us >= SAVE_EVERY_US || now_us < d->saved_us))
                save(d, now_us, first);
}

bool downtimes_open(struct downtimes **out, const char *state_dir, const struct source *sources,
                    size_t n_sources, struct err *err)
{
        struct downtimes *d = calloc(1, sizeof *d);
        *out = NULL;
        if (!d)
                return err_set(err, ERR_SYSTEM, 0, "out of memory");
        d->sources = sources;
        d->n_sources = n_sources < SOURCES_MAX ? n_sources : SOURCES_MAX;
        pthread_mutex_init(&d->lock, NULL);
        snprintf(d->file, sizeof d->file, "%.*s/downtimes", PATH_MAX - 16, state_dir);
        d->alive_fd = -1;
        if (!open_alive(d, state_dir, err)) {
                downtimes_close(d);
                return false;
        }
        load(d);
        *out = d;
        return true;
}

void downtimes_close(struct downtimes *d)
{
        if (!d)
                return;
        if (d->dirty)
                save(d, d->saved_us, true);
        if (d->alive_fd >= 0)
                close(d->alive_fd);
        pthread_mutex_destroy(&d->lock);
        free(d);
}

/* ---- Evidence ---------------------------------------------------------------- */
void downtimes_saw(struct downtimes *d, const struct source *s, int64_t occurred_us)
{
        if (!d || occurred_us < atomic_load_explicit(&d->first_us, memory_order_relaxed) ||
            occurred_us > atomic_load_explicit(&d->last_us, memory_order_relaxed))
                return;
        size_t k = (size_t)(s - d->sources);
        if (k >= d->n_sources)
                return;
        pthread_mutex_lock(&d->lock);
        for (size_t i = 0; i < d->n; i++) {
                struct gap *g = &d->gaps[i];
                if (g->came[k] != NOT_THERE && g->from_us <= occurred_us && occurred_us <= g->to_us) {
                        g->came[k]++;
                        d->dirty = true;
                }
        }
        pthread_mutex_unlock(&d->lock);
}

static enum downtime_filled filled_of(const struct source *s, int64_t came)
{
        if (s->type == SOURCE_FOLDER)
                return FILLED_YES;
        if (came > 0)
                return FILLED_PARTLY;
        return s->type == SOURCE_API ? FILLED_UNKNOWN : FILLED_NO;
}

size_t downtimes_count(const struct downtimes *d)
{
        return d->n;
}

bool downtimes_of_source(struct downtimes *d, size_t i, size_t k, enum downtime_filled *filled,
                         uint64_t *came)
{
        if (i >= d->n || k >= d->n_sources)
                return false;
        pthread_mutex_lock(&d->lock);
        int64_t n = d->gaps[i].came[k];
        pthread_mutex_unlock(&d->lock);
        if (n == NOT_THERE)
                return false;
        *filled = filled_of(&d->sources[k], n);
        *came = (uint64_t)n;
        return true;
}

struct downtime downtimes_at(struct downtimes *d, size_t i)
{
        const struct gap *g = &d->gaps[i];
        struct downtime out = { g->from_us, g->to_us, g->why, FILLED_YES };
        for (size_t k = 0; k < d->n_sources; k++) {
                enum downtime_filled f;
                uint64_t came;
                if (downtimes_of_source(d, i, k, &f, &came) && f > out.filled)
                        out.filled = f;
        }
        return out;
}
