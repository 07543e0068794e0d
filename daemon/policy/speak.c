/* speak.c - the policy told in the order of its eight questions, and written as text.
 *
 * What is said of each group stands in speak_*.c, how a language says it in tongue_*.c.   */
#include <inttypes.h>
#include <string.h>

#include "asking.h"
#include "tongue.h"

enum { TELL_BYTES = 8 << 20, SENTENCE_BYTES = 256 << 10 };

/* Not grouped: some number their versions by the day, 20261123. */
static const char *version_said(struct speaker *s, const struct policy *p)
{
        const char *out = arena_printf(s->arena, "%" PRId64, p->version);
        return out ? out : "";
}

static void speak_head(struct speaker *s, const struct law *law)
{
        const struct policy *p = law->chain[0];
        TELL(s, SAY_POLICY, &p->at, TEXT("name", quote_said(s, p->name)), TEXT("version", version_said(s, p)),
             TEXT("title", quote_said(s, p->title ? p->title : "")));
        if (p->law)
                TELL(s, SAY_LAW, &p->at, TEXT("law", quote_said(s, p->law)));
        if (p->review_day)
                TELL(s, SAY_REVIEW, &p->review_at, TEXT("date", date_said(s, p->review_day)));
        for (size_t c = 1; c < law->n_chain; c++)
                TELL(s, SAY_EXTENDS, &law->chain[c - 1]->extends_at, TEXT("name", quote_said(s, law->chain[c]->name)),
                     TEXT("version", version_said(s, law->chain[c])));
}

static void speak_pending(struct speaker *s, const struct law *law)
{
        speaker_section(s, SAY_HEAD_PENDING);
        for (size_t i = 0; i < law->n_pending; i++)
                TELL(s, SAY_PENDING, &law->pending[i]->at, TEXT("what", term_said(s, OF_GROUP, law->pending[i]->what)));
        speaker_section(s, SAY_HEAD_NOT_YET);
        for (size_t c = 0; c < law->n_chain; c++) {
                int line;
                const char *text;
                for (size_t i = 0; (text = conf_not_yet(law->chain[c]->conf, i, &line)); i++)
                        speaker_as_written(s, text, law->chain[c]->file, line);
        }
}

bool policy_say(const struct book *b, enum tongue t, void (*each)(const struct sentence *, void *ctx), void *ctx)
{
        struct speaker s = { .t = tongue_table(t), .arena = arena_new(TELL_BYTES), .hear = each, .ctx = ctx };
        buf_init(&s.text, SENTENCE_BYTES);
        if (s.arena) {
                speak_head(&s, &b->home);
                speak_people(&s, b);
                speak_leaving(&s, &b->home);
                speak_finds(&s, &b->home);
                speak_counts(&s, b);
                speak_transfers(&s, &b->home);
                speak_backups(&s, &b->home);
                speak_keep(&s, &b->home);
                speak_rights(&s, &b->home);
                speak_pending(&s, &b->home);
        }
        bool ok = s.arena && !s.broken;
        buf_clear(&s.text);
        arena_free(s.arena);
        return ok;
}

/* ---- As text -------------------------------------------------------------------- */

struct writing {
        struct buf *out;
        const char *section;
};

/* Ends a sentence with its place: " (eea.cfg:12; art. 8)". */
static void write_place(struct buf *out, const struct sentence *said)
{
        const char *article = *said->because ? said->because : NULL;
        if (said->file)
                buf_printf(out, "  (%s:%d%s%s)\n", said->file, said->line, article ? "; " : "", article ? article : "");
        else
                buf_printf(out, "  (%s)\n", said->because);
}

static void write_sentence(const struct sentence *said, void *ctx)
{
        struct writing *w = ctx;
        if (said->section && (!w->section || strcmp(said->section, w->section) != 0))
                buf_printf(w->out, "\n%s\n", said->section);
        w->section = said->section;
        buf_puts(w->out, said->section ? "- " : "");
        buf_put(w->out, said->text);
        write_place(w->out, said);
}

void policy_speak(const struct book *b, enum tongue t, struct buf *out)
{
        struct writing w = { .out = out };
        if (!policy_say(b, t, write_sentence, &w))
                out->full = true;
}
