/* conf_syntax.c - the order of tokens: settings end with ';', members are parted by
 * ',', brackets fit. Complaints are told where they arise and the reading goes on,
 * at worst from the next `name =`. What libconfig is given has each token on its
 * line, no comments and no trailing commas. */
#include <stdio.h>
#include <stdlib.h>

#include "conf_pass.h"

enum { DEPTH_MAX = 32, SETTINGS_MAX = 2000 };

struct parser {
        struct conf_pass *pass;
        const struct token *first, *t; /* t: the one that is next */
        struct buf *out;
        int out_line;
        struct conf_places *places;
        char closers[DEPTH_MAX + 1]; /* what each open bracket waits for */
        int depth;                   /* 0 <= depth <= DEPTH_MAX */
        bool lost;  /* brackets may have been misread: do not count them */
        bool quiet; /* until the next setting: what is odd follows from what was told */
};

static void value(struct parser *p);
static void settings(struct parser *p, char closer, const struct token *opener);

static bool is(const struct token *t, char mark)
{
        return t->kind == TOKEN_MARK && t->mark == mark;
}

static bool opens(const struct token *t)
{
        return is(t, '(') || is(t, '[') || is(t, '{');
}

static bool closes(const struct token *t)
{
        return is(t, ')') || is(t, ']') || is(t, '}');
}

static bool scalar(const struct token *t)
{
        return t->kind == TOKEN_TEXT || t->kind == TOKEN_INT || t->kind == TOKEN_FLOAT ||
               t->kind == TOKEN_BOOL;
}

static bool begins_setting(const struct token *t)
{
        return (t->kind == TOKEN_NAME || t->kind == TOKEN_BOOL) && is(t + 1, '=');
}

/* The token's own text, or its mark, on its own line. */
static void emit(struct parser *p, const struct token *t)
{
        while (p->out_line < t->line) {
                buf_putc(p->out, '\n');
                p->out_line++;
        }
        buf_putc(p->out, ' ');
        if (t->kind == TOKEN_MARK)
                buf_putc(p->out, t->mark);
        else
                buf_put(p->out, t->text);
}

static void take(struct parser *p)
{
        emit(p, p->t++);
}

static void add_place(struct parser *p, const struct token *t)
{
        struct conf_places *all = p->places;
        if (all->n == all->cap) {
                size_t cap = all->cap ? all->cap * 2 : 64;
                struct place *grown = realloc(all->all, cap * sizeof *grown);
                if (!grown) {
                        pass_complain(p->pass, t->line, t->column, NULL, "no memory to read the file");
                        return;
                }
                all->all = grown;
                all->cap = cap;
        }
        all->all[all->n++] = (struct place){ t->line, t->column };
}

/* An unclosed text swallows the marks behind it; what is odd in its line is its fault. */
static bool torn_line(const struct parser *p, int line)
{
        const struct token *t = p->t;
        for (int i = 0; i < 64 && t->kind != TOKEN_END && t->line <= line; i++, t++)
                if (t->kind == TOKEN_TEXT && t->bad && t->line == line)
                        return true;
        return p->t > p->first && p->t[-1].bad;
}

static void complain(struct parser *p, int line, int column, const char *hint, const char *text)
{
        p->pass->errors++;
        if (!p->quiet && !torn_line(p, line))
                pass_complain(p->pass, line, column, hint, "%s", text);
}

/* After `t`, where something is missing. */
static void missing_after(struct parser *p, const struct token *t, const char *hint, const char *what)
{
        char text[60];
        snprintf(text, sizeof text, "%s is missing", what);
        complain(p, t->line, t->end_column, hint, text);
}

static void container(struct parser *p);

/* On to where reading makes sense again: the next `name =`, or the bracket that
 * closes where we are. Groups and lists on the way are read for their own errors. */
static void sync(struct parser *p)
{
        while (p->t->kind != TOKEN_END && !begins_setting(p->t) && !closes(p->t)) {
                if (opens(p->t))
                        container(p);
                else
                        p->t++;
        }
}

/* Is some bracket around us waiting for this closer? */
static bool awaited(const struct parser *p, char closer)
{
        for (int i = p->depth - 1; i > 0; i--)
                if (p->closers[i] == closer)
                        return true;
        return false;
}

/* At the end of a container: takes its closer, or says what is wrong with it. */
static void close_with(struct parser *p, char closer, const struct token *opener)
{
        char text[60], hint[100];
        if (is(p->t, closer)) {
                take(p);
                return;
        }
        p->pass->errors++;
        snprintf(hint, sizeof hint, "It is opened in line %d, column %d.", opener->line,
                 opener->column);
        if (p->t->kind == TOKEN_END && !p->lost) {
                snprintf(text, sizeof text, "\"%c\" is never closed with \"%c\"", opener->mark, closer);
                complain(p, opener->line, opener->column, NULL, text);
        } else if (!p->lost) {
                snprintf(text, sizeof text, "\"%c\" is missing before this", closer);
                complain(p, p->t->line, p->t->column, hint, text);
        }
        p->lost = p->quiet = true;
        if (closes(p->t) && !awaited(p, p->t->mark))
                p->t++; /* the wrong bracket for the right one */
}

static void check_array_member(struct parser *p, const struct token *member, enum token_kind first)
{
        if (opens(member))
                complain(p, member->line, member->column, "Write ( ) around groups and lists.",
                         "[ ] holds plain values only");
        else if (scalar(member) && member->kind != first && !member->bad)
                complain(p, member->line, member->column,
                         "Write all as texts, all as whole numbers or all with a point.",
                         "the values in [ ] are of different kinds");
}

/* What parts one member from the next; a trailing comma is dropped. */
static void comma(struct parser *p)
{
        const struct token *t = p->t;
        if (is(t, ',') && closes(t + 1)) {
                p->t++;
        } else if (is(t, ',')) {
                take(p);
        } else if (is(t, ';')) {
                complain(p, t->line, t->column, "Members are parted by commas.",
                         "a \";\" where a \",\" should stand");
                p->t++;
        } else if (t[-1].kind == TOKEN_TEXT && t->kind == TOKEN_TEXT) {
                complain(p, t->line, t->column, "Members are parted by commas: [\"one\", \"two\"].",
                         "a text follows another text");
        } else if (scalar(t) || opens(t)) {
                missing_after(p, t - 1, "Members are parted by commas.", "\",\"");
        }
}

/* The members of ( ) or [ ]. */
static void members(struct parser *p, char closer, const struct token *opener)
{
        enum token_kind first = p->t->kind;
        while (p->t->kind != TOKEN_END && !closes(p->t) && !begins_setting(p->t)) {
                const struct token *member = p->t;
                if (closer == ']')
                        check_array_member(p, member, first);
                add_place(p, member);
                value(p);
                if (p->t == member)
                        p->t++; /* nothing a value begins with: it was complained about */
                else
                        comma(p);
        }
        close_with(p, closer, opener);
}

/* ( ), [ ] or { } with p->t at the opening bracket. */
static void container(struct parser *p)
{
        const struct token *opener = p->t;
        char closer = opener->mark == '(' ? ')' : opener->mark == '[' ? ']' : '}';
        if (p->depth == DEPTH_MAX) {
                pass_complain(p->pass, opener->line, opener->column, NULL, "nested too deeply");
                p->lost = true;
                p->t++;
                return;
        }
        take(p);
        p->closers[++p->depth] = closer;
        if (closer == '}')
                settings(p, closer, opener);
        else
                members(p, closer, opener);
        p->depth--;
}

/* `do = mask;`, `title = EU and EEA;` */
static void bare_words(struct parser *p)
{
        const struct token *t = p->t;
        char hint[100] = "Put it into \"double quotes\".";
        struct slice w = t->text;
        bool yes = slice_eq_nocase(w, SLICE("yes")) || slice_eq_nocase(w, SLICE("on"));
        bool no = slice_eq_nocase(w, SLICE("no")) || slice_eq_nocase(w, SLICE("off"));
        if (yes || no)
                snprintf(hint, sizeof hint, "Write %s.", yes ? "true" : "false");
        else if (w.n < 60 && t[1].kind == TOKEN_MARK)
                snprintf(hint, sizeof hint, "Write \"%.*s\".", SLICE_ARG(w));
        if (!t->bad)
                complain(p, t->line, t->column, hint, "a text without quotes");
        do
                p->t++;
        while (p->t->line == t->line && (p->t->kind == TOKEN_NAME || scalar(p->t)) &&
               !begins_setting(p->t));
        p->quiet = true;
}

/* One value. Takes nothing, and complains, if none is there. */
static void value(struct parser *p)
{
        if (scalar(p->t))
                take(p);
        else if (opens(p->t))
                container(p);
        else if (p->t->kind == TOKEN_NAME && !begins_setting(p->t))
                bare_words(p);
        else
                missing_after(p, p->t - 1, NULL, "a value");
}

/* Two texts in a row: libconfig would silently make one of them. */
static void adjacent(struct parser *p)
{
        complain(p, p->t->line, p->t->column,
                 "For several texts write [\"one\", \"two\"]; a long text stands on one line.",
                 "a text follows another text");
        while (p->t->kind == TOKEN_TEXT)
                p->t++;
}

/* ';' at the end of a setting (',' is as good to libconfig); two are as one. */
static void end_of_setting(struct parser *p)
{
        const struct token *last = p->t - 1;
        if (last->kind == TOKEN_TEXT && p->t->kind == TOKEN_TEXT) {
                adjacent(p);
                last = p->t - 1;
        }
        if (is(p->t, ';') || is(p->t, ',')) {
                take(p);
                return;
        }
        bool ends = p->t->kind == TOKEN_END || closes(p->t) || begins_setting(p->t);
        if (ends || p->t->line > last->line)
                missing_after(p, last, "Each setting ends with a semicolon.", "\";\"");
        else
                complain(p, p->t->line, p->t->column, "Each setting ends with a semicolon.",
                         "this does not belong here, or \";\" is missing before it");
        if (p->t->kind != TOKEN_NAME)
                sync(p);
}

static void setting(struct parser *p)
{
        const struct token *name = p->t;
        p->quiet = false;
        if (name->kind == TOKEN_BOOL)
                complain(p, name->line, name->column, NULL, "a value stands where a name should");
        add_place(p, name);
        take(p);
        if (is(p->t, '=')) {
                take(p);
        } else {
                bool has_value = opens(p->t) || (scalar(p->t) && p->t->line == name->line);
                missing_after(p, name, "Write name = value;", has_value ? "\"=\"" : "\"=\" and a value");
                p->quiet = true;
                if (!has_value) {
                        sync(p);
                        return;
                }
        }
        const struct token *before = p->t;
        value(p);
        if (p->t != before || is(p->t, ';'))
                end_of_setting(p);
        else
                sync(p); /* `a = = 5;`, `a = }` */
}

static int by_name(const void *a, const void *b)
{
        const struct token *x = *(const struct token *const *)a, *y = *(const struct token *const *)b;
        int c = slice_compare(x->text, y->text);
        return c ? c : (x > y) - (x < y);
}

static void complain_of_twins(struct parser *p, const struct token **names, size_t n)
{
        qsort(names, n, sizeof *names, by_name);
        for (size_t i = 1; i < n; i++) {
                const struct token *t = names[i];
                char hint[100];
                if (!slice_eq(t->text, names[i - 1]->text))
                        continue;
                snprintf(hint, sizeof hint, "It stands in line %d too; only one can count.",
                         names[i - 1]->line);
                pass_complain(p->pass, t->line, t->column, hint, "\"%.*s\" is set twice",
                              t->text.n < 60 ? (int)t->text.n : 60, t->text.p);
        }
}

/* No setting begins here. */
static void unexpected(struct parser *p)
{
        const struct token *t = p->t;
        if (closes(t) && !p->lost)
                complain(p, t->line, t->column, NULL, "this bracket closes nothing");
        else if (!closes(t))
                complain(p, t->line, t->column, "Write name = value;", "a name should stand here");
        p->pass->errors++;
        p->t++;
        p->quiet = true;
        sync(p);
}

/* The settings of a group up to its '}', or of the file (closer 0). */
static void settings(struct parser *p, char closer, const struct token *opener)
{
        const struct token **names = malloc(SETTINGS_MAX * sizeof *names);
        size_t n = 0;
        while (names && p->t->kind != TOKEN_END && !(closer && closes(p->t))) {
                if (is(p->t, ';') && p->t > p->first) {
                        p->t++;
                } else if (p->t->kind != TOKEN_NAME && !begins_setting(p->t)) {
                        unexpected(p);
                } else if (n == SETTINGS_MAX) {
                        pass_complain(p->pass, p->t->line, p->t->column, NULL,
                                      "more than %d settings in a group", SETTINGS_MAX);
                        p->lost = true;
                        break;
                } else {
                        names[n++] = p->t;
                        setting(p);
                }
        }
        if (!names)
                pass_complain(p->pass, p->t->line, p->t->column, NULL, "no memory to read the file");
        else if (!p->lost)
                complain_of_twins(p, names, n);
        free(names);
        if (closer)
                close_with(p, closer, opener);
}

void conf_syntax(struct conf_pass *pass, const struct conf_tokens *tokens, struct buf *out,
                 struct conf_places *places)
{
        struct parser p = { .pass = pass, .first = tokens->all, .t = tokens->all, .out = out,
                            .out_line = 1, .places = places };
        settings(&p, 0, NULL);
        buf_putc(out, '\n');
        if (!buf_ok(out))
                pass_complain(pass, 0, 0, NULL, "the file is too large");
}
