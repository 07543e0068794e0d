/* residency.c - to whom: the hub's places against the transfers of every policy of the chain.
 *
 * At load each place that a record reaches (kafka and mirrors, warehouse and replicas) becomes a
 * gate per policy, with the lines that allow it; at run time only their dates are asked. A policy
 * without `transfers` has no voice; if none has, everything is closed.                        */
#include <stdio.h>
#include <string.h>

#include "law.h"
#include "model/place.h"

static bool covers(const struct transfer *t, enum permission p, struct slice code)
{
        if (!(t->allow >> p & 1))
                return false;
        for (size_t i = 0; i < t->to.n; i++)
                if (place_within(code, slice_of(t->to.v[i])))
                        return true;
        return false;
}

static bool has_gate(const struct law *law, const struct policy *p, enum permission what, const char *where)
{
        for (size_t i = 0; i < law->n_gates; i++)
                if (law->gates[i].policy == p && law->gates[i].permission == what &&
                    strcmp(law->gates[i].jurisdiction, where) == 0)
                        return true;
        return false;
}

/* Which article closes what no line names: the first `because` of the transfers, "" if there is none. */
static const char *closing_article(const struct policy *p)
{
        for (size_t i = 0; i < p->n_transfers; i++)
                if (*p->transfers[i].at.because)
                        return p->transfers[i].at.because;
        return "";
}

static bool add_gate(struct law *law, const struct policy *p, enum permission what, const char *where)
{
        if (has_gate(law, p, what, where))
                return true;
        if (law->n_gates == law->room_gates)
                return false;
        struct gate *g = &law->gates[law->n_gates++];
        *g = (struct gate){ .policy = p, .permission = what, .jurisdiction = where };
        g->lines = arena_array(law->arena, p->n_transfers, sizeof *g->lines);
        g->closed = p->group[GROUP_TRANSFERS];
        const char *article = closing_article(p);
        g->closed.because = arena_printf(law->arena, "no line allows the %s in %s%s%s", law_permissions[what], where,
                                         *article ? ": " : "", article);
        if (!g->lines || !g->closed.because)
                return false;
        for (size_t i = 0; i < p->n_transfers; i++)
                if (covers(&p->transfers[i], what, slice_of(where)))
                        g->lines[g->n_lines++] = &p->transfers[i];
        if (g->n_lines) { /* closed then means: past their dates */
                g->closed = g->lines[0]->at;
                g->closed.because = arena_printf(law->arena, "the basis has ended: %s", g->lines[0]->basis);
        }
        return g->closed.because != NULL;
}

static bool add_gates(struct law *law, const struct hub *hub)
{
        bool kafka = false, warehouse = false;
        law->room_gates = hub->n_places * law->n_chain;
        law->gates = arena_array(law->arena, law->room_gates, sizeof *law->gates);
        if (!law->gates)
                return false;
        for (size_t i = 0; i < hub->n_places; i++) {
                const struct hub_place *place = &hub->places[i];
                bool bus = place->what == PLACE_KAFKA || place->what == PLACE_MIRROR;
                bool store = place->what == PLACE_WAREHOUSE || place->what == PLACE_REPLICA;
                kafka |= place->what == PLACE_KAFKA;
                warehouse |= place->what == PLACE_WAREHOUSE;
                if (!bus && !store)
                        continue;
                const char *where = arena_string(
                        law->arena, slice_of(place->jurisdiction ? place->jurisdiction : "nowhere"));
                for (size_t c = 0; where && c < law->n_chain; c++)
                        if (law->chain[c]->group[GROUP_TRANSFERS].file &&
                            !add_gate(law, law->chain[c], bus ? PERMIT_KAFKA : PERMIT_WAREHOUSE, where))
                                return false;
                if (!where)
                        return false;
        }
        law->places_known = kafka && warehouse;
        return true;
}

/* Until when this policy lets somebody in `code` read; INT64_MIN: not at all. A row here cannot be
 * held back, so a line that waits for a filing which this release does not enforce opens nothing. */
static int64_t readable_until(const struct policy *p, struct slice code)
{
        int64_t until = INT64_MIN;
        for (size_t i = 0; i < p->n_transfers; i++)
                if (covers(&p->transfers[i], PERMIT_READING, code) && !p->transfers[i].needs_filing &&
                    p->transfers[i].until_us > until)
                        until = p->transfers[i].until_us;
        return until;
}

static void add_code(struct law *law, struct slice code)
{
        int64_t until = INT64_MAX;
        for (size_t i = 0; i < law->n_readable; i++)
                if (slice_eq(law->readable[i].code, code))
                        return;
        for (size_t c = 0; c < law->n_chain; c++) {
                if (!law->chain[c]->group[GROUP_TRANSFERS].file)
                        continue;
                int64_t here = readable_until(law->chain[c], code);
                if (here < until)
                        until = here;
        }
        if (until != INT64_MIN)
                law->readable[law->n_readable++] = (struct dated_code){ code, until };
}

/* The codes of every policy, each kept if all policies cover it: EEA and DE make DE. */
static bool merge_readers(struct law *law)
{
        size_t most = 0;
        for (size_t c = 0; c < law->n_chain; c++)
                for (size_t i = 0; i < law->chain[c]->n_transfers; i++)
                        most += law->chain[c]->transfers[i].to.n;
        law->readable = arena_array(law->arena, most, sizeof *law->readable);
        for (size_t c = 0; law->readable && c < law->n_chain; c++) {
                for (size_t i = 0; i < law->chain[c]->n_transfers; i++) {
                        const struct transfer *t = &law->chain[c]->transfers[i];
                        for (size_t k = 0; k < t->to.n && t->allow >> PERMIT_READING & 1; k++)
                                add_code(law, slice_of(t->to.v[k]));
                }
        }
        return law->readable != NULL;
}

bool law_may_read(const struct law *law, struct slice country, int64_t now_us)
{
        for (size_t i = 0; i < law->n_readable; i++)
                if (now_us <= law->readable[i].until_us && place_within(country, law->readable[i].code))
                        return true;
        return false;
}

bool book_may_read(const struct book *b, struct slice country, int64_t now_us)
{
        return law_may_read(&b->home, country, now_us);
}

bool book_protects(const struct book *b, struct slice code)
{
        const struct law *law = &b->home;
        bool named = false;
        for (size_t c = 0; c < law->n_chain; c++) {
                const struct names *people = &law->chain[c]->people_in;
                for (size_t i = 0; i < people->n; i++)
                        if (place_within(code, slice_of(people->v[i])))
                                return true;
                named |= people->n > 0;
        }
        return !named;
}

bool residency_merge(struct law *law, const struct hub *hub)
{
        return merge_readers(law) && (!hub || add_gates(law, hub));
}

/* The line that opens a gate now: one that needs no filing, if there is one. */
static const struct transfer *open_line(const struct gate *g, int64_t now_us)
{
        const struct transfer *found = NULL;
        for (size_t i = 0; i < g->n_lines; i++) {
                if (now_us > g->lines[i]->until_us)
                        continue;
                if (!g->lines[i]->needs_filing)
                        return g->lines[i];
                found = g->lines[i];
        }
        return found;
}

enum decision residency_judge(const struct law *law, int64_t now_us, const struct at **why, const char **basis)
{
        static const struct at unknown = { "", 0, "where Kafka and the warehouse are is not known" };
        static const struct at silent = { "", 0, "no policy has transfers: closed" };
        enum decision worst = DECISION_GO;
        *basis = "";
        *why = law->places_known ? &silent : &unknown;
        if (!law->places_known || law->n_gates == 0)
                return DECISION_STAY;
        for (size_t i = 0; i < law->n_gates; i++) {
                const struct gate *g = &law->gates[i];
                const struct transfer *t = open_line(g, now_us);
                if (!t) {
                        *why = &g->closed;
                        return DECISION_STAY;
                }
                if (t->needs_filing && worst < DECISION_HOLD) {
                        *why = &t->at;
                        worst = DECISION_HOLD;
                }
                if (g->permission == PERMIT_WAREHOUSE && !**basis)
                        *basis = t->basis;
        }
        return worst;
}

static enum permission permission_for(enum place_what what)
{
        switch (what) {
        case PLACE_KAFKA:
        case PLACE_MIRROR:
                return PERMIT_KAFKA;
        case PLACE_BACKUP:
                return PERMIT_BACKUP;
        case PLACE_READERS:
                return PERMIT_READING;
        case PLACE_WAREHOUSE:
        case PLACE_REPLICA:
                break;
        }
        return PERMIT_WAREHOUSE;
}

/* What one policy says: its open line of the latest end, else a line whose basis has ended, else
 * where its `transfers` stand. */
static void ask_policy(const struct policy *p, enum permission what, struct slice where, int64_t now_us,
                       struct transfer_said *out)
{
        *out = (struct transfer_said){ .decision = DECISION_STAY, .file = p->file, .law = p->law ? p->law : "",
                                       .article = closing_article(p),
                                       .line = p->group[GROUP_TRANSFERS].line, .basis = "",
                                       .permission = law_permissions[what], .until_us = INT64_MIN };
        for (size_t i = 0; i < p->n_transfers; i++) {
                const struct transfer *t = &p->transfers[i];
                if (!covers(t, what, where))
                        continue;
                enum decision d = now_us > t->until_us ? DECISION_STAY
                                  : t->needs_filing    ? DECISION_HOLD
                                                       : DECISION_GO;
                if (d > out->decision || (d == out->decision && t->until_us <= out->until_us))
                        continue;
                out->decision = d;
                out->line = t->at.line;
                out->basis = t->basis;
                out->until_us = t->until_us;
        }
}

void law_transfer(const struct law *law, enum place_what what, struct slice jurisdiction, int64_t now_us,
                  struct transfer_said *out)
{
        enum permission permission = permission_for(what);
        bool heard = false;
        *out = (struct transfer_said){ .decision = DECISION_STAY, .file = law->chain[0]->file,
                                       .line = law->chain[0]->at.line, .basis = "", .until_us = INT64_MIN,
                                       .law = law->chain[0]->law ? law->chain[0]->law : "", .article = "",
                                       .permission = law_permissions[permission] };
        for (size_t c = 0; c < law->n_chain; c++) {
                struct transfer_said one;
                if (!law->chain[c]->group[GROUP_TRANSFERS].file)
                        continue;
                ask_policy(law->chain[c], permission, jurisdiction, now_us, &one);
                if (!heard || one.decision > out->decision ||
                    (one.decision == out->decision && one.until_us < out->until_us))
                        *out = one;
                heard = true;
        }
}

void book_transfer(const struct book *b, enum place_what what, struct slice jurisdiction, int64_t now_us,
                   struct transfer_said *out)
{
        law_transfer(&b->home, what, jurisdiction, now_us, out);
}
