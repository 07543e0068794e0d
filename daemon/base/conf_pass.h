/* conf_pass.h - the pass before libconfig (private to base).
 *
 * conf_lex() cuts a file into tokens, conf_syntax() checks their order and writes
 * what libconfig shall read. Both complain and go on; nothing that either complained
 * about may be given to libconfig.                                             */
#ifndef BASE_PRIVATE_CONF_PASS_H
#define BASE_PRIVATE_CONF_PASS_H

#include "base/arena.h"
#include "base/report.h"

enum token_kind {
        TOKEN_NAME,  /* a word that can be a name */
        TOKEN_TEXT,
        TOKEN_INT,
        TOKEN_FLOAT,
        TOKEN_BOOL,
        TOKEN_MARK,  /* one of = ; , ( ) [ ] { }; ':' has become '=' */
        TOKEN_END
};

struct token {
        enum token_kind kind;
        char mark;
        bool bad;          /* complained about already: what follows may be its fault */
        int line, column;  /* of its first character, 1-based, in characters */
        int end_column;    /* one past its last character */
        struct slice text; /* as libconfig shall read it */
};

struct conf_note { /* a `# not yet:` comment */
        const char *text;
        int line;
};

enum { TOKENS_MAX = 1000000, NOTES_MAX = 1000 };

struct conf_tokens {
        struct token *all; /* ends with TOKEN_END */
        size_t n, cap;     /* n <= cap <= TOKENS_MAX */
        struct conf_note notes[NOTES_MAX];
        size_t notes_n;    /* <= NOTES_MAX */
};

/* A setting or a member of a list, in the order of the file. */
struct place {
        int line, column;
};

enum { SAID_MAX = 4, TOLD_MAX = 64 };

struct conf_pass {
        const char *file;
        struct report *report;
        struct arena *arena;
        size_t errors;
        int said_line, said_column; /* one complaint a place */
        struct {
                char text[64];
                size_t n;
                int line; /* of the first that was not told */
        } told[TOLD_MAX];
        size_t n_told;
};

/* Counts and reports an error of the file. */
void pass_complain(struct conf_pass *p, int line, int column, const char *hint, const char *fmt, ...)
        __attribute__((format(printf, 5, 6)));

/* At the end of the pass: says of what was told SAID_MAX times how often it is there beside. */
void pass_sum_up(struct conf_pass *p);

/* conf_foreign.c: whether the file is no text of ours at all; then it was told. */
bool conf_foreign(struct conf_pass *p, struct slice text);

/* False only when memory or a ceiling is hit (complained about). The tokens' memory
 * is freed by conf_tokens_free(), their text is the file's or the arena's. */
bool conf_lex(struct conf_pass *p, struct slice text, struct conf_tokens *out);
void conf_tokens_free(struct conf_tokens *t);

struct conf_places {
        struct place *all;
        size_t n, cap;
};
/* Appends the text for libconfig to `out` and the places of all its settings. */
void conf_syntax(struct conf_pass *p, const struct conf_tokens *tokens, struct buf *out,
                 struct conf_places *places);

#endif
