/* redact.c - a record in the shape in which it may leave.
 *
 * Every text that leaves is searched, also where the policy says "keep": words are what people
 * make of them, and an address can stand in any field. Not searched are only values from a
 * closed list (edition, standing, numbers, times), and in author.email and author.ip that which
 * they are, when every policy keeps them.
 *
 * Masks read "[email 1]": ASCII, the same value the same number in all fields of a record.   */
#include <stdio.h>
#include <string.h>

#include "asking.h"

#define BIT(f) (UINT64_C(1) << (f))

/* Not words, but names of products, versions, languages, countries: short labels. */
static const uint64_t labels = BIT(FIELD_ID) | BIT(FIELD_LANG) | BIT(FIELD_PRODUCT) | BIT(FIELD_VERSION) |
                               BIT(FIELD_EDITION) | BIT(FIELD_SEVERITY) | BIT(FIELD_RATING) |
                               BIT(FIELD_AUTHOR_COUNTRY) | BIT(FIELD_AUTHOR_AGE) | BIT(FIELD_AUTHOR_STANDING);
static const uint64_t closed =
        BIT(FIELD_EDITION) | BIT(FIELD_AUTHOR_STANDING) | BIT(FIELD_RATING) | BIT(FIELD_AUTHOR_AGE);

bool law_searched(enum field f)
{
        return !(closed & BIT(f));
}

static bool has_list(const struct record *r, enum field f)
{
        return (f == FIELD_TAGS && r->n_tags) || (f == FIELD_MENTIONS && r->n_mentions) ||
               (f == FIELD_CONSENT && r->n_consents);
}

bool trial_has_words(const struct law *law, const struct record *r)
{
        for (size_t i = 0; i < law->n_leaving; i++) {
                enum field f = (enum field)law->leaving[i];
                if (labels & BIT(f))
                        continue;
                if ((field_type(f) == FIELD_TYPE_TEXT && r->text[f].n) || has_list(r, f))
                        return true;
        }
        for (size_t i = 0; i < r->n_attributes; i++)
                for (size_t k = 0; k < law->n_attributes; k++)
                        if (law->attributes[k].action < ACTION_DROP &&
                            slice_is(r->attributes[i].name, law->attributes[k].name))
                                return true;
        return false;
}

/* Room for one more redaction, in steps: most records have one or two. */
static bool more_redactions(struct trial *t)
{
        struct approved *out = t->out;
        size_t n = out->n_redactions;
        if (n && (n < 4 || (n & (n - 1)) != 0))
                return true;
        struct redaction *more = arena_array(t->arena, n ? 2 * n : 4, sizeof *more);
        if (!more) {
                t->full = true;
                return false;
        }
        if (n)
                memcpy(more, out->redactions, n * sizeof *more);
        out->redactions = more;
        return true;
}

void trial_note(struct trial *t, const char *field, const char *what, const char *action, uint32_t count)
{
        struct approved *out = t->out;
        t->cleaned += count;
        for (size_t i = 0; i < out->n_redactions; i++) {
                struct redaction *r = &out->redactions[i];
                if (slice_is(r->field, field) && slice_is(r->what, what) && slice_is(r->action, action)) {
                        r->count += count;
                        return;
                }
        }
        if (out->n_redactions < REDACTIONS_MAX && more_redactions(t)) /* beyond: `cleaned` counts */
                out->redactions[out->n_redactions++] =
                        (struct redaction){ slice_of(field), slice_of(what), slice_of(action), count };
}

/* ---- Numbers of masks --------------------------------------------------------- */

/* FNV-1a over what does not depend on how a value is written: blanks, dashes, brackets and case
 * are left out. Two values with one hash would share a number, which gives nothing away. */
static uint64_t value_hash(const char *word, struct slice value)
{
        uint64_t h = UINT64_C(0xcbf29ce484222325);
        for (const char *p = word; *p; p++)
                h = (h ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
        for (size_t i = 0; i < value.n; i++) {
                unsigned char c = (unsigned char)value.p[i];
                if (c >= 'A' && c <= 'Z')
                        c = (unsigned char)(c + 32);
                if (c <= ' ' || c == '-' || c == '(' || c == ')' || c == '/')
                        continue;
                h = (h ^ c) * UINT64_C(0x100000001b3);
        }
        return h;
}

static struct mask_count *count_of(struct judge *j, const char *word)
{
        for (size_t i = 0; i < j->n_words; i++)
                if (strcmp(j->words[i].word, word) == 0)
                        return &j->words[i];
        if (j->n_words == MASK_WORDS)
                return &j->words[MASK_WORDS - 1];
        j->words[j->n_words] = (struct mask_count){ word, 0 };
        return &j->words[j->n_words++];
}

static uint32_t number_of(struct judge *j, const char *word, struct slice value)
{
        uint64_t hash = value_hash(word, value);
        size_t at = hash % NUMBERS;
        while (j->numbers[at].round == j->round && j->numbers[at].hash != hash)
                at = (at + 1) % NUMBERS;
        if (j->numbers[at].round == j->round)
                return j->numbers[at].number;
        uint32_t number = ++count_of(j, word)->last;
        if (j->used < NUMBERS_FULL) { /* beyond, the same value may get two numbers */
                j->numbers[at] = (struct number_slot){ hash, j->round, number };
                j->used++;
        }
        return number;
}

enum { MASK_MAX = 48 }; /* bytes of one mask */

static size_t put_mask(struct judge *j, char *to, const char *word, struct slice value)
{
        int n = snprintf(to, MASK_MAX, "[%.24s %u]", word, (unsigned)number_of(j, word, value));
        return (size_t)n;
}

/* ---- What is found in words -------------------------------------------------- */

static const char removed[] = "[removed]";
static const struct at undecided = { "", 0, "the words could not be searched in bounded work" };

void trial_found(struct trial *t, int id)
{
        enum find_action action = t->law->find[id];
        if (action >= FIND_HOLD)
                trial_weigh(t, action == FIND_HOLD ? DECISION_HOLD : DECISION_STAY, &t->law->find_at[id], "find");
}

/* The finding's stand-in, and what it weighs. Returns the bytes written. */
static size_t replace(struct trial *t, enum field f, const struct finding *found, struct slice text, char *to)
{
        struct slice value = { text.p + found->start, found->end - found->start };
        if (found->id == OWN_NAME) {
                trial_note(t, field_name(f), "person", "mask", 1);
                return put_mask(t->judge, to, "person", value);
        }
        enum find_action action = t->law->find[found->id];
        if (action >= FIND_HOLD) {
                trial_found(t, found->id);
                action = FIND_DROP;
        }
        trial_note(t, field_name(f), law_find_name(t->law, found->id), law_finds[action], 1);
        if (action == FIND_MASK)
                return put_mask(t->judge, to, law_mask_word(t->law, found->id), value);
        memcpy(to, removed, sizeof removed - 1);
        return sizeof removed - 1;
}

static struct slice rewrite(struct trial *t, enum field f, struct slice text, const struct finding *found,
                            size_t n, detect_set exempt)
{
        if (n > RECORD_BYTES_MAX / MASK_MAX) { /* a text longer than any that the hub takes */
                trial_weigh(t, DECISION_HOLD, &undecided, "find");
                return SLICE_NONE;
        }
        char *out = arena_alloc(t->arena, text.n + n * MASK_MAX + 1);
        size_t to = 0, from = 0;
        if (!out) {
                t->full = true;
                return SLICE_NONE;
        }
        for (size_t i = 0; i < n; i++) {
                if (found[i].id != OWN_NAME)
                        t->found |= detect_one(found[i].id);
                if (found[i].id != OWN_NAME && detect_has(exempt | t->judge->withheld, found[i].id))
                        continue;
                memcpy(out + to, text.p + from, found[i].start - from);
                to += found[i].start - from;
                to += replace(t, f, &found[i], text, out + to);
                from = found[i].end;
        }
        memcpy(out + to, text.p + from, text.n - from);
        to += text.n - from;
        if (to > RECORD_BYTES_MAX)
                trial_weigh(t, DECISION_HOLD, &undecided, "find");
        return (struct slice){ out, to };
}

static struct slice clean(struct trial *t, enum field f, struct slice text, detect_set exempt)
{
        const struct finding *found;
        size_t n;
        if (!text.p || t->full)
                return SLICE_NONE;
        if (text.n == 0)
                return SLICE("");
        if (!scan(t->scanner, text, &found, &n, NULL) || !people_in(t, text, &found, &n) ||
            !special_in(t, text, &found, &n)) {
                trial_weigh(t, DECISION_HOLD, &undecided, "find");
                return SLICE_NONE;
        }
        if (n && !t->full)
                return rewrite(t, f, text, found, n, exempt);
        struct slice copy = arena_copy(t->arena, text);
        t->full |= !copy.p;
        return copy;
}

/* ---- Whole fields ------------------------------------------------------------ */

static const char *word_of_field(enum field f)
{
        if (f == FIELD_AUTHOR_EMAIL)
                return "email";
        if (f == FIELD_AUTHOR_IP)
                return "ip";
        if (f == FIELD_MENTIONS || (f >= FIELD_AUTHOR_ID && f <= FIELD_AUTHOR_NAME))
                return "person";
        if (f == FIELD_AUTHOR_COMPANY)
                return "company";
        if (f == FIELD_URL || f == FIELD_CAME_FROM)
                return "url";
        return f == FIELD_PLACE || f == FIELD_AUTHOR_COUNTRY ? "place" : "text";
}

static struct slice mask(struct trial *t, enum field f, struct slice value)
{
        char *out = arena_alloc(t->arena, MASK_MAX);
        if (!out) {
                t->full = true;
                return SLICE_NONE;
        }
        size_t n = put_mask(t->judge, out, word_of_field(f), value);
        trial_note(t, field_name(f), "field", "mask", 1);
        return (struct slice){ out, n };
}

/* What a field is by its nature, where all policies let the field through as it is. */
detect_set law_nature(enum field f)
{
        if (f == FIELD_AUTHOR_IP)
                return detect_group("ip_address");
        detect_set person = detect_one(detect_id("known_person"));
        if (f == FIELD_AUTHOR_EMAIL)
                return person | detect_one(detect_id("email"));
        return f == FIELD_MENTIONS || (f >= FIELD_AUTHOR_ID && f <= FIELD_AUTHOR_NAME) ? person : 0;
}

detect_set law_exempt(const struct law *law, enum field f)
{
        return law->exempt[f];
}

static void pseudonymise(struct trial *t, enum field f)
{
        struct approved *out = t->out;
        if (f == FIELD_THREAD) {
                out->has_thread_key = true;
        } else if (f != FIELD_ID && t->law->pseudonym) { /* id: record_key always leaves */
                out->pseudonymised |= BIT(f);
        }
        trial_note(t, field_name(f), "field", "pseudonymise", 1);
}

/* A mask can be longer than what it hides; the hub refuses a field beyond its length. */
static struct slice fit(struct trial *t, enum field f, struct slice before, struct slice after)
{
        struct record probe = { 0 };
        if (after.n <= before.n || record_set(&probe, t->arena, f, after, NULL))
                return after;
        trial_note(t, field_name(f), "field", "drop", 1);
        return SLICE_NONE;
}

static struct slice shape_text(struct trial *t, enum field f, struct slice in)
{
        const struct field_line *line = &t->law->fields[f];
        detect_set exempt = line->action == ACTION_KEEP || line->action == ACTION_GENERALISE ? law_exempt(t->law, f) : 0;
        switch (line->action) {
        case ACTION_GENERALISE:
                in = generalise_text(t->law, in, line->to, t->arena, &t->full);
                trial_note(t, field_name(f), "field", "generalise", 1);
                break;
        case ACTION_PSEUDONYMISE:
                pseudonymise(t, f);
                return SLICE_NONE;
        case ACTION_MASK:
                return mask(t, f, in);
        case ACTION_DROP:
        case ACTION_DISCARD:
        case ACTIONS:
                return SLICE_NONE;
        case ACTION_KEEP:
        case ACTION_CLEAN:
                break;
        }
        if (!(closed & BIT(f)))
                return fit(t, f, in, clean(t, f, in, exempt));
        struct slice copy = arena_copy(t->arena, in);
        t->full |= in.p && !copy.p;
        return copy;
}

static const struct slice *shape_list(struct trial *t, enum field f, const struct slice *in, size_t n,
                                      enum action action)
{
        struct slice *out = arena_array(t->arena, n, sizeof *out);
        if (!out) {
                t->full = true;
                return NULL;
        }
        for (size_t i = 0; i < n; i++) {
                /* Others' pseudonyms are not ours to look up: the stricter mask stands in. */
                out[i] = action >= ACTION_PSEUDONYMISE ? mask(t, f, in[i]) : clean(t, f, in[i], 0);
                if (!out[i].p)
                        out[i] = SLICE("");
        }
        return out;
}

static void shape_consents(struct trial *t)
{
        const struct record *r = t->record;
        struct consent *out = arena_array(t->arena, r->n_consents, sizeof *out);
        t->full |= !out;
        for (size_t i = 0; out && i < r->n_consents; i++) {
                out[i] = r->consents[i];
                out[i].purpose = clean(t, FIELD_CONSENT, r->consents[i].purpose, 0);
                out[i].evidence = clean(t, FIELD_CONSENT, r->consents[i].evidence, 0);
                if (!out[i].purpose.n)
                        out[i].purpose = SLICE("-");
        }
        t->out->fields.consents = out;
        t->out->fields.n_consents = out ? r->n_consents : 0;
}

static const struct attribute_line *attribute_line(const struct law *law, struct slice name)
{
        for (size_t i = 0; i < law->n_attributes; i++)
                if (slice_is(name, law->attributes[i].name))
                        return &law->attributes[i];
        return NULL;
}

static void shape_attributes(struct trial *t)
{
        const struct record *r = t->record;
        struct attribute *out = arena_array(t->arena, r->n_attributes, sizeof *out);
        size_t n = 0;
        t->full |= !out;
        for (size_t i = 0; out && i < r->n_attributes; i++) {
                const struct attribute_line *line = attribute_line(t->law, r->attributes[i].name);
                if (!line || line->action >= ACTION_DROP)
                        continue;
                out[n].name = slice_of(line->name);
                struct slice value = r->attributes[i].value;
                if (line->action == ACTION_GENERALISE) {
                        value = generalise_text(t->law, value, line->to, t->arena, &t->full);
                        trial_note(t, "attributes", "field", "generalise", 1);
                }
                out[n].value = line->action == ACTION_MASK ? mask(t, FIELD_ATTRIBUTES, value)
                                                           : clean(t, FIELD_ATTRIBUTES, value, 0);
                n += out[n].value.p != NULL;
        }
        t->out->fields.attributes = out;
        t->out->fields.n_attributes = n;
}

static void shape_time(struct trial *t)
{
        const struct field_line *line = &t->law->fields[FIELD_OCCURRED_AT];
        t->out->has_occurred_at = true;
        t->out->fields.occurred_at_us = t->record->occurred_at_us;
        if (line->action == ACTION_GENERALISE)
                t->out->fields.occurred_at_us = generalise_time(t->record->occurred_at_us, line->to);
}

static void shape_field(struct trial *t, enum field f)
{
        const struct record *in = t->record;
        struct record *out = &t->out->fields;
        enum action action = t->law->fields[f].action;
        if (f == FIELD_OCCURRED_AT) {
                shape_time(t);
        } else if (f == FIELD_TAGS && in->n_tags) {
                out->tags = shape_list(t, f, in->tags, in->n_tags, action);
                out->n_tags = out->tags ? in->n_tags : 0;
        } else if (f == FIELD_MENTIONS && in->n_mentions) {
                out->mentions = shape_list(t, f, in->mentions, in->n_mentions, action);
                out->n_mentions = out->mentions ? in->n_mentions : 0;
        } else if (f == FIELD_CONSENT && in->n_consents) {
                shape_consents(t);
        } else if (in->text[f].p && field_type(f) != FIELD_TYPE_OTHER) {
                out->text[f] = shape_text(t, f, in->text[f]);
                if (f == FIELD_THREAD)
                        t->out->has_thread_key = true;
        }
}

/* ---- Words that do not leave ---------------------------------------------------- */

static void hear_text(struct trial *t, enum field f, struct slice text)
{
        detect_set exempt = t->law->plain >> f & 1 ? law_exempt(t->law, f) : 0;
        const struct finding *found;
        size_t n;
        if (!text.p || text.n == 0)
                return;
        if (!scan(t->scanner, text, &found, &n, NULL) || !special_in(t, text, &found, &n)) {
                trial_weigh(t, DECISION_HOLD, &undecided, "find");
                return;
        }
        for (size_t i = 0; i < n; i++)
                if (!detect_has(exempt, found[i].id))
                        trial_found(t, found[i].id);
}

static void hear_field(struct trial *t, enum field f)
{
        const struct record *r = t->record;
        if (field_type(f) == FIELD_TYPE_TEXT && !(closed & BIT(f)))
                hear_text(t, f, r->text[f]);
        for (size_t i = 0; f == FIELD_TAGS && i < r->n_tags; i++)
                hear_text(t, f, r->tags[i]);
        for (size_t i = 0; f == FIELD_MENTIONS && i < r->n_mentions; i++)
                hear_text(t, f, r->mentions[i]);
        for (size_t i = 0; f == FIELD_CONSENT && i < r->n_consents; i++) {
                hear_text(t, f, r->consents[i].purpose);
                hear_text(t, f, r->consents[i].evidence);
        }
}

static void hear_attributes(struct trial *t)
{
        for (size_t i = 0; i < t->record->n_attributes; i++) {
                const struct attribute_line *line = attribute_line(t->law, t->record->attributes[i].name);
                if (line && line->heard && line->action > ACTION_CLEAN)
                        hear_text(t, FIELD_ATTRIBUTES, t->record->attributes[i].value);
        }
}

/* Only where something is held for what is found; masks need no look at what stays. */
static void hear(struct trial *t)
{
        if (!t->law->find_holds)
                return;
        for (size_t i = 0; i < t->law->n_heard; i++)
                hear_field(t, (enum field)t->law->heard[i]);
        if (t->law->n_attributes)
                hear_attributes(t);
}

void trial_redact(struct trial *t)
{
        struct judge *j = t->judge;
        if (++j->round == 0) { /* after 2^32 records old slots would look young */
                memset(j->numbers, 0, sizeof j->numbers);
                j->round = 1;
        }
        j->used = 0;
        j->n_words = 0;
        people_of(t);
        t->out->fields.kind = t->record->kind;
        t->out->fields.revision = t->record->revision;
        t->out->fields.deleted = t->record->deleted;
        for (size_t i = 0; i < t->law->n_leaving && !t->full; i++)
                shape_field(t, (enum field)t->law->leaving[i]);
        if (t->law->n_attributes && t->record->n_attributes && !t->full)
                shape_attributes(t);
        hear(t);
        small_groups_weigh(t);
        if (t->out->pseudonymised) {
                t->out->subject_text = arena_alloc(t->arena, 37);
                t->full |= !t->out->subject_text;
        }
}
