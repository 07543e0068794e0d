/* policy_explain.c - `policy explain`: what would become of one record, by which line, and why.
 *
 * The record is JSON as programs send it, a case file, one of the region's vault, or a post as
 * somebody pastes it: then the words are its body. Nothing of it is sent, kept or logged; that
 * values of the vault are shown is noted there first.                                      */
#include "policy_explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "policy/cases.h"
#include "policy_people.h"
#include "verb.h"

static const char usage[] = "policy explain [-|FILE|EPOCH-SEQ|RECORD_KEY] --region CODE | --policy NAME [--date DAY] [--kind KIND] [--text] [--reveal]";

enum { INPUT_MAX = 2 << 20, ARENA_MAX = 256 << 20 };

struct explaining {
        struct deployment d;
        const char *policy, *date, *kind, *source, *colour, *seq;
        bool reveal, text;
        const char *file;
        struct arena *arena;
        struct buf input;
        struct policy_book book;
        struct record record;
        struct policy_case *from_case; /* or NULL */
        struct explanation said;
        int64_t now_us, captured_us;
        bool pasted, from_vault;
        struct entry_found entry;
        struct vault *vault; /* the record's; NULL: it is of none, or nobody is looked for */
        struct crowd *crowd;
};

/* ---- The record --------------------------------------------------------------------- */

static bool read_stdin(struct buf *b, struct err *err)
{
        if (isatty(STDIN_FILENO))
                fprintf(stderr, "Paste the post, then press Enter and Ctrl-D.\n");
        for (;;) {
                char *to = buf_reserve(b, 65536);
                if (!to)
                        return err_set(err, ERR_DATA, 0, "this is more than one record can be (1 MiB)");
                ssize_t n = read(STDIN_FILENO, to, 65536);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return err_errno(err, errno, "could not read what comes in");
                if (n == 0)
                        return true;
                b->n += (size_t)n;
        }
}

/* The words of a post, pasted. */
static bool paste(struct explaining *x, struct slice words, struct err *err)
{
        struct slice own = arena_copy(x->arena, words);
        if (!own.p)
                return err_set(err, ERR_FULL, 0, "out of memory");
        x->pasted = true;
        x->record = (struct record){ .occurred_at_us = x->now_us };
        x->record.text[FIELD_ID] = SLICE("pasted");
        x->record.text[FIELD_BODY] = own;
        return record_check(&x->record, err);
}

static bool read_case(struct explaining *x, struct slice text, struct err *err)
{
        struct report *report = report_new();
        x->from_case = case_parse(x->arena, x->file, text, report);
        if (!x->from_case)
                report_print(report, stderr);
        report_free(report);
        if (!x->from_case)
                return err_set(err, ERR_DATA, 0, "the case cannot be read");
        x->record = x->from_case->record;
        x->now_us = x->date ? x->now_us : x->from_case->now_us;
        x->captured_us = x->date ? x->now_us : x->from_case->captured_us;
        return true;
}

/* A file of that name goes before: whoever has one means it. */
static const char *vault_word(const struct explaining *x)
{
        return x->seq ? x->seq : x->file && entry_is_named(x->file) && !file_exists(x->file) ? x->file : NULL;
}

static bool read_entry(struct explaining *x, const char *word, struct err *err)
{
        if (!x->d.region)
                return err_set(err, ERR_SYSTEM, 0, "whose vault? --region CODE is missing") ||
                       err_hint(err, "`tributary region list` has the codes.");
        if (!entry_find(&x->entry, &x->d, word, x->arena, err))
                return false;
        x->from_vault = true;
        x->record = x->entry.record;
        x->captured_us = x->entry.captured_us;
        return true;
}

static bool read_record(struct explaining *x, struct err *err)
{
        if (vault_word(x))
                return read_entry(x, vault_word(x), err);
        size_t n = x->file ? strlen(x->file) : 0, bad;
        bool stdin_meant = !x->file || strcmp(x->file, "-") == 0;
        if (!stdin_meant && !file_read(&x->input, x->file, err))
                return err->kind != ERR_CONFIG ? false
                       : err_hint(err, "What is explained is a file, `-` for what you paste, or with --region a record of the vault: 1-17, or its record_key.");
        if (stdin_meant && !read_stdin(&x->input, err))
                return false;
        struct slice text = buf_slice(&x->input);
        if (n > 5 && strcmp(x->file + n - 5, ".case") == 0)
                return read_case(x, text, err);
        if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
                text = slice_make(text.p + 3, text.n - 3);
        text = slice_trim(text);
        if (text.n == 0)
                return err_set(err, ERR_DATA, 0, "there is nothing to explain");
        if (text.p[0] == '{' && !x->text) {
                if (record_parse(&x->record, x->arena, text, NULL, err))
                        return true;
                err_add(err, "the record's JSON");
                return err_hint(err, "One record at a time, as POST /v1/records takes it; for words that begin with { say --text.");
        }
        if (!utf8_valid(text, &bad)) {
                err_set(err, ERR_DATA, 0, "byte %zu is not UTF-8", bad + 1);
                return err_hint(err, "Save the words as plain text in UTF-8.");
        }
        return paste(x, text, err);
}

/* ---- The whole ---------------------------------------------------------------------- */

static bool wants_colour(const struct explaining *x)
{
        const char *no = getenv("NO_COLOR");
        if (x->colour && strcmp(x->colour, "auto") != 0)
                return strcmp(x->colour, "always") == 0;
        return isatty(STDOUT_FILENO) && !(no && *no);
}

/* Whom the agent would mask in this record. */
static bool know_people(struct explaining *x, struct err *err)
{
        if (!x->from_vault || !book_seeks_people(x->book.book))
                return true;
        if (!vault_peek(&x->vault, x->d.state, err) ||
            !people_learn(&x->crowd, x->vault, &x->d, &x->book.settings->pump, x->book.book, NULL, err) ||
            !crowd_meet(x->crowd, &x->record, err))
                return false;
        judge_know(x->book.judge, crowd_known(x->crowd));
        return true;
}

static bool explain(struct explaining *x, struct err *err)
{
        struct slice source = slice_of(x->source ? x->source : x->from_case ? NULL : "pasted");
        if (x->from_case && !x->source)
                source = x->from_case->source;
        if (x->from_vault && !x->source)
                source = x->entry.source;
        if (x->from_vault && x->reveal && !entry_note(&x->d, "reveal", x->entry.at, err))
                return false;
        if (x->from_case)
                judge_assume(x->book.judge, &x->from_case->assumed);
        if (!know_people(x, err))
                return false;
        if (!policy_explain(x->book.discarder, x->book.judge, x->now_us, &x->record, source, x->captured_us, x->arena,
                            &x->said, err))
                return false;
        struct explain_shown shown = {
                .region = x->d.region,
                .policy = book_policy(x->book.book),
                .policy_version = book_version(x->book.book),
                .now_us = x->now_us,
                .record = &x->record,
                .said = &x->said,
                .pasted = x->pasted,
                .people_unknown = !x->from_vault && !x->from_case && book_seeks_people(x->book.book),
                .entry = x->from_vault ? &x->entry : NULL,
                .reveal = x->reveal,
                .colour = !x->d.json && wants_colour(x),
        };
        if (x->d.json)
                explain_json(&shown);
        else
                explain_show(&shown);
        return true;
}

static int open_and_explain(struct explaining *x)
{
        struct err err = ERR_INIT;
        struct report *report;
        int kind = x->kind ? kind_of_name(slice_of(x->kind)) : -1, status;
        if (!read_record(x, &err)) {
                status = act_fail(&err, x->d.json);
                return err.kind == ERR_DATA ? EXIT_FINDING : status;
        }
        if (kind >= 0)
                x->record.kind = (enum record_kind)kind;
        struct book_wanted wanted = { .policy = x->policy, .region = x->d.region };
        if (x->from_case && !x->policy && !x->d.region)
                wanted = (struct book_wanted){ .policy = x->from_case->policy, .region = x->from_case->region,
                                                .places = &x->from_case->hub };
        report = report_new();
        if (!wanted.policy && !wanted.region) {
                err_set(&err, ERR_SYSTEM, 0, "by which law? --region CODE or --policy NAME is missing");
                err_hint(&err, "`tributary region list` has the codes.");
                status = act_fail(&err, x->d.json);
        } else if (!policy_book_open(&x->book, &x->d, &wanted, report)) {
                status = act_report(report, x->d.json);
        } else {
                status = explain(x, &err) ? EXIT_WELL : act_fail(&err, x->d.json);
        }
        report_free(report);
        return status;
}

static bool arguments_ok(struct explaining *x, int n, struct err *err)
{
        x->now_us = x->captured_us = clock_now_us();
        if (n > 1 || (n == 1 && x->seq))
                err_set(err, ERR_SYSTEM, 0, "one record at a time");
        else if (x->policy && x->d.region)
                err_set(err, ERR_SYSTEM, 0, "a region names its policy itself: leave one of --region and --policy");
        else if (x->policy && !text_is_name(slice_of(x->policy)))
                err_set(err, ERR_SYSTEM, 0, "--policy is its file's name without .cfg");
        else if (x->kind && kind_of_name(slice_of(x->kind)) < 0)
                err_set(err, ERR_SYSTEM, 0, "\"%.40s\" is no kind of record", x->kind);
        else if (x->source && !text_is_name(slice_of(x->source)))
                err_set(err, ERR_SYSTEM, 0, "--source is small letters, digits and -");
        else if (x->colour && strcmp(x->colour, "auto") != 0 && strcmp(x->colour, "always") != 0 && strcmp(x->colour, "never") != 0)
                err_set(err, ERR_SYSTEM, 0, "--colour is auto, always or never");
        else if (x->date && !clock_parse_date(&x->now_us, slice_of(x->date)))
                err_set(err, ERR_SYSTEM, 0, "--date is a day as 2026-11-23");
        else
                return true;
        return err_hint(err, "usage: tributary %s", usage);
}

int policy_explain_verb(int argc, char **argv)
{
        struct explaining *x = calloc(1, sizeof *x);
        struct buf keep;
        struct err err = ERR_INIT;
        bool help = false;
        int status = EXIT_COULD_NOT;
        if (!x)
                return status;
        const struct flag flags[] = {
                VERB_FLAGS(&x->d, &help),
                { "policy", 0, "NAME", &x->policy, "By this policy, whatever the region; places are those of hub.cfg." },
                { "date", 0, "DAY", &x->date, "As if that day were today." },
                { "kind", 0, "KIND", &x->kind, "What it is (pasted words: feedback)." },
                { "source", 0, "NAME", &x->source, "As if it came from this source." },
                { "seq", 0, "SEQ", &x->seq, "The record of that number in the region's vault; or EPOCH-SEQ." },
                { "text", 0, NULL, &x->text, "Take it as words, even if it begins with {." },
                { "reveal", 0, NULL, &x->reveal, "Show what was found, not only where; of the vault's, the ledger notes it." },
                { "colour", 0, "WHEN", &x->colour, "auto, always or never." },
                FLAG_END
        };
        int n = verb_begin(flags, usage, argc, argv, &x->d, &keep, &help, &status);
        buf_init(&x->input, INPUT_MAX);
        x->arena = arena_new(ARENA_MAX);
        x->file = n > 0 ? argv[0] : NULL;
        if (n >= 0 && x->arena && arguments_ok(x, n, &err)) {
                if (x->date)
                        x->captured_us = x->now_us += 12 * US_PER_HOUR;
                status = open_and_explain(x);
        } else if (n >= 0) {
                status = act_fail(&err, x->d.json);
        }
        policy_book_close(&x->book);
        crowd_close(x->crowd);
        vault_close(x->vault);
        buf_wipe(&x->input);
        arena_free(x->arena);
        free(x);
        buf_clear(&keep);
        return status;
}
