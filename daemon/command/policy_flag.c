/* policy_flag.c - `policy flag`: somebody says that a mask covers nothing personal; an officer makes a
 * case of it.
 *
 * A flag names the record, the mask and who says so, and lies in STATE/flags, at home: no word of the
 * record, so that an erasure leaves nothing there. The case is made anew from the vault when it is
 * asked for, with made-up characters in place of the value; it is printed to be read, and written
 * beside the policies only when that is said (--write): what lies there is copied everywhere. */
#include "policy_flag.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "leaving.h"
#include "policy_book.h"
#include "policy_entry.h"
#include "policy_example.h"
#include "verb.h"

static const char usage[] = "policy flag EPOCH-SEQ|RECORD_KEY --mask \"[phone 1]\" [--note WORDS] --region CODE | list | "
                            "accept ID [--text WORDS] [--write] | drop ID";

enum { ARENA_MAX = 256 << 20, FLAG_MAX = 4096, NOTE_MAX = 200, PATH_LONG = 4096, SEEDS = 400, AROUND = 60, ID_MAX = 100 };

struct flagging {
        struct deployment d;
        const char *mask, *note, *text;
        bool write;
        struct arena *arena;
        struct policy_book book;
        struct report *report;
        struct err err;
        int64_t now_us;
        struct json_out *json;
        size_t listed;
};
struct flag_said { /* as it lies in the file; texts in the arena */
        const char *id, *record, *mask, *note, *by, *at;
};

static void flags_folder(const struct flagging *x, char out[PATH_LONG])
{
        snprintf(out, PATH_LONG, "%s/flags", x->d.state);
}

static void flag_path(const struct flagging *x, const char *id, char out[PATH_LONG])
{
        snprintf(out, PATH_LONG, "%s/flags/%s.json", x->d.state, id);
}

/* ---- What the record is today ---------------------------------------------------------------- */

static bool explain(struct flagging *x, const struct record *r, struct slice source, int64_t captured_us, struct explanation *e)
{
        const struct book_wanted wanted = { .region = x->d.region };
        return policy_book_open(&x->book, &x->d, &wanted, x->report) &&
               policy_explain(x->book.discarder, x->book.judge, x->now_us, r, source, captured_us, x->arena, e, &x->err);
}

struct found {
        struct entry_found entry;
        struct explanation said;
        struct example_spot spot;
};

static bool find_spot(struct flagging *x, const char *word, const char *mask, struct found *out)
{
        return entry_find(&out->entry, &x->d, word, x->arena, &x->err) &&
               explain(x, &out->entry.record, out->entry.source, out->entry.captured_us, &out->said) &&
               example_spot(&out->entry.record, &out->said, mask, &out->spot, &x->err);
}

/* The hub tells its flags at every start: what was dealt with leaves its name behind. */
static bool settle(struct flagging *x, const char *id)
{
        char path[PATH_LONG], done[PATH_LONG];
        flag_path(x, id, path);
        snprintf(done, sizeof done, "%.*s.done", (int)(strlen(path) - strlen(".json")), path);
        if (!file_save(done, SLICE(""), 0600, &x->err))
                return false;
        return unlink(path) == 0 || err_set(&x->err, ERR_SYSTEM, 0, "could not remove \"%s\"", path);
}

/* ---- Saying so ----------------------------------------------------------------------------------- */

/* "1-17-phone-1": one flag a mask of a record. */
static void id_of(char out[ID_MAX], struct position at, const char *mask)
{
        size_t n = (size_t)snprintf(out, ID_MAX, "%" PRIu64 "-%" PRIu64 "-", at.epoch, at.seq);
        for (const char *p = mask; *p && n < ID_MAX - 1; p++)
                if ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9'))
                        out[n++] = *p;
                else if (n && out[n - 1] != '-' && *p != ']')
                        out[n++] = '-';
        out[n] = 0;
}

/* One line, of no more than a note is. */
static const char *one_line(struct arena *a, const char *text)
{
        char *own = arena_string(a, slice_make(text, utf8_cut(slice_of(text), NOTE_MAX)));
        for (char *p = own; p && *p; p++)
                if ((unsigned char)*p < ' ' || *p == 0x7f)
                        *p = ' ';
        return own ? own : "";
}

static bool save(struct flagging *x, const struct found *f, char id[ID_MAX])
{
        char folder[PATH_LONG], path[PATH_LONG], record[48], login[65];
        struct json_out o;
        struct buf b;
        buf_init(&b, FLAG_MAX);
        json_out_init(&o, &b);
        id_of(id, f->entry.at, x->mask);
        snprintf(record, sizeof record, "%" PRIu64 "-%" PRIu64, f->entry.at.epoch, f->entry.at.seq);
        json_open(&o, NULL, '{');
        json_put_int(&o, "version", 1);
        json_put_text(&o, "record", record);
        json_put_text(&o, "mask", x->mask);
        json_put_text(&o, "note", one_line(x->arena, x->note ? x->note : ""));
        json_put_text(&o, "by", entry_login(login));
        json_put_time(&o, "at", x->now_us);
        json_close(&o, '}');
        flags_folder(x, folder);
        flag_path(x, id, path);
        bool ok = (buf_ok(&b) || err_set(&x->err, ERR_DATA, 0, "the note is too long")) && dir_make(folder, 0700, &x->err) &&
                  file_create(path, buf_slice(&b), 0600, &x->err);
        if (!ok && x->err.kind == ERR_BUSY)
                err_set(&x->err, ERR_BUSY, 0, "that mask of that record is flagged already: %s", id);
        buf_clear(&b);
        return ok;
}

static bool flag_one(struct flagging *x, const char *word)
{
        struct found f;
        char id[ID_MAX];
        if (!x->mask)
                return err_set(&x->err, ERR_SYSTEM, 0, "which mask? --mask \"[phone 1]\" is missing") ||
                       err_hint(&x->err, "usage: tributary %s", usage);
        if (!find_spot(x, word, x->mask, &f) || !save(x, &f, id))
                return false;
        if (x->d.json)
                printf("{\"version\":1,\"flag\":\"%s\",\"field\":\"%s\",\"what\":\"%s\",\"file\":\"%s\",\"line\":%d}\n", id,
                       field_name(f.spot.field), f.spot.what, f.spot.by.line ? f.spot.by.file : "", f.spot.by.line);
        else
                printf("Flagged as %s: %s in %s, by %s:%d.\nAn officer makes a case of it: tributary policy flag accept %s --region %s\n",
                       id, f.spot.what, field_name(f.spot.field), f.spot.by.line ? f.spot.by.file : "the built-in floor",
                       f.spot.by.line, id, x->d.region);
        return true;
}

/* ---- What was said ----------------------------------------------------------------------------------- */

static const char *text_of(struct flagging *x, const struct json *j, const char *key)
{
        const char *own = arena_string(x->arena, json_string(json_get(j, key)));
        return own ? own : "";
}

static bool id_is_safe(const char *id)
{
        size_t n = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-");
        return n > 0 && n < ID_MAX && !id[n];
}

static bool read_flag(struct flagging *x, const char *id, struct flag_said *out)
{
        char path[PATH_LONG];
        struct buf b;
        struct json *j = NULL;
        bool named = id_is_safe(id);
        buf_init(&b, FLAG_MAX);
        flag_path(x, id, path);
        bool ok = named && file_read(&b, path, &x->err) && json_read(&j, x->arena, buf_slice(&b), 2, &x->err);
        if (ok)
                *out = (struct flag_said){ arena_string(x->arena, slice_of(id)), text_of(x, j, "record"), text_of(x, j, "mask"),
                                           text_of(x, j, "note"), text_of(x, j, "by"), text_of(x, j, "at") };
        else if (!named || x->err.kind == ERR_CONFIG)
                ok = err_set(&x->err, ERR_SYSTEM, 0, "there is no flag \"%.60s\"", id) ||
                     err_hint(&x->err, "`tributary policy flag list --region %s` has them.", x->d.region);
        buf_clear(&b);
        return ok;
}

static bool list_one(const char *file, void *ctx)
{
        struct flagging *x = ctx;
        struct flag_said said;
        struct found *f;
        char id[256];
        arena_reset(x->arena);
        snprintf(id, sizeof id, "%.*s", (int)(strlen(file) - strlen(".json")), file);
        f = arena_alloc(x->arena, sizeof *f);
        if (!f || !read_flag(x, id, &said))
                return f != NULL; /* one that cannot be read hides no other */
        bool masked = find_spot(x, said.record, said.mask, f);
        if (x->json) {
                json_open(x->json, NULL, '{');
                json_put_text(x->json, "flag", said.id);
                json_put_text(x->json, "record", said.record);
                json_put_text(x->json, "mask", said.mask);
                json_put_text(x->json, "note", said.note);
                json_put_text(x->json, "by", said.by);
                json_put_text(x->json, "at", said.at);
                json_put_bool(x->json, "masked_today", masked);
                json_put_text(x->json, "why_not", masked ? NULL : x->err.text);
                json_close(x->json, '}');
                return true;
        }
        x->listed++;
        printf("%s  %s  by %s on %.10s  ", said.id, said.mask, said.by, said.at);
        leaving_print(slice_of(said.note));
        if (masked)
                printf("\n    %s in %s, by %s:%d\n", f->spot.what, field_name(f->spot.field), f->spot.by.file, f->spot.by.line);
        else
                printf("\n    not today: %s\n", x->err.text);
        return true;
}

static bool list(struct flagging *x)
{
        char folder[PATH_LONG];
        struct json_out o;
        struct buf b;
        bool ok = true;
        if (!file_exists(x->d.state) && errno == ENOENT)
                return err_set(&x->err, ERR_CONFIG, 0, "there is no state folder \"%s\"", x->d.state) ||
                       err_hint(&x->err, "On the region's machine; --state names the folder if it is another.");
        buf_init(&b, 16 << 20);
        json_out_init(&o, &b);
        x->json = x->d.json ? &o : NULL;
        if (x->json) {
                json_open(&o, NULL, '{');
                json_put_int(&o, "version", 1);
                json_open(&o, "flags", '[');
        }
        flags_folder(x, folder);
        if (file_exists(folder) || errno != ENOENT) /* whoever may not look learns that, and not that there are none */
                ok = dir_each(folder, "*.json", list_one, x, &x->err);
        if (ok && !x->json && !x->listed)
                printf("Nothing is flagged.\n");
        if (ok && x->json) {
                json_close(&o, ']');
                json_close(&o, '}');
                printf("%s\n", b.p ? b.p : "");
        }
        buf_clear(&b);
        return ok;
}

/* ---- A case of it ---------------------------------------------------------------------------------------- */

/* Whether these words, in that field, are masked by the same kind of finding, and nothing else is. */
static bool shows_it(struct flagging *x, const struct found *f, struct slice words)
{
        struct record r = { .kind = f->entry.record.kind, .occurred_at_us = x->now_us };
        struct explanation *e = arena_alloc(x->arena, sizeof *e);
        r.text[FIELD_ID] = SLICE("flagged");
        r.text[f->spot.field] = words;
        if (!e || !explain(x, &r, f->entry.source, x->now_us, e) || e->refused || e->said.decision != DECISION_GO)
                return false;
        bool same = false, another = false;
        for (size_t i = 0; i < e->n_finds; i++) {
                same |= e->finds[i].field == f->spot.field && strcmp(e->finds[i].what, f->spot.what) == 0;
                another |= strcmp(e->finds[i].what, f->spot.what) != 0;
        }
        return same && !another;
}

/* Words with a made-up value that are masked alike; or the officer's own. */
static bool make_words(struct flagging *x, const struct found *f, struct buf *words)
{
        if (x->text) {
                buf_puts(words, one_line(x->arena, x->text));
                return shows_it(x, f, buf_slice(words)) ||
                       err_set(&x->err, ERR_DATA, 0, "these words are not masked as %s, or something else in them is", f->spot.what) ||
                       err_hint(&x->err, "Write words of your own in which only that is masked wrongly.");
        }
        for (uint32_t seed = 1; seed <= SEEDS; seed++) {
                struct slice own = explain_item(&f->entry.record, f->spot.field, 0);
                buf_reset(words);
                example_words(&f->entry.record, &f->said, &f->spot, AROUND, seed, words);
                bool changed = !memmem(words->p, words->n, own.p + f->spot.start, f->spot.end - f->spot.start);
                if (changed && shows_it(x, f, buf_slice(words)))
                        return true;
        }
        return err_set(&x->err, ERR_DATA, 0, "no made-up value is masked like this one") ||
               err_hint(&x->err, "Write the words yourself: --text \"...\".");
}

static void write_case(const struct flagging *x, const struct flag_said *said, const struct found *f, struct slice words,
                       struct buf *out)
{
        char day[CLOCK_TEXT_MAX];
        clock_format_rfc3339(day, x->now_us);
        words = slice_trim(words);
        buf_printf(out, "# Flagged by %s on %.10s. The words are an example made of it.\n", said->by, said->at);
        buf_printf(out, "case: %s masked, and nobody's%s%s\n", f->spot.what, *said->note ? ": " : "", said->note);
        buf_printf(out, "policy: %s\ndate: %.10s\n\nCOMES IN\nkind: %s\n%s: ", book_policy(x->book.book), day,
                   kind_name(f->entry.record.kind), field_name(f->spot.field));
        buf_put(out, words);
        buf_printf(out, "\n\nGOES\n%s: ", field_name(f->spot.field));
        buf_put(out, words);
        buf_puts(out, "\n");
}

/* It does not hold yet, so it is no .case: that would keep the next set out. */
static bool put_down(struct flagging *x, const char *id, struct slice text)
{
        char folder[PATH_LONG - 200], path[PATH_LONG];
        snprintf(folder, sizeof folder, "%s/cases/%s", x->d.policies, book_policy(x->book.book));
        snprintf(path, sizeof path, "%s/flagged-%s.open", folder, id);
        if (!dir_make(folder, 0755, &x->err) || !file_create(path, text, 0644, &x->err) || !settle(x, id))
                return false;
        printf("\nWritten to %s.\nhint: When `tributary policy test %s` holds, rename it to .case: until then it would keep the set out.\n",
               path, path);
        return true;
}

static bool accept(struct flagging *x, const char *id)
{
        struct flag_said said;
        struct buf words, text;
        struct found *f = arena_alloc(x->arena, sizeof *f);
        buf_init(&words, 1 << 16);
        buf_init(&text, 1 << 18);
        bool ok = f && read_flag(x, id, &said) && find_spot(x, said.record, said.mask, f) && make_words(x, f, &words);
        if (ok) {
                write_case(x, &said, f, buf_slice(&words), &text);
                for (struct slice rest = buf_slice(&text); rest.n;) {
                        const char *end = memchr(rest.p, '\n', rest.n);
                        size_t n = end ? (size_t)(end - rest.p) : rest.n;
                        leaving_print(slice_make(rest.p, n));
                        putchar('\n');
                        rest = end ? slice_make(end + 1, rest.n - n - 1) : SLICE_NONE;
                }
                ok = buf_ok(&text) || err_set(&x->err, ERR_DATA, 0, "the case is too long");
                if (ok && x->write)
                        ok = put_down(x, said.id, buf_slice(&text));
                else if (ok)
                        printf("\nhint: Read it: nothing in it may be a person's. Then say --write, or give words of your own by --text.\n");
        }
        buf_wipe(&words);
        buf_wipe(&text);
        return ok;
}

static bool drop(struct flagging *x, const char *id)
{
        struct flag_said said;
        if (!read_flag(x, id, &said) || !settle(x, id))
                return false;
        printf("%s is flagged no more.\n", id);
        return true;
}

/* ---- The verb ------------------------------------------------------------------------------------------------ */

static bool act(struct flagging *x, int n, char **argv)
{
        if (!x->d.region)
                return err_set(&x->err, ERR_SYSTEM, 0, "--region CODE is missing") ||
                       err_hint(&x->err, "`tributary region list` has the codes.");
        if (n == 1 && strcmp(argv[0], "list") == 0)
                return list(x);
        if (n == 2 && strcmp(argv[0], "accept") == 0)
                return accept(x, argv[1]);
        if (n == 2 && strcmp(argv[0], "drop") == 0)
                return drop(x, argv[1]);
        if (n == 1 && entry_is_named(argv[0]))
                return flag_one(x, argv[0]);
        err_set(&x->err, ERR_SYSTEM, 0, "\"%.48s\" is no record", n ? argv[0] : "");
        return err_hint(&x->err, "usage: tributary %s", usage);
}

int policy_flag(int argc, char **argv)
{
        struct flagging *x = calloc(1, sizeof *x);
        struct buf keep;
        bool help = false;
        int status = EXIT_COULD_NOT;
        if (!x)
                return status;
        const struct flag flags[] = {
                VERB_FLAGS(&x->d, &help),
                { "mask", 0, "MASK", &x->mask, "The mask as the record shows it: \"[phone 1]\"." },
                { "note", 0, "WORDS", &x->note, "What it is in truth, for the officer." },
                { "text", 0, "WORDS", &x->text, "accept: the case's words, instead of an example made up." },
                { "write", 0, NULL, &x->write, "accept: write the case beside the policies." },
                FLAG_END
        };
        int n = verb_begin(flags, usage, argc, argv, &x->d, &keep, &help, &status);
        x->arena = arena_new(ARENA_MAX);
        x->report = report_new();
        x->now_us = clock_now_us();
        if (n >= 0 && x->arena && x->report)
                status = act(x, n, argv)                            ? EXIT_WELL
                         : report_count(x->report, REPORT_ERROR) ? act_report(x->report, x->d.json)
                                                                 : act_fail(&x->err, x->d.json);
        policy_book_close(&x->book);
        report_free(x->report);
        arena_free(x->arena);
        free(x);
        buf_clear(&keep);
        return status;
}
