/* books.c - loads a policy set, weighs it against the one in force, keeps the last good one. */
#include "books.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "books_cache.h"

enum { OPEN, STALE, FAILS_CASES, WAITS, NO_OFFICERS };
struct metric books_metrics[] = {
        [OPEN] = { "tributary_policy_open", METRIC_GAUGE, NULL,
                   "1 while a valid policy set is in force and records may leave.", 0 },
        [STALE] = { "tributary_policy_stale", METRIC_GAUGE, NULL,
                    "1 while the newest region or policy files cannot be used: an older set, or none, is in force.",
                    0 },
        [FAILS_CASES] = { "tributary_policy_fails_cases", METRIC_GAUGE, NULL,
                          "1 while the newest policy set is kept out because it does not do what its own cases say.", 0 },
        [WAITS] = { "tributary_policy_waits_for_signatures", METRIC_GAUGE, NULL,
                    "Signatures that are missing until the newest policy set may be in force; 0 if none waits.", 0 },
        [NO_OFFICERS] = { "tributary_policy_unsigned_loosening", METRIC_GAUGE, NULL,
                          "1 while a set is in force that is looser than the one before, and that nobody had to sign.", 0 },
        METRIC_END
};

enum { LISTED_MAX = 20 };

static void first_complaint(struct books *b, const struct report *report)
{
        for (size_t i = 0; i < report_size(report); i++) {
                const struct report_item *it = report_at(report, i);
                if (it->level != REPORT_ERROR)
                        continue;
                if (it->line)
                        snprintf(b->trouble, sizeof b->trouble, "%s:%d: %s", it->file, it->line, it->text);
                else
                        snprintf(b->trouble, sizeof b->trouble, "%s: %s", it->file, it->text);
                return;
        }
        snprintf(b->trouble, sizeof b->trouble, "files cannot be read");
}

static void show(const struct books *b)
{
        size_t missing = b->waiting.is ? b->waiting.needed - b->waiting.have.n : 0;
        metric_set(&books_metrics[OPEN], b->open && b->book);
        metric_set(&books_metrics[STALE], b->stale);
        metric_set(&books_metrics[FAILS_CASES], b->stale && b->fails_cases);
        metric_set(&books_metrics[WAITS], (int64_t)missing);
        metric_set(&books_metrics[NO_OFFICERS], b->unsigned_loosening);
}

static void forget_waiting(struct books *b)
{
        changes_free(b->waiting.changes);
        b->waiting = (struct waiting){ .is = false };
}

void books_spoilt(struct books *b, const struct report *report)
{
        forget_waiting(b);
        first_complaint(b, report);
        b->stale = true;
        b->fails_cases = false;
        show(b);
}

/* ---- In force ----------------------------------------------------------------------------- */

/* Takes the book. */
static void take(struct books *b, struct book *book)
{
        book_drop(b->book);
        b->book = book;
}

static void settle(struct books *b)
{
        forget_waiting(b);
        b->open = true;
        b->stale = b->fails_cases = false;
        b->trouble[0] = 0;
        show(b);
}

/* Takes the book. In the cache before the first record is judged by it. */
static void enforce(struct books *b, struct book *fresh, const struct book_spec *spec, bool unsigned_loosening)
{
        b->since_us = clock_now_us();
        b->unsigned_loosening = unsigned_loosening;
        const struct cached c = { .book = fresh, .since_us = b->since_us, .unsigned_loosening = unsigned_loosening };
        cache_save(b->state_dir, b->keyer, &c, spec);
        take(b, fresh);
        book_drop(b->base);
        b->base = book_hold(fresh);
        b->lost = false;
        settle(b);
}

/* The set that is in force, as the places stand today; NULL if it cannot be read by today's. */
static struct book *at_present(const struct book *base, const struct book_spec *spec)
{
        struct region region = *spec->region;
        const struct book_spec now = { NULL, &region, spec->hub };
        struct report *quiet = report_new();
        struct buf packed;
        struct book *out = NULL;

        region.policy = book_policy(base);
        buf_init(&packed, 64 << 20);
        book_pack(base, &packed);
        if (buf_ok(&packed) && book_unpack(&out, buf_slice(&packed), &now, quiet) &&
            memcmp(book_hash(out), book_hash(base), 32) == 0) /* else they signed it for other places */
                book_attest(out, book_signers(base));
        buf_clear(&packed);
        report_free(quiet);
        return out;
}

/* Whether a change of places alone, without a signature, would let out more. */
static bool is_looser(const struct book *before, const struct book *after)
{
        struct changes *c = book_compare(before, after);
        bool looser = !c || changes_count(c, CHANGE_LOOSER) > 0;
        changes_free(c);
        return looser;
}

/* The set before stays in force, at today's places; what they would newly open waits, too. */
static void stay(struct books *b, const struct book_spec *spec, bool open)
{
        struct book *present = b->base ? at_present(b->base, spec) : NULL;
        if (!present) {
                b->open = b->open && b->book;
                if (!b->book && b->base)
                        take(b, book_hold(b->base)); /* it discards, and nothing leaves */
                return;
        }
        b->open = open && !is_looser(b->base, present);
        if (b->book && memcmp(book_hash(b->book), book_hash(present), 32) == 0)
                book_drop(present);
        else
                take(b, present);
}

static void recall(struct books *b, const struct book_spec *spec)
{
        struct cached c;
        if (b->base)
                return;
        if (!cache_load(&c, b->state_dir, b->keyer, spec)) {
                b->lost = c.lost;
                return;
        }
        b->base = c.book;
        b->since_us = c.since_us;
        b->unsigned_loosening = c.unsigned_loosening;
}

/* ---- Weighing ------------------------------------------------------------------------------- */

static void verify(struct signers *out, const struct book *judge, const struct book *fresh, const struct book_spec *spec,
                   struct report *report)
{
        struct buf text;
        char path[4096];
        struct err err = ERR_INIT;
        out->n = 0;
        snprintf(path, sizeof path, "%s/signatures/%s.sig", spec->policies_dir, spec->region->code);
        buf_init(&text, SIGNATURES_BYTES_MAX);
        if (file_exists(path) && !file_read(&text, path, &err))
                report_add(report, REPORT_WARNING, path, 0, 0, NULL, "signatures cannot be read: %s", err.text);
        else if (text.n)
                officers_verify(out, judge, fresh, spec->region->code, buf_slice(&text), path, clock_now_us(), report);
        buf_clear(&text);
}

static void say_names(char out[200], const struct signers *s)
{
        size_t n = 0;
        out[0] = 0;
        for (size_t i = 0; i < s->n && n + 40 < 200; i++)
                n += (size_t)snprintf(out + n, 200 - n, "%s%s", i ? ", " : "", s->list[i].officer);
}

static void list_looser(const struct changes *c, struct report *report)
{
        size_t n = 0;
        for (size_t i = 0; c && i < changes_size(c); i++) {
                const struct change *x = changes_at(c, i);
                if (x->kind != CHANGE_LOOSER || ++n > LISTED_MAX)
                        continue;
                bool new = *x->new_file;
                report_add(report, REPORT_WARNING, new ? x->new_file : x->old_file, new ? x->new_line : x->old_line, 0, NULL,
                           "looser than before: %s", x->text);
        }
        if (n > LISTED_MAX)
                report_add(report, REPORT_WARNING, NULL, 0, 0, NULL, "looser than before: %zu more", n - LISTED_MAX);
}

/* Takes the changes. */
static void wait_for(struct books *b, const struct book *fresh, const struct book *judge, const struct signers *have,
                     struct changes *changes, const struct book_spec *spec, struct report *report)
{
        struct waiting *w = &b->waiting;
        char names[200], hint[300];
        forget_waiting(b);
        *w = (struct waiting){ .is = true, .version = book_version(fresh), .needed = book_signatures_needed(judge),
                               .have = *have, .changes = changes };
        snprintf(w->policy, sizeof w->policy, "%.32s", book_policy(fresh));
        memcpy(w->hash, book_hash(fresh), 32);
        say_names(names, have);
        snprintf(b->trouble, sizeof b->trouble, "policy %s version %lld %s, and waits for signatures: %zu of %zu%s%s", w->policy,
                 (long long)w->version, b->base ? "is looser than what is in force"
                                         : b->lost ? "cannot be compared with what was in force (policy.cache of the state cannot be read)"
                                                   : "is the first of this region", have->n,
                 w->needed, have->n ? ", by " : "", names);
        if (book_officers_live(judge, spec->region->code, clock_now_us()) < w->needed)
                snprintf(hint, sizeof hint, "Too few officers may still sign: policies/README.md, \"Two signatures\".");
        else
                snprintf(hint, sizeof hint, "Have %zu more officers run: tributary policy sign --region %.32s --as NAME --key FILE; then reload.",
                         w->needed - have->n, spec->region->code);
        list_looser(changes, report);
        report_add(report, REPORT_ERROR, "policies", 0, 0, hint, "%s", b->trouble);
        b->stale = true;
        b->fails_cases = false;
        show(b);
}

static void warn_unsigned(const struct changes *c, struct report *report)
{
        list_looser(c, report);
        report_add(report, REPORT_WARNING, "officers.cfg", 0, 0,
                   "Name two officers in policies/officers.cfg: policies/README.md, \"Two signatures\".",
                   "the set is looser than the one before, and nobody had to sign: no officers are named");
}

/* Takes fresh. True: it is in force. */
static bool weigh(struct books *b, struct book *fresh, const struct book_spec *spec, struct report *report)
{
        struct changes *c = b->base ? book_compare(b->base, fresh) : NULL;
        const struct book *judge = b->base ? b->base : fresh;
        bool looser = !b->base || !c || changes_count(c, CHANGE_LOOSER) > 0;
        struct report *own = report_new();
        struct signers have;

        verify(&have, judge, fresh, spec, looser && book_has_officers(judge) ? report : own);
        report_free(own);
        if (looser && have.n < book_signatures_needed(judge)) {
                wait_for(b, fresh, judge, &have, c, spec, report);
                if (b->base) {
                        stay(b, spec, true);
                        book_drop(fresh);
                } else {
                        take(b, fresh); /* it discards already, and nothing leaves */
                        b->open = false;
                }
                show(b);
                return false;
        }
        bool free = looser && b->base && !book_has_officers(judge);
        if (free)
                warn_unsigned(c, report);
        book_attest(fresh, &have);
        enforce(b, fresh, spec, free || (!looser && b->unsigned_loosening && !book_has_officers(fresh)));
        changes_free(c);
        return true;
}

/* ---- Loading ---------------------------------------------------------------------------------- */

/* As `check` has it: another country's law is none for what is said here. A region file may be
 * edited while we run. */
static bool is_law_here(const struct book *fresh, const struct book_spec *spec, struct report *report)
{
        const struct region *r = spec->region;
        char file[64];

        if (book_protects(fresh, slice_of(r->jurisdiction)))
                return true;
        snprintf(file, sizeof file, "%.32s.cfg", r->code);
        report_add(report, REPORT_ERROR, file, 0, 0,
                   "Name the policy of this jurisdiction, or write it: policies/README.md.",
                   "%s stands in %s, and policy \"%s\" protects nobody there", r->code, r->jurisdiction, r->policy);
        return false;
}

static bool is_same(const struct books *b, const struct book *fresh)
{
        return b->base && memcmp(book_hash(b->base), book_hash(fresh), 32) == 0;
}

/* Takes fresh. Whatever was in force stays so; nothing was: what it discards is not known to be right. */
static bool refuse(struct books *b, struct book *fresh, const struct book_spec *spec, bool fails_cases,
                   const struct report *report)
{
        book_drop(fresh);
        stay(b, spec, true);
        books_spoilt(b, report);
        b->fails_cases = fails_cases;
        show(b);
        return false;
}

bool books_load(struct books *b, const struct book_spec *spec, struct report *report)
{
        struct book *fresh = NULL;
        recall(b, spec);
        if (!book_load(&fresh, spec, report) || !is_law_here(fresh, spec, report)) {
                book_drop(fresh);
                if (!b->book)
                        stay(b, spec, false);
                books_spoilt(b, report);
                return false;
        }
        if (is_same(b, fresh)) { /* nothing changes, since stays */
                book_drop(fresh);
                take(b, book_hold(b->base));
                settle(b);
                return true;
        }
        if (b->base && !book_check_versions(b->base, fresh, report))
                return refuse(b, fresh, spec, false, report);
        if (b->tested && !b->tested(b->ctx, fresh, spec, report))
                return refuse(b, fresh, spec, true, report);
        return weigh(b, fresh, spec, report);
}

void books_unspoilt(struct books *b, bool stale, bool fails_cases, const char *trouble)
{
        b->stale = stale;
        b->fails_cases = fails_cases;
        snprintf(b->trouble, sizeof b->trouble, "%s", trouble);
        show(b);
}

void books_clear(struct books *b)
{
        book_drop(b->book);
        book_drop(b->base);
        b->book = b->base = NULL;
        forget_waiting(b);
}
