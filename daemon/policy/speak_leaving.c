/* speak_leaving.c - questions 2 and 3: what may leave, and in which shape. */
#include <string.h>

#include "tongue.h"

static void speak_records(struct speaker *s, const struct law *law)
{
        speaker_section(s, SAY_HEAD_RECORDS);
        for (int k = 0; k < RECORD_KINDS; k++)
                TELL(s, (enum say)(SAY_RECORD_GO + (int)law->records[k]), &law->records_at[k],
                     TEXT("kind", term_said(s, OF_KIND, kind_name((enum record_kind)k))));
        const struct at *at = &law->origin;
        for (size_t c = 0; c < law->n_chain; c++) {
                const struct policy *p = law->chain[c];
                if (p->group[GROUP_SUBJECT].file && p->pseudonym == law->pseudonym) {
                        at = &p->group[GROUP_SUBJECT];
                        break;
                }
        }
        speaker_plain(s, law->pseudonym ? SAY_SUBJECT_PSEUDONYM : SAY_SUBJECT_NONE, at);
}

static bool alike(const struct field_line *a, const struct field_line *b)
{
        return a->at.line == b->at.line && a->at.file == b->at.file && a->action == b->action && a->to == b->to;
}

static bool field_was_spoken(const struct law *law, int f)
{
        for (int k = 0; k < f; k++)
                if (alike(&law->fields[k], &law->fields[f]))
                        return true;
        return false;
}

static const char *way_said(struct speaker *s, int to)
{
        const char *way = term_said(s, OF_TO, coarse_name(to));
        const char *whole = coarse_number(to) ? arena_printf(s->arena, "%s %d", way, coarse_number(to)) : way;
        return whole ? whole : way;
}

/* One sentence for the fields that one line treats alike. */
static void speak_field(struct speaker *s, const struct law *law, int first)
{
        const struct field_line *line = &law->fields[first];
        struct list l = { .n = 0 };
        for (int f = first; f < FIELDS; f++)
                if (alike(&law->fields[f], line))
                        list_add(&l, term_said(s, OF_FIELD, field_name((enum field)f)));
        TELL(s, (enum say)(SAY_FIELD_KEEP + (int)line->action), &line->at, TEXT("fields", list_said(s, &l, s->t->all)),
             TEXT("to", way_said(s, line->to)));
}

static void speak_attributes(struct speaker *s, const struct law *law)
{
        for (size_t i = 0; i < law->n_attributes; i++) {
                const char *name = arena_printf(s->arena, "attributes.%s", law->attributes[i].name);
                TELL(s, (enum say)(SAY_FIELD_KEEP + (int)law->attributes[i].action), &law->attributes[i].at,
                     TEXT("fields", quote_said(s, name ? name : "")), TEXT("to", way_said(s, law->attributes[i].to)));
        }
}

void speak_leaving(struct speaker *s, const struct law *law)
{
        speak_records(s, law);
        speaker_section(s, SAY_HEAD_FIELDS);
        for (int f = 0; f < FIELDS; f++)
                if (law->fields[f].action != ACTION_DROP && !field_was_spoken(law, f))
                        speak_field(s, law, f);
        speak_attributes(s, law);
        speaker_plain(s, SAY_FIELD_REST, NULL);
}
