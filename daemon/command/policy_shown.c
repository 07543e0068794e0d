/* policy_shown.c - one record explained on one screen, and the same for programs.
 *
 * What leaves is shown as it leaves; of what was found only its place, unless it is to be revealed. */
#include "policy_explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "leaving.h"
#include "policy_example.h"

enum { VALUE_MAX = 4 << 20, MARGIN = 34, MARGIN_MAX = 1024 };

enum paint { PLAIN, GOOD, WAITS, BAD, MASKED, DIM };
static void paint(const struct explain_shown *x, enum paint p)
{
        static const char *const codes[] = { "\033[0m", "\033[1;32m", "\033[1;33m", "\033[1;31m", "\033[1;36m", "\033[2m" };
        if (x->colour)
                fputs(codes[p], stdout);
}

static const char *decided(const struct explanation *e)
{
        return e->refused ? "refused" : decision_name(e->said.decision);
}

static bool print_line(const struct explained_line *by)
{
        if (by->line)
                printf("%s:%d", by->file, by->line);
        return by->line;
}

/* ---- The screen ------------------------------------------------------------------- */

static void show_head(const struct explain_shown *x)
{
        static const char *const words[] = { "GOES: it leaves as shown below", "HELD: a person looks first",
                                             "STAYS: it is kept at home only" };
        const struct explanation *e = x->said;
        char time[CLOCK_TEXT_MAX];
        if (x->region)
                printf("%s, ", x->region);
        printf("policy \"%s\" version %lld, on %.10s\n", x->policy, (long long)x->policy_version,
               clock_format_rfc3339(time, x->now_us));
        if (x->entry)
                printf("record %" PRIu64 "-%" PRIu64 " (%s) of %.*s, captured %s\n", x->entry->at.epoch, x->entry->at.seq,
                       x->entry->key, SLICE_ARG(x->entry->source), clock_format_rfc3339(time, x->entry->captured_us));
        paint(x, e->refused ? BAD : e->said.decision == DECISION_GO ? GOOD : e->said.decision == DECISION_HOLD ? WAITS : BAD);
        printf("%s", e->refused ? "REFUSED: nothing of it is stored" : words[e->said.decision]);
        paint(x, PLAIN);
        if (e->refused)
                printf("\n  %s\n", e->why.text);
        else
                printf("\n  by %s:%d %s%s%s\n", e->said.file, e->said.line, e->said.rule, *e->said.because ? ": " : "",
                       e->said.because);
        if (e->beside)
                printf("  under %s: another country's policy protects its author beside the region's\n", e->class);
        if (e->pieces)
                printf("  %u removed before anything is stored\n", (unsigned)e->pieces);
        if (!e->refused && e->said.decision == DECISION_GO)
                printf("  purpose %.*s; basis: %.*s; who spoke: %s; in the warehouse until %.10s\n", SLICE_ARG(e->left.purpose),
                       SLICE_ARG(e->left.basis), e->left.has_subject ? "a pseudonym" : "nothing leaves",
                       clock_format_rfc3339(time, e->left.expires_at_us));
}

static const char *means(const struct explained_field *f)
{
        static const char *const words[][2] = {
                { "keep", "leaves, but for what is found" }, { "clean", "leaves, but for what is found" },
                { "generalise", "leaves coarser: " },        { "pseudonymise", "a pseudonym or key leaves" },
                { "mask", "a mask leaves" },                 { "drop", "does not leave" },
                { "discard", "is not even stored" },
        };
        if (f->field == FIELD_ID && strcmp(f->action, "keep") != 0)
                return "does not leave; a keyed digest does";
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                if (strcmp(f->action, words[i][0]) == 0)
                        return words[i][1];
        return f->action;
}

/* "author.country", "attributes.browser". */
static void name_of(const struct explained_field *f, char out[64])
{
        if (f->attribute.p)
                snprintf(out, 64, "attributes.%.*s", (int)utf8_cut(f->attribute, 40), f->attribute.p);
        else
                snprintf(out, 64, "%s", field_name(f->field));
}

static void show_fields(const struct explain_shown *x)
{
        if (x->said->refused)
                return;
        printf(x->said->said.decision == DECISION_GO ? "\nField by field\n" : "\nField by field, were it to leave\n");
        for (size_t i = 0; i < x->said->n_fields; i++) {
                const struct explained_field *f = &x->said->fields[i];
                char name[64], what[64];
                name_of(f, name);
                snprintf(what, sizeof what, "%s%s", means(f), f->to);
                printf("  ");
                leaving_print(slice_of(name));
                printf("%*s %-34s ", strlen(name) < 18 ? (int)(18 - strlen(name)) : 0, "", what);
                paint(x, DIM);
                print_line(&f->by);
                printf("%s%s", *f->by.because ? " " : "", f->by.because);
                paint(x, PLAIN);
                putchar('\n');
        }
}

static void show_finds(const struct explain_shown *x)
{
        const struct explanation *e = x->said;
        if (e->n_finds)
                printf("\nFound (bytes of the field)\n");
        for (size_t i = 0; i < e->n_finds; i++) {
                const struct explained_find *f = &e->finds[i];
                struct slice text = explain_item(x->record, f->field, f->item);
                printf("  %s", field_name(f->field));
                if (f->item)
                        printf("[%zu]", f->item + 1);
                printf(" %u-%u: ", (unsigned)f->start, (unsigned)f->end);
                paint(x, MASKED);
                printf("%s", f->what);
                paint(x, PLAIN);
                printf(", %s  ", f->action);
                paint(x, DIM);
                printf("%s%s", print_line(&f->by) && *f->by.because ? " " : "", f->by.because);
                paint(x, PLAIN);
                if (x->reveal) {
                        printf("  \"");
                        leaving_print(slice_make(text.p + f->start, f->end - f->start));
                        putchar('"');
                }
                putchar('\n');
        }
        if (e->more_finds)
                printf("  and more, which are not listed\n");
}

/* ---- What leaves, with the reasons in the margin ----------------------------------- */

static void print_marked(const struct explain_shown *x, struct slice s, bool marks)
{
        size_t from = 0;
        for (size_t i = 0; marks && i < s.n; i++) {
                size_t n = s.p[i] == '[' ? example_mask_at(slice_make(s.p + i, s.n - i)) : 0;
                if (!n)
                        continue;
                leaving_print(slice_make(s.p + from, i - from));
                paint(x, MASKED);
                leaving_print(slice_make(s.p + i, n));
                paint(x, PLAIN);
                i += n - 1;
                from = i + 1;
        }
        leaving_print(slice_make(s.p + from, s.n - from));
}

/* In which line of the field each finding stands, for those of its first text; else SIZE_MAX. Findings
 * of a text are in order, so one walk does. NULL when memory is out: then no margin. */
static size_t *lines_of(const struct explain_shown *x, enum field f)
{
        const struct explanation *e = x->said;
        struct slice text = explain_item(x->record, f, 0);
        size_t *lines = malloc((e->n_finds + 1) * sizeof *lines);
        for (size_t i = 0, at = 0, line = 0; lines && i < e->n_finds; i++) {
                const struct explained_find *find = &e->finds[i];
                lines[i] = SIZE_MAX;
                if (find->field != f || find->item)
                        continue;
                for (; at < find->start && at < text.n; at++)
                        line += text.p[at] == '\n';
                lines[i] = line;
        }
        return lines;
}

/* Why something was taken out of the line: each reason once. */
static void margin_of(const struct explain_shown *x, const size_t *lines, size_t line, char out[MARGIN_MAX])
{
        out[0] = 0;
        for (size_t i = 0; lines && i < x->said->n_finds; i++) {
                const struct explained_find *find = &x->said->finds[i];
                char why[512];
                if (lines[i] != line)
                        continue;
                if (find->by.line)
                        snprintf(why, sizeof why, "%s:%d%s%s", find->by.file, find->by.line, *find->by.because ? " " : "",
                                 find->by.because);
                else
                        snprintf(why, sizeof why, "%s", find->by.because);
                if (!strstr(out, why) && strlen(out) + strlen(why) + 3 < MARGIN_MAX)
                        snprintf(out + strlen(out), MARGIN_MAX - strlen(out), "%s%s", *out ? "; " : "", why);
        }
}

/* Prints as much of the margin as fits a line; what is left. Breaks at blanks. */
static const char *print_margin(const struct explain_shown *x, const char *rest)
{
        size_t n = strlen(rest), cut = n;
        if (n > MARGIN)
                for (cut = MARGIN; cut > 0 && rest[cut] != ' ';)
                        cut--;
        if (cut == 0)
                cut = utf8_cut(slice_of(rest), MARGIN);
        paint(x, DIM);
        printf("  %.*s", (int)cut, rest);
        paint(x, PLAIN);
        printf("%*s | ", (int)(cut < MARGIN ? MARGIN - cut : 0), "");
        rest += cut;
        return *rest == ' ' ? rest + 1 : rest;
}

static void show_text(const struct explain_shown *x, enum field f, struct slice text)
{
        const char *name = field_name(f);
        char margin[MARGIN_MAX];
        bool first = true;
        size_t line = 0, *lines = lines_of(x, f);
        do {
                const char *end = text.n ? memchr(text.p, '\n', text.n) : NULL;
                size_t n = end ? (size_t)(end - text.p) : text.n;
                margin_of(x, lines, line++, margin);
                const char *rest = print_margin(x, margin);
                printf("%-16s ", first ? name : "");
                print_marked(x, slice_make(text.p, n), true);
                putchar('\n');
                while (*rest) {
                        rest = print_margin(x, rest);
                        putchar('\n');
                }
                first = false;
                text = end ? slice_make(end + 1, text.n - n - 1) : SLICE_NONE;
        } while (text.p);
        free(lines);
}

static void show_leaving(const struct explain_shown *x)
{
        struct buf value;
        if (x->said->refused || x->said->said.decision != DECISION_GO)
                return;
        printf("\nAs it would leave\n");
        buf_init(&value, VALUE_MAX);
        for (int f = 0; f < FIELDS; f++)
                if (f != FIELD_KIND && explain_left(&x->said->left, (enum field)f, SLICE_NONE, &value))
                        show_text(x, (enum field)f, buf_slice(&value));
        buf_clear(&value);
}

static const char *public_note(const struct explain_shown *x)
{
        if (x->said->public_words)
                return "Its url is one of the public web: whoever has these words can search for them there and find who wrote "
                       "them, whatever is masked here.";
        return x->pasted ? "If this post stands on the public web, its words can be searched for there, whatever is masked here."
                         : NULL;
}

static void show_question(const struct question *q)
{
        unsigned long long n = q->ceiling;
        printf("  %s:%d ", q->file, q->at_line);
        if (q->of == QUESTION_GROUP)
                printf("fewer than %llu people who share it would leave less of it\n", n);
        else if (q->of == QUESTION_FIRST)
                printf("on which day the first transfer by this line was, from which its filing is due\n");
        else
                printf("counted against %llu %s, unless it was counted already\n", n,
                       q->of == QUESTION_RECORDS ? "records" : "people");
}

/* What only the agent can look up. A record that goes and is not sensitive was asked about, and is not
 * counted. */
static void show_asked(const struct explain_shown *x)
{
        const struct explanation *e = x->said;
        bool any = false;
        for (size_t i = 0; i < e->asked.n && !e->refused; i++) {
                const struct question *q = &e->asked.of[i];
                bool counter = q->of == QUESTION_PEOPLE || q->of == QUESTION_RECORDS;
                if (q->coarser || (counter && e->said.decision == DECISION_GO && !(e->said.counts >> i & 1)))
                        continue;
                printf("%s", any ? "" : "\nAt the agent, and not here\n");
                any = true;
                show_question(q);
        }
        if (x->people_unknown && !e->refused)
                printf("%s  whoever wrote in the region before is masked where these words name him\n",
                       any ? "" : "\nAt the agent, and not here\n");
}

void explain_show(const struct explain_shown *x)
{
        const char *note = public_note(x);
        show_head(x);
        show_leaving(x);
        show_finds(x);
        show_fields(x);
        show_asked(x);
        if (note)
                printf("\nNote: %s\n", note);
}

/* ---- For programs ------------------------------------------------------------------ */

static void json_by(struct json_out *o, const struct explained_line *by)
{
        json_put_text(o, "file", by->line ? by->file : NULL);
        json_put_int(o, "line", by->line);
        json_put_text(o, "because", by->because);
}

static void json_fields(struct json_out *o, const struct explanation *e)
{
        json_open(o, "fields", '[');
        for (size_t i = 0; i < e->n_fields; i++) {
                const struct explained_field *f = &e->fields[i];
                json_open(o, NULL, '{');
                json_put_text(o, "field", field_name(f->field));
                if (f->attribute.p)
                        json_put_string(o, "attribute", f->attribute);
                json_put_text(o, "action", f->action);
                if (*f->to)
                        json_put_text(o, "to", f->to);
                json_by(o, &f->by);
                json_close(o, '}');
        }
        json_close(o, ']');
}

static void json_finds(struct json_out *o, const struct explain_shown *x)
{
        json_open(o, "found", '[');
        for (size_t i = 0; i < x->said->n_finds; i++) {
                const struct explained_find *f = &x->said->finds[i];
                struct slice text = explain_item(x->record, f->field, f->item);
                json_open(o, NULL, '{');
                json_put_text(o, "field", field_name(f->field));
                json_put_uint(o, "item", f->item);
                json_put_uint(o, "start", f->start);
                json_put_uint(o, "end", f->end);
                json_put_text(o, "what", f->what);
                json_put_text(o, "action", f->action);
                if (x->reveal)
                        json_put_string(o, "value", slice_make(text.p + f->start, f->end - f->start));
                json_by(o, &f->by);
                json_close(o, '}');
        }
        json_close(o, ']');
}

static void json_asked(struct json_out *o, const struct explanation *e)
{
        static const char *const what[] = { [QUESTION_PEOPLE] = "people", [QUESTION_RECORDS] = "records", [QUESTION_GROUP] = "group",
                                            [QUESTION_FIRST] = "first transfer" };
        json_open(o, "asked", '[');
        for (size_t i = 0; i < e->asked.n && !e->refused; i++) {
                const struct question *q = &e->asked.of[i];
                json_open(o, NULL, '{');
                json_put_text(o, "of", what[q->of]);
                json_put_bool(o, "coarser", q->coarser);
                json_put_uint(o, "ceiling", q->ceiling);
                json_put_text(o, "file", q->file);
                json_put_int(o, "line", q->at_line);
                json_close(o, '}');
        }
        json_close(o, ']');
}

static void json_leaving(struct json_out *o, const struct explanation *e)
{
        struct buf value;
        buf_init(&value, VALUE_MAX);
        json_open(o, "leaves", '{');
        for (int f = 0; f < FIELDS; f++)
                if (explain_left(&e->left, (enum field)f, SLICE_NONE, &value))
                        json_put_string(o, field_name((enum field)f), buf_slice(&value));
        json_close(o, '}');
        json_put_text(o, "subject", e->left.has_subject ? "pseudonym" : "none");
        json_put_string(o, "purpose", e->left.purpose);
        json_put_string(o, "basis", e->left.basis);
        json_put_time(o, "expires_at", e->left.expires_at_us);
        buf_clear(&value);
}

void explain_json(const struct explain_shown *x)
{
        const struct explanation *e = x->said;
        const char *note = public_note(x);
        struct json_out o;
        struct buf b;
        buf_init(&b, 32 << 20);
        json_out_init(&o, &b);
        json_open(&o, NULL, '{');
        json_put_int(&o, "version", 1);
        json_put_text(&o, "region", x->region);
        json_put_text(&o, "policy", x->policy);
        json_put_int(&o, "policy_version", x->policy_version);
        json_put_time(&o, "now", x->now_us);
        if (x->entry) {
                char place[48];
                snprintf(place, sizeof place, "%" PRIu64 "-%" PRIu64, x->entry->at.epoch, x->entry->at.seq);
                json_put_text(&o, "record", place);
                json_put_text(&o, "record_key", x->entry->key);
                json_put_string(&o, "source", x->entry->source);
                json_put_time(&o, "captured_at", x->entry->captured_us);
        }
        json_put_text(&o, "decision", decided(e));
        json_put_text(&o, "class", e->class);
        if (e->refused) {
                json_put_text(&o, "why", e->why.text);
        } else {
                json_put_text(&o, "file", e->said.file);
                json_put_int(&o, "line", e->said.line);
                json_put_text(&o, "rule", e->said.rule);
                json_put_text(&o, "because", e->said.because);
        }
        json_put_uint(&o, "pieces_discarded", e->pieces);
        json_fields(&o, e);
        json_finds(&o, x);
        json_asked(&o, e);
        json_put_bool(&o, "people_known", !x->people_unknown);
        if (!e->refused && e->said.decision == DECISION_GO)
                json_leaving(&o, e);
        json_put_bool(&o, "more_found", e->more_finds);
        json_put_bool(&o, "public_words", e->public_words);
        json_put_text(&o, "note", note);
        json_close(&o, '}');
        printf("%s\n", b.p ? b.p : "");
        buf_clear(&b);
}
