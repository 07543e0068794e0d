/* case_lines.c - what the lines of a case mean: fields of the record that comes in, and what is
 * expected to become of it.                                                               */
#include <stdio.h>

#include "base/text.h"
#include "case_reader.h"

/* ---- "comes in" ------------------------------------------------------------------- */

static void unknown_field(struct case_reader *r, struct slice key)
{
        const char *names[FIELDS + 2];
        for (int f = 0; f < FIELDS; f++)
                names[f] = field_name((enum field)f);
        names[FIELDS] = "source";
        names[FIELDS + 1] = "attributes.NAME";
        case_unknown(r, "field", key, names, FIELDS + 2);
}

/* "attributes.browser" -> "browser". */
static bool attribute_of(struct slice key, struct slice *name)
{
        if (!slice_starts(key, SLICE("attributes.")) || key.n == strlen("attributes."))
                return false;
        *name = slice_make(key.p + strlen("attributes."), key.n - strlen("attributes."));
        return true;
}

/* The next piece of a list parted by commas, also full-width ones. */
static bool next_piece(struct slice *rest, struct slice *piece)
{
        if (!rest->p)
                return false;
        size_t at = 0, n = 0;
        while (at < rest->n && !n) {
                n = rest->p[at] == ',' ? 1 : rest->n - at >= 3 && memcmp(rest->p + at, "\xef\xbc\x8c", 3) == 0 ? 3 : 0;
                at += !n;
        }
        *piece = slice_trim(slice_make(rest->p, at));
        *rest = n ? slice_make(rest->p + at + n, rest->n - at - n) : SLICE_NONE;
        return true;
}

static bool read_date(struct slice s, int64_t *us)
{
        return clock_parse_rfc3339(us, s) || clock_parse_date(us, s);
}

static bool read_end(struct slice s, int64_t *us)
{
        if (clock_parse_rfc3339(us, s))
                return true;
        if (!clock_parse_date(us, s))
                return false;
        *us += US_PER_DAY - 1; /* as records have it */
        return true;
}

/* `consent: contact, separate, given 2026-01-01, until 2027-01-01`; a line each. */
static void read_consent(struct case_reader *r, struct slice value)
{
        struct consent c = { .given_at_us = INT64_MIN, .until_us = INT64_MAX };
        struct slice rest = value, piece;
        if (r->n_consents == RECORD_LIST_MAX) {
                case_complain(r, r->line, NULL, "at most %d consents are allowed", RECORD_LIST_MAX);
                return;
        }
        next_piece(&rest, &c.purpose);
        if (c.purpose.n == 0)
                case_complain(r, r->line, "Write \"consent: contact\": what it is for.", "the consent names no purpose");
        while (next_piece(&rest, &piece)) {
                bool known = slice_eq_nocase(piece, SLICE("separate"));
                c.separate |= known;
                if (slice_starts(piece, SLICE("given ")))
                        known = read_date(slice_trim(slice_make(piece.p + 6, piece.n - 6)), &c.given_at_us);
                else if (slice_starts(piece, SLICE("until ")))
                        known = read_end(slice_trim(slice_make(piece.p + 6, piece.n - 6)), &c.until_us);
                if (!known)
                        case_complain(r, r->line, "After the purpose may stand: separate, given 2026-01-01, until 2027-01-01.",
                                      "part of this consent is not understood");
        }
        r->consents[r->n_consents++] = c;
}

static void read_attribute(struct case_reader *r, struct slice name, struct slice value)
{
        for (size_t i = 0; i < r->n_attributes; i++)
                if (slice_eq(r->attributes[i].name, name))
                        case_complain(r, r->line, "Leave one of the two.", "this attribute is there already");
        if (r->n_attributes == RECORD_LIST_MAX) {
                case_complain(r, r->line, NULL, "at most %d attributes are allowed", RECORD_LIST_MAX);
                return;
        }
        r->attributes[r->n_attributes] = (struct attribute){ name, value };
        r->last = &r->attributes[r->n_attributes++].value;
}

void case_read_field(struct case_reader *r, struct slice key, struct slice value)
{
        struct slice name;
        int f = field_of_name(key);
        r->last = NULL;
        r->n_fields++;
        if (slice_is(key, "source")) {
                r->c->source = value;
                if (!text_is_name(value))
                        case_complain(r, r->line, "Small letters, digits and -, at most 32.", "this is no name of a source");
        } else if (attribute_of(key, &name)) {
                read_attribute(r, name, value);
        } else if (f == FIELD_CONSENT) {
                read_consent(r, value);
        } else if (f < 0 || f == FIELD_ATTRIBUTES) {
                unknown_field(r, key);
        } else if (r->value_lines[f]) {
                case_complain(r, r->line, "Leave one of the two; \"| text\" goes on with a value.",
                              "\"%s\" stands in line %d already", field_name((enum field)f), r->value_lines[f]);
        } else {
                r->values[f] = value;
                r->value_lines[f] = r->line;
                r->last = &r->values[f];
        }
}

static void set_list(struct case_reader *r, enum field f, const struct slice **out, size_t *n)
{
        struct slice rest = r->values[f], piece;
        struct slice *list = arena_array(r->arena, RECORD_LIST_MAX, sizeof *list);
        r->full |= !list;
        while (list && next_piece(&rest, &piece)) {
                if (*n == RECORD_LIST_MAX) {
                        case_complain(r, r->value_lines[f], NULL, "at most %d are allowed", RECORD_LIST_MAX);
                        return;
                }
                list[(*n)++] = piece;
        }
        *out = list;
}

static void set_field(struct case_reader *r, enum field f)
{
        struct record *out = &r->c->record;
        struct slice value = r->values[f];
        struct err err = ERR_INIT;
        int64_t day;
        if (f == FIELD_TAGS)
                set_list(r, f, &out->tags, &out->n_tags);
        else if (f == FIELD_MENTIONS)
                set_list(r, f, &out->mentions, &out->n_mentions);
        else if (f == FIELD_OCCURRED_AT && clock_parse_date(&day, value))
                out->occurred_at_us = day;
        else if (!record_set(out, r->arena, f, value, &err))
                case_complain(r, r->value_lines[f],
                              f == FIELD_KIND ? "Kinds: feedback, discussion, contribution, member, event, journey, lead." :
                              err.hint[0] ? err.hint : NULL, "%s", err.text);
}

static void set_lists(struct case_reader *r)
{
        struct record *out = &r->c->record;
        struct consent *consents = arena_array(r->arena, r->n_consents, sizeof *consents);
        struct attribute *attributes = arena_array(r->arena, r->n_attributes, sizeof *attributes);
        if (!consents || !attributes) {
                r->full = true;
                return;
        }
        memcpy(consents, r->consents, r->n_consents * sizeof *consents);
        memcpy(attributes, r->attributes, r->n_attributes * sizeof *attributes);
        out->consents = consents;
        out->n_consents = r->n_consents;
        out->attributes = attributes;
        out->n_attributes = r->n_attributes;
}

void case_finish_record(struct case_reader *r)
{
        struct record *out = &r->c->record;
        struct err err = ERR_INIT;
        if (r->json.n) {
                if (!record_parse(out, r->arena, r->json, NULL, &err))
                        case_complain(r, r->c->record_line + 1, err.hint[0] ? err.hint : NULL, "the record's JSON: %s", err.text);
                return;
        }
        *out = (struct record){ .occurred_at_us = r->c->now_us };
        out->text[FIELD_ID] = SLICE("case-1");
        if (!r->value_lines[FIELD_KIND])
                case_complain(r, r->c->record_line, "Write \"kind: feedback\", or what else it is.", "\"kind\" is missing");
        bool well = !r->bad;
        for (int f = 0; f < FIELDS; f++)
                if (r->value_lines[f])
                        set_field(r, (enum field)f);
        set_lists(r);
        if (well && !r->bad && !r->full && !record_check(out, &err))
                case_complain(r, r->c->record_line, err.hint[0] ? err.hint : NULL, "the record cannot come in so: %s", err.text);
}

/* ---- What is expected ------------------------------------------------------------- */

static const struct {
        const char *key;
        enum expect_what what;
        bool leaving; /* has a meaning only for what goes */
} keys[] = {
        { "by", EXPECT_BY, false },
        { "because", EXPECT_BECAUSE, false },
        { "dropped", EXPECT_DROPPED, true },
        { "nothing else", EXPECT_ONLY, true },
        { "nowhere", EXPECT_NOWHERE, true },
        { "subject", EXPECT_SUBJECT, true },
        { "purpose", EXPECT_PURPOSE, true },
        { "redacted", EXPECT_REDACTED, true },
        { "readable in", EXPECT_READABLE, true },
        { "not readable in", EXPECT_NOT_READABLE, true },
        { "pieces discarded", EXPECT_PIECES, false },
};
enum { KEYS = sizeof keys / sizeof *keys };

static void unknown_key(struct case_reader *r, struct slice key)
{
        static const char *const after[] = { "contains", "lacks" };
        const char *names[FIELDS + KEYS + 1];
        const char *blank = memchr(key.p, ' ', key.n);
        size_t n = blank ? (size_t)(blank - key.p) : 0;
        if (n && field_of_name(slice_make(key.p, n)) >= 0) { /* "body contians" */
                case_unknown(r, "word after a field", slice_make(blank + 1, key.n - n - 1), after, 2);
                return;
        }
        n = 0;
        for (; n < KEYS; n++)
                names[n] = keys[n].key;
        names[n++] = "stored FIELD";
        for (int f = 0; f < FIELDS; f++)
                names[n++] = field_name((enum field)f);
        case_unknown(r, "expectation", key, names, n);
}

static struct case_expect *put(struct case_reader *r, enum expect_what what, struct slice text)
{
        struct policy_case *c = r->c;
        if (c->n_expects == CASE_EXPECTS_MAX) {
                if (!r->bad)
                        case_complain(r, r->line, NULL, "at most %d lines are expected", CASE_EXPECTS_MAX);
                return NULL;
        }
        c->expects[c->n_expects] = (struct case_expect){ .what = what, .text = text, .line = r->line };
        return &c->expects[c->n_expects++];
}

static bool next_word(struct slice *rest, struct slice *word)
{
        while (rest->n && (rest->p[0] == ' ' || rest->p[0] == ',' || rest->p[0] == '\t'))
                *rest = slice_make(rest->p + 1, rest->n - 1);
        size_t n = 0;
        while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != ',' && rest->p[n] != '\t')
                n++;
        *word = slice_make(rest->p, n);
        *rest = slice_make(rest->p + n, rest->n - n);
        return n > 0;
}

/* `eea.cfg:45`, `eea.cfg children`, `eea.cfg, children`, `children`. */
static void read_by(struct case_reader *r, struct slice value, struct case_expect *e)
{
        struct slice rest = value, word;
        while (next_word(&rest, &word)) {
                const char *end = memmem(word.p, word.n, ".cfg", 4);
                if (!end || e->file) {
                        e->text = slice_make(word.p, (size_t)(value.p + value.n - word.p));
                        return;
                }
                size_t n = (size_t)(end - word.p) + 4;
                e->file = case_string(r, slice_make(word.p, n));
                if (n < word.n && (word.p[n] != ':' || !text_int(&e->number, slice_make(word.p + n + 1, word.n - n - 1), 1, 1 << 30)))
                        case_complain(r, r->line, "Write file and line as eea.cfg:45.", "this is no line of a policy");
                e->text = SLICE("");
        }
        if (!value.n)
                case_complain(r, r->line, "Write by: eea.cfg:45, or by: eea.cfg children.", "\"by\" says nothing");
}

static const char *action_of(struct slice word)
{
        static const char *const words[][2] = { { "masked", "mask" }, { "dropped", "drop" }, { "discarded", "discard" },
                                                { "pseudonymised", "pseudonymise" }, { "generalised", "generalise" } };
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                for (int k = 0; k < 2; k++)
                        if (slice_eq_nocase(word, slice_of(words[i][k])))
                                return words[i][1];
        return NULL;
}

/* `email in body`, `email in body, masked 2`. */
static void read_redacted(struct case_reader *r, struct slice value, struct case_expect *e)
{
        struct slice rest = value, word;
        int f = -1;
        bool ok = next_word(&rest, &e->text) && next_word(&rest, &word) && slice_eq_nocase(word, SLICE("in")) &&
                  next_word(&rest, &word) && (f = field_of_name(case_lower(r, word))) >= 0;
        e->field = f >= 0 ? (enum field)f : FIELD_ID;
        while (ok && next_word(&rest, &word)) {
                const char *action = action_of(word);
                if (action)
                        e->file = action;
                else
                        ok = text_int(&e->number, word, 1, INT32_MAX);
        }
        if (!ok)
                case_complain(r, r->line, "Write what in which field, and how often if you like: email in body, masked 2.",
                              "this is not understood");
}

static void read_dropped(struct case_reader *r, struct slice value)
{
        struct slice rest = value, piece;
        while (next_piece(&rest, &piece)) {
                struct slice key = case_lower(r, piece), name = SLICE_NONE;
                int f = attribute_of(key, &name) ? FIELD_ATTRIBUTES : field_of_name(key);
                struct case_expect *e = f >= 0 ? put(r, EXPECT_DROPPED, SLICE("")) : NULL;
                if (f < 0)
                        unknown_field(r, key);
                if (!e)
                        return;
                e->field = (enum field)f;
                e->attribute = name;
        }
}

static void read_country(struct case_reader *r, enum expect_what what, struct slice value)
{
        struct slice rest = value, piece;
        while (next_piece(&rest, &piece)) {
                if (!place_is_known(piece))
                        case_complain(r, r->line, "Two capital letters, as JP.", "\"%.*s\" is no country that is known",
                                      (int)utf8_cut(piece, 40), piece.p);
                put(r, what, piece);
        }
}

/* A key that speaks of a field: `body`, `body contains`, `body lacks`, `stored body`. */
static bool read_of_field(struct case_reader *r, struct slice key, struct slice value)
{
        static const struct {
                const char *before, *after;
                enum expect_what what;
        } forms[] = { { "stored ", "", EXPECT_STORED }, { "", " contains", EXPECT_CONTAINS },
                      { "", " lacks", EXPECT_LACKS }, { "", "", EXPECT_FIELD } };
        for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
                size_t b = strlen(forms[i].before), a = strlen(forms[i].after);
                if (key.n <= a + b || memcmp(key.p, forms[i].before, b) != 0 ||
                    memcmp(key.p + key.n - a, forms[i].after, a) != 0)
                        continue;
                struct slice name = SLICE_NONE, field = slice_trim(slice_make(key.p + b, key.n - a - b));
                int f = attribute_of(field, &name) ? FIELD_ATTRIBUTES : field_of_name(field);
                struct case_expect *e = f >= 0 ? put(r, forms[i].what, value) : NULL;
                if (f < 0)
                        continue;
                if (r->c->verdict != CASE_GOES && forms[i].what != EXPECT_STORED)
                        case_complain(r, r->line, "Only of what goes can be said as what it leaves.",
                                      "nothing leaves of a record that is %s", case_verdict_name(r->c->verdict));
                if (e) {
                        e->field = (enum field)f;
                        e->attribute = name;
                        r->last = &e->text;
                }
                return true;
        }
        return false;
}

static void read_known(struct case_reader *r, int k, struct slice value)
{
        enum expect_what what = keys[k].what;
        struct case_expect *e;
        if (keys[k].leaving && r->c->verdict != CASE_GOES)
                case_complain(r, r->line, "Only of what goes can be said how it leaves.",
                              "\"%s\" means nothing where the record is %s", keys[k].key, case_verdict_name(r->c->verdict));
        if (what == EXPECT_DROPPED) {
                read_dropped(r, value);
        } else if (what == EXPECT_READABLE || what == EXPECT_NOT_READABLE) {
                read_country(r, what, value);
        } else if ((e = put(r, what, value))) {
                if (what == EXPECT_BY)
                        read_by(r, value, e);
                if (what == EXPECT_REDACTED)
                        read_redacted(r, value, e);
                if (what == EXPECT_PIECES && !text_int(&e->number, value, 0, INT32_MAX))
                        case_complain(r, r->line, "Write how many: 0, 1, 2.", "this is no number");
                if (what == EXPECT_SUBJECT && !slice_is(value, "pseudonym") && !slice_is(value, "none"))
                        case_complain(r, r->line, "Allowed: pseudonym, none.", "this is not what a subject can be");
                if (value.n == 0 && what != EXPECT_ONLY && what != EXPECT_BY)
                        case_complain(r, r->line, NULL, "\"%s\" says nothing", keys[k].key);
        }
}

void case_read_expect(struct case_reader *r, struct slice key, struct slice value)
{
        r->last = NULL;
        for (int k = 0; k < KEYS; k++)
                if (slice_is(key, keys[k].key)) {
                        read_known(r, k, value);
                        return;
                }
        if (!read_of_field(r, key, value))
                unknown_key(r, key);
}

/* What is kept back says by which line, else any accident would do. */
void case_finish_expects(struct case_reader *r)
{
        const struct policy_case *c = r->c;
        bool by = false;
        for (size_t i = 0; i < c->n_expects; i++) {
                by |= c->expects[i].what == EXPECT_BY;
                if (c->verdict == CASE_DISCARDED)
                        case_complain(r, c->expects[i].line, "A record that is discarded leaves nothing, at home either.",
                                      "nothing more can be expected");
        }
        if (!by && (c->verdict == CASE_HELD || c->verdict == CASE_STAYS))
                case_complain(r, c->verdict_line, "Write by: eea.cfg children, or by: eea.cfg:45.",
                              "by which line it is kept back is missing");
}
