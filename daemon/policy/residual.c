/* residual.c - what is about to leave, searched once more as it stands in the message's bytes.
 *
 * The first search made the redactions; this one proves them, whatever went wrong in between: a
 * field that was forgotten, an offset that was off, a text taken before instead of after. Every
 * string of the payload is read back out of its JSON and searched for all that the law wants
 * found, and for the names of the record's own people; masks are blanked out before, since their
 * words ("[phone 1]") would lead to numbers. Not searched are what only has a shape, which is
 * checked instead (uuids, times, positions, names of sources and policies), the book's own words
 * (purpose, basis, codes, what was redacted), and in author.email and author.ip that which they
 * are. A shape that is wrong counts like a finding.                                          */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "judging.h"

struct residual {
        struct judge *judge;
        struct slice value, subject; /* the subject's uuid stands for its names */
        size_t at;
        const char *field; /* of the string in hand */
        const char *what;  /* found; NULL: nothing so far */
        const char *where;
};

/* ---- What only has a shape ----------------------------------------------------- */

enum shape { WORDS, UUID, TIME, POSITION, NAME, OWN };
static const struct {
        const char *key;
        enum shape shape;
} shapes[] = {
        { "record_key", UUID }, { "thread_key", UUID }, { "subject", UUID },   { "source", NAME },
        { "hour", TIME },       { "occurred_at", TIME }, { "expires_at", TIME }, { "judged", POSITION },
        { "policy", NAME },     { "purpose", OWN },      { "basis", OWN },       { "readable_in", OWN },
        { "redactions", OWN },
};

static enum shape shape_of(struct slice key)
{
        for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
                if (slice_is(key, shapes[i].key))
                        return shapes[i].shape;
        return WORDS;
}

static bool is_made_of(struct slice s, const char *characters, size_t most)
{
        for (size_t i = 0; i < s.n; i++)
                if (!s.p[i] || !strchr(characters, s.p[i]))
                        return false;
        return s.n <= most;
}

static bool has_shape(enum shape shape, struct slice s)
{
        uint8_t uuid[16];
        switch (shape) {
        case UUID:
                return uuid_parse(uuid, s);
        case TIME:
                return is_made_of(s, "0123456789-:.TZ", 40);
        case POSITION:
                return is_made_of(s, "0123456789abcdef.", POSITION_TEXT);
        case NAME:
                return text_is_name(s) || s.n == 0;
        case OWN:
        case WORDS:
                break;
        }
        return true;
}

/* ---- Searching one text ---------------------------------------------------------- */

static void hit(struct residual *r, const char *what)
{
        if (r->what)
                return;
        r->what = what;
        r->where = r->field;
}

/* "[email 1]", "[removed]": its end; at if none begins there. */
static size_t mask_end(struct slice s, size_t at)
{
        size_t i = at + 1, digits = 0;
        while (i < s.n && i < at + 26 && ((s.p[i] >= 'a' && s.p[i] <= 'z') || s.p[i] == '-' || s.p[i] == '_' ||
                                          (s.p[i] >= '0' && s.p[i] <= '9')))
                i++;
        if (i < s.n && s.p[i] == ']' && slice_is(slice_make(s.p + at, i + 1 - at), "[removed]"))
                return i + 1;
        if (i >= s.n || s.p[i] != ' ' || i == at + 1)
                return at;
        for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && digits < 6; i++)
                digits++;
        return digits && i < s.n && s.p[i] == ']' ? i + 1 : at;
}

static void blank_masks(char *p, size_t n)
{
        for (char *open = n ? memchr(p, '[', n) : NULL; open;) {
                size_t at = (size_t)(open - p), end = mask_end(slice_make(p, n), at);
                if (end > at)
                        memset(p + at + 1, '*', end - at - 2);
                at = end > at ? end : at + 1;
                open = at < n ? memchr(p + at, '[', n - at) : NULL;
        }
}

static detect_set nature_of(const struct law *law, enum field f)
{
        enum action action = law->fields[f].action;
        return action == ACTION_KEEP || action == ACTION_GENERALISE ? law_exempt(law, f) : 0;
}

/* field: FIELDS for what is no field that is known. text: in memory that may be written to. */
static void search(struct residual *r, int field, char *p, size_t n)
{
        const struct law *law = r->judge->law;
        const struct finding *found;
        size_t n_found;
        detect_set exempt = field >= 0 && field < FIELDS ? nature_of(law, (enum field)field) : 0;
        blank_masks(p, n);
        if (!scan(r->judge->scanners.of[law->number], slice_make(p, n), &found, &n_found, NULL)) {
                hit(r, "undecided");
                return;
        }
        for (size_t i = 0; i < n_found; i++)
                if (!detect_has(exempt, found[i].id))
                        hit(r, law_find_name(law, found[i].id));
        if (law->find[SPECIAL] != FIND_PASS && special_stands_in(law, slice_make(p, n), r->judge->scratch))
                hit(r, "special_category");
        if (people_stand_in(r->judge, slice_make(p, n)))
                hit(r, "person");
}

/* ---- Walking through the payload --------------------------------------------------- */

/* The character of an escape that ends at i; \u00XX is a control character. */
static char escaped(char c, struct slice s, size_t i)
{
        static const char from[] = "ntrbf", to[] = "\n\t\r\b\f";
        const char *at = c ? strchr(from, c) : NULL;
        if (c == 'u')
                return i < s.n ? (char)((s.p[i - 1] - '0') * 16 + (s.p[i] <= '9' ? s.p[i] - '0' : (s.p[i] | 32) - 'a' + 10)) : ' ';
        return at ? to[at - from] : c;
}

static size_t next_of(char c, struct slice s, size_t from, size_t to)
{
        const char *at = from < to ? memchr(s.p + from, c, to - from) : NULL;
        return at ? (size_t)(at - s.p) : to;
}

/* The string whose quote stands at r->at, out of its JSON; into `room` (its bytes suffice). The
 * text is our own json_out's, which escapes as little as it may. */
static size_t take_string(struct residual *r, char *room)
{
        const struct slice v = r->value;
        size_t n = 0, i = r->at + 1, quote = next_of('"', v, i, v.n), slash;
        while ((slash = next_of('\\', v, i, quote)) < quote) {
                char c = slash + 1 < v.n ? v.p[slash + 1] : 0;
                size_t end = slash + (c == 'u' ? 6 : 2);
                memcpy(room + n, v.p + i, slash - i);
                n += slash - i;
                room[n++] = escaped(c, v, end - 1);
                i = end < v.n ? end : v.n;
                if (quote < i)
                        quote = next_of('"', v, i, v.n);
        }
        memcpy(room + n, v.p + i, quote - i);
        r->at = quote + 1;
        return n + quote - i;
}

/* "author.handle" for "handle" within "author": a field by its canonical name, or -1. */
static int field_within(struct slice group, struct slice key)
{
        char name[64];
        if (!group.n)
                return field_of_name(key);
        if (!slice_is(group, "author"))
                return field_of_name(group);
        snprintf(name, sizeof name, "author.%.*s", (int)(key.n < 48 ? key.n : 48), key.p);
        return field_of_name(slice_of(name));
}

static void take_value(struct residual *r, struct slice group, struct slice key, char *room)
{
        size_t n = take_string(r, room);
        enum shape shape = shape_of(group.n ? group : key);
        int f = field_within(group, key);
        struct slice text = { room, n };
        r->field = f >= 0 ? field_name((enum field)f) : shape == WORDS ? "another field" : "the frame";
        if (slice_is(group, "consent") && (slice_is(key, "given_at") || slice_is(key, "until")))
                shape = TIME;
        if (shape != WORDS) {
                if (!has_shape(shape, text))
                        hit(r, "shape");
        } else if (!(f >= 0 && !law_searched((enum field)f)) && !(r->subject.n && slice_eq(text, r->subject))) {
                search(r, f >= 0 ? f : FIELDS, room, n);
        }
}

struct level {
        struct slice group; /* the top level's key above it */
        struct slice key;
        bool object;
};

/* Keys are fields' names, or a policy's for attributes: only what they hold is searched. */
static void walk(struct residual *r, char *room)
{
        enum { DEPTH = 4 };
        struct level levels[DEPTH] = { 0 }, *at = levels;
        while (r->at < r->value.n && !r->what) {
                char c = r->value.p[r->at];
                if (c == '{' || c == '[') {
                        if (++at == levels + DEPTH) {
                                r->field = "the frame";
                                hit(r, "shape");
                                return;
                        }
                        *at = (struct level){ .group = at[-1].group.n ? at[-1].group : at[-1].key, .object = c == '{' };
                } else if ((c == '}' || c == ']') && at > levels) {
                        at--;
                } else if (c == ',') {
                        at->key = at->object ? SLICE_NONE : at->key;
                } else if (c == '"' && at->object && !at->key.p) {
                        const char *key = r->value.p + r->at + 1;
                        const char *end = memchr(key, '"', r->value.n - r->at - 1);
                        if (!end)
                                return;
                        at->key = slice_make(key, (size_t)(end - key));
                        r->at += at->key.n + 1;
                } else if (c == '"') {
                        take_value(r, at->group, at->key, room);
                        continue;
                }
                r->at++;
        }
}

/* Region, type and ids, all in small letters and digits. */
static bool headers_are_plain(const struct message_header *headers, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (!is_made_of(slice_of(headers[i].value), "abcdefghijklmnopqrstuvwxyz0123456789./-", sizeof headers[i].value))
                        return false;
        return true;
}

bool residual_is_clean(struct judge *j, const struct message *m, struct slice value, const uint8_t key[16],
                       const struct message_header *headers, size_t n_headers, struct err *err)
{
        char subject[37] = "";
        struct residual r = { .judge = j, .value = value, .field = "the frame" };
        if (m->record.has_subject)
                uuid_format(subject, m->record.subject);
        r.subject = slice_of(subject);
        if (memcmp(key, m->record.record_key, 16) != 0 || !headers_are_plain(headers, n_headers))
                hit(&r, "shape");
        else if (value.n > MESSAGE_VALUE_MAX)
                hit(&r, "undecided");
        else
                walk(&r, j->residual);
        return !r.what || err_set(err, ERR_DENIED, 0, "%s in %s", r.what, r.where);
}
