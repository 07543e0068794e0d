/* policy_difftold.c - what came of a comparison: for people, for a merge request, for programs. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "leaving.h"
#include "policy_diff.h"

/* By which records, in words. */
static void say_by_what(const struct diffing *x, char out[256])
{
        char from[CLOCK_TEXT_MAX], to[CLOCK_TEXT_MAX];
        if (!x->against)
                snprintf(out, 256, "%zu records", x->n_records);
        else
                snprintf(out, 256, "%zu records of %s, captured %s%.20s to %s", x->n_records, x->d.region,
                         x->from_us == INT64_MIN ? "up" : "from ",
                         x->from_us == INT64_MIN ? "" : clock_format_rfc3339(from, x->from_us / US_PER_SECOND * US_PER_SECOND),
                         x->to_us == INT64_MAX ? "now" : clock_format_rfc3339(to, x->to_us / US_PER_SECOND * US_PER_SECOND));
}

static long long version_of(const struct diff_side *s)
{
        return s->book.book ? (long long)book_version(s->book.book) : 0;
}

/* ---- For people ---------------------------------------------------------------------------- */

static void text_sources(const struct diff_note *n)
{
        for (size_t i = 0; i < n->n_sources; i++)
                printf("%s%s %zu", i ? ", " : " (", n->sources[i].name, n->sources[i].count);
        if (n->other_sources)
                printf(", others %zu", n->other_sources);
        if (n->n_sources)
                putchar(')');
}

static void text_note(const struct diffing *x, const struct diff_note *n)
{
        printf(*n->example ? "  %zu x " : "  ", n->count);
        leaving_print(slice_of(n->text));
        if (*n->example) {
                printf("\n      as in ");
                leaving_print(slice_of(n->example));
                if (x->against)
                        text_sources(n);
        }
        putchar('\n');
        for (size_t i = 0; i < n->n_samples; i++) {
                printf("      | ");
                leaving_print(slice_of(n->samples[i]));
                putchar('\n');
        }
}

void diff_tell_text(const struct diffing *x)
{
        char by[256];
        say_by_what(x, by);
        printf("%s version %lld (%s) -> %s version %lld (%s); %s\n", x->before.name, version_of(&x->before), x->before.label,
               x->after.name, version_of(&x->after), x->after.label, by);
        if (x->n_unread)
                printf("%zu could not be read.\n", x->n_unread);
        for (int d = 0; d < DIFFERS; d++) {
                bool any = false;
                for (size_t i = 0; i < x->n_notes; i++) {
                        if ((int)x->notes[i].differ != d)
                                continue;
                        if (!any)
                                printf("\n%s (%zu records)\n", differ_name(x->notes[i].differ), x->per_class[d]);
                        any = true;
                        text_note(x, &x->notes[i]);
                }
        }
        if (x->n_notes == 0)
                printf("No difference%s.\n", x->records || x->against ? " for these records, nor for places and readers"
                                                                      : " that a case shows, nor for places and readers");
        if (x->overfull)
                printf("There are more differences than are told here.\n");
}

/* ---- For a merge request -------------------------------------------------------------------- */

/* One cell of a table: nothing in it is a mark. */
static void cell(const char *s)
{
        for (; *s; s++) {
                unsigned char c = (unsigned char)*s;
                if (strchr("|`*_<>[]\\#~", c) && c)
                        printf("\\%c", c);
                else
                        putchar(c < ' ' || c == 0x7f ? ' ' : c);
        }
}

static void markdown_note(const struct diff_note *n)
{
        if (*n->example)
                printf("| %zu | ", n->count);
        else
                printf("| | ");
        cell(n->text);
        for (size_t i = 0; i < n->n_samples; i++) {
                printf("<br>");
                cell(n->samples[i]);
        }
        printf(" | ");
        for (size_t i = 0; i < n->n_sources; i++)
                printf("%s%s %zu", i ? ", " : "", n->sources[i].name, n->sources[i].count);
        if (n->other_sources)
                printf(", others %zu", n->other_sources);
        printf(" | ");
        cell(n->example);
        printf(" |\n");
}

void diff_tell_markdown(const struct diffing *x)
{
        static const char *const heads[DIFFERS] = { "Newly leaves", "Newly stops", "Otherwise" };
        char by[256];
        say_by_what(x, by);
        printf("### Policy `%s`: version %lld → %lld\n\n", x->after.name, version_of(&x->before), version_of(&x->after));
        printf("From ");
        cell(x->before.label);
        printf(" to ");
        cell(x->after.label);
        printf("; %s. %s\n", by, diff_leaves(x)   ? "**Something leaves that did not leave before.**"
                                 : x->n_notes ? "Nothing leaves that did not leave before."
                                              : "No difference.");
        for (int d = 0; d < DIFFERS; d++) {
                bool any = false;
                for (size_t i = 0; i < x->n_notes; i++) {
                        if ((int)x->notes[i].differ != d)
                                continue;
                        if (!any)
                                printf("\n#### %s (%zu records)\n\n| Records | What | Sources | As in |\n|---:|---|---|---|\n", heads[d],
                                       x->per_class[d]);
                        any = true;
                        markdown_note(&x->notes[i]);
                }
        }
        if (x->n_unread)
                printf("\n%zu records could not be read.\n", x->n_unread);
        if (x->overfull)
                printf("\nThere are more differences than are told here.\n");
        putchar('\n');
}

/* ---- For programs ----------------------------------------------------------------------------- */

static void json_side(struct json_out *o, const char *key, const struct diff_side *s)
{
        json_open(o, key, '{');
        json_put_text(o, "policy", s->name);
        json_put_text(o, "folder", s->folder);
        json_put_text(o, "from", s->label);
        json_put_int(o, "version", version_of(s));
        json_close(o, '}');
}

static void json_note(struct json_out *o, const struct diff_note *n)
{
        json_open(o, NULL, '{');
        json_put_text(o, "text", n->text);
        json_put_uint(o, "count", n->count);
        json_put_text(o, "example", *n->example ? n->example : NULL);
        json_open(o, "sources", '{');
        for (size_t i = 0; i < n->n_sources; i++)
                json_put_uint(o, n->sources[i].name, n->sources[i].count);
        json_close(o, '}');
        json_put_uint(o, "other_sources", n->other_sources);
        json_open(o, "samples", '[');
        for (size_t i = 0; i < n->n_samples; i++)
                json_put_text(o, NULL, n->samples[i]);
        json_close(o, ']');
        json_close(o, '}');
}

void diff_tell_json(const struct diffing *x, struct json_out *o)
{
        static const char *const keys[DIFFERS] = { "newly_leaves", "newly_stops", "otherwise" };
        json_open(o, NULL, '{');
        json_put_int(o, "version", 1);
        json_side(o, "old", &x->before);
        json_side(o, "new", &x->after);
        json_put_text(o, "region", x->d.region);
        json_put_text(o, "against", x->against);
        json_put_uint(o, "records", x->n_records);
        json_put_uint(o, "unread", x->n_unread);
        json_put_bool(o, "more", x->overfull);
        for (int d = 0; d < DIFFERS; d++) {
                json_open(o, keys[d], '{');
                json_put_uint(o, "records", x->per_class[d]);
                json_open(o, "what", '[');
                for (size_t i = 0; i < x->n_notes; i++)
                        if ((int)x->notes[i].differ == d)
                                json_note(o, &x->notes[i]);
                json_close(o, ']');
                json_close(o, '}');
        }
        json_close(o, '}');
}
