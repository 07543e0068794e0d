/* speak_people.c - question 1, whom a policy protects and on what ground; and of 4 what depends on
 * who speaks: children, rules. */
#include "tongue.h"

static void speak_purposes(struct speaker *s, const struct policy *p)
{
        for (size_t i = 0; i < p->n_purposes; i++) {
                const struct purpose *purpose = &p->purposes[i];
                TELL(s, purpose->consent ? SAY_PURPOSE_CONSENT : SAY_PURPOSE, &purpose->at,
                     TEXT("name", quote_said(s, purpose->name)), TEXT("ground", quote_said(s, purpose->ground)),
                     TEXT("kinds", kinds_said(s, purpose->kinds, false)));
        }
        if (p->n_purposes)
                speaker_plain(s, SAY_PURPOSE_REST, &p->group[GROUP_PURPOSES]);
}

static void speak_consents(struct speaker *s, const struct policy *p)
{
        for (size_t i = 0; i < p->n_consents; i++) {
                const struct consent_line *c = &p->consents[i];
                enum say of_kinds = c->separate ? SAY_CONSENT_SEPARATE : SAY_CONSENT;
                enum say of_all = c->separate ? SAY_CONSENT_SEPARATE_ALL : SAY_CONSENT_ALL;
                TELL(s, c->kinds ? of_kinds : of_all, &c->at, TEXT("purpose", quote_said(s, c->purpose)),
                     TEXT("kinds", kinds_said(s, c->kinds, false)), TEXT("missing", decision_said(s, c->missing)));
        }
}

static void speak_protects(struct speaker *s, const struct policy *p)
{
        const struct at *at = &p->group[GROUP_PROTECTS];
        if (!at->file)
                return;
        TELL(s, SAY_PEOPLE_IN, at, TEXT("places", names_said(s, p->people_in, false, false)));
        if (p->also_abroad)
                speaker_plain(s, SAY_ALSO_ABROAD, at);
        speaker_plain(s, p->unknown_is_strictest ? SAY_UNKNOWN_STRICTEST : SAY_UNKNOWN_REGION, at);
}

void speak_people(struct speaker *s, const struct book *b)
{
        const struct law *law = &b->home;
        speaker_section(s, SAY_HEAD_PROTECTS);
        speaker_plain(s, SAY_REGION_ALL, &law->origin);
        for (size_t c = 0; c < law->n_chain; c++)
                speak_protects(s, law->chain[c]);
        for (size_t i = 0; i < b->n_abroad; i++) {
                const struct policy *p = b->abroad[i].chain[0];
                TELL(s, SAY_BESIDE, &p->group[GROUP_PROTECTS], TEXT("name", quote_said(s, p->name)),
                     TEXT("places", names_said(s, p->people_in, false, false)));
        }
        for (size_t c = 0; c < law->n_chain; c++) {
                speak_purposes(s, law->chain[c]);
                speak_consents(s, law->chain[c]);
        }
}

void speak_children(struct speaker *s, const struct policy *p)
{
        const struct children *c = &p->children;
        if (!p->group[GROUP_CHILDREN].file)
                return;
        TELL(s, SAY_CHILDREN, &c->at, NUMBER("age", c->under), TEXT("then", decision_said(s, c->then)),
             TEXT("unknown", decision_said(s, c->age_unknown)));
        for (size_t i = 0; i < c->n_except; i++)
                TELL(s, SAY_CHILDREN_EXCEPT, &c->at, TEXT("places", names_said(s, c->except[i].of, false, false)),
                     NUMBER("age", c->except[i].under));
}

/* Conditions, all of which must hold. */
static const char *conditions(struct speaker *s, const struct rule *r)
{
        struct list l = { .n = 0 };
        if (r->kinds)
                list_add(&l, PART(s, SAY_WHEN_KIND, TEXT("kinds", kinds_said(s, r->kinds, true))));
        if (r->sources.n)
                list_add(&l, PART(s, SAY_WHEN_SOURCE, TEXT("sources", names_said(s, r->sources, true, true))));
        if (r->langs.n)
                list_add(&l, PART(s, SAY_WHEN_LANG, TEXT("langs", names_said(s, r->langs, true, true))));
        if (r->countries.n)
                list_add(&l, PART(s, SAY_WHEN_COUNTRY, TEXT("places", names_said(s, r->countries, true, false))));
        if (r->consents.n)
                list_add(&l, PART(s, SAY_WHEN_CONSENT, TEXT("purposes", names_said(s, r->consents, true, true))));
        if (r->words)
                list_add(&l, PART(s, SAY_WHEN_WORDS, NUMBER("count", (int64_t)vocabulary_count(r->words))));
        return list_said(s, &l, s->t->all);
}

void speak_rules(struct speaker *s, const struct policy *p)
{
        for (size_t i = 0; i < p->n_rules; i++) {
                const struct rule *r = &p->rules[i];
                TELL(s, SAY_RULE, &r->at, TEXT("name", quote_said(s, r->name)), TEXT("when", conditions(s, r)),
                     TEXT("then", decision_said(s, r->then)));
                if (r->unknown != DECISION_GO)
                        TELL(s, SAY_RULE_UNKNOWN, &r->at, TEXT("name", quote_said(s, r->name)),
                             TEXT("unknown", decision_said(s, r->unknown)));
        }
}
