/* speak_duties.c - questions 6 to 8: where copies are kept, how long, how fast is answered. What binds
 * whoever runs the region, and not the program yet, is said to be so. */
#include "duties.h"
#include "tongue.h"

static void speak_copies(struct speaker *s, const struct backups *b)
{
        TELL(s, SAY_BACKUPS, &b->at, NUMBER("copies", b->copies));
        if (b->at_least_km > 0)
                TELL(s, SAY_BACKUPS_KM, &b->at, NUMBER("km", b->at_least_km));
        struct list l = { .n = 0 };
        for (size_t i = 0; i < b->not_sharing.n; i++)
                list_add(&l, term_said(s, OF_APART, b->not_sharing.v[i]));
        if (l.n)
                TELL(s, SAY_BACKUPS_APART, &b->at, TEXT("things", list_said(s, &l, s->t->any)));
}

void speak_backups(struct speaker *s, const struct law *law)
{
        speaker_section(s, SAY_HEAD_BACKUPS);
        for (size_t c = 0; c < law->n_chain; c++) {
                if (!law->chain[c]->backups)
                        continue;
                speak_copies(s, law->chain[c]->backups);
                speaker_plain(s, SAY_DUTY, &law->chain[c]->backups->at);
        }
}

/* Those that one policy says: the strictest of raw and warehouse are told apart. */
static void speak_times(struct speaker *s, const struct policy *p)
{
        static const struct {
                enum keep_what what;
                enum say say;
                bool duty;
        } rows[] = { { KEEP_RAW_AT_LEAST, SAY_KEEP_RAW_LEAST, false }, { KEEP_HELD, SAY_KEEP_HELD, false },
                     { KEEP_BACKUPS, SAY_KEEP_BACKUPS, true },         { KEEP_PROOF, SAY_KEEP_PROOF, true },
                     { KEEP_TELL, SAY_KEEP_TELL, true } };
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                if (p->keep_us[rows[i].what] < 0)
                        continue;
                TELL(s, rows[i].say, &p->keep_at[rows[i].what], TEXT("time", span_said(s, p->keep_us[rows[i].what])));
                if (rows[i].duty)
                        speaker_plain(s, SAY_DUTY, &p->keep_at[rows[i].what]);
        }
}

void speak_keep(struct speaker *s, const struct law *law)
{
        int64_t raw_us;
        const struct at *raw_at = law_raw_at(law, &raw_us);
        speaker_section(s, SAY_HEAD_KEEP);
        if (raw_at)
                TELL(s, SAY_KEEP_RAW, raw_at, TEXT("time", span_said(s, raw_us)));
        if (law->keep_us >= 0)
                TELL(s, SAY_KEEP_WAREHOUSE, &law->keep_at, TEXT("time", span_said(s, law->keep_us)));
        for (size_t c = 0; c < law->n_chain; c++)
                speak_times(s, law->chain[c]);
}

static void speak_answers(struct speaker *s, const struct rights *r)
{
        if (r->access.amount)
                TELL(s, SAY_RIGHTS_ACCESS, &r->at, TEXT("time", duration_said(s, &r->access)));
        if (r->erasure.amount)
                TELL(s, SAY_RIGHTS_ERASURE, &r->at, TEXT("time", duration_said(s, &r->erasure)));
        if (r->extension.amount)
                TELL(s, SAY_RIGHTS_EXTENSION, &r->at, TEXT("time", duration_said(s, &r->extension)));
        if (r->holidays.n)
                TELL(s, SAY_RIGHTS_HOLIDAYS, &r->at, TEXT("places", names_said(s, r->holidays, false, false)));
        speaker_plain(s, SAY_DUTY, &r->at);
}

void speak_rights(struct speaker *s, const struct law *law)
{
        speaker_section(s, SAY_HEAD_RIGHTS);
        for (size_t c = 0; c < law->n_chain; c++) {
                const struct policy *p = law->chain[c];
                if (p->rights)
                        speak_answers(s, p->rights);
                for (size_t i = 0; i < p->n_breaches; i++) {
                        const struct breach *b = &p->breaches[i];
                        TELL(s, b->tell == TOLD_AUTHORITY ? SAY_BREACH_AUTHORITY : SAY_BREACH_PEOPLE, &b->at,
                             TEXT("time", duration_said(s, &b->within)));
                        speaker_plain(s, SAY_DUTY, &b->at);
                }
        }
}
