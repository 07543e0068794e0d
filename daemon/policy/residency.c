/* residency.c - to whom: the hub's places against the transfers of every policy of the chain.
 *
 * At load each place that a record reaches (kafka and mirrors, warehouse and replicas) becomes a
 * gate per policy, with the lines that allow it; at run time only their dates are asked. A policy
 * without `transfers` has no voice; if none has, everything is closed.                        */
#include <stdio.h>
#include <string.h>

#include "asking.h"
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

static bool fill_gate(struct law *law, struct gate *g, const struct policy *p, enum permission what, const char *where)
{
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

static bool add_gate(struct law *law, const struct policy *p, enum permission what, const char *where)
{
        if (has_gate(law, p, what, where))
                return true;
        return law->n_gates < law->room_gates && fill_gate(law, &law->gates[law->n_gates++], p, what, where);
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

/* Until when this policy lets somebody in `code` read, if no filing comes too late; INT64_MIN: not at
 * all. */
static int64_t readable_until(const struct policy *p, struct slice code)
{
        int64_t until = INT64_MIN;
        for (size_t i = 0; i < p->n_transfers; i++) {
                const struct transfer *t = &p->transfers[i];
                bool by_signature = t->filing.needed && !t->filing.first_id && t->filing.filed_us == INT64_MAX;
                int64_t end = by_signature && t->filing.due_us < t->until_us ? t->filing.due_us : t->until_us;
                if (covers(t, PERMIT_READING, code) && end > until)
                        until = end;
        }
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

/* Lines of which the first transfer counts. Where there are any, who may read depends on more than
 * dates: then each code's lines are kept at hand. */
static bool merge_firsts(struct law *law)
{
        size_t most = 0, policies = law->n_chain, n = 0;
        for (size_t c = 0; c < law->n_chain; c++)
                most += law->chain[c]->n_transfers;
        law->firsts = arena_array(law->arena, most, sizeof *law->firsts);
        for (size_t c = 0; law->firsts && c < law->n_chain; c++)
                for (size_t i = 0; i < law->chain[c]->n_transfers; i++)
                        if (law->chain[c]->transfers[i].filing.first_id)
                                law->firsts[law->n_firsts++] = &law->chain[c]->transfers[i];
        if (!law->firsts || law->n_firsts == 0)
                return law->firsts;
        law->readings = arena_array(law->arena, law->n_readable * policies, sizeof *law->readings);
        law->n_readings = arena_array(law->arena, law->n_readable, sizeof *law->n_readings);
        for (size_t i = 0; law->readings && law->n_readings && i < law->n_readable; i++) {
                const char *where = arena_string(law->arena, law->readable[i].code);
                for (size_t c = 0; c < law->n_chain; c++) {
                        if (!law->chain[c]->group[GROUP_TRANSFERS].file)
                                continue;
                        if (!where || !fill_gate(law, &law->readings[n++], law->chain[c], PERMIT_READING, where))
                                return false;
                        law->n_readings[i]++;
                }
        }
        return law->readings && law->n_readings;
}

bool residency_merge(struct law *law, const struct hub *hub)
{
        return merge_readers(law) && (!hub || add_gates(law, hub)) && merge_firsts(law);
}

static void note_first(struct trial *t, const struct transfer *line)
{
        const struct question *q = transfer_asks(line, t->now_us) ? trial_answer(t, line, false) : NULL;
        if (q)
                t->counts |= UINT32_C(1) << (q - t->answers->of);
}

/* What a gate says, by its line that is open longest: one that waits for nothing, if there is one. */
static enum decision ask_gate(const struct trial *t, const struct gate *g, const struct transfer **by, int64_t *until_us)
{
        enum decision best = DECISION_STAY;
        *by = NULL;
        *until_us = INT64_MIN;
        for (size_t i = 0; i < g->n_lines; i++) {
                const struct transfer *line = g->lines[i];
                int64_t until;
                enum decision d = transfer_says(line, t->now_us, trial_answer(t, line, false), &until);
                if (d == DECISION_STAY || d > best || (d == best && until <= *until_us))
                        continue;
                best = d;
                *by = line;
                *until_us = until;
        }
        return best;
}

/* Why a gate is closed: a filing that is late says more than a date that has passed. */
static const struct at *closed_by(const struct gate *g, int64_t now_us)
{
        for (size_t i = 0; i < g->n_lines; i++)
                if (g->lines[i]->filing.needed && now_us <= g->lines[i]->until_us)
                        return &g->lines[i]->filing.late;
        return &g->closed;
}

enum decision residency_judge(struct trial *t, const struct at **why, const char **basis)
{
        static const struct at unknown = { "", 0, "where Kafka and the warehouse are is not known" };
        static const struct at silent = { "", 0, "no policy has transfers: closed" };
        const struct law *law = t->law;
        enum decision worst = DECISION_GO;
        *basis = "";
        *why = law->places_known ? &silent : &unknown;
        if (!law->places_known || law->n_gates == 0)
                return DECISION_STAY;
        for (size_t i = 0; i < law->n_gates; i++) {
                const struct gate *g = &law->gates[i];
                const struct transfer *line;
                int64_t until;
                enum decision d = ask_gate(t, g, &line, &until);
                if (d == DECISION_STAY) {
                        *why = closed_by(g, t->now_us);
                        return d;
                }
                if (d > worst) {
                        *why = &line->at;
                        worst = d;
                }
                note_first(t, line);
                if (g->permission == PERMIT_WAREHOUSE && !**basis)
                        *basis = line->basis;
        }
        return worst;
}

int64_t residency_readable(struct trial *t, size_t i)
{
        const struct law *law = t->law;
        int64_t least = law->readable[i].until_us, until;
        size_t at = 0;
        if (law->n_firsts == 0)
                return least;
        for (size_t k = 0; k < i; k++)
                at += law->n_readings[k];
        for (size_t k = 0; k < law->n_readings[i]; k++) {
                const struct transfer *line;
                if (ask_gate(t, &law->readings[at + k], &line, &until) != DECISION_GO)
                        return INT64_MIN;
                least = until < least ? until : least;
        }
        for (size_t k = 0; k < law->n_readings[i]; k++) {
                const struct transfer *line;
                ask_gate(t, &law->readings[at + k], &line, &until);
                note_first(t, line);
        }
        return least;
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
                                       .permission = law_permissions[what], .until_us = INT64_MIN, .file_within = "" };
        for (size_t i = 0; i < p->n_transfers; i++) {
                const struct transfer *t = &p->transfers[i];
                if (!covers(t, what, where))
                        continue;
                int64_t until;
                enum decision d = transfer_says_to_desk(t, now_us, &until);
                if (d > out->decision || (d == out->decision && until <= out->until_us))
                        continue;
                out->decision = d;
                out->line = t->at.line;
                out->basis = t->basis;
                out->until_us = until;
                out->file_within = transfer_asks(t, now_us) ? t->filing.within : "";
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
                                       .permission = law_permissions[permission], .file_within = "" };
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
