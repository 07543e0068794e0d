/* book.c - the policies in force in a region: read, checked, merged, counted, packed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "law.h"

enum { BOOK_BYTES_MAX = 64 << 20 };

/* ---- Reading a chain ----------------------------------------------------------- */

struct nearby {
        struct arena *arena;
        const char *names[LINES_MAX];
        size_t n;
};

static bool each_policy(const char *file, void *ctx)
{
        struct nearby *near = ctx;
        size_t n = strlen(file);
        if (n > 4 && near->n < LINES_MAX) {
                const char *name = arena_string(near->arena, slice_make(file, n - 4));
                if (name)
                        near->names[near->n++] = name;
        }
        return true;
}

static void list_policies(struct book *b, struct nearby *near)
{
        *near = (struct nearby){ .arena = b->arena };
        if (b->shelf.dir)
                dir_each_linked(b->shelf.dir, "*.cfg", each_policy, near, NULL);
        for (size_t i = 0; !b->shelf.dir && i < b->shelf.n; i++) {
                struct slice file = slice_of(b->shelf.files[i].name);
                if (file.n > 4 && strcmp(file.p + file.n - 4, ".cfg") == 0)
                        each_policy(file.p, near);
        }
}

static void missing(struct book *b, const struct policy *child, const char *name, const struct region *region,
                    struct report *report)
{
        struct nearby near;
        char hint[160] = "";
        list_policies(b, &near);
        const char *nearest = text_nearest(name, near.names, near.n);
        if (nearest)
                snprintf(hint, sizeof hint, "Did you mean \"%s\"?", nearest);
        else
                snprintf(hint, sizeof hint, "Put %s.cfg into the folder of policies.", name);
        if (child)
                report_add(report, REPORT_ERROR, conf_file(child->conf), child->extends_at.line, 0, hint,
                           "policy \"%s\" extends \"%s\", which is not there", child->name, name);
        else
                report_add(report, REPORT_ERROR, b->shelf.dir, 0, 0, hint, "policy \"%s\" is not there%s%s%s", name,
                           region && region->code ? ", which region " : "", region && region->code ? region->code : "",
                           region && region->code ? " needs" : "");
}

static bool is_there(struct shelf *s, const char *name)
{
        char file[64];
        struct slice bytes;
        snprintf(file, sizeof file, "%s.cfg", name);
        return shelf_get(s, file, &bytes, NULL);
}

static bool extends_itself(const struct book *b, const struct policy *child, const char *name,
                           struct report *report)
{
        for (size_t i = 0; i < b->n_chain; i++) {
                if (strcmp(b->chain[i]->name, name) != 0)
                        continue;
                report_add(report, REPORT_ERROR, conf_file(child->conf), child->extends_at.line, 0,
                           "A parent cannot extend its own child.",
                           "policy \"%s\" extends \"%s\", which goes round in a circle", child->name, name);
                return true;
        }
        return false;
}

static bool read_chain(struct book *b, const char *name, const struct region *region, const struct zone *zone,
                       struct report *report)
{
        const struct policy *child = NULL;
        while (name) {
                if (!text_is_name(slice_of(name)) || !is_there(&b->shelf, name)) {
                        missing(b, child, name, region, report);
                        return false;
                }
                if (child && extends_itself(b, child, name, report))
                        return false;
                if (b->n_chain == CHAIN_MAX) {
                        report_add(report, REPORT_ERROR, conf_file(child->conf), child->extends_at.line, 0,
                                   NULL, "over %d policies extend each other", CHAIN_MAX);
                        return false;
                }
                struct policy *p = law_read(&b->shelf, name, zone, report);
                if (!p)
                        return false;
                b->chain[b->n_chain++] = p;
                child = p;
                name = p->extends;
        }
        return true;
}

/* ---- People of other policies ---------------------------------------------------- */

static bool in_chain(const struct book *b, const char *name)
{
        for (size_t i = 0; i < b->n_chain; i++)
                if (strcmp(b->chain[i]->name, name) == 0)
                        return true;
        return false;
}

static struct policy *unread(struct book *b, struct policy *p, const char *file)
{
        if (!p) {
                p = ARENA_NEW(b->arena, struct policy);
                const char *name = p ? arena_string(b->arena, slice_of(file)) : NULL;
                if (!name)
                        return NULL;
                p->at = (struct at){ name, 1, "" };
        }
        p->people_in = (struct names){ 0 };
        return p;
}

/* Another policy that protects its people also in this region (`also_abroad`): this release does
 * not judge by it, so their records are held. Files that protect nobody here stay out of the
 * set. One that cannot be read may protect anybody. */
static void read_abroad(struct book *b, const char *name, const struct zone *zone, struct report *report)
{
        struct report *own = report_new();
        struct shelf aside = { .arena = b->arena, .dir = b->shelf.dir };
        char file[64];
        struct slice bytes;
        struct policy *p = NULL;
        snprintf(file, sizeof file, "%.32s.cfg", name);
        if (!b->shelf.dir)
                aside = b->shelf;
        if (!own || !shelf_get(&aside, file, &bytes, NULL) || !memmem(bytes.p, bytes.n, "also_abroad", 11))
                goto out;
        p = law_read(&aside, name, zone, own);
        bool broken = !p || report_count(own, REPORT_ERROR);
        if (!broken && !p->also_abroad)
                goto out;
        if (broken) {
                report_add(report, REPORT_WARNING, file, 0, 0, "Run `tributary policy check` on it.",
                           "policy \"%s\" has errors: whom it protects abroad is not known, so records "
                           "of people from elsewhere are held",
                           name);
                p = unread(b, p, file);
        }
        if (b->shelf.dir)
                shelf_put(&b->shelf, file, bytes);
        if (p && b->n_abroad < ABROAD_MAX) {
                b->abroad[b->n_abroad++] = p;
                p = NULL; /* it is the book's now */
        }
out:
        if (p)
                conf_free(p->conf);
        report_free(own);
}

static void read_all_abroad(struct book *b, const struct zone *zone, struct report *report)
{
        struct nearby near;
        list_policies(b, &near);
        for (size_t i = 0; i < near.n; i++)
                if (text_is_name(slice_of(near.names[i])) && !in_chain(b, near.names[i]) &&
                    strcmp(near.names[i], "officers") != 0 && strcmp(near.names[i], "topics") != 0)
                        read_abroad(b, near.names[i], zone, report);
}

/* ---- The whole -------------------------------------------------------------------- */

static const char *class_of(struct book *b)
{
        const char *names[CHAIN_MAX];
        for (size_t i = 0; i < b->n_chain; i++) {
                size_t at = i;
                for (; at > 0 && strcmp(names[at - 1], b->chain[i]->name) > 0; at--)
                        names[at] = names[at - 1];
                names[at] = b->chain[i]->name;
        }
        struct buf text;
        buf_init(&text, 1024);
        for (size_t i = 0; i < b->n_chain; i++) {
                buf_puts(&text, i ? "+" : "");
                buf_puts(&text, names[i]);
        }
        const char *out = buf_ok(&text) ? arena_string(b->arena, buf_slice(&text)) : NULL;
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
        for (size_t i = 0; i < b->n_chain; i++)
                conf_free(b->chain[i]->conf);
        for (size_t i = 0; i < b->n_abroad; i++)
                conf_free(b->abroad[i]->conf);
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
        b->shelf.arena = b->arena;
        if (b->arena && dir)
                b->shelf.dir = arena_string(b->arena, slice_of(dir));
        if (b->arena && (!dir || b->shelf.dir))
                return b;
        book_free(b);
        return NULL;
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
        bool ok = read_chain(b, name, spec->region, zone, report);
        if (ok && spec->region)
                read_all_abroad(b, zone, report);
        zone_free(zone);
        if (!ok)
                return false;
        b->class_name = class_of(b);
        if (!b->class_name || !law_merge(b) || !residency_merge(b, spec->hub) || !hash_all(b, spec)) {
                report_add(report, REPORT_ERROR, NULL, 0, 0, NULL,
                           "the policies are too large for memory's ceiling");
                return false;
        }
        law_check_chain(b, report);
        law_check_places(b, report);
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
        return b->chain[0]->name;
}

int64_t book_version(const struct book *b)
{
        return b->chain[0]->version;
}

const char *book_class(const struct book *b)
{
        return b->class_name;
}

static void nearer(int64_t at, const char *what, int64_t now_us, int64_t *best, const char **name)
{
        if (at != INT64_MAX && at >= now_us && at < *best) {
                *best = at;
                *name = what;
        }
}

bool book_next_end(const struct book *b, int64_t now_us, int64_t *at_us, const char **what)
{
        *at_us = INT64_MAX;
        for (size_t c = 0; c < b->n_chain; c++) {
                const struct policy *p = b->chain[c];
                nearer(p->review_us, "review_by", now_us, at_us, what);
                for (size_t i = 0; i < p->n_transfers; i++) {
                        nearer(p->transfers[i].until_us, p->transfers[i].basis, now_us, at_us, what);
                        nearer(p->transfers[i].review_us, p->transfers[i].basis, now_us, at_us, what);
                }
        }
        return *at_us != INT64_MAX;
}

void book_check_dates(const struct book *b, int64_t now_us, struct report *report)
{
        law_check_dates(b, now_us, report);
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
                law_check_dates(b, now_us, report);
        book_drop(b);
        return ok;
}
