/* discard.c - what must not be stored, even at home: taken out before the vault.
 *
 * Every text of the record is searched, whatever the policy would let out. In a text the words
 * "[removed]" stand instead; a text that identifies somebody or something (author.id, .handle,
 * .email, thread) is left out whole, since a stand-in would make one of many. The record's own
 * id can be neither: such a record is refused.                                            */
#include <stdlib.h>
#include <string.h>

#include "law.h"

struct discarder {
        struct book *book; /* NULL: the floor only */
        struct scanners scanners;
};

struct sweep {
        struct scanner *scanner;
        const struct law *law; /* NULL: the floor only */
        struct arena *arena;
        struct err *err;
        uint32_t pieces;
        bool failed;
};

static const char removed[] = "[removed]";

static struct wanted discarded_by(const struct law *law)
{
        if (!law)
                return (struct wanted){ detect_floor(), 0 };
        return (struct wanted){ detect_floor() | law->discarded, law->sought_discarded };
}

struct discarder *discarder_new(struct book *b)
{
        struct discarder *d = calloc(1, sizeof *d);
        if (!d)
                return NULL;
        d->book = b ? book_hold(b) : NULL;
        if (scanners_open(&d->scanners, b, discarded_by))
                return d;
        discarder_free(d);
        return NULL;
}

void discarder_free(struct discarder *d)
{
        if (!d)
                return;
        scanners_close(&d->scanners);
        book_drop(d->book);
        free(d);
}

static bool fail(struct sweep *s, enum err_kind kind, const char *what)
{
        s->failed = true;
        return err_set(s->err, kind, 0, "%s", what);
}

static bool look(struct sweep *s, struct slice text, const struct finding **found, size_t *n)
{
        *n = 0;
        if (s->failed || !text.p || text.n == 0)
                return false;
        if (!scan(s->scanner, text, found, n, NULL))
                return fail(s, ERR_DATA, "its words could not be searched for what must not be stored");
        return *n > 0;
}

/* The text without its findings; the text itself if there are none. */
static struct slice sweep_text(struct sweep *s, struct slice text)
{
        const struct finding *found;
        size_t n, to = 0, from = 0;
        if (!look(s, text, &found, &n))
                return text;
        char *out = arena_alloc(s->arena, text.n + n * sizeof removed);
        if (!out) {
                fail(s, ERR_FULL, "no room left to take out what must not be stored");
                return text;
        }
        for (size_t i = 0; i < n; i++) {
                memcpy(out + to, text.p + from, found[i].start - from);
                to += found[i].start - from;
                memcpy(out + to, removed, sizeof removed - 1);
                to += sizeof removed - 1;
                from = found[i].end;
        }
        memcpy(out + to, text.p + from, text.n - from);
        s->pieces += (uint32_t)n;
        return (struct slice){ out, to + text.n - from };
}

static bool names_something(enum field f)
{
        return f == FIELD_AUTHOR_ID || f == FIELD_AUTHOR_HANDLE || f == FIELD_AUTHOR_EMAIL ||
               f == FIELD_THREAD;
}

static bool bounded(enum field f)
{
        return field_type(f) != FIELD_TYPE_TEXT || f == FIELD_EDITION || f == FIELD_AUTHOR_STANDING;
}

static void sweep_texts(struct sweep *s, struct record *r)
{
        const struct finding *found;
        size_t n;
        if (look(s, r->text[FIELD_ID], &found, &n))
                fail(s, ERR_DATA, "\"id\" holds a number that must not be stored");
        for (int f = FIELD_ID + 1; f < FIELDS && !s->failed; f++) {
                if (bounded((enum field)f) || !r->text[f].p)
                        continue;
                if (!names_something((enum field)f)) {
                        r->text[f] = sweep_text(s, r->text[f]);
                } else if (look(s, r->text[f], &found, &n)) {
                        r->text[f] = SLICE_NONE;
                        s->pieces += (uint32_t)n;
                }
        }
}

static void sweep_list(struct sweep *s, const struct slice **list, size_t n)
{
        struct slice *copy = NULL;
        for (size_t i = 0; i < n && !s->failed; i++) {
                struct slice clean = sweep_text(s, (*list)[i]);
                if (clean.p == (*list)[i].p)
                        continue;
                if (!copy) {
                        copy = arena_array(s->arena, n, sizeof *copy);
                        if (!copy) {
                                fail(s, ERR_FULL, "no room left to take out what must not be stored");
                                return;
                        }
                        memcpy(copy, *list, n * sizeof *copy);
                        *list = copy;
                }
                copy[i] = clean;
        }
}

static void sweep_consents(struct sweep *s, struct record *r)
{
        struct consent *copy =
                r->n_consents && !s->failed ? arena_array(s->arena, r->n_consents, sizeof *copy) : NULL;
        if (!r->n_consents || s->failed)
                return;
        if (!copy) {
                fail(s, ERR_FULL, "no room left to take out what must not be stored");
                return;
        }
        for (size_t i = 0; i < r->n_consents; i++) {
                copy[i] = r->consents[i];
                copy[i].purpose = sweep_text(s, copy[i].purpose);
                copy[i].evidence = sweep_text(s, copy[i].evidence);
        }
        r->consents = copy;
}

static bool is_discarded(const struct law *law, struct slice name)
{
        if (!law)
                return false;
        if (law->fields[FIELD_ATTRIBUTES].action == ACTION_DISCARD)
                return true;
        for (size_t i = 0; i < law->n_attributes; i++)
                if (law->attributes[i].action == ACTION_DISCARD && slice_is(name, law->attributes[i].name))
                        return true;
        return false;
}

static void sweep_attributes(struct sweep *s, struct record *r)
{
        if (!r->n_attributes || s->failed)
                return;
        struct attribute *copy = arena_array(s->arena, r->n_attributes, sizeof *copy);
        size_t n = 0;
        if (!copy) {
                fail(s, ERR_FULL, "no room left to take out what must not be stored");
                return;
        }
        for (size_t i = 0; i < r->n_attributes; i++) {
                if (is_discarded(s->law, r->attributes[i].name)) {
                        s->pieces++;
                        continue;
                }
                copy[n].name = sweep_text(s, r->attributes[i].name);
                copy[n++].value = sweep_text(s, r->attributes[i].value);
        }
        r->attributes = copy;
        r->n_attributes = n;
}

/* fields with do = "discard"; attributes are seen to above. */
static void discard_field(struct sweep *s, struct record *r, enum field f)
{
        bool there = r->text[f].p != NULL;
        r->text[f] = SLICE_NONE;
        if (f == FIELD_TAGS) {
                there = r->n_tags;
                r->n_tags = 0;
        } else if (f == FIELD_MENTIONS) {
                there = r->n_mentions;
                r->n_mentions = 0;
        } else if (f == FIELD_CONSENT) {
                there = r->n_consents;
                r->n_consents = 0;
        }
        s->pieces += there;
}

bool policy_discard(struct discarder *d, struct record *r, struct arena *a, uint32_t *pieces, struct err *err)
{
        const struct law *law = d->book ? law_of(d->book, r) : NULL;
        struct sweep s = { .scanner = d->scanners.of[law ? law->number : 0], .law = law, .arena = a, .err = err };
        for (int f = 0; law && f < FIELDS; f++)
                if (law->fields[f].action == ACTION_DISCARD && f != FIELD_ID && f != FIELD_ATTRIBUTES)
                        discard_field(&s, r, (enum field)f);
        sweep_texts(&s, r);
        sweep_list(&s, &r->tags, r->n_tags);
        sweep_list(&s, &r->mentions, r->n_mentions);
        sweep_consents(&s, r);
        sweep_attributes(&s, r);
        *pieces = s.pieces;
        return !s.failed;
}
