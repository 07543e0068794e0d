/* abroad.c - people whom policies of elsewhere protect also here (`also_abroad`).
 *
 * Which policies speak of a record: the region's and its parents, and with it each other policy of
 * the folder that protects its people everywhere, if the author's country is theirs. For each set of
 * policies that comes about so, the book has a law of its own, made at load. Where the country is not
 * known, `residence_unknown` decides: "as_region" leaves the region's law alone; "strictest", in a
 * policy of the region, adds every other that protects abroad, and in one of those adds itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "law.h"
#include "model/place.h"

/* ---- Reading --------------------------------------------------------------------- */

struct reading {
        struct book *b;
        const struct zone *zone;
        struct report *report;
};

static const struct policy *home_policy(const struct book *b, const char *name)
{
        for (size_t i = 0; i < b->home.n_chain; i++)
                if (strcmp(b->home.chain[i]->name, name) == 0)
                        return b->home.chain[i];
        return NULL;
}

static void pass_errors(const struct report *own, struct report *report)
{
        for (size_t i = 0; i < report_size(own); i++) {
                const struct report_item *item = report_at(own, i);
                if (item->level == REPORT_ERROR)
                        report_add(report, item->level, item->file, item->line, item->column, item->hint, "%s", item->text);
        }
}

static void forget(struct policy **chain, size_t n)
{
        for (size_t i = 0; i < n; i++)
                conf_free(chain[i]->conf);
}

/* A contradiction in it is an error too. */
static bool stands_alone(const struct book *b, const struct abroad *one, struct report *own)
{
        struct law law = { .arena = b->arena, .n_chain = one->n_chain };
        memcpy(law.chain, one->chain, one->n_chain * sizeof *one->chain);
        if (report_count(own, REPORT_ERROR) == 0 && law_fill(&law, NULL))
                law_check_chain(&law, own);
        return law.class_name && report_count(own, REPORT_ERROR) == 0;
}

/* One that protects people here with its parents: part of the set. Nobody knows whom one protects
 * that cannot be read, so it is an error of the set, and the one in force stays in force. */
static void read_one(struct reading *r, const char *name)
{
        struct book *b = r->b;
        struct report *own = report_new();
        struct shelf aside = b->shelf; /* files that protect nobody here stay out of the set */
        struct abroad *one = &b->abroad[b->n_abroad];
        char file[64];
        struct slice bytes;
        struct err err = ERR_INIT;
        bool kept = false;

        *one = (struct abroad){ 0 };
        snprintf(file, sizeof file, "%.32s.cfg", name);
        if (!own)
                goto out;
        if (!shelf_get(&aside, file, &bytes, &err)) {
                report_add(r->report, REPORT_ERROR, file, 0, 0, LAW_UNREADABLE_HINT,
                           "policy \"%s\" cannot be read, and may protect its people here too: %s", name, err.text);
                goto out;
        }
        if (!memmem(bytes.p, bytes.n, "also_abroad", 11))
                goto out;
        bool ok = law_read_chain(&aside, NULL, name, one->chain, &one->n_chain, r->zone, own);
        if (!ok || !stands_alone(b, one, own)) {
                pass_errors(own, r->report);
                report_add(r->report, REPORT_ERROR, file, 0, 0, "Mend it, or take it out of the folder.",
                           "policy \"%s\" may protect its people here too, and has errors", name);
        } else if (one->chain[0]->also_abroad) {
                b->shelf = aside;
                b->n_abroad++;
                kept = true;
        }
out:
        if (!kept)
                forget(one->chain, one->n_chain);
        report_free(own);
}

bool abroad_read(struct book *b, const struct zone *zone, struct report *report)
{
        struct reading r = { b, zone, report };
        struct nearby near;
        struct err err = ERR_INIT;
        if (!law_list_policies(&b->shelf, &near, &err)) { /* whom others protect here is not known */
                report_add(report, REPORT_ERROR, b->shelf.dir, 0, 0, LAW_UNREADABLE_HINT, "%s", err.text);
                return false;
        }
        for (size_t i = 0; i < near.n; i++) {
                if (!text_is_name(slice_of(near.names[i])) || home_policy(b, near.names[i]) ||
                    strcmp(near.names[i], "officers") == 0 || strcmp(near.names[i], "topics") == 0)
                        continue;
                if (b->n_abroad == ABROAD_MAX) {
                        report_add(report, REPORT_ERROR, near.names[i], 0, 0, NULL,
                                   "over %d policies protect their people abroad", ABROAD_MAX);
                        return false;
                }
                read_one(&r, near.names[i]);
        }
        return true;
}

void abroad_forget(struct book *b)
{
        for (size_t i = 0; i < b->n_abroad; i++)
                forget(b->abroad[i].chain, b->abroad[i].n_chain);
}

/* ---- A law for each set of policies -------------------------------------------------- */

static bool covers(const struct policy *p, struct slice code)
{
        for (size_t i = 0; i < p->people_in.n; i++)
                if (place_within(code, slice_of(p->people_in.v[i])))
                        return true;
        return law_may_be_in(code, p->people_in);
}

static uint64_t set_of_country(const struct book *b, struct slice code)
{
        uint64_t set = 0;
        for (size_t i = 0; i < b->n_abroad; i++)
                if (covers(b->abroad[i].chain[0], code))
                        set |= UINT64_C(1) << i;
        return set;
}

static uint64_t set_of_unknown(const struct book *b)
{
        uint64_t set = 0;
        bool all = false;
        for (size_t i = 0; i < b->home.n_chain; i++)
                all |= b->home.chain[i]->unknown_is_strictest;
        for (size_t i = 0; i < b->n_abroad; i++)
                if (all || b->abroad[i].chain[0]->unknown_is_strictest)
                        set |= UINT64_C(1) << i;
        return set;
}

static bool speaks(const struct law *law, const struct policy *p)
{
        for (size_t i = 0; i < law->n_chain; i++)
                if (strcmp(law->chain[i]->name, p->name) == 0)
                        return true;
        return false;
}

static bool join(struct law *law, const struct abroad *a)
{
        for (size_t i = 0; i < a->n_chain; i++) {
                if (speaks(law, a->chain[i]))
                        continue;
                if (law->n_chain == LAW_MAX)
                        return false;
                law->chain[law->n_chain++] = a->chain[i];
        }
        return true;
}

static void too_many(const struct book *b, struct report *report)
{
        report_add(report, REPORT_ERROR, conf_file(b->home.chain[0]->conf), b->home.chain[0]->at.line, 0,
                   "Let fewer policies say also_abroad = true.",
                   "over %d policies, or over %d sets of policies, protect the same people", LAW_MAX, ABROAD_MAX);
}

/* The law of a set of policies beside the region's; NULL: said why. */
static const struct law *law_of_set(struct book *b, uint64_t set, const struct hub *hub, struct report *report)
{
        if (!set)
                return &b->home;
        for (size_t i = 0; i < b->n_beside; i++)
                if (b->beside[i]->set == set)
                        return b->beside[i];
        struct law *law = b->n_beside < ABROAD_MAX ? ARENA_NEW(b->arena, struct law) : NULL;
        if (law) {
                law->arena = b->arena;
                law->set = set;
                law->number = 1 + b->n_beside;
                for (size_t i = 0; i < b->home.n_chain; i++)
                        law->chain[law->n_chain++] = b->home.chain[i];
                law->n_home = law->n_chain;
        }
        for (size_t i = 0; law && i < b->n_abroad; i++)
                if (set >> i & 1 && !join(law, &b->abroad[i]))
                        law = NULL;
        if (!law || !law_fill(law, hub)) {
                too_many(b, report);
                return NULL;
        }
        b->classes[b->n_beside] = law->class_name;
        return b->beside[b->n_beside++] = law;
}

static int by_code(const void *a, const void *b)
{
        return strcmp(((const struct residence *)a)->code, ((const struct residence *)b)->code);
}

bool abroad_merge(struct book *b, const struct hub *hub, struct report *report)
{
        size_t n;
        const char *const *codes = place_codes(&n);
        b->residences = arena_array(b->arena, n, sizeof *b->residences);
        if (!b->residences)
                return false;
        for (size_t i = 0; i < n; i++) {
                uint64_t set = set_of_country(b, slice_of(codes[i]));
                const struct law *law = set ? law_of_set(b, set, hub, report) : &b->home;
                if (!law)
                        return false;
                if (set)
                        b->residences[b->n_residences++] = (struct residence){ codes[i], law };
        }
        qsort(b->residences, b->n_residences, sizeof *b->residences, by_code);
        b->nowhere = law_of_set(b, set_of_unknown(b), hub, report);
        return b->nowhere;
}

const struct law *law_of_code(const struct book *b, const char *code)
{
        const struct residence wanted = { code, NULL };
        if (!code)
                return b->nowhere;
        const struct residence *found =
                b->n_residences ? bsearch(&wanted, b->residences, b->n_residences, sizeof wanted, by_code) : NULL;
        return found ? found->law : &b->home;
}

const struct law *law_of(const struct book *b, const struct record *r)
{
        char country[8];
        if (b->n_beside == 0)
                return &b->home;
        return law_of_code(b, law_country(r, country) ? country : NULL);
}

/* ---- For those who ask about the book -------------------------------------------------- */

size_t book_groups(const struct book *b)
{
        return b->n_beside;
}

void book_group(const struct book *b, size_t i, struct people_group *out)
{
        const struct law *law = b->beside[i];
        *out = (struct people_group){ .class = law->class_name, .unknown = law == b->nowhere };
        for (size_t k = 0; k < b->n_abroad; k++)
                if (law->set >> k & 1)
                        out->policies[out->n++] = b->abroad[k].chain[0]->name;
}

void book_group_transfer(const struct book *b, size_t i, enum place_what what, struct slice jurisdiction, int64_t now_us,
                         struct transfer_said *out)
{
        law_transfer(b->beside[i], what, jurisdiction, now_us, out);
}

const char *const *book_other_classes(const struct book *b, size_t *n)
{
        *n = b->n_beside;
        return b->classes;
}

const char *book_class_of(const struct book *b, const struct record *r)
{
        return law_of(b, r)->class_name;
}
