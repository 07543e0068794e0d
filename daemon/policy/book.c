/* book.c - the policies in force in a region: read, checked, merged, counted, packed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "asking.h"

enum { BOOK_BYTES_MAX = 64 << 20 };

/* ---- Reading a chain ----------------------------------------------------------- */

static bool each_policy(const char *file, void *ctx)
{
        struct nearby *near = ctx;
        size_t n = strlen(file), at = 0;
        const char *name = n > 4 && near->n < LINES_MAX ? arena_string(near->arena, slice_make(file, n - 4)) : NULL;
        if (!name)
                return true;
        while (at < near->n && strcmp(near->names[at], name) < 0)
                at++;
        if (at < near->n && strcmp(near->names[at], name) == 0)
                return true; /* of both folders */
        memmove(near->names + at + 1, near->names + at, (near->n - at) * sizeof *near->names);
        near->names[at] = name;
        near->n++;
        return true;
}

bool law_list_policies(const struct shelf *s, struct nearby *near, struct err *err)
{
        *near = (struct nearby){ .arena = s->arena };
        bool ok = (!s->dir || dir_each_linked(s->dir, "*.cfg", each_policy, near, err)) &&
                  (!s->below || dir_each_linked(s->below, "*.cfg", each_policy, near, err));
        for (size_t i = 0; !s->dir && i < s->n; i++) {
                struct slice file = slice_of(s->files[i].name);
                if (file.n > 4 && strcmp(file.p + file.n - 4, ".cfg") == 0)
                        each_policy(file.p, near);
        }
        if (ok && near->n == LINES_MAX)
                ok = err_set(err, ERR_FULL, 0, "there are %d policies or more in one folder", LINES_MAX);
        return ok;
}

static void missing(const struct shelf *s, const struct policy *child, const char *name,
                    const struct region *region, struct report *report)
{
        struct nearby near;
        char hint[160] = "";
        law_list_policies(s, &near, NULL);
        const char *nearest = text_nearest(name, near.names, near.n);
        bool needs = region && region->code && region->title && *region->title; /* a case's has no title */
        if (nearest)
                snprintf(hint, sizeof hint, "Did you mean \"%s\"?", nearest);
        else if (s->dir && !file_exists(s->dir))
                snprintf(hint, sizeof hint, "That folder does not exist; --policies DIR names another.");
        else
                snprintf(hint, sizeof hint, "Put %s.cfg into the folder of policies.", name);
        if (child)
                report_add(report, REPORT_ERROR, conf_file(child->conf), child->extends_at.line, 0, hint,
                           "policy \"%s\" extends \"%s\", which is not there", child->name, name);
        else
                report_add(report, REPORT_ERROR, s->dir, 0, 0, hint, "policy \"%s\" is not there%s%s%s", name,
                           needs ? ", which region " : "", needs ? region->code : "", needs ? " needs" : "");
}

/* Not the same as one that is not there: it may stand before the officer's eyes. */
static bool is_there(struct shelf *s, const struct policy *child, const char *name, const struct region *region,
                     struct report *report)
{
        char file[64];
        struct slice bytes;
        struct err err = ERR_INIT;
        snprintf(file, sizeof file, "%.32s.cfg", name);
        if (text_is_name(slice_of(name)) && shelf_get(s, file, &bytes, &err))
                return true;
        if (err.kind == ERR_NONE || err.kind == ERR_CONFIG)
                missing(s, child, name, region, report);
        else
                report_add(report, REPORT_ERROR, child ? conf_file(child->conf) : s->dir, child ? child->extends_at.line : 0, 0,
                           LAW_UNREADABLE_HINT, "policy \"%.32s\" cannot be read: %s", name, err.text);
        return false;
}

static bool extends_itself(struct policy *const *chain, size_t n, const char *name, struct report *report)
{
        for (size_t i = 0; i < n; i++) {
                const struct policy *child = chain[n - 1];
                if (strcmp(chain[i]->name, name) != 0)
                        continue;
                report_add(report, REPORT_ERROR, conf_file(child->conf), child->extends_at.line, 0,
                           "A parent cannot extend its own child.",
                           "policy \"%s\" extends \"%s\", which goes round in a circle", child->name, name);
                return true;
        }
        return false;
}

bool law_read_chain(struct shelf *s, const struct region *region, const char *name, struct policy **chain, size_t *n,
                    const struct zone *zone, struct report *report)
{
        const struct policy *child = NULL;
        *n = 0;
        while (name) {
                if (!is_there(s, child, name, region, report))
                        return false;
                if (extends_itself(chain, *n, name, report))
                        return false;
                if (*n == CHAIN_MAX) {
                        report_add(report, REPORT_ERROR, conf_file(child->conf), child->extends_at.line, 0,
                                   NULL, "over %d policies extend each other", CHAIN_MAX);
                        return false;
                }
                struct policy *p = law_read(s, name, zone, report);
                if (!p)
                        return false;
                chain[(*n)++] = p;
                child = p;
                name = p->extends;
        }
        return true;
}

/* ---- The whole -------------------------------------------------------------------- */

static const char *class_of(struct law *law)
{
        const char *names[LAW_MAX];
        for (size_t i = 0; i < law->n_chain; i++) {
                size_t at = i;
                for (; at > 0 && strcmp(names[at - 1], law->chain[i]->name) > 0; at--)
                        names[at] = names[at - 1];
                names[at] = law->chain[i]->name;
        }
        struct buf text;
        buf_init(&text, 2048);
        for (size_t i = 0; i < law->n_chain; i++) {
                buf_puts(&text, i ? "+" : "");
                buf_puts(&text, names[i]);
        }
        if (text.n > CLASS_BYTES_MAX) /* class 0 may hold any, and is kept as the strictest wants */
                buf_reset(&text);
        const char *out = buf_ok(&text) ? arena_string(law->arena, buf_slice(&text)) : NULL;
        buf_clear(&text);
        return out;
}

static bool hash_all(struct book *b, const struct book_spec *spec)
{
        struct buf places;
        buf_init(&places, 1 << 16);
        if (spec->region)
                buf_printf(&places, "%s %s %s\n", spec->region->code, spec->region->jurisdiction,
                           spec->region->timezone);
        for (size_t i = 0; spec->hub && i < spec->hub->n_places; i++) {
                const char *where = spec->hub->places[i].jurisdiction;
                buf_printf(&places, "%s %s\n", place_what_name((enum place_what)spec->hub->places[i].what),
                           where ? where : "");
        }
        bool ok = buf_ok(&places);
        if (ok)
                shelf_hash(&b->shelf, b->hash, buf_slice(&places));
        buf_clear(&places);
        return ok;
}

static void book_free(struct book *b)
{
        if (!b)
                return;
        for (size_t i = 0; i < b->home.n_chain; i++)
                conf_free(b->home.chain[i]->conf);
        abroad_forget(b);
        officers_forget(b->officers);
        patterns_free(b->patterns);
        zone_free(b->zone);
        arena_free(b->arena);
        free(b);
}

static struct book *book_new(const char *dir)
{
        struct book *b = calloc(1, sizeof *b);
        if (!b)
                return NULL;
        b->arena = arena_new(BOOK_BYTES_MAX);
        atomic_init(&b->refs, 1);
        b->shelf.arena = b->home.arena = b->arena;
        if (b->arena && dir)
                b->shelf.dir = arena_string(b->arena, slice_of(dir));
        if (b->arena && (!dir || b->shelf.dir))
                return b;
        book_free(b);
        return NULL;
}

bool law_fill(struct law *law, const struct hub *hub)
{
        law->class_name = class_of(law);
        return law->class_name && law_merge(law) && residency_merge(law, hub);
}

static bool fill(struct book *b, const char *name, const struct book_spec *spec, struct report *report)
{
        struct zone *zone = NULL;
        struct err err = ERR_INIT;
        const char *timezone = spec->region && spec->region->timezone ? spec->region->timezone : "UTC";
        if (!zone_open(&zone, timezone, &err)) {
                report_add(report, REPORT_ERROR, NULL, 0, 0, err.hint, "%s", err.text);
                return false;
        }
        if (spec->region && *spec->region->jurisdiction) {
                b->region = arena_string(b->arena, slice_of(spec->region->code));
                if (!b->region)
                        return false;
        }
        bool ok = law_read_chain(&b->shelf, spec->region, name, b->home.chain, &b->home.n_chain, zone, report);
        b->home.n_home = b->home.n_chain;
        if (ok && spec->region)
                ok = abroad_read(b, zone, report) && officers_read(&b->officers, &b->shelf, zone, report);
        b->zone = zone;
        if (!ok)
                return false;
        if (!law_fill(&b->home, spec->hub) || !abroad_merge(b, spec->hub, report) || !hash_all(b, spec)) {
                report_add(report, REPORT_ERROR, NULL, 0, 0, NULL,
                           "the policies are too large for memory's ceiling");
                return false;
        }
        if (!patterns_compile(b, report))
                return false;
        law_check_chain(&b->home, report);
        law_check_places(&b->home, report);
        law_check_abroad(b, report);
        counters_check_region(b, report);
        return true;
}

static void pass_on(const struct report *own, struct report *report)
{
        for (size_t i = 0; i < report_size(own); i++) {
                const struct report_item *item = report_at(own, i);
                report_add(report, item->level, item->file, item->line, item->column, item->hint, "%s",
                           item->text);
        }
}

/* Takes the book. Complaints are gathered aside: whether there is an error must not depend on
 * what the caller's report holds already, or on there being one. */
static bool give(struct book **out, struct book *b, const char *name, const struct book_spec *spec,
                 struct report *report)
{
        struct report *own = report_new();
        bool ok = b && own && fill(b, name, spec, own) && report_count(own, REPORT_ERROR) == 0;
        if (!b || !own)
                report_add(report, REPORT_ERROR, NULL, 0, 0, NULL, "out of memory for policies");
        pass_on(own, report);
        report_free(own);
        if (!ok) {
                book_free(b);
                b = NULL;
        }
        *out = b;
        return ok;
}

bool book_load(struct book **out, const struct book_spec *spec, struct report *report)
{
        return give(out, book_new(spec->policies_dir), spec->region->policy, spec, report);
}

bool book_load_over(struct book **out, const struct book_spec *spec, const char *below, struct report *report)
{
        struct book *b = book_new(spec->policies_dir);
        if (b)
                b->shelf.below = below ? arena_string(b->arena, slice_of(below)) : NULL;
        return give(out, b, spec->region->policy, spec, report);
}

void book_pack(const struct book *b, struct buf *out)
{
        shelf_pack(&b->shelf, out);
}

bool book_unpack(struct book **out, struct slice packed, const struct book_spec *spec, struct report *report)
{
        struct book *b = book_new(NULL);
        *out = NULL;
        if (b && !shelf_unpack(&b->shelf, packed)) {
                report_add(report, REPORT_ERROR, NULL, 0, 0, NULL, "the packed policies are damaged");
                book_free(b);
                return false;
        }
        return give(out, b, spec->region->policy, spec, report);
}

struct book *book_hold(struct book *b)
{
        if (b)
                atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
        return b;
}

void book_drop(struct book *b)
{
        if (b && atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) == 1)
                book_free(b);
}

const uint8_t *book_hash(const struct book *b)
{
        return b->hash;
}

const char *book_policy(const struct book *b)
{
        return b->home.chain[0]->name;
}

int64_t book_version(const struct book *b)
{
        return b->home.chain[0]->version;
}

bool book_names_attribute(const struct book *b, struct slice name)
{
        for (size_t i = 0; i < b->home.n_attributes; i++)
                if (slice_is(name, b->home.attributes[i].name))
                        return true;
        return b->home.fields[FIELD_ATTRIBUTES].action == ACTION_DISCARD;
}

const char *book_class(const struct book *b)
{
        return b->home.class_name;
}

static void nearer(int64_t at, const char *what, int64_t now_us, int64_t *best, const char **name)
{
        if (at != INT64_MAX && at >= now_us && at < *best) {
                *best = at;
                *name = what;
        }
}

static void nearest_of(const struct policy *p, int64_t now_us, int64_t *best, const char **name)
{
        nearer(p->review_us, p->review, now_us, best, name);
        for (size_t i = 0; i < p->n_transfers; i++) {
                nearer(p->transfers[i].until_us, p->transfers[i].basis, now_us, best, name);
                if (p->transfers[i].filing.signed_day && !p->transfers[i].filing.filed_day)
                        nearer(p->transfers[i].filing.due_us, p->transfers[i].basis, now_us, best, name);
                nearer(p->transfers[i].review_us, p->transfers[i].basis, now_us, best, name);
        }
}

bool book_next_end(const struct book *b, int64_t now_us, int64_t *at_us, const char **what)
{
        *at_us = INT64_MAX;
        for (size_t c = 0; c < b->home.n_chain; c++)
                nearest_of(b->home.chain[c], now_us, at_us, what);
        for (size_t i = 0; i < b->n_abroad; i++)
                for (size_t c = 0; c < b->abroad[i].n_chain; c++)
                        nearest_of(b->abroad[i].chain[c], now_us, at_us, what);
        return *at_us != INT64_MAX;
}

void book_check_dates(const struct book *b, int64_t now_us, struct report *report)
{
        law_check_dates(&b->home, now_us, report);
}

bool policy_check_file(const char *policies_dir, const char *name, struct report *report)
{
        struct book *b;
        const struct book_spec spec = { .policies_dir = policies_dir };
        if (!give(&b, book_new(policies_dir), name, &spec, report))
                return false;
        book_drop(b);
        return true;
}

bool policy_check_dates(const char *policies_dir, const char *name, int64_t now_us, struct report *report)
{
        struct book *b;
        const struct book_spec spec = { .policies_dir = policies_dir };
        /* policy_check_file() has told all else already. */
        bool ok = give(&b, book_new(policies_dir), name, &spec, NULL);
        if (ok)
                law_check_dates(&b->home, now_us, report);
        book_drop(b);
        return ok;
}
