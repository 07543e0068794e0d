/* dropped.c - one file of an inbox, from its first byte to its report. */
#include "dropped.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "answer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "capture/inbox.h"
#include "failed_file.h"
#include "pour.h"

enum {
        SETTLE_US = 2000000, /* where leases are not to be had: untouched for so long */
        SPANS_MAX = 262144,  /* refused rows; beyond: the whole file is sealed */
        REPORT_MAX = 4 << 20
};

struct span { /* refused lines [from, to), 1-based */
        int64_t from, to;
};

struct taking {
        const struct dropbox *box;
        struct intake_source *source;
        const char *inbox, *name, *format;
        char folder[INBOX_PATH + 16]; /* where it lies: the inbox, or its `again` */
        bool gz, again;
        uint8_t run[SEEN_RUN];        /* again: which file it is, over restarts */
        int fd;
        struct stat st;       /* as it was when reading began */
        struct reader *reader;
        struct batch *batch;
        struct answer answer;
        struct err why;       /* of `stopped` */
        bool stopped;         /* not the file's fault: the vault is full, we are asked to end */
        int64_t rows;
        struct span *spans;
        size_t n_spans, cap_spans;
        bool seal_all;
        struct sha256 *hash;
        char stem[INBOX_STEM]; /* of report and failed lines */
};

const char *dropped_format(const char *name, bool *gz)
{
        size_t n = strlen(name);
        if (name[0] == '.')
                return NULL;
        *gz = n > 3 && strcasecmp(name + n - 3, ".gz") == 0;
        n -= *gz ? 3 : 0;
        if (n > 4 && strncasecmp(name + n - 4, ".csv", 4) == 0)
                return "csv";
        return n > 7 && strncasecmp(name + n - 7, ".ndjson", 7) == 0 ? "ndjson" : NULL;
}

/* ---- Is anybody still writing? ------------------------------------------ */

/* A read lease is only given while nobody has the file open for writing. It is given back at
 * once; SIGURG (ignored unless asked for) stands in for the SIGIO that a breach would send. */
static bool settled(int fd, const struct stat *st)
{
        if (fcntl(fd, F_SETSIG, SIGURG) == 0 && fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
                fcntl(fd, F_SETLEASE, F_UNLCK);
                return true;
        }
        if (errno == EAGAIN)
                return false;
        int64_t changed = (int64_t)st->st_mtim.tv_sec * US_PER_SECOND + st->st_mtim.tv_nsec / 1000;
        return clock_now_us() - changed >= SETTLE_US;
}

/* A copy of a file, or the same one dropped later, is another: its inode changed since. */
static void run_of(struct taking *t)
{
        uint8_t hash[SHA256_BYTES];
        const uint64_t about[] = { (uint64_t)t->st.st_dev, (uint64_t)t->st.st_ino, (uint64_t)t->st.st_size,
                                   (uint64_t)t->st.st_ctim.tv_sec, (uint64_t)t->st.st_ctim.tv_nsec };
        sha256(hash, slice_make(about, sizeof about));
        memcpy(t->run, hash, sizeof t->run);
}

static bool open_file(struct taking *t, struct err *err)
{
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", t->folder, t->name);
        t->fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
        if (t->fd < 0 || fstat(t->fd, &t->st) != 0)
                return err_errno(err, errno, "could not open a file of inbox \"%s\"", t->folder);
        if (!S_ISREG(t->st.st_mode) || !settled(t->fd, &t->st))
                return err_set(err, ERR_BUSY, 0, "a file is still being written");
        if (t->again)
                run_of(t);
        return true;
}

/* Nobody wrote to it since reading began, and its name still means it. */
static bool unchanged(const struct taking *t)
{
        char path[4096];
        struct stat now, named;
        snprintf(path, sizeof path, "%s/%s", t->folder, t->name);
        return fstat(t->fd, &now) == 0 && lstat(path, &named) == 0 && now.st_size == t->st.st_size &&
               now.st_mtim.tv_sec == t->st.st_mtim.tv_sec && now.st_mtim.tv_nsec == t->st.st_mtim.tv_nsec &&
               named.st_ino == now.st_ino && named.st_dev == now.st_dev && settled(t->fd, &now);
}

/* ---- Rows --------------------------------------------------------------- */

/* The file waits: t->why says for what. */
static bool stop(struct taking *t)
{
        t->stopped = true;
        seen_abort(t->box->seen);
        return false;
}

/* The batch is made durable, then what it brought is remembered: in this order. */
static bool flush(struct taking *t)
{
        const struct dropbox *d = t->box;
        struct batch *b = t->batch;
        uint32_t before = t->answer.accepted;
        if (b && b->n && !vault_append(d->intake->spec.vault, b->items, b->n, &t->why))
                return stop(t);
        if (!seen_commit(d->seen, &t->why))
                return stop(t);
        if (b && b->n) {
                answer_take(&t->answer, b);
                intake_count(d->intake, t->source, t->answer.accepted - before, 0);
        }
        batch_free(b);
        t->batch = NULL;
        return true;
}

static void refuse(struct taking *t, int64_t line, const char *why)
{
        answer_refuse(&t->answer, line, why);
        if (t->n_spans == t->cap_spans && t->cap_spans < SPANS_MAX) {
                size_t cap = t->cap_spans ? t->cap_spans * 2 : 16;
                struct span *more = realloc(t->spans, cap * sizeof *more);
                if (more) {
                        t->spans = more;
                        t->cap_spans = cap;
                }
        }
        if (t->n_spans == t->cap_spans)
                t->seal_all = true;
        else
                t->spans[t->n_spans++] = (struct span){ line, INT64_MAX };
}

/* A row ends where the next begins: a quoted field may have gone over lines. */
static void end_span(struct taking *t, int64_t line)
{
        if (t->n_spans && t->spans[t->n_spans - 1].to == INT64_MAX)
                t->spans[t->n_spans - 1].to = line;
}

static bool add(struct taking *t, int64_t line, const struct record *record)
{
        if (!t->batch)
                t->batch = batch_new(t->source, t);
        if (!t->batch) {
                err_set(&t->why, ERR_SYSTEM, 0, "out of memory");
                return stop(t);
        }
        if (!door_add(t->box->door, t->batch, record, line, &t->why))
                return stop(t);
        return !door_batch_full(t->batch) || flush(t);
}

static bool put_record(struct taking *t, int64_t line, const struct record *record)
{
        const struct dropbox *d = t->box;
        struct record copy = *record;
        struct slice flat;
        bool same;
        door_reset(d->door);
        if (!door_flatten(d->door, t->source, &copy, &flat, &t->why)) {
                if (t->why.kind != ERR_DATA)
                        return stop(t);
                refuse(t, line, t->why.text);
                return true;
        }
        if (!seen_row(d->seen, t->again ? t->run : NULL, slice_of(t->source->source->name), copy.text[FIELD_ID], flat,
                      &same, &t->why))
                return stop(t);
        t->answer.unchanged += same;
        return same || add(t, line, &copy);
}

static bool on_row(void *ctx, int64_t line, const struct record *record, const struct err *why)
{
        struct taking *t = ctx;
        t->rows++;
        end_span(t, line);
        if (atomic_load(t->box->stop)) {
                err_set(&t->why, ERR_BUSY, 0, "stopping");
                return stop(t);
        }
        if (record)
                return put_record(t, line, record);
        refuse(t, line, why->text);
        return true;
}

static bool on_piece(void *ctx, struct slice piece, struct err *err)
{
        struct taking *t = ctx;
        return reader_put(t->reader, piece, err);
}

/* What came before the place where a file cannot be read is captured all the same. */
static bool read_rows(struct taking *t, struct err *err)
{
        const struct capture_settings *set = t->box->intake->spec.settings;
        t->reader = reader_new(t->source->source, t->format, on_row, t, err);
        bool ok = t->reader && pour(t->fd, t->gz, set->max_file, t->hash, on_piece, t, err) &&
                  reader_finish(t->reader, err);
        /* Where a line's number does not find it in the bytes, all of them are kept. */
        t->seal_all |= t->n_spans && t->reader && !reader_has_lines(t->reader);
        return (t->stopped || flush(t)) && ok;
}

/* ---- Refused lines ------------------------------------------------------ */

struct sealing {
        const struct taking *taking;
        struct failed *out;
        int64_t line;
        size_t span;
        bool at_start, any; /* at_start: of a line */
};

/* Whether the line is refused; where a refused row begins, that is noted. */
static bool wanted(struct sealing *s, bool *row)
{
        const struct taking *t = s->taking;
        *row = false;
        if (t->seal_all)
                return true;
        while (s->span < t->n_spans && t->spans[s->span].to <= s->line)
                s->span++;
        bool in = s->span < t->n_spans && t->spans[s->span].from <= s->line;
        *row = in && s->at_start && t->spans[s->span].from == s->line;
        return in;
}

static bool seal_line(struct sealing *s, struct slice line, struct err *err)
{
        bool row;
        if (!wanted(s, &row))
                return true;
        s->any = true;
        return (!row || failed_row(s->out, err)) && failed_put(s->out, line, err);
}

static bool seal_piece(void *ctx, struct slice piece, struct err *err)
{
        struct sealing *s = ctx;
        while (piece.n) {
                const char *end = memchr(piece.p, '\n', piece.n);
                size_t n = end ? (size_t)(end - piece.p) + 1 : piece.n;
                if (!seal_line(s, slice_make(piece.p, n), err))
                        return false;
                s->line += end != NULL;
                s->at_start = end != NULL;
                piece = slice_make(piece.p + n, piece.n - n);
        }
        return true;
}

/* A torn archive is sealed as it lies there; lines are taken from what it holds. Where rows end
 * otherwise than in a line feed none is found: then the whole file is sealed. */
static bool seal_refused(struct taking *t, const char *path, struct err *err)
{
        struct sealing s = { .taking = t, .line = 1, .at_start = true };
        uint64_t max = t->box->intake->spec.settings->max_file;
        bool gz = t->gz && !t->seal_all;
        if (!failed_begin(&s.out, path, t->box->keyer, err))
                return false;
        if (!pour(t->fd, gz, max, NULL, seal_piece, &s, err)) {
                failed_abort(&s.out);
                return false;
        }
        if (s.any || t->seal_all)
                return failed_commit(&s.out, err);
        failed_abort(&s.out);
        t->seal_all = true;
        return seal_refused(t, path, err);
}

/* ---- Report ------------------------------------------------------------- */

static void put_report(const struct taking *t, struct buf *out, const char *outcome, const struct err *why,
                       const uint8_t hash[SHA256_BYTES], int64_t before, bool sealed)
{
        struct json_out o;
        char hex[2 * SHA256_BYTES + 1];
        hex_encode(hex, hash, SHA256_BYTES);
        json_out_init(&o, out);
        json_open(&o, NULL, '{');
        json_put_int(&o, "version", 1);
        json_put_text(&o, "file", t->name);
        json_put_text(&o, "source", t->source->source->name);
        if (t->reader && reader_encoding(t->reader))
                json_put_text(&o, "encoding", reader_encoding(t->reader));
        json_put_text(&o, "outcome", outcome);
        if (t->again)
                json_put_bool(&o, "again", true);
        if (why->kind != ERR_NONE)
                json_put_text(&o, "reason", why->text);
        if (why->kind != ERR_NONE && why->hint[0])
                json_put_text(&o, "hint", why->hint);
        json_put_time(&o, "finished_at", clock_now_us());
        json_put_int(&o, "bytes", t->st.st_size);
        json_put_text(&o, "keyed_hash", hex);
        if (before)
                json_put_time(&o, "same_file_before", before);
        json_put_int(&o, "rows", t->rows);
        json_put_uint(&o, "unchanged", t->answer.unchanged);
        answer_put(&t->answer, &o);
        if (sealed) {
                char name[sizeof t->stem + 32];
                snprintf(name, sizeof name, "failed/%s.sealed", t->stem);
                json_put_text(&o, "refused_lines", name);
        }
        json_close(&o, '}');
        buf_putc(out, '\n');
}

static bool write_report(struct taking *t, const char *outcome, const struct err *why, bool sealed,
                         struct err *err)
{
        char path[4096 + sizeof t->stem];
        uint8_t sha[SHA256_BYTES], keyed[SHA256_BYTES];
        struct buf out;
        int64_t before;
        sha256_finish(t->hash, sha);
        if (!seen_file(t->box->seen, slice_of(t->source->source->name), sha, &before, keyed, err))
                return false;
        buf_init(&out, REPORT_MAX);
        put_report(t, &out, outcome, why, keyed, before, sealed);
        snprintf(path, sizeof path, "%s/done/%s.json", t->inbox, t->stem);
        bool ok = file_save(path, buf_slice(&out), 0600, err);
        buf_clear(&out);
        return ok;
}

/* ---- The whole ---------------------------------------------------------- */

/* Report and sealed lines first, then the file goes: a crash between leaves too much, not
 * too little. */
static bool finish(struct taking *t, const char *outcome, const struct err *why, struct err *err)
{
        char path[4096 + sizeof t->stem];
        bool sealed = t->n_spans || t->seal_all;
        snprintf(path, sizeof path, "%s/failed/%s.sealed", t->inbox, t->stem);
        if ((sealed && !seal_refused(t, path, err)) || !write_report(t, outcome, why, sealed, err))
                return false;
        intake_count(t->box->intake, t->source, 0, t->answer.refused);
        snprintf(path, sizeof path, "%s/%s", t->folder, t->name);
        if (unlink(path) != 0)
                return err_errno(err, errno, "could not remove a captured file from \"%s\"", t->folder);
        return dir_sync(t->folder, err) && (!t->again || seen_run_over(t->box->seen, t->run, err));
}

/* Too large for us: it stays, under a name that says so, for its owner to split; not in the place of
 * another that waits for that. */
static bool set_aside(struct taking *t, const struct err *why, struct err *err)
{
        static const char ending[] = ".refused";
        char from[4096], to[4096 + sizeof t->stem];
        snprintf(from, sizeof from, "%s/%s", t->folder, t->name);
        snprintf(to, sizeof to, "%s%s", from, ending);
        if (file_exists(to) || strlen(t->name) + strlen(ending) > NAME_MAX)
                snprintf(to, sizeof to, "%s/%s%s", t->folder, t->stem, ending);
        if (!write_report(t, "too large", why, false, err))
                return false;
        return rename(from, to) == 0 ||
               err_errno(err, errno, "could not rename a file of inbox \"%s\"", t->folder);
}

static const char *outcome_of(const struct taking *t, bool read)
{
        if (!read)
                return "failed";
        if (t->rows == 0)
                return "empty";
        if (t->answer.refused && !t->answer.accepted && !t->answer.unchanged)
                return "refused"; /* every row of it */
        return t->answer.accepted || t->answer.refused ? "captured" : "same";
}

static enum dropped_outcome conclude(struct taking *t, bool read, const struct err *why, struct err *err)
{
        bool too_large = !read && why->kind == ERR_FULL;
        if (t->stopped || (!read && why->kind != ERR_DATA && !too_large)) {
                *err = t->stopped ? t->why : *why;
                return DROPPED_LATER;
        }
        if (!unchanged(t)) {
                err_set(err, ERR_BUSY, 0, "a file was written to while it was read");
                return DROPPED_LATER;
        }
        t->seal_all |= !read && !too_large;
        const char *outcome = outcome_of(t, read);
        if (!(too_large ? set_aside(t, why, err) : finish(t, outcome, why, err)))
                return DROPPED_LATER;
        bool taken = read && strcmp(outcome, "refused") != 0;
        count(!taken                      ? CAPTURE_FILES_FAILED
              : outcome[0] == 'c' ? CAPTURE_FILES
                                      : CAPTURE_FILES_SAME, 1);
        return taken ? DROPPED_DONE : DROPPED_ASIDE;
}

enum dropped_outcome dropped_take(const struct dropbox *d, struct intake_source *s, const char *inbox,
                                  const char *name, bool again, struct err *err)
{
        struct taking t = { .box = d, .source = s, .inbox = inbox, .name = name, .again = again, .fd = -1 };
        struct err why = ERR_INIT;
        enum dropped_outcome outcome = DROPPED_LATER;
        t.format = dropped_format(name, &t.gz);
        t.hash = sha256_new();
        answer_init(&t.answer);
        inbox_stem(t.stem, name, clock_now_us());
        snprintf(t.folder, sizeof t.folder, "%s%s", inbox, again ? "/" INBOX_AGAIN : "");
        if (!t.hash)
                err_set(err, ERR_SYSTEM, 0, "out of memory");
        else if (open_file(&t, err))
                outcome = conclude(&t, read_rows(&t, &why), &why, err);
        if (t.fd >= 0)
                close(t.fd);
        reader_free(t.reader);
        batch_free(t.batch);
        answer_clear(&t.answer);
        sha256_free(t.hash);
        free(t.spans);
        return outcome;
}
