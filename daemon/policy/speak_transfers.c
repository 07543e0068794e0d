/* speak_transfers.c - question 5: to whom, on what basis and until when. */
#include "tongue.h"

static const char *permissions(struct speaker *s, unsigned allow)
{
        struct list l = { .n = 0 };
        for (int a = 0; a < PERMISSIONS; a++)
                if (allow >> a & 1)
                        list_add(&l, term_said(s, OF_ALLOW, law_permissions[a]));
        return list_said(s, &l, s->t->all);
}

static void speak_filing(struct speaker *s, const struct transfer *t)
{
        const struct filing *f = &t->filing;
        enum say id = f->filed_day ? SAY_TRANSFER_FILED : f->signed_day ? SAY_TRANSFER_SIGNED : SAY_TRANSFER_FILING;
        const char *day = f->filed_day ? f->filed_day : f->signed_day;
        TELL(s, id, &t->at, TEXT("basis", quote_said(s, t->basis)), TEXT("date", day ? date_said(s, day) : ""),
             TEXT("time", amount_said(s, UNIT_DAY, f->days)));
}

static void speak_transfer(struct speaker *s, const struct transfer *t)
{
        TELL(s, t->until_day ? SAY_TRANSFER_UNTIL : SAY_TRANSFER, &t->at,
             TEXT("places", names_said(s, t->to, false, false)), TEXT("allow", permissions(s, t->allow)),
             TEXT("basis", quote_said(s, t->basis)), TEXT("date", t->until_day ? date_said(s, t->until_day) : ""));
        if (t->review_day)
                TELL(s, SAY_TRANSFER_REVIEW, &t->at, TEXT("basis", quote_said(s, t->basis)),
                     TEXT("date", date_said(s, t->review_day)));
        if (t->filing.needed)
                speak_filing(s, t);
}

/* Places of the hub that no line opens: nothing leaves. */
static void speak_closed(struct speaker *s, const struct law *law)
{
        for (size_t i = 0; i < law->n_gates; i++) {
                const struct gate *g = &law->gates[i];
                const char *what = term_said(s, OF_ALLOW, law_permissions[g->permission]);
                if (g->n_lines == 0)
                        TELL(s, SAY_CLOSED, &g->policy->group[GROUP_TRANSFERS], TEXT("allow", what),
                             TEXT("place", g->jurisdiction));
        }
        if (!law->places_known)
                speaker_plain(s, SAY_CLOSED_UNKNOWN, NULL);
}

void speak_transfers(struct speaker *s, const struct law *law)
{
        speaker_section(s, SAY_HEAD_TRANSFERS);
        for (size_t c = 0; c < law->n_chain; c++)
                for (size_t i = 0; i < law->chain[c]->n_transfers; i++)
                        speak_transfer(s, &law->chain[c]->transfers[i]);
        speaker_plain(s, SAY_TRANSFER_REST, NULL);
        speak_closed(s, law);
}
