/* judge.c - go, hold or stay, and by which line.
 *
 * Every line that has something to say weighs in; the strictest decides, whatever their order.
 * Whatever is not known is closed: an unknown kind, a book without places, an ended basis.  */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "asking.h"
#include "model/place.h"
#include "policy/known.h"

const char *decision_name(enum decision d)
{
        static const char *const names[] = { "go", "hold", "stay" };
        return d >= DECISION_GO && d <= DECISION_STAY ? names[d] : "stay";
}

void trial_weigh(struct trial *t, enum decision d, const struct at *why, const char *rule)
{
        if (d <= t->decision)
                return;
        t->decision = d;
        t->why = why;
        t->rule = rule;
}

bool law_country(const struct record *r, char out[8])
{
        struct slice s = r->text[FIELD_AUTHOR_COUNTRY];
        s = s.p ? slice_trim(s) : s;
        if (!s.p || s.n == 0 || s.n >= 8)
                return false;
        for (size_t i = 0; i < s.n; i++)
                out[i] = (char)(s.p[i] >= 'a' && s.p[i] <= 'z' ? s.p[i] - 32 : s.p[i]);
        out[s.n] = 0;
        if (place_is_known((struct slice){ out, s.n }))
                return true;
        if (s.n > 3 && out[2] == '-')
                out[2] = 0;
        return place_is_known(slice_of(out));
}

bool law_may_be_in(struct slice country, struct names codes)
{
        for (size_t i = 0; slice_is(country, "EEA") && i < codes.n; i++)
                if (place_within(slice_of(codes.v[i]), country))
                        return true;
        return false;
}

static bool country_in(const char *country, struct names codes)
{
        for (size_t i = 0; i < codes.n; i++)
                if (place_within(slice_of(country), slice_of(codes.v[i])))
                        return true;
        return false;
}

/* An end that was written as a day (record.h) is that day's in the region. */
static int64_t consent_end(const struct trial *t, int64_t until_us)
{
        char day[CLOCK_TEXT_MAX];
        int64_t end_us;
        if (until_us == INT64_MAX || !t->judge->book->zone || (until_us + 1) % US_PER_DAY != 0)
                return until_us;
        clock_format_rfc3339(day, until_us);
        return zone_end_of_day_us(t->judge->book->zone, slice_make(day, 10), &end_us) ? end_us : until_us;
}

static bool live_consent(const struct trial *t, const char *purpose, bool separate)
{
        for (size_t i = 0; i < t->record->n_consents; i++) {
                const struct consent *c = &t->record->consents[i];
                bool given = c->given_at_us == INT64_MIN || c->given_at_us <= t->now_us;
                if (slice_is(c->purpose, purpose) && given && t->now_us <= consent_end(t, c->until_us) &&
                    (c->separate || !separate))
                        return true;
        }
        return false;
}

/* ---- Groups ------------------------------------------------------------------ */

/* Where the country is unknown, the highest age that any exception knows; of a space, any in it. */
static int64_t age_limit(const struct children *c, const struct record *r)
{
        char country[8];
        bool known = law_country(r, country);
        int64_t limit = c->under;
        for (size_t i = 0; i < c->n_except; i++) {
                if (known && country_in(country, c->except[i].of))
                        return c->except[i].under;
                if ((!known || law_may_be_in(slice_of(country), c->except[i].of)) && c->except[i].under > limit)
                        limit = c->except[i].under;
        }
        return limit;
}

static void weigh_children(struct trial *t, const struct policy *p)
{
        const struct children *c = &p->children;
        struct slice s = t->record->text[FIELD_AUTHOR_AGE];
        double age;
        if (!p->group[GROUP_CHILDREN].file)
                return;
        if (!s.p || !text_double(&age, s))
                trial_weigh(t, c->age_unknown, &c->at, "children");
        else if (!(age >= (double)age_limit(c, t->record)))
                trial_weigh(t, c->then, &c->at, "children");
}

/* A kind that no purpose names has none, and stays. */
static void weigh_purposes(struct trial *t, const struct policy *p)
{
        const struct at *why = &p->group[GROUP_PURPOSES];
        if (!why->file)
                return;
        for (size_t i = 0; i < p->n_purposes; i++) {
                const struct purpose *purpose = &p->purposes[i];
                if (!(purpose->kinds >> t->record->kind & 1))
                        continue;
                if (!purpose->consent || live_consent(t, purpose->name, false)) {
                        if (!*t->purpose)
                                t->purpose = purpose->name;
                        return;
                }
                why = &purpose->at;
        }
        trial_weigh(t, DECISION_STAY, why, "purposes");
}

static void weigh_consents(struct trial *t, const struct policy *p)
{
        for (size_t i = 0; i < p->n_consents; i++) {
                const struct consent_line *c = &p->consents[i];
                if (c->kinds && !(c->kinds >> t->record->kind & 1))
                        continue;
                if (!live_consent(t, c->purpose, c->separate))
                        trial_weigh(t, c->missing, &c->at, "consent");
        }
}

/* ---- Rules ------------------------------------------------------------------- */

enum truth { FALSE, TRUE, UNKNOWN };

static enum truth lang_holds(const struct record *r, struct names langs)
{
        struct slice s = r->text[FIELD_LANG];
        if (!s.p || s.n == 0)
                return UNKNOWN;
        for (size_t i = 0; i < langs.n; i++) {
                struct slice want = slice_of(langs.v[i]);
                struct slice head = { s.p, s.n < want.n ? s.n : want.n };
                if (slice_eq_nocase(head, want) &&
                    (s.n == want.n || s.p[want.n] == '-' || s.p[want.n] == '_'))
                        return TRUE;
        }
        return FALSE;
}

static enum truth country_holds(const struct record *r, struct names countries)
{
        char country[8];
        if (!law_country(r, country))
                return UNKNOWN;
        if (country_in(country, countries))
                return TRUE;
        return law_may_be_in(slice_of(country), countries) ? UNKNOWN : FALSE;
}

/* Silence is not refusal and not consent: it is unknown. */
static enum truth consent_holds(const struct trial *t, struct names purposes)
{
        for (size_t i = 0; i < purposes.n; i++)
                if (live_consent(t, purposes.v[i], false))
                        return TRUE;
        return UNKNOWN;
}

static bool words_in_list(const struct trial *t, const struct vocabulary *w, const struct slice *list,
                          size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (vocabulary_in(w, list[i], t->judge->scratch))
                        return true;
        return false;
}

static enum truth words_hold(const struct trial *t, const struct vocabulary *w)
{
        static const enum field where[] = { FIELD_TITLE, FIELD_BODY,  FIELD_SCENARIO,
                                            FIELD_GROUP, FIELD_PLACE, FIELD_CAME_FROM };
        const struct record *r = t->record;
        for (size_t i = 0; i < sizeof where / sizeof *where; i++)
                if (vocabulary_in(w, r->text[where[i]], t->judge->scratch))
                        return TRUE;
        if (words_in_list(t, w, r->tags, r->n_tags))
                return TRUE;
        for (size_t i = 0; i < r->n_attributes; i++)
                if (vocabulary_in(w, r->attributes[i].value, t->judge->scratch))
                        return TRUE;
        return r->text[FIELD_TITLE].n || r->text[FIELD_BODY].n ? FALSE : UNKNOWN;
}

static enum truth source_holds(struct slice source, struct names sources)
{
        for (size_t i = 0; i < sources.n; i++)
                if (slice_is(source, sources.v[i]))
                        return TRUE;
        return FALSE;
}

/* All conditions must hold; one that is false settles it, else one that is unknown. The words
 * come last: they cost most. */
static enum truth rule_holds(const struct trial *t, const struct rule *rule)
{
        const struct record *r = t->record;
        enum truth truth = TRUE, next;
        if (rule->kinds && !(rule->kinds >> r->kind & 1))
                return FALSE;
        if (rule->sources.n && source_holds(t->source, rule->sources) == FALSE)
                return FALSE;
        if (rule->langs.n && (next = lang_holds(r, rule->langs)) != TRUE)
                truth = next;
        if (truth != FALSE && rule->countries.n && (next = country_holds(r, rule->countries)) != TRUE)
                truth = next;
        if (truth != FALSE && rule->consents.n && (next = consent_holds(t, rule->consents)) != TRUE)
                truth = next;
        if (truth != FALSE && rule->words && (next = words_hold(t, rule->words)) != TRUE)
                truth = next;
        return truth;
}

static void weigh_rules(struct trial *t, const struct policy *p)
{
        for (size_t i = 0; i < p->n_rules; i++) {
                const struct rule *rule = &p->rules[i];
                enum decision most = rule->then > rule->unknown ? rule->then : rule->unknown;
                if (most <= t->decision)
                        continue; /* it could change nothing any more */
                enum truth truth = rule_holds(t, rule);
                if (truth == TRUE)
                        trial_weigh(t, rule->then, &rule->at, rule->name);
                else if (truth == UNKNOWN)
                        trial_weigh(t, rule->unknown, &rule->at, rule->name);
        }
}

/* ---- What cannot be looked for -------------------------------------------------- */

static void weigh_pending(struct trial *t)
{
        for (size_t i = 0; i < t->law->n_pending && t->decision < DECISION_HOLD; i++)
                if (trial_has_words(t->law, t->record))
                        trial_weigh(t, DECISION_HOLD, &t->law->pending[i]->at, t->law->pending[i]->what);
}

/* ---- All of it --------------------------------------------------------------- */

static void weigh_place_and_time(struct trial *t, int64_t captured_us)
{
        static const struct at unwritten = { "", 0, "no policy says how long the warehouse keeps it" };
        const struct at *why;
        const struct law *law = t->law;
        enum decision d = residency_judge(t, &why, &t->basis);
        trial_weigh(t, d, why, "transfers");
        if (law->keep_us < 0)
                trial_weigh(t, DECISION_STAY, &unwritten, "keep");
        else if (captured_us > INT64_MAX - law->keep_us || captured_us + law->keep_us <= t->now_us)
                trial_weigh(t, DECISION_STAY, &law->keep_at, "keep");
}

/* What would be held, and is older than anybody may be made to wait. */
static void weigh_held_time(struct trial *t, int64_t captured_us)
{
        const struct law *law = t->law;
        if (t->decision == DECISION_HOLD && law->held_us >= 0 &&
            (captured_us > INT64_MAX - law->held_us || captured_us + law->held_us <= t->now_us))
                trial_weigh(t, DECISION_STAY, &law->held_at, "keep");
}

static void weigh_all(struct trial *t, int64_t captured_us)
{
        const struct law *law = t->law;
        enum record_kind k = t->record->kind;
        trial_weigh(t, law->records[k], &law->records_at[k], "records");
        if (t->decision == DECISION_STAY)
                return;
        weigh_place_and_time(t, captured_us);
        for (size_t i = 0; i < law->n_chain && t->decision != DECISION_STAY; i++) {
                weigh_children(t, law->chain[i]);
                weigh_purposes(t, law->chain[i]);
                weigh_consents(t, law->chain[i]);
                weigh_rules(t, law->chain[i]);
        }
        weigh_pending(t);
}

static bool fill_readable(struct trial *t)
{
        const struct law *law = t->law;
        struct approved *out = t->out;
        out->readable = arena_array(t->arena, law->n_readable, sizeof *out->readable);
        for (size_t i = 0; out->readable && i < law->n_readable; i++) {
                int64_t until_us = residency_readable(t, i);
                if (t->now_us <= until_us)
                        out->readable[out->n_readable++] = (struct dated_code){ law->readable[i].code, until_us };
        }
        return out->readable;
}

/* What stands around the fields. Names and bases are the book's, which the judge holds. */
static bool approve(struct trial *t, int64_t captured_us)
{
        const struct policy *p = t->law->chain[0];
        struct approved *out = t->out;
        int64_t hour = captured_us / US_PER_HOUR;
        hour -= captured_us % US_PER_HOUR < 0;
        out->hour_us = hour * US_PER_HOUR;
        out->source = arena_copy(t->arena, t->source.p ? t->source : SLICE(""));
        out->policy = slice_of(p->name);
        out->purpose = slice_of(t->purpose);
        out->basis = slice_of(t->basis);
        out->policy_version = p->version;
        out->expires_at_us = captured_us + t->law->keep_us;
        out->has_subject = t->law->pseudonym;
        return out->source.p && fill_readable(t);
}

static bool reshape(struct trial *t, int64_t captured_us)
{
        t->out = ARENA_NEW(t->arena, struct approved);
        if (!t->out)
                return false;
        trial_redact(t);
        return !t->full && approve(t, captured_us);
}

bool policy_judge(struct judge *j, int64_t now_us, const struct record *r, struct slice source, int64_t captured_us,
                  const struct answers *answers, struct arena *a, struct judgement *out, struct err *err)
{
        static const struct at strange = { "", 0, "a kind that this release does not know" };
        const struct law *law = law_of(j->book, r);
        struct trial t = { .judge = j,
                           .law = law,
                           .scanner = j->scanners.of[law->number],
                           .record = r,
                           .answers = answers,
                           .now_us = now_us,
                           .source = source,
                           .arena = a,
                           .purpose = "",
                           .basis = "",
                           .why = &strange,
                           .rule = "records" };
        j->law = law;
        j->approved = NULL;
        if ((unsigned)r->kind >= RECORD_KINDS) {
                trial_weigh(&t, DECISION_STAY, &strange, "records");
        } else {
                t.why = &law->records_at[r->kind];
                weigh_all(&t, captured_us);
        }
        /* What is held for another reason may still have to stay for what it says. */
        bool look = t.decision == DECISION_GO || (t.decision == DECISION_HOLD && law->find_stays);
        if (look && !reshape(&t, captured_us))
                return err_set(err, ERR_FULL, 0, "no room left to judge a record in");
        counters_weigh(&t);
        weigh_held_time(&t, captured_us);
        const struct at *where = *t.why->file ? t.why : &law->origin;
        *out = (struct judgement){ .decision = t.decision,
                                   .file = where->file,
                                   .line = where->line,
                                   .rule = t.rule,
                                   .because = t.why->because };
        if (t.decision == DECISION_GO) {
                j->approved = out->approved = t.out;
                out->cleaned = t.cleaned;
                out->counts = t.counts;
        }
        return true;
}

bool book_lets_out(const struct book *b, enum record_kind kind)
{
        return (unsigned)kind < RECORD_KINDS && b->home.records[kind] != DECISION_STAY;
}

static struct wanted wanted_by(const struct law *law)
{
        return (struct wanted){ law->wanted, law->sought };
}

struct judge *judge_new(struct book *b)
{
        struct judge *j = calloc(1, sizeof *j);
        if (!j)
                return NULL;
        j->book = book_hold(b);
        j->assumed = ASSUMED_OPEN;
        j->scratch = malloc(RECORD_BYTES_MAX);
        j->residual = malloc(MESSAGE_VALUE_MAX);
        if (j->scratch && j->residual && scanners_open(&j->scanners, b, wanted_by))
                return j;
        judge_free(j);
        return NULL;
}

void judge_free(struct judge *j)
{
        if (!j)
                return;
        scanners_close(&j->scanners);
        known_free(j->named);
        free(j->scratch);
        free(j->residual);
        book_drop(j->book);
        free(j);
}
