/* conf_lex.c - a configuration file into tokens, with the places that libconfig does
 * not tell, and with a plain word for each thing that it calls "syntax error". */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "conf_pass.h"

struct lexer {
        struct conf_pass *pass;
        struct conf_tokens *out;
        struct slice s;
        size_t at;
        int line, column;
        bool failed; /* memory or a ceiling */
};

/* One slip of a keyboard, a thousand times: the first few are told, the others counted. */
static bool said_often(struct conf_pass *p, int line, const char *text)
{
        size_t n = utf8_cut(slice_of(text), sizeof p->told[0].text - 1);
        for (size_t i = 0; i < p->n_told; i++)
                if (slice_eq(slice_of(p->told[i].text), slice_make(text, n))) {
                        if (++p->told[i].n == SAID_MAX + 1)
                                p->told[i].line = line;
                        return p->told[i].n > SAID_MAX;
                }
        if (p->n_told < TOLD_MAX) {
                memcpy(p->told[p->n_told].text, text, n);
                p->told[p->n_told].text[n] = 0;
                p->told[p->n_told++].n = 1;
        }
        return false;
}

void pass_complain(struct conf_pass *p, int line, int column, const char *hint, const char *fmt, ...)
{
        char text[400];
        p->errors++;
        if (line > 0 && p->said_line == line && p->said_column == column)
                return;
        p->said_line = line;
        p->said_column = column;
        va_list args;
        va_start(args, fmt);
        vsnprintf(text, sizeof text, fmt, args);
        va_end(args);
        if (!said_often(p, line, text))
                report_add(p->report, REPORT_ERROR, p->file, line, column, hint, "%s", text);
}

void pass_sum_up(struct conf_pass *p)
{
        for (size_t i = 0; i < p->n_told; i++)
                if (p->told[i].n > SAID_MAX)
                        report_add(p->report, REPORT_ERROR, p->file, p->told[i].line, 0, NULL, "%s: %zu more of these from here on",
                                   p->told[i].text, p->told[i].n - SAID_MAX);
}

/* What keyboards and word processors write where the syntax wants ASCII. */
static const struct look_alike {
        const char *seen; /* UTF-8 */
        char meant;
} look_alikes[] = {
        { "“", '"' }, { "”", '"' }, { "„", '"' }, { "‟", '"' }, { "«", '"' }, { "»", '"' },
        { "＂", '"' }, { "「", '"' }, { "」", '"' }, { "‘", '"' }, { "’", '"' }, { "‚", '"' },
        { "；", ';' }, { "，", ',' }, { "、", ',' }, { "＝", '=' }, { "：", '=' }, { "（", '(' },
        { "）", ')' }, { "｛", '{' }, { "｝", '}' }, { "［", '[' }, { "］", ']' },
};

static const struct look_alike *look_alike_at(const struct lexer *l, size_t at)
{
        struct slice rest = slice_make(l->s.p + at, l->s.n - at);
        for (size_t i = 0; i < sizeof look_alikes / sizeof *look_alikes; i++)
                if (slice_starts(rest, slice_of(look_alikes[i].seen)))
                        return &look_alikes[i];
        return NULL;
}

static int peek(const struct lexer *l, size_t ahead)
{
        return l->at + ahead < l->s.n ? (unsigned char)l->s.p[l->at + ahead] : -1;
}

/* Over one character; CR LF and a lone CR end a line as LF does, so that nothing an
 * editor shows on a line of its own hides in a comment. */
static void step(struct lexer *l)
{
        char c = l->s.p[l->at];
        if (c == '\n' || c == '\r') {
                l->at += c == '\r' && peek(l, 1) == '\n' ? 2 : 1;
                l->line++;
                l->column = 1;
        } else {
                utf8_next(l->s, &l->at);
                l->column++;
        }
}

static bool at_line_end(const struct lexer *l)
{
        return l->at >= l->s.n || l->s.p[l->at] == '\n' || l->s.p[l->at] == '\r';
}

static struct token *add(struct lexer *l, enum token_kind kind, int line, int column,
                         struct slice text)
{
        struct conf_tokens *t = l->out;
        if (t->n == t->cap) {
                size_t cap = t->cap ? t->cap * 2 : 256;
                struct token *grown = t->n < TOKENS_MAX ? realloc(t->all, cap * sizeof *grown) : NULL;
                if (!grown) {
                        l->failed = true;
                        return NULL;
                }
                t->all = grown;
                t->cap = cap;
        }
        t->all[t->n] = (struct token){ .kind = kind, .line = line, .column = column,
                                       .end_column = l->column, .text = text };
        return &t->all[t->n++];
}

void conf_tokens_free(struct conf_tokens *t)
{
        free(t->all);
        t->all = NULL;
        t->n = t->cap = 0;
}

/* A comment's text, without its sign. */
static void note(struct lexer *l, struct slice comment, int line)
{
        static const char mark[] = "not yet:";
        const size_t n = sizeof mark - 1;
        comment = slice_trim(comment);
        if (comment.n < n || strncasecmp(comment.p, mark, n) != 0)
                return;
        struct slice text = slice_trim(slice_make(comment.p + n, comment.n - n));
        if (l->out->notes_n == NOTES_MAX) {
                l->failed = true;
                return;
        }
        struct conf_note *to = &l->out->notes[l->out->notes_n];
        to->text = arena_string(l->pass->arena, text);
        to->line = line;
        if (to->text)
                l->out->notes_n++;
        else
                l->failed = true;
}

static void line_comment(struct lexer *l, size_t sign)
{
        int line = l->line;
        size_t from = l->at + sign;
        while (!at_line_end(l))
                step(l);
        note(l, slice_make(l->s.p + from, l->at - from), line);
}

static void block_comment(struct lexer *l)
{
        int line = l->line, column = l->column;
        step(l);
        step(l);
        while (l->at < l->s.n && !(peek(l, 0) == '*' && peek(l, 1) == '/'))
                step(l);
        if (l->at >= l->s.n) {
                pass_complain(l->pass, line, column, "Close it with */, or begin each line with #.",
                              "a comment that begins with /* is not closed");
                return;
        }
        step(l);
        step(l);
}

/* Blanks and comments. NBSP and the ideographic space are blanks to whoever typed them. */
static void skip(struct lexer *l)
{
        while (l->at < l->s.n) {
                struct slice rest = slice_make(l->s.p + l->at, l->s.n - l->at);
                int c = peek(l, 0), next = peek(l, 1);
                if (c == ' ' || c == '\t' || c == '\n' || c == '\r' ||
                    slice_starts(rest, SLICE("\xc2\xa0")) ||
                    slice_starts(rest, SLICE("\xe3\x80\x80")))
                        step(l);
                else if (c == '#')
                        line_comment(l, 1);
                else if (c == '/' && next == '/')
                        line_comment(l, 2);
                else if (c == '/' && next == '*')
                        block_comment(l);
                else
                        return;
        }
}

/* The escapes that libconfig decodes and that cannot make bad UTF-8 or a NUL. */
static void escape(struct lexer *l, bool *bad)
{
        int c = peek(l, 1);
        if (c < 0 || !strchr("nrtf\\\"", c)) {
                pass_complain(l->pass, l->line, l->column,
                              c == 'u' || c == 'U' || c == 'x'
                                      ? "Write the character itself; the file is UTF-8."
                                      : "Known are \\n \\r \\t \\f \\\" and \\\\; write \\\\ for a "
                                        "backslash.",
                              "an escape that is not known here");
                *bad = true;
        }
        step(l);
        if (!at_line_end(l))
                step(l);
}

static void unclosed(struct lexer *l, int line, int column, int fancy_column)
{
        char hint[120];
        snprintf(hint, sizeof hint, "The quote in column %d is a typographic one; write \".",
                 fancy_column);
        pass_complain(l->pass, line, column,
                      fancy_column ? hint : "A text ends on the line it begins, with \".",
                      "a text is not closed");
}

static void text(struct lexer *l)
{
        int line = l->line, column = l->column, fancy_column = 0;
        size_t from = l->at;
        bool bad = false, closed = false;
        step(l);
        while (!at_line_end(l) && !closed) {
                int c = peek(l, 0);
                const struct look_alike *like = c >= 0x80 ? look_alike_at(l, l->at) : NULL;
                if (like && like->meant == '"')
                        fancy_column = l->column;
                if (c == '\\') {
                        escape(l, &bad);
                        continue;
                }
                closed = c == '"';
                if (c < 0x20 && c != '\t') {
                        pass_complain(l->pass, l->line, l->column, "Write \\n, \\r, \\t or nothing.",
                                      "a control character stands in a text");
                        bad = true;
                }
                step(l);
        }
        if (!closed)
                unclosed(l, line, column, fancy_column);
        struct token *t = add(l, TOKEN_TEXT, line, column, slice_make(l->s.p + from, l->at - from));
        if (t)
                t->bad = bad || !closed;
}

/* A text in quotes of another kind: told once, read as what it was meant to be. */
static void fancy_text(struct lexer *l)
{
        int line = l->line, column = l->column;
        bool apostrophe = peek(l, 0) == '\'';
        pass_complain(l->pass, line, column, "Texts stand in \"straight double quotes\".",
                      apostrophe ? "a single quote" : "a typographic quote");
        step(l);
        size_t from = l->at;
        for (bool closed = false; !at_line_end(l) && !closed; step(l)) {
                const struct look_alike *like = look_alike_at(l, l->at);
                closed = peek(l, 0) == (apostrophe ? '\'' : '"') || (like && like->meant == '"');
        }
        struct token *t = add(l, TOKEN_TEXT, line, column, slice_make(l->s.p + from, l->at - from));
        if (t)
                t->bad = true;
}

static bool is_letter(int c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(int c)
{
        return c >= '0' && c <= '9';
}

/* What belongs to a word or number, right or wrong; look-alikes of marks end it. */
static struct slice run_of_word(struct lexer *l)
{
        size_t from = l->at;
        while (l->at < l->s.n) {
                int c = peek(l, 0);
                bool foreign = c >= 0x80 && !look_alike_at(l, l->at) &&
                               !slice_starts(slice_make(l->s.p + l->at, l->s.n - l->at),
                                             SLICE("\xc2\xa0")) &&
                               !slice_starts(slice_make(l->s.p + l->at, l->s.n - l->at),
                                             SLICE("\xe3\x80\x80"));
                if (!is_letter(c) && !is_digit(c) && !foreign && (c < 0 || !strchr("._-+*", c)))
                        break;
                step(l);
        }
        return slice_make(l->s.p + from, l->at - from);
}

/* A zero-width space, a soft hyphen: what word processors put between letters. */
static bool has_unseen(struct slice w)
{
        static const char *const unseen[] = { "\xe2\x80\x8b", "\xe2\x80\x8c", "\xe2\x80\x8d", "\xe2\x81\xa0", "\xef\xbb\xbf", "\xc2\xad" };
        for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++)
                if (memmem(w.p, w.n, unseen[i], strlen(unseen[i])))
                        return true;
        return false;
}

static void bad_name(struct lexer *l, struct slice w, int line, int column)
{
        char hint[200];
        if (has_unseen(w)) {
                pass_complain(l->pass, line, column, "Type the name anew; a word processor put it there.",
                              "an invisible character stands in a name");
                return;
        }
        if (memchr(w.p, '.', w.n)) {
                snprintf(hint, sizeof hint, "Kafka's properties are written { set = \"%.*s\"; to = "
                         "\"...\"; }.", w.n < 60 ? (int)w.n : 60, w.p);
                pass_complain(l->pass, line, column, hint, "a name cannot have a dot");
                return;
        }
        pass_complain(l->pass, line, column, "Names have letters a to z, digits, - and _; texts stand "
                                             "in double quotes.",
                      "neither a name nor a text");
}

static void word(struct lexer *l)
{
        int line = l->line, column = l->column;
        struct slice w = run_of_word(l);
        bool truth, good = is_letter((unsigned char)w.p[0]);
        for (size_t i = 0; i < w.n; i++)
                good = good && (is_letter((unsigned char)w.p[i]) || is_digit(w.p[i]) ||
                                w.p[i] == '-' || w.p[i] == '_');
        if (!good)
                bad_name(l, w, line, column);
        bool is_bool = w.n >= 4 && text_bool(&truth, w);
        if (is_bool)
                w = truth ? SLICE("true") : SLICE("false");
        struct token *t = add(l, is_bool ? TOKEN_BOOL : TOKEN_NAME, line, column, w);
        if (t)
                t->bad = !good;
}

static bool hexadecimal(struct slice w, int64_t *out)
{
        uint8_t bytes[8];
        char digits[16];
        if (w.n < 3 || w.n > 18 || w.p[0] != '0' || (w.p[1] | 32) != 'x')
                return false;
        memset(digits, '0', sizeof digits);
        memcpy(digits + (sizeof digits - (w.n - 2)), w.p + 2, w.n - 2);
        if (!hex_decode(bytes, 8, slice_make(digits, 16)) || bytes[0] > 0x7f)
                return false;
        struct cut c = { .rest = slice_make(bytes, 8) };
        *out = (int64_t)cut_u64(&c);
        return true;
}

/* libconfig gives whole numbers beyond 32 bits a wrong value unless they end in L. */
static void put_int(struct lexer *l, int line, int column, int64_t v)
{
        char *as_long = arena_printf(l->pass->arena, "%lldL", (long long)v);
        if (as_long)
                add(l, TOKEN_INT, line, column, slice_of(as_long));
        else
                l->failed = true;
}

static void bad_number(struct lexer *l, struct slice w, int line, int column)
{
        bool digits = w.n > 0;
        for (size_t i = 0; i < w.n; i++)
                digits = digits && (is_digit(w.p[i]) || (i == 0 && (w.p[i] | 2) == '/'));
        if (digits || (w.n > 2 && (w.p[1] | 32) == 'x'))
                pass_complain(l->pass, line, column,
                              "Sizes are texts with a unit, such as \"10 GiB\".",
                              "a whole number is too large");
        else
                pass_complain(l->pass, line, column,
                              "Sizes, times, dates and versions are texts: write them in double "
                              "quotes.", "not a number");
        struct token *t = add(l, TOKEN_INT, line, column, w);
        if (t)
                t->bad = true;
}

static void number(struct lexer *l)
{
        int line = l->line, column = l->column;
        struct slice w = run_of_word(l), plain = w;
        int64_t i;
        double d;
        while (plain.n > 1 && plain.p[plain.n - 1] == 'L')
                plain.n--;
        if (text_int(&i, plain, INT64_MIN, INT64_MAX) || hexadecimal(plain, &i))
                put_int(l, line, column, i);
        else if (memchr(w.p, '.', w.n) && text_double(&d, w))
                add(l, TOKEN_FLOAT, line, column, w);
        else if ((memchr(w.p, 'e', w.n) || memchr(w.p, 'E', w.n)) && text_double(&d, w))
                add(l, TOKEN_FLOAT, line, column, w);
        else
                bad_number(l, w, line, column);
}

static void mark(struct lexer *l, char meant)
{
        int line = l->line, column = l->column;
        step(l);
        struct token *t = add(l, TOKEN_MARK, line, column, SLICE_NONE);
        if (t)
                t->mark = meant;
}

/* What no token begins with. */
static void stray(struct lexer *l)
{
        int line = l->line, column = l->column;
        if (peek(l, 0) == '@') {
                pass_complain(l->pass, line, column, "Write the settings into this file.",
                              "@include and the like are not followed");
                while (!at_line_end(l))
                        step(l);
                return;
        }
        int c = peek(l, 0);
        if (c > 0x20 && c < 0x7f)
                pass_complain(l->pass, line, column, "Texts stand in double quotes; comments begin "
                              "with #.", "a stray character \"%c\"", c);
        else
                pass_complain(l->pass, line, column, "Delete it.", "an invisible control character");
        step(l);
}

static void token(struct lexer *l)
{
        int c = peek(l, 0), next = peek(l, 1);
        const struct look_alike *like = c >= 0x80 ? look_alike_at(l, l->at) : NULL;
        if (c == '"') {
                text(l);
        } else if (c == '\'' || (like && like->meant == '"')) {
                fancy_text(l);
        } else if (like) {
                pass_complain(l->pass, l->line, l->column, "Switch the keyboard to Latin letters for "
                              "= ; , : ( ) [ ] { }.", "a wide \"%c\"", like->meant);
                mark(l, like->meant);
        } else if (c > 0 && strchr("=;,()[]{}:", c)) {
                mark(l, c == ':' ? '=' : (char)c);
        } else if (is_digit(c) || ((c == '-' || c == '+' || c == '.') &&
                                   (is_digit(next) || next == '.'))) {
                number(l);
        } else if (is_letter(c) || c >= 0x80 || c == '_' || c == '*') {
                word(l);
        } else {
                stray(l);
        }
}

/* Things that make a file read differently than it looks, wherever they stand: a NUL
 * ends it for libconfig; direction marks reorder a line on the screen; a line
 * separator shows the rest of a comment as if it were a line of its own. */
static bool hidden(const struct lexer *l)
{
        const unsigned char *p = (const unsigned char *)l->s.p + l->at;
        if (*p == 0)
                return true;
        if (*p != 0xe2 || l->s.n - l->at < 3)
                return false;
        return (p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae) ||
               (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9);
}

static bool check_characters(struct lexer l)
{
        size_t bad_at = l.s.n;
        bool utf8 = utf8_valid(l.s, &bad_at);
        while (l.at < bad_at && !hidden(&l))
                step(&l);
        if (l.at < bad_at) {
                pass_complain(l.pass, l.line, l.column, "Delete it; an editor can show such characters.",
                              "an invisible character that changes how the file reads");
                return false;
        }
        if (utf8)
                return true;
        pass_complain(l.pass, l.line, l.column, "Save the file as UTF-8 (Notepad and Word ask for the encoding in Save As).",
                      "not UTF-8");
        return false;
}

bool conf_lex(struct conf_pass *p, struct slice s, struct conf_tokens *out)
{
        struct lexer l = { .pass = p, .out = out, .s = s, .line = 1, .column = 1 };
        if (slice_starts(s, SLICE("\xef\xbb\xbf")))
                l.at = 3;
        if (conf_foreign(p, s) || !check_characters(l))
                return false;
        skip(&l);
        while (l.at < s.n && !l.failed) {
                token(&l);
                skip(&l);
        }
        add(&l, TOKEN_END, l.line, l.column, SLICE_NONE);
        if (l.failed)
                pass_complain(p, l.line, l.column, "Split it into several files.",
                              "the file has too many words or notes");
        return !l.failed;
}
