/* cases.c - reads a case file: head, "comes in", and the heading that says what is expected.
 *
 * Lines are `key: value`; `| text` goes on with the value above on a new line; `#` begins a comment.
 * Blanks around keys and values do not count, nor capitals in keys, nor how an editor ends lines; a
 * full-width colon and blanks that do not break are as good. In values all is content.        */
#include "policy/cases.h"

#include <stdio.h>

#include "base/text.h"
#include "case_reader.h"

const char *case_verdict_name(enum case_verdict v)
{
        static const char *const names[] = { "goes", "held", "stays", "discarded" };
        return (unsigned)v < CASE_VERDICTS ? names[v] : "";
}

void case_complain(struct case_reader *r, int line, const char *hint, const char *fmt, ...)
{
        char text[400];
        va_list args;
        va_start(args, fmt);
        vsnprintf(text, sizeof text, fmt, args);
        va_end(args);
        r->bad = true;
        report_add(r->report, REPORT_ERROR, r->c->file, line, 0, hint, "%s", text);
}

void case_unknown(struct case_reader *r, const char *what, struct slice got, const char *const *names, size_t n)
{
        char name[41], hint[400] = "It may be ";
        snprintf(name, sizeof name, "%.*s", (int)utf8_cut(got, 40), got.p ? got.p : "");
        const char *near = text_nearest(name, names, n);
        if (near) {
                snprintf(hint, sizeof hint, "Did you mean \"%s\"?", near);
        } else {
                for (size_t i = 0; i < n; i++)
                        snprintf(hint + strlen(hint), sizeof hint - strlen(hint), "%s%s", i ? ", " : "", names[i]);
                snprintf(hint + strlen(hint), sizeof hint - strlen(hint), ".");
        }
        case_complain(r, r->line, hint, "unknown %s \"%s\"", what, name);
}

struct slice case_lower(struct case_reader *r, struct slice s)
{
        struct slice out = text_lower(r->arena, s);
        r->full |= !out.p;
        return out.p ? out : SLICE("");
}

const char *case_string(struct case_reader *r, struct slice s)
{
        const char *out = arena_string(r->arena, s);
        r->full |= !out;
        return out ? out : "";
}

/* ---- The head -------------------------------------------------------------------- */

static bool read_day(struct case_reader *r, struct slice value, int64_t *out)
{
        if (clock_parse_rfc3339(out, value))
                return true;
        if (clock_parse_date(out, value)) {
                *out += 12 * US_PER_HOUR;
                return true;
        }
        case_complain(r, r->line, "Write the day as 2026-11-23, or with its time as 2026-11-23T09:30:00Z.",
                      "this is no date");
        return false;
}

static void put_place(struct case_reader *r, enum place_what what, struct slice code)
{
        char upper[16] = "";
        for (size_t i = 0; i < code.n && i < sizeof upper - 1; i++)
                upper[i] = (char)(code.p[i] >= 'a' && code.p[i] <= 'z' ? code.p[i] - 32 : code.p[i]);
        struct slice known = slice_of(upper);
        if (code.n >= sizeof upper || !place_is_known(known)) {
                case_complain(r, r->line, "Write a country's two letters, as JP, or EEA.", "\"%.*s\" is no place of law",
                              (int)utf8_cut(code, 40), code.p);
                return;
        }
        struct hub *h = &r->c->hub;
        if (h->n_places == CASE_PLACES_MAX) {
                case_complain(r, r->line, NULL, "at most %d places are allowed", CASE_PLACES_MAX);
                return;
        }
        h->places[h->n_places++] = (struct hub_place){ .what = (int)what, .name = place_what_name(what),
                                                      .jurisdiction = case_string(r, known) };
}

static void read_name(struct case_reader *r, struct slice value, const char **out)
{
        if (!text_is_name(value))
                case_complain(r, r->line, "Write its file's name without .cfg.", "\"%.*s\" is no name of a file",
                              (int)utf8_cut(value, 40), value.p);
        *out = case_string(r, value);
}

enum head { HEAD_CASE, HEAD_POLICY, HEAD_REGION, HEAD_DATE, HEAD_CAPTURED, HEAD_SOURCE, HEAD_COUNTED,
            HEAD_GROUP, HEAD_FIRST, HEAD_KNOWN, HEAD_HUB, HEAD_KAFKA, HEAD_WAREHOUSE, HEAD_MIRROR, HEAD_REPLICA, HEADS };
static const char *const heads[HEADS] = { "case", "policy", "region", "date", "captured", "source", "counted",
                                          "group", "first transfer", "known", "hub", "kafka", "warehouse", "mirror", "replica" };

static void read_source(struct case_reader *r, struct slice value)
{
        if (!text_is_name(value))
                case_complain(r, r->line, "Small letters, digits and -, at most 32.", "this is no name of a source");
        r->c->source = value;
}

/* "99999", also as "99,999". */
static bool read_number(struct slice value, uint64_t *out)
{
        char digits[20];
        size_t n = 0;
        int64_t v;
        for (size_t i = 0; i < value.n; i++) {
                if (value.p[i] == ',' && i > 0 && (value.n - i) % 4 == 0)
                        continue;
                if (n == sizeof digits)
                        return false;
                digits[n++] = value.p[i];
        }
        if (!text_int(&v, slice_make(digits, n), 0, INT64_MAX))
                return false;
        *out = (uint64_t)v;
        return true;
}

static void read_counted(struct case_reader *r, struct slice value)
{
        if (!read_number(value, &r->c->assumed.counted))
                case_complain(r, r->line, "Write how many people are counted already, as 99999.",
                              "this is no number of people");
}

/* "3", or "3, 12": with how many share it once it is coarser. */
static void read_group(struct case_reader *r, struct slice value)
{
        struct assumed *as = &r->c->assumed;
        size_t at = 0;
        while (at < value.n && value.p[at] != ',')
                at++;
        bool ok = read_number(slice_trim(slice_make(value.p, at)), &as->group);
        as->coarser = as->group;
        if (ok && at < value.n)
                ok = read_number(slice_trim(slice_make(value.p + at + 1, value.n - at - 1)), &as->coarser);
        if (!ok)
                case_complain(r, r->line,
                              "Write how many people share it, as 3; or with how many share it once it is coarser, as 3, 12.",
                              "this is no number of people");
}

/* "61 days ago" */
static void read_days_ago(struct case_reader *r, struct slice value, int64_t *days)
{
        size_t digits = 0;
        while (digits < value.n && value.p[digits] >= '0' && value.p[digits] <= '9')
                digits++;
        struct slice rest = slice_trim(slice_make(value.p + digits, value.n - digits));
        if (!text_int(days, slice_make(value.p, digits), 0, 36500) || !(slice_is(rest, "days ago") || slice_is(rest, "day ago")))
                case_complain(r, r->line, "Write when the first record left by the line, as: 61 days ago.",
                              "this is no number of days");
}

static void read_head(struct case_reader *r, struct slice key, struct slice value)
{
        int h = 0;
        while (h < HEADS && !slice_is(key, heads[h]))
                h++;
        if (h == HEADS) {
                case_unknown(r, "key", key, heads, HEADS);
                return;
        }
        if (h <= HEAD_KNOWN && r->seen_head >> h & 1)
                case_complain(r, r->line, "Leave one of the two.", "\"%s\" is there already", heads[h]);
        r->seen_head |= 1u << h;
        switch ((enum head)h) {
        case HEAD_CASE:
                r->c->title = case_string(r, value);
                break;
        case HEAD_POLICY:
                read_name(r, value, &r->c->policy);
                break;
        case HEAD_REGION:
                read_name(r, value, &r->c->region);
                break;
        case HEAD_DATE:
                read_day(r, value, &r->c->now_us);
                break;
        case HEAD_CAPTURED:
                read_day(r, value, &r->c->captured_us);
                break;
        case HEAD_SOURCE:
                read_source(r, value);
                break;
        case HEAD_HUB:
                put_place(r, PLACE_KAFKA, value);
                put_place(r, PLACE_WAREHOUSE, value);
                break;
        case HEAD_KAFKA:
                put_place(r, PLACE_KAFKA, value);
                break;
        case HEAD_WAREHOUSE:
                put_place(r, PLACE_WAREHOUSE, value);
                break;
        case HEAD_MIRROR:
                put_place(r, PLACE_MIRROR, value);
                break;
        case HEAD_REPLICA:
                put_place(r, PLACE_REPLICA, value);
                break;
        case HEAD_COUNTED:
                read_counted(r, value);
                break;
        case HEAD_KNOWN:
                if (value.n == 0)
                        case_complain(r, r->line, "Write who wrote in the region before: Li Wei, @li-wei.", "\"known\" says nothing");
                r->c->assumed.known = value;
                break;
        case HEAD_FIRST:
                read_days_ago(r, value, &r->c->assumed.first_days);
                break;
        case HEAD_GROUP:
                read_group(r, value);
                break;
        case HEADS:
                break;
        }
}

/* ---- Lines ----------------------------------------------------------------------- */

/* Without blanks, also those that do not break (U+00A0), and full-width ones (U+3000). */
static struct slice strip(struct slice s)
{
        for (;;) {
                struct slice before = s = slice_trim(s);
                if (s.n >= 2 && memcmp(s.p, "\xc2\xa0", 2) == 0)
                        s = slice_make(s.p + 2, s.n - 2);
                if (s.n >= 2 && memcmp(s.p + s.n - 2, "\xc2\xa0", 2) == 0)
                        s.n -= 2;
                if (s.n >= 3 && memcmp(s.p, "\xe3\x80\x80", 3) == 0)
                        s = slice_make(s.p + 3, s.n - 3);
                if (s.n == before.n)
                        return s;
        }
}

/* At the first colon, be it full-width. */
static bool split(struct slice line, struct slice *key, struct slice *value)
{
        for (size_t i = 0; i < line.n; i++) {
                size_t n = line.p[i] == ':' ? 1 : line.n - i >= 3 && memcmp(line.p + i, "\xef\xbc\x9a", 3) == 0 ? 3 : 0;
                if (!n)
                        continue;
                *key = strip(slice_make(line.p, i));
                *value = strip(slice_make(line.p + i + n, line.n - i - n));
                return true;
        }
        return false;
}

static const char *const headings[] = { "comes in", "goes", "held", "stays", "discarded" };
enum { HEADINGS = sizeof headings / sizeof *headings };

/* The heading that the line is; -1: none. */
static int heading_of(struct slice line)
{
        struct slice key, value;
        if (split(line, &key, &value)) {
                if (value.n)
                        return -1;
                line = key;
        }
        for (int i = 0; i < HEADINGS; i++)
                if (slice_eq_nocase(line, slice_of(headings[i])))
                        return i;
        return -1;
}

static void turn(struct case_reader *r, int heading)
{
        r->last = NULL;
        if (heading == 0) {
                if (r->part != PART_HEAD)
                        case_complain(r, r->line, "A file holds one case: put the second into a file of its own.",
                                      "\"comes in\" is there already");
                r->part = PART_IN;
                r->c->record_line = r->line;
                return;
        }
        if (r->part == PART_HEAD)
                case_complain(r, r->line, "Say what comes in before what becomes of it.", "\"comes in\" is missing");
        if (r->part == PART_OUT)
                case_complain(r, r->line, "A record either goes, is held, stays or is discarded.",
                              "what is expected was said in line %d already", r->c->verdict_line);
        r->part = PART_OUT;
        r->c->verdict = (enum case_verdict)(heading - 1);
        r->c->verdict_line = r->line;
}

/* `| text`: the value above goes on. */
static void go_on(struct case_reader *r, struct slice more)
{
        if (!r->last) {
                case_complain(r, r->line, "A line that begins with | goes on with the value of the line above.",
                              "there is no value above that could go on");
                return;
        }
        char *out = arena_alloc(r->arena, r->last->n + more.n + 2);
        if (!out) {
                r->full = true;
                return;
        }
        memcpy(out, r->last->p, r->last->n);
        out[r->last->n] = '\n';
        memcpy(out + r->last->n + 1, more.p, more.n);
        *r->last = slice_make(out, r->last->n + 1 + more.n);
}

/* What looks like a heading is taken as one, so that what follows is told for what it is. */
static void no_key(struct case_reader *r, struct slice line)
{
        char start[41], hint[160];
        snprintf(start, sizeof start, "%.*s", (int)utf8_cut(line, 40), line.p);
        for (char *p = start; *p; p++)
                *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
        const char *near = text_nearest(start, headings, HEADINGS);
        if (near)
                snprintf(hint, sizeof hint, "Did you mean \"%s\"?", near);
        else
                snprintf(hint, sizeof hint, "Write \"key: value\", \"| text\" to go on with the line above, or a heading: "
                                            "comes in, goes, held, stays, discarded.");
        case_complain(r, r->line, hint, "this is neither \"key: value\" nor a heading");
        if (near)
                turn(r, heading_of(slice_of(near)));
}

static void read_line(struct case_reader *r, struct slice raw)
{
        struct slice line = strip(raw), key, value;
        int heading = heading_of(line);
        if (heading >= 0) {
                turn(r, heading);
        } else if (r->part == PART_IN && (r->json.n || (line.n && line.p[0] == '{' && !r->n_fields))) {
                const char *start = r->json.n ? r->json.p : line.p; /* up to the next heading */
                r->json = slice_make(start, (size_t)(raw.p + raw.n - start));
        } else if (line.n == 0 || line.p[0] == '#') {
                return;
        } else if (line.p[0] == '|') {
                struct slice more = slice_make(line.p + 1, line.n - 1);
                go_on(r, more.n && more.p[0] == ' ' ? slice_make(more.p + 1, more.n - 1) : more);
        } else if (r->part == PART_OUT && slice_eq_nocase(line, SLICE("nothing else"))) {
                case_read_expect(r, SLICE("nothing else"), SLICE(""));
        } else if (!split(line, &key, &value)) {
                no_key(r, line);
        } else if (r->part == PART_HEAD) {
                read_head(r, case_lower(r, key), value);
        } else if (r->part == PART_IN) {
                case_read_field(r, case_lower(r, key), value);
        } else {
                case_read_expect(r, case_lower(r, key), value);
        }
}

/* ---- The whole ------------------------------------------------------------------- */

static bool is_text(struct case_reader *r, struct slice *text)
{
        static const char hint[] = "Save it as plain text in UTF-8: in Word \"Plain Text\" and then Unicode (UTF-8), "
                                   "in Notepad \"Encoding: UTF-8\".";
        size_t bad = 0;
        if (text->n >= 3 && memcmp(text->p, "\xef\xbb\xbf", 3) == 0)
                *text = slice_make(text->p + 3, text->n - 3);
        if (text->n > CASE_BYTES_MAX)
                case_complain(r, 0, "Cases are short: cut the words to what matters.", "a case is 1 MiB at most");
        else if (text->n >= 2 && memcmp(text->p, "PK", 2) == 0)
                case_complain(r, 1, hint, "this is a Word document, no text");
        else if (!utf8_valid(*text, &bad) || memchr(text->p ? text->p : "", 0, text->n)) {
                int line = 1;
                for (size_t i = 0; i < bad; i++)
                        line += text->p[i] == '\n';
                case_complain(r, line, hint, "this is not in UTF-8");
        } else {
                return true;
        }
        return false;
}

static void finish(struct case_reader *r)
{
        struct policy_case *c = r->c;
        if (!c->policy && !c->region)
                case_complain(r, 1, "Write \"policy: eea\", or \"region: de-frankfurt\".", "no policy is named");
        if (c->policy && c->region)
                case_complain(r, 1, "A region names its policy itself.", "both a policy and a region are named");
        if (c->now_us == INT64_MIN)
                case_complain(r, 1, "Write \"date: 2026-11-23\": the day that counts as today, so that the case stays true.",
                              "\"date\" is missing");
        if (c->captured_us == INT64_MIN)
                c->captured_us = c->now_us;
        if (r->part == PART_HEAD)
                case_complain(r, 1, "Write \"comes in\" on a line of its own, and below it the record.",
                              "\"comes in\" is missing");
        else if (r->part == PART_IN)
                case_complain(r, c->record_line, "Write goes, held, stays or discarded on a line of its own.",
                              "what is expected is missing");
        if (r->part != PART_HEAD)
                case_finish_record(r);
        if (r->part == PART_OUT)
                case_finish_expects(r);
        bool kafka = false, warehouse = false;
        for (size_t i = 0; i < c->hub.n_places; i++) {
                kafka |= c->hub.places[i].what == PLACE_KAFKA;
                warehouse |= c->hub.places[i].what == PLACE_WAREHOUSE;
        }
        if (c->hub.n_places && !(kafka && warehouse))
                case_complain(r, 1, "Write \"hub: EEA\", or both \"kafka: ...\" and \"warehouse: ...\".",
                              "where the hub's %s is, is missing", kafka ? "warehouse" : "Kafka");
}

struct policy_case *case_parse(struct arena *a, const char *file, struct slice text, struct report *report)
{
        struct policy_case *c = ARENA_NEW(a, struct policy_case);
        struct case_reader r = { .c = c, .arena = a, .report = report };
        if (c) {
                *c = (struct policy_case){ .now_us = INT64_MIN, .captured_us = INT64_MIN, .assumed = ASSUMED_OPEN, .source = SLICE("case"), .title = "" };
                c->file = case_string(&r, slice_of(file));
        }
        struct slice own = c && is_text(&r, &text) ? arena_copy(a, text) : SLICE_NONE;
        r.full |= !c || (!r.bad && !own.p);
        for (size_t at = 0; own.p && at < own.n;) {
                const char *end = memchr(own.p + at, '\n', own.n - at);
                size_t n = end ? (size_t)(end - own.p) - at : own.n - at;
                r.line++;
                read_line(&r, slice_make(own.p + at, n));
                at += n + 1;
        }
        if (own.p && !r.full)
                finish(&r);
        if (r.full)
                report_add(report, REPORT_ERROR, file, 0, 0, NULL, "out of memory");
        return r.bad || r.full ? NULL : c;
}
