/* officers.c - policies/officers.cfg, what officers sign, and whose signatures are good. */
#include "policy/officers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "comparing.h"
#include "reader.h"

#define OFFICERS_FILE "officers.cfg"
#define KEY_PREFIX "ed25519:"
enum { SHELF_ARENA_MAX = 16 << 20, ENDS_SOON_DAYS = 60 };

struct officer {
        const char *name;
        uint8_t key[SIGN_KEY];
        int64_t until_us;
        struct names regions; /* n == 0: all */
        struct at at;
};
struct officers {
        struct conf *conf; /* whose texts the names are */
        int64_t version, needed;
        struct officer list[OFFICERS_MAX];
        size_t n;
        struct at at, needed_at, version_at;
};

/* ---- officers.cfg --------------------------------------------------------------------------- */

static bool read_key(struct reader *r, const struct conf_node *line, struct officer *o)
{
        const char *text = law_text(r, line, "key", MUST);
        size_t head = strlen(KEY_PREFIX);
        if (!text)
                return false;
        struct slice key = slice_of(text);
        if (slice_starts(key, slice_of(KEY_PREFIX)) && key.n == head + 2 * SIGN_KEY &&
            hex_decode(o->key, SIGN_KEY, slice_make(key.p + head, key.n - head)))
                return true;
        law_complain(r, conf_get(line, "key"), "`tributary policy sign --new-key FILE` prints it; the private half is in FILE.",
                     "this is no public key: it reads \"" KEY_PREFIX "\" and 64 hexadecimal digits");
        return false;
}

static bool is_new(struct reader *r, const struct conf_node *line, const struct officers *all, const struct officer *o)
{
        for (size_t i = 0; i < all->n; i++) {
                bool name = strcmp(all->list[i].name, o->name) == 0;
                if (!name && memcmp(all->list[i].key, o->key, SIGN_KEY) != 0)
                        continue;
                law_complain(r, line, name ? NULL : "Two signatures must be two people's: each has a key of their own.",
                             name ? "officer \"%s\" is there twice, first in line %d"
                                  : "officer \"%s\" has the same key as the one in line %d",
                             o->name, all->list[i].at.line);
                return false;
        }
        return true;
}

static void read_officer(struct reader *r, const struct conf_node *line, const char *file, struct officers *all)
{
        static const char *const allowed[] = { "name", "key", "until", "regions", "title", "because" };
        struct officer o = { .until_us = INT64_MAX };
        if (!law_keys(r, line, allowed, COUNT(allowed)) && conf_type(line) != CONF_GROUP)
                return;
        o.name = law_text(r, line, "name", MUST);
        o.at = (struct at){ file, conf_line(line), "" };
        law_text(r, line, "title", MAYBE);
        if (o.name && !text_is_name(slice_of(o.name))) {
                law_complain(r, conf_get(line, "name"), "Small letters, digits and \"-\", at most 32.",
                             "\"%s\" cannot be an officer's name", o.name);
                o.name = NULL;
        }
        bool ok = read_key(r, line, &o) && o.name;
        if (conf_get(line, "until"))
                ok = law_date(r, line, "until", &o.until_us) && ok;
        if (conf_get(line, "regions"))
                ok = law_names(r, line, "regions", MUST, &o.regions) && ok;
        if (ok && is_new(r, line, all, &o))
                all->list[all->n++] = o;
}

static void read_all(struct reader *r, const struct conf_node *root, const char *file, struct officers *all)
{
        static const char *const allowed[] = { "version", "signatures", "officers" };
        const struct conf_node *list = conf_get(root, "officers");
        law_keys(r, root, allowed, COUNT(allowed));
        law_int(r, root, "version", MUST, 1, INT32_MAX, &all->version);
        law_int(r, root, "signatures", MAYBE, 2, OFFICERS_MAX, &all->needed);
        all->version_at = (struct at){ file, conf_get(root, "version") ? conf_line(conf_get(root, "version")) : 1, "" };
        all->needed_at = conf_get(root, "signatures") ? (struct at){ file, conf_line(conf_get(root, "signatures")), "" } : all->at;
        if (!list)
                law_complain(r, root, "Write officers = ( { name = \"jana\"; key = \"ed25519:...\"; } );", "\"officers\" is missing");
        size_t n = list ? law_lines(r, list) : 0;
        if (n > OFFICERS_MAX) {
                law_complain(r, list, NULL, "%zu officers, at most %d are allowed", n, OFFICERS_MAX);
                n = 0;
        }
        for (size_t i = 0; i < n; i++)
                read_officer(r, law_line(list, i), file, all);
        if (list && report_count(r->report, REPORT_ERROR) == 0 && all->n < (size_t)all->needed)
                law_complain(r, list, all->needed > 2 ? "Name more officers, or ask for fewer signatures (2 at least)."
                                                      : "Name one more at least: nobody loosens a policy alone.",
                             "%" PRId64 " must sign, and only %zu can", all->needed, all->n);
}

static bool is_missing(const struct shelf *s, const char *path)
{
        return s->dir && !file_exists(path);
}

static void pass_on(const struct report *own, struct report *report)
{
        for (size_t i = 0; i < report_size(own); i++) {
                const struct report_item *item = report_at(own, i);
                report_add(report, item->level, item->file, item->line, item->column, item->hint, "%s", item->text);
        }
}

bool officers_read(struct officers **out, struct shelf *s, const struct zone *zone, struct report *report)
{
        struct slice bytes;
        struct err err = ERR_INIT;
        char *path = arena_printf(s->arena, "%s%s" OFFICERS_FILE, s->dir ? s->dir : "", s->dir ? "/" : "");
        *out = NULL;
        if (!path)
                return false;
        if (is_missing(s, path) || (!shelf_get(s, OFFICERS_FILE, &bytes, &err) && !s->dir))
                return true;
        struct report *own = report_new();
        struct officers *all = ARENA_NEW(s->arena, struct officers);
        if (!own || !all) {
                report_free(own);
                return false;
        }
        *all = (struct officers){ .version = 1, .needed = 2, .at = { OFFICERS_FILE, 1, "" } };
        struct reader r = { NULL, s, own, zone };
        if (err.kind != ERR_NONE)
                report_add(own, REPORT_ERROR, path, 0, 0, NULL, "could not read it: %s", err.text);
        else if (conf_parse(&all->conf, path, bytes, own))
                read_all(&r, conf_root(all->conf), OFFICERS_FILE, all);
        pass_on(own, report);
        report_free(own);
        *out = all;
        return true;
}

void officers_forget(struct officers *all)
{
        if (all)
                conf_free(all->conf);
}

static void check_times(const struct officers *all, int64_t now_us, struct report *report)
{
        size_t live = 0;
        for (size_t i = 0; i < all->n; i++) {
                const struct officer *o = &all->list[i];
                int64_t days = o->until_us == INT64_MAX ? INT64_MAX : (o->until_us - now_us) / US_PER_DAY;
                live += now_us <= o->until_us;
                if (now_us > o->until_us)
                        report_add(report, REPORT_WARNING, conf_file(all->conf), o->at.line, 0, "Name another, or give more time.",
                                   "the time of officer \"%s\" has ended", o->name);
                else if (days < ENDS_SOON_DAYS)
                        report_add(report, REPORT_WARNING, conf_file(all->conf), o->at.line, 0, "Give more time while enough may sign that.",
                                   "the time of officer \"%s\" ends in %lld days", o->name, (long long)days);
        }
        if (live < (size_t)all->needed)
                report_add(report, REPORT_WARNING, conf_file(all->conf), all->at.line, 0, "policies/README.md, \"Two signatures\".",
                           "%lld must sign, and only %zu may: nothing can be loosened", (long long)all->needed, live);
}

bool officers_check_file(const char *policies_dir, int64_t now_us, struct report *report)
{
        struct shelf shelf = { .arena = arena_new(SHELF_ARENA_MAX), .dir = policies_dir };
        struct zone *zone = NULL;
        struct report *own = report_new();
        struct officers *all = NULL;
        bool ok = shelf.arena && own && zone_open(&zone, "UTC", NULL) && officers_read(&all, &shelf, zone, own);
        if (ok && !all)
                report_add(own, REPORT_ERROR, policies_dir, 0, 0, NULL, "there is no " OFFICERS_FILE);
        ok = ok && report_count(own, REPORT_ERROR) == 0;
        if (ok)
                check_times(all, now_us, own);
        if (own)
                pass_on(own, report);
        report_free(own);
        officers_forget(all);
        zone_free(zone);
        arena_free(shelf.arena);
        return ok;
}

/* ---- Who may ---------------------------------------------------------------------------------- */

bool book_has_officers(const struct book *b)
{
        return b->officers != NULL;
}

size_t book_signatures_needed(const struct book *b)
{
        return b->officers ? (size_t)b->officers->needed : 0;
}

static bool is_for(const struct officer *o, const char *region)
{
        bool is = o->regions.n == 0;
        for (size_t i = 0; i < o->regions.n; i++)
                is |= strcmp(o->regions.v[i], region) == 0;
        return is;
}

size_t book_officers_live(const struct book *b, const char *region, int64_t now_us)
{
        size_t n = 0;
        for (size_t i = 0; b->officers && i < b->officers->n; i++)
                n += now_us <= b->officers->list[i].until_us && is_for(&b->officers->list[i], region);
        return n;
}

const char *book_officer_of(const struct book *b, const uint8_t key[SIGN_KEY])
{
        for (size_t i = 0; b->officers && i < b->officers->n; i++)
                if (memcmp(b->officers->list[i].key, key, SIGN_KEY) == 0)
                        return b->officers->list[i].name;
        return "";
}

static const struct officer *officer_named(const struct officers *all, const char *name)
{
        for (size_t i = 0; all && i < all->n; i++)
                if (strcmp(all->list[i].name, name) == 0)
                        return &all->list[i];
        return NULL;
}

/* ---- What they sign ------------------------------------------------------------------------------ */

void officers_statement(const struct book *b, const char *region, const char *officer, const char *on, struct buf *out)
{
        buf_puts(out, "tributary policy signature 1\n");
        buf_printf(out, "region %s\npolicy %s version %" PRId64 "\nset ", region, book_policy(b), book_version(b));
        buf_put_hex(out, book_hash(b), 32);
        buf_printf(out, "\nofficer %s on %s\n", officer, on);
}

void signer_format(const struct book *b, const struct signer *s, struct buf *out)
{
        buf_printf(out, "%s %s %s %" PRId64 " ", s->officer, s->on, book_policy(b), book_version(b));
        buf_put_hex(out, book_hash(b), 32);
        buf_putc(out, ' ');
        buf_put_hex(out, s->signature, SIGN_BYTES);
        buf_putc(out, '\n');
}

/* ---- What they signed ------------------------------------------------------------------------------ */

struct line {
        struct signer s;
        char policy[33];
        int64_t version;
        uint8_t set[32];
};

static bool next_word(struct slice *rest, struct slice *word)
{
        *rest = slice_trim(*rest);
        size_t n = 0;
        while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
                n++;
        *word = (struct slice){ rest->p, n };
        rest->p += n;
        rest->n -= n;
        return n > 0;
}

static bool copy_word(char *out, size_t size, struct slice word)
{
        if (word.n >= size)
                return false;
        memcpy(out, word.p, word.n);
        out[word.n] = 0;
        return true;
}

static bool is_day(struct slice s)
{
        static const char shape[] = "dddd-dd-dd";
        for (size_t i = 0; i < s.n && i < 10; i++)
                if (shape[i] == 'd' ? s.p[i] < '0' || s.p[i] > '9' : s.p[i] != shape[i])
                        return false;
        return s.n == 10;
}

static bool parse_line(struct line *out, struct slice text)
{
        struct slice w[6], more;
        *out = (struct line){ 0 };
        for (size_t i = 0; i < COUNT(w); i++)
                if (!next_word(&text, &w[i]))
                        return false;
        return !next_word(&text, &more) && text_is_name(w[0]) && copy_word(out->s.officer, sizeof out->s.officer, w[0]) &&
               is_day(w[1]) && copy_word(out->s.on, sizeof out->s.on, w[1]) && text_is_name(w[2]) &&
               copy_word(out->policy, sizeof out->policy, w[2]) && text_int(&out->version, w[3], 1, INT32_MAX) &&
               w[4].n == 64 && hex_decode(out->set, 32, w[4]) && w[5].n == 2 * SIGN_BYTES &&
               hex_decode(out->s.signature, SIGN_BYTES, w[5]);
}

struct verifying {
        struct signers *out;
        const struct book *judge, *fresh;
        const char *region, *file;
        int64_t now_us;
        struct report *report;
};

static void refuse(const struct verifying *v, int line, const char *hint, const char *why, const char *officer)
{
        report_add(v->report, REPORT_WARNING, v->file, line, 0, hint, "the signature of \"%s\" does not count: %s", officer, why);
}

static bool is_signed(const struct verifying *v, const struct line *l, const struct officer *o)
{
        struct buf text;
        buf_init(&text, 4096);
        officers_statement(v->fresh, v->region, l->s.officer, l->s.on, &text);
        bool ok = buf_ok(&text) && sign_verify(o->key, buf_slice(&text), l->s.signature);
        buf_clear(&text);
        return ok;
}

static bool has_signed(const struct signers *s, const struct officer *o)
{
        for (size_t i = 0; i < s->n; i++)
                if (strcmp(s->list[i].officer, o->name) == 0)
                        return true;
        return false;
}

/* A day of leeway: clocks differ, and days with the zone. */
static bool is_past(const char *day, int64_t now_us)
{
        int64_t at_us;
        return clock_parse_date(&at_us, slice_of(day)) && at_us <= now_us + US_PER_DAY;
}

static void weigh_line(const struct verifying *v, struct line *l, int at)
{
        const struct officer *o = officer_named(v->judge->officers, l->s.officer);
        if (memcmp(l->set, book_hash(v->fresh), 32) != 0)
                return; /* of another set */
        if (!o)
                refuse(v, at, "Who may sign is said by the officers.cfg in force.", "no officer in force has this name", l->s.officer);
        else if (v->now_us > o->until_us)
                refuse(v, at, "Another officer must sign, or officers.cfg give more time (which is itself to be signed).",
                       "this officer's time has ended", l->s.officer);
        else if (!is_for(o, v->region))
                refuse(v, at, "Another officer must sign.", "this officer does not sign for this region", l->s.officer);
        else if (strcmp(l->policy, book_policy(v->fresh)) != 0 || l->version != book_version(v->fresh) || !is_signed(v, l, o))
                refuse(v, at, "Sign again: tributary policy sign.", "it was not made with this officer's key, or not for this", l->s.officer);
        else if (!is_past(l->s.on, v->now_us))
                refuse(v, at, "Put right the clock that is wrong, this machine's or theirs, and sign again if it was theirs.",
                       "its day is still to come", l->s.officer);
        else if (has_signed(v->out, o))
                refuse(v, at, "Another officer must sign.", "this officer has signed already", l->s.officer);
        else if (v->out->n < SIGNERS_MAX) {
                memcpy(l->s.key, o->key, SIGN_KEY);
                v->out->list[v->out->n++] = l->s;
        }
}

static struct slice cut_line(struct slice *rest)
{
        const char *end = memchr(rest->p, '\n', rest->n);
        struct slice line = { rest->p, end ? (size_t)(end - rest->p) : rest->n };
        rest->p += line.n + (end != NULL);
        rest->n -= line.n + (end != NULL);
        const char *comment = line.n ? memchr(line.p, '#', line.n) : NULL;
        if (comment)
                line.n = (size_t)(comment - line.p);
        return slice_trim(line);
}

void officers_verify(struct signers *out, const struct book *judge, const struct book *fresh, const char *region,
                     struct slice text, const char *file, int64_t now_us, struct report *report)
{
        const struct verifying v = { out, judge, fresh, region, file, now_us, report };
        out->n = 0;
        for (int at = 1; text.n && at <= SIGNATURE_LINES_MAX; at++) {
                struct slice line = cut_line(&text);
                struct line l;
                if (line.n == 0)
                        continue;
                if (parse_line(&l, line))
                        weigh_line(&v, &l, at);
                else
                        report_add(report, REPORT_WARNING, file, at, 0, "`tributary policy sign` writes these lines; take this one out.",
                                   "this is no signature: it reads OFFICER DATE POLICY VERSION SET SIGNATURE");
        }
        if (text.n)
                report_add(report, REPORT_WARNING, file, SIGNATURE_LINES_MAX, 0, "Take out what is of the past.",
                           "over %d lines: what follows is not read", SIGNATURE_LINES_MAX);
}

void book_attest(struct book *b, const struct signers *s)
{
        b->signers = *s;
}

const struct signers *book_signers(const struct book *b)
{
        return &b->signers;
}

/* ---- Who may sign, before and after ------------------------------------------------------------------- */

static bool all_regions_in(const struct officer *to, const struct officer *from)
{
        if (from->regions.n == 0)
                return true;
        for (size_t i = 0; i < to->regions.n; i++)
                if (!is_for(from, to->regions.v[i]))
                        return false;
        return to->regions.n > 0;
}

static void compare_officer(struct comparing *c, const struct officers *from, const struct officer *to)
{
        const struct officer *o = officer_named(from, to->name);
        char what[96];
        snprintf(what, sizeof what, "officer \"%s\"", to->name);
        if (!o)
                comparing_note(c, NULL, &to->at, "%s may sign from now on", what);
        else if (memcmp(o->key, to->key, SIGN_KEY) != 0)
                comparing_note(c, &o->at, &to->at, "%s has another key", what);
        else if (to->until_us > o->until_us)
                comparing_note(c, &o->at, &to->at, "%s may sign for longer", what);
        else if (!all_regions_in(to, o))
                comparing_note(c, &o->at, &to->at, "%s may sign for more regions", what);
}

void officers_compare(struct comparing *c)
{
        const struct officers *from = c->from_book->officers, *to = c->to_book->officers;
        if (c->kind == CHANGE_TIGHTER) {
                if (from && !to)
                        comparing_note(c, &from->at, NULL, "from now on officers must sign what is looser");
                return;
        }
        if (!from)
                return;
        if (!to) {
                comparing_note(c, &from->at, NULL, "nobody need sign any more: there is no " OFFICERS_FILE);
                return;
        }
        if (to->needed < from->needed)
                comparing_note(c, &from->needed_at, &to->needed_at, "fewer officers must sign: %" PRId64 ", before %" PRId64,
                               to->needed, from->needed);
        for (size_t i = 0; i < to->n; i++)
                compare_officer(c, from, &to->list[i]);
}

bool officers_check_version(const struct book *before, const struct book *after, struct report *report)
{
        const struct officers *old = before->officers, *new = after->officers;
        if (!old || !new || new->version >= old->version)
                return true;
        report_add(report, REPORT_ERROR, OFFICERS_FILE, new->version_at.line, 0, "Raise it.",
                   "officers.cfg goes down to version %" PRId64 ": version %" PRId64 " was in force already", new->version,
                   old->version);
        return false;
}
