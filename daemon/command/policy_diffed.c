/* policy_diffed.c - the records by which two sets are compared: of a file, of the cases, or those
 * that the region's vault captured in a span.
 *
 * Nothing of a record is kept but samples that differ_sample() masked.                       */
#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "policy_diff.h"
#include "policy_people.h"

enum { RECORDS_BYTES = 1 << 30, SAMPLE_BYTES = 160 };

/* ---- Notes --------------------------------------------------------------------------- */

static void count_source(struct diffing *x, struct diff_note *n)
{
        for (size_t i = 0; i < n->n_sources; i++)
                if (slice_is(x->source, n->sources[i].name)) {
                        n->sources[i].count++;
                        return;
                }
        const char *name = n->n_sources < DIFF_SOURCES_MAX ? arena_string(x->all, x->source) : NULL;
        if (name)
                n->sources[n->n_sources++] = (struct diff_source){ name, 1 };
        else
                n->other_sources++;
}

/* "title: ...", as it would leave under the stricter of both. */
static void add_sample(struct diffing *x, struct diff_note *n, enum field f)
{
        struct buf text;
        char *own = NULL;
        if (n->n_samples == x->samples || !explain_item(x->record, f, 0).p)
                return;
        buf_init(&text, 16 * SAMPLE_BYTES);
        buf_printf(&text, "%s: ", field_name(f));
        struct buf words;
        buf_init(&words, 8 * SAMPLE_BYTES);
        bool shown = differ_sample(x->record, &x->explained[0], &x->explained[1], f, SAMPLE_BYTES, &words);
        buf_printf(&text, shown ? "%s" : "(%s)", words.p ? words.p : "");
        for (size_t i = 0; i < n->n_samples && text.p; i++)
                if (strcmp(n->samples[i], text.p) == 0)
                        goto out;
        own = buf_ok(&text) ? arena_string(x->all, buf_slice(&text)) : NULL;
        if (own)
                n->samples[n->n_samples++] = own;
out:
        buf_wipe(&words);
        buf_wipe(&text);
}

static void add_samples(struct diffing *x, struct diff_note *n, int field)
{
        if (!x->record || !x->samples)
                return;
        if (field >= 0) {
                add_sample(x, n, (enum field)field);
        } else {
                add_sample(x, n, FIELD_TITLE);
                add_sample(x, n, FIELD_BODY);
        }
}

static struct diff_note *find_note(struct diffing *x, enum differ d, const char *text)
{
        for (size_t i = 0; i < x->n_notes; i++)
                if (x->notes[i].differ == d && strcmp(x->notes[i].text, text) == 0)
                        return &x->notes[i];
        char *own = arena_string(x->all, slice_of(text)), *example = arena_string(x->all, slice_of(x->example));
        if (!own || !example || x->n_notes == DIFF_NOTES_MAX) {
                x->overfull = true; /* counted all the same */
                return NULL;
        }
        struct diff_note *n = &x->notes[x->n_notes++];
        *n = (struct diff_note){ .differ = d, .text = own, .example = example };
        return n;
}

static void note(void *ctx, enum differ d, int field, const char *text)
{
        struct diffing *x = ctx;
        struct diff_note *n = find_note(x, d, text);
        x->seen[d] = true;
        if (!n)
                return;
        n->count++;
        if (x->record)
                count_source(x, n);
        add_samples(x, n, field);
}

void diff_say(struct diffing *x, enum differ d, const char *text)
{
        x->record = NULL;
        x->example[0] = 0;
        note(x, d, -1, text);
}

bool diff_leaves(const struct diffing *x)
{
        bool leaves = x->overfull; /* who cannot tell all says no */
        for (size_t i = 0; i < x->n_notes; i++)
                leaves |= x->notes[i].differ == DIFFER_LEAVES;
        return leaves;
}

/* ---- One record under both -------------------------------------------------------------- */

struct judged {
        const struct record *record;
        struct slice source;
        const char *region;
        const struct hub *places;
        int64_t now_us, captured_us;
        const struct assumed *assumed; /* of a case: what the agent would have counted; NULL: nothing is near its limit */
};

static bool judge_side(struct diffing *x, struct diff_side *s, const struct judged *r, struct explanation *out)
{
        if (!diff_side_open(s, r->region, r->places, x->report))
                return false;
        if (r->assumed)
                judge_assume(s->book.judge, r->assumed);
        return policy_explain(s->book.discarder, s->book.judge, r->now_us, r->record, r->source, r->captured_us, x->one, out,
                              &x->err);
}

static bool judge_both(struct diffing *x, const struct judged *r)
{
        struct explanation *e = arena_array(x->one, 2, sizeof *e);
        if (!e)
                return err_set(&x->err, ERR_FULL, 0, "no room left to judge in");
        if (!judge_side(x, &x->before, r, &e[0]) || !judge_side(x, &x->after, r, &e[1]))
                return false;
        memset(x->seen, 0, sizeof x->seen);
        x->record = r->record;
        x->source = r->source;
        x->explained = e;
        explain_differ(&e[0], &e[1], note, x);
        x->record = NULL;
        x->n_records++;
        for (int d = 0; d < DIFFERS; d++)
                x->per_class[d] += x->seen[d];
        return true;
}

/* ---- Records of a file ------------------------------------------------------------------ */

static bool judge_line(struct diffing *x, struct slice line, size_t number)
{
        struct record r;
        struct judged judged = { .record = &r, .source = SLICE("records"), .region = x->d.region, .now_us = x->now_us,
                                 .captured_us = x->now_us };
        arena_reset(x->one);
        if (!record_parse(&r, x->one, line, NULL, NULL)) {
                x->n_unread++;
                return true;
        }
        snprintf(x->example, sizeof x->example, "line %zu", number);
        return judge_both(x, &judged);
}

static bool judge_records(struct diffing *x)
{
        struct buf b;
        bool ok;
        buf_init(&b, RECORDS_BYTES);
        ok = file_read(&b, x->records, &x->err);
        size_t number = 0;
        for (size_t at = 0; ok && at < b.n;) {
                const char *end = memchr(b.p + at, '\n', b.n - at);
                size_t n = end ? (size_t)(end - b.p) - at : b.n - at;
                struct slice line = slice_trim(slice_make(b.p + at, n));
                number++;
                if (line.n)
                        ok = judge_line(x, line, number);
                at += n + 1;
        }
        buf_wipe(&b);
        if (ok && x->n_records == 0)
                ok = err_set(&x->err, ERR_DATA, 0, "no line of \"%s\" is a record", x->records) ||
                     err_hint(&x->err, "One record's JSON a line, as POST /v1/records takes it.");
        return ok;
}

/* ---- Records of the cases ----------------------------------------------------------------- */

static bool judge_case(struct diffing *x, const char *path)
{
        struct report *quiet = report_new(); /* `policy test` says what is wrong with a case */
        struct buf text;
        bool ok = true;
        buf_init(&text, CASE_BYTES_MAX + 1);
        arena_reset(x->one);
        struct policy_case *c = file_read(&text, path, NULL) ? case_parse(x->one, path, buf_slice(&text), quiet) : NULL;
        if (!c) {
                x->n_unread++;
        } else if (c->policy && strcmp(c->policy, x->before.name) == 0) {
                struct judged judged = { &c->record, c->source, NULL, &c->hub, x->date ? x->now_us : c->now_us,
                                         x->date ? x->now_us : c->captured_us, &c->assumed };
                snprintf(x->example, sizeof x->example, "%s", path);
                ok = judge_both(x, &judged);
        }
        buf_clear(&text);
        report_free(quiet);
        return ok;
}

struct walking {
        struct diffing *x;
        const char *folder;
        bool ok;
};

static bool walk_case(const char *name, void *ctx)
{
        struct walking *w = ctx;
        char path[DIFF_PATH];
        snprintf(path, sizeof path, "%s/%s", w->folder, name);
        w->ok = judge_case(w->x, path);
        return w->ok;
}

static bool judge_cases(struct diffing *x, bool need_one)
{
        char cases[DIFF_PATH - 300], folder[DIFF_PATH];
        struct dirent **names;
        struct walking w = { x, folder, true };
        snprintf(cases, sizeof cases, "%s/cases", x->d.policies);
        int n = scandir(cases, &names, NULL, alphasort);
        for (int i = 0; i < n; i++) {
                struct stat st;
                snprintf(folder, sizeof folder, "%s/%s", cases, names[i]->d_name);
                if (w.ok && names[i]->d_name[0] != '.' && stat(folder, &st) == 0 && S_ISDIR(st.st_mode))
                        w.ok = dir_each_linked(folder, "*.case", walk_case, &w, &x->err) && w.ok;
                free(names[i]);
        }
        if (n >= 0)
                free(names);
        if (w.ok && need_one && x->n_records == 0) {
                err_set(&x->err, ERR_SYSTEM, 0, "there is no case of the policy \"%s\" in %s", x->before.name, cases);
                return err_hint(&x->err, "Name records by which to compare: --records FILE.ndjson, or --against last:7d --region CODE.");
        }
        return w.ok;
}

/* ---- Records of the vault ------------------------------------------------------------------- */

/* "last:7d", "2026-11-01..", "..2026-11-20", "2026-11-01..2026-11-20", days of the region. */
static bool read_span(struct diffing *x, const struct region *region)
{
        struct slice s = slice_of(x->against);
        const char *dots = strstr(x->against, "..");
        struct duration span;
        struct zone *zone = NULL;
        int64_t day;
        bool ok = false;
        x->to_us = INT64_MAX;
        if (slice_starts(s, SLICE("last:"))) {
                if (!duration_parse(&span, slice_make(s.p + 5, s.n - 5), &x->err))
                        return err_add(&x->err, "--against %.60s", x->against);
                x->from_us = x->now_us - span.us;
                return true;
        }
        if (dots && zone_open(&zone, region->timezone, &x->err)) {
                struct slice from = { s.p, (size_t)(dots - s.p) }, to = { dots + 2, s.n - from.n - 2 };
                struct civil first;
                x->from_us = INT64_MIN;
                ok = from.n + to.n > 0 && (!from.n || clock_parse_date(&day, from)) && (!to.n || zone_end_of_day_us(zone, to, &x->to_us));
                if (ok && from.n) {
                        civil_of_us(&first, day);
                        x->from_us = zone_to_us(zone, &first);
                }
        }
        zone_free(zone);
        if (ok && x->from_us < x->to_us)
                return true;
        err_set(&x->err, ERR_SYSTEM, 0, "--against \"%.60s\" is no span of time", x->against);
        return err_hint(&x->err, "Write last:7d, or days, as 2026-11-01.. or 2026-11-01..2026-11-20.");
}

static bool judge_entry(struct diffing *x, enum vault_read what, const struct vault_entry *e)
{
        struct record r;
        if (e->kind != ENTRY_RECORD || e->captured_us > x->to_us || (e->captured_us < x->from_us && what == VAULT_ENTRY))
                return true;
        arena_reset(x->one);
        if (what != VAULT_ENTRY || !record_unflatten(&r, x->one, e->plain, NULL)) {
                x->n_unread += e->captured_us >= x->from_us;
                return true;
        }
        if (x->crowd && !crowd_meet(x->crowd, &r, &x->err))
                return false;
        if (r.deleted)
                return true; /* a delete always leaves, and carries no content */
        struct judged judged = { &r, e->source, x->d.region, NULL, x->now_us, e->captured_us, NULL };
        snprintf(x->example, sizeof x->example, "%" PRIu64 "-%" PRIu64, e->at.epoch, e->at.seq);
        return judge_both(x, &judged);
}

/* Both mask whom the agent masks. NULL: nobody. */
static void know(struct diffing *x, const struct known *people)
{
        struct judge *const judges[] = { x->before.book.judge, x->after.book.judge };
        for (size_t i = 0; i < 2; i++)
                if (judges[i])
                        judge_know(judges[i], people);
}

static bool judge_vault(struct diffing *x)
{
        struct vault *v = NULL;
        struct vault_reader *r = NULL;
        struct position from;
        const struct agent_settings *s = x->before.book.settings;
        bool ok = read_span(x, &s->region) && vault_peek(&v, x->d.state, &x->err) &&
                  people_learn(&x->crowd, v, &x->d, &s->pump, x->before.book.book, x->after.book.book, &x->err);
        know(x, x->crowd ? crowd_known(x->crowd) : NULL);
        if (ok && vault_since(v, x->from_us, &from)) {
                enum vault_read what = VAULT_ENTRY;
                ok = vault_reader_open(&r, v, from, &x->err);
                while (ok && what != VAULT_END) {
                        struct vault_entry e;
                        ok = vault_read(r, &what, &e, &x->err) && (what == VAULT_END || judge_entry(x, what, &e));
                }
        }
        vault_reader_close(r);
        know(x, NULL);
        crowd_close(x->crowd);
        x->crowd = NULL;
        vault_close(v);
        return ok;
}

/* ---- The whole ---------------------------------------------------------------------------------- */

bool diff_compare(struct diffing *x)
{
        const char *region = x->d.region;
        if (!diff_side_open(&x->before, region, NULL, x->report) || !diff_side_open(&x->after, region, NULL, x->report))
                return false;
        if (!(x->against ? judge_vault(x) : x->records ? judge_records(x) : judge_cases(x, !x->many)))
                return false;
        if (!diff_side_open(&x->before, region, NULL, x->report) || !diff_side_open(&x->after, region, NULL, x->report))
                return false;
        x->record = NULL;
        x->example[0] = 0;
        book_differ(x->before.book.book, x->after.book.book, x->now_us, note, x);
        return true;
}
