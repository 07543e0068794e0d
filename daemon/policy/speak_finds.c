/* speak_finds.c - question 4: what is looked for in the words, and who or what makes a record wait. */
#include "tongue.h"

static bool same_line(const struct law *law, int a, int c)
{
        return law->find[a] == law->find[c] && law->find_at[a].line == law->find_at[c].line &&
               law->find_at[a].file == law->find_at[c].file;
}

static bool find_was_spoken(const struct law *law, int id)
{
        for (int k = 0; k < id; k++)
                if (same_line(law, k, id))
                        return true;
        return false;
}

static void speak_find(struct speaker *s, const struct law *law, int first)
{
        struct list l = { .n = 0 };
        bool floor = law->find_at[first].file == law->origin.file && law->find_at[first].line == law->origin.line;
        for (int id = first; id < DETECT_IDS; id++)
                if (same_line(law, first, id))
                        list_add(&l, term_said(s, OF_FIND, law_find_name(law, id)));
        const char *what = list_said(s, &l, s->t->all);
        if (floor)
                TELL(s, SAY_FIND_FLOOR, NULL, TEXT("what", what));
        else
                TELL(s, (enum say)(SAY_FIND_MASK + (int)law->find[first] - FIND_MASK), &law->find_at[first], TEXT("what", what));
}

static void speak_patterns(struct speaker *s, const struct policy *p)
{
        for (size_t i = 0; i < p->n_patterns; i++)
                TELL(s, SAY_FIND_PATTERN, &p->patterns[i].at, TEXT("name", quote_said(s, p->patterns[i].name)),
                     TEXT("match", quote_said(s, p->patterns[i].match)));
}

static void speak_special(struct speaker *s, const struct law *law)
{
        size_t count = 0;
        for (size_t i = 0; i < law->n_special; i++)
                count += vocabulary_count(law->special[i]);
        if (count && law->find[SPECIAL] != FIND_PASS)
                TELL(s, SAY_FIND_SPECIAL, &law->find_at[SPECIAL], NUMBER("count", (int64_t)count));
}

void speak_finds(struct speaker *s, const struct law *law)
{
        speaker_section(s, SAY_HEAD_FIND);
        speaker_plain(s, SAY_FIND_OWN, NULL);
        for (int id = 0; id < DETECT_IDS; id++)
                if (law->find[id] != FIND_PASS && !find_was_spoken(law, id))
                        speak_find(s, law, id);
        for (size_t c = 0; c < law->n_chain; c++)
                speak_patterns(s, law->chain[c]);
        speak_special(s, law);
        speaker_plain(s, SAY_FIND_AGAIN, NULL);
        for (size_t c = 0; c < law->n_chain; c++) {
                speak_children(s, law->chain[c]);
                speak_rules(s, law->chain[c]);
        }
}
