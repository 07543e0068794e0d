/* look.h - what every finder of this room shares: the text in normal form, questions
 * about its neighbourhood, and where hits go. Private to detect.                */
#ifndef DETECT_LOOK_H
#define DETECT_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "detect/detect.h"
#include "identifiers.h"
#include "map.h"
#include "near.h"
#include "words.h"

struct hits; /* scan.c */

struct form_index; /* rows.c */

enum { PAST = 4 };

struct look {
        const struct form_index *forms;
        const struct words *words;
        struct near *near;
        const struct map *map; /* of p[0..n) */
        unsigned wide; /* bytes that a character of the text has at most */
        const char *p; /* normal form; p[0..n) */
        size_t n;
        struct hits *hits;
        detect_set wanted; /* ids that anybody wants; finders of others are not asked */
        bool others;     /* something is wanted that is not a form of letters and digits */
        size_t six_done; /* ip.c: no IPv6 address begins before this */
        size_t fence_at; /* handle.c: fences of code are counted up to here */
        bool in_fence;
        size_t address_done; /* address.c: no address begins before this */
        struct past {
                size_t start, end;
                enum id id;
        } past[PAST]; /* the hits before, the newest first */
};

/* Takes [start, end) of the normal form as a finding. 0 <= confidence <= 100. */
void look_hit(struct look *l, size_t start, size_t end, enum id id, int confidence);

static inline bool look_wants(const struct look *l, enum id id)
{
        return detect_has(l->wanted, (int)id);
}

/* Sums instead of branches: in running text a branch on what a character is is guessed wrong too often. */
static inline bool is_digit(char c)
{
        return (uint8_t)(c - '0') < 10;
}
static inline bool is_alpha(char c)
{
        return (uint8_t)((c | 32) - 'a') < 26;
}
static inline bool is_alnum(char c)
{
        return (int)is_digit(c) | (int)is_alpha(c);
}
static inline bool is_hex(char c)
{
        return (int)is_digit(c) | ((uint8_t)((c | 32) - 'a') < 6);
}
static inline bool is_high(char c)
{
        return (unsigned char)c >= 0x80;
}
static inline char to_lower(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
}
static inline char to_upper(char c)
{
        return c >= 'a' && c <= 'z' ? (char)(c & ~32) : c;
}
/* The character at i, or 0 beyond either end (i may be SIZE_MAX for "before 0"). */
static inline char look_at(const struct look *l, size_t i)
{
        return i < l->n ? l->p[i] : 0;
}
static inline char look_before(const struct look *l, size_t i)
{
        return i > 0 ? l->p[i - 1] : 0;
}
static inline bool look_is(const struct look *l, size_t i, const char *text)
{
        size_t n = strlen(text);
        return i <= l->n && l->n - i >= n && memcmp(l->p + i, text, n) == 0;
}
/* Same, ASCII case ignored; `text` in lower case, not empty. Most texts differ at once. */
bool look_rest_nocase(const struct look *l, size_t i, const char *text);
static inline bool look_is_nocase(const struct look *l, size_t i, const char *text)
{
        return i < l->n && to_lower(l->p[i]) == text[0] && look_rest_nocase(l, i, text);
}

/* No letter or digit of ASCII touches; no digits beyond a '.', '-', '/' or ':' either.
 * CJK, Thai and Hangul may touch: they write no blanks. */
enum { IS_ANY = 1, IS_DIGIT = 2, IS_ALNUM = 4, IS_NAME = 8 /* in a street's or a town's name */ };
extern uint8_t look_left[256], look_right[256], look_class[256]; /* look_prepare() */
static inline bool look_free_left(const struct look *l, size_t start)
{
        uint8_t c = (uint8_t)look_before(l, start), d = start > 1 ? (uint8_t)l->p[start - 2] : 0;
        return !(look_left[c] & look_class[d]);
}
static inline bool look_free_right(const struct look *l, size_t end)
{
        uint8_t c = (uint8_t)look_at(l, end), d = (uint8_t)look_at(l, end + 1);
        return !(look_right[c] & look_class[d]);
}

/* A separator between groups at i: ' ', '-', '.' or a line break with an optional quote
 * mark ("\n> "). Returns its length, 0 if there is none. */
size_t look_separator(const struct look *l, size_t i);

/* Is one of the list's words (words.h) within `before` characters left of start, or `after`
 * right of end, joined to it: "123 (ssn)"? No other number stands between. */
bool look_context(const struct look *l, int list, size_t start, size_t before, size_t end,
                  size_t after);

/* Where the words right of end that may be joined to it end, `chars` characters away at most; end if none are. */
size_t look_right_end(const struct look *l, size_t end, size_t chars);

/* False: the list has no word that begins within `chars` characters left of start. */
static inline bool look_may(const struct look *l, int list, size_t start, size_t chars)
{
        size_t bytes = chars * l->wide;
        return near_may(l->near, list, start > bytes ? start - bytes : 0, start);
}

/* "VALUES (" ends at `end`: names before it are columns, not this value's label. */
bool look_opens_values(const struct look *l, size_t end);

/* contact.c: does the text lead to [start, end) as to a way to reach somebody: "contact me at
 * EMAIL or NUMBER", "NUMBER までご連絡ください"? bare: a run of digits, as ids are too. */
bool contact_leads(const struct look *l, size_t start, size_t end, bool bare);
/* Is a bare number a row's, a session's, ... or a count, whatever word stands further off? */
bool contact_denies(const struct look *l, size_t start, size_t end);
/* Does a unit follow: "23456789 rows"? */
bool contact_counts(const struct look *l, size_t end);

/* The forms of the wanted rows by how they begin, made once; words are not kept. NULL when memory is out. */
struct form_index *form_index_new(detect_set wanted, const struct words *words);
void form_index_free(struct form_index *index);

/* What they look for, made ready once: look.c, spoken.c, ... */
void look_prepare(void);
void spoken_prepare(void);
void address_prepare(void);
void credential_prepare(void);
void handle_prepare(void);
void email_prepare(void);

/* The finders. Each looks at one anchor and reports what it finds with look_hit(). */
size_t find_token(struct look *l, size_t at);   /* rows.c: a digit; returns the token's end */
void find_email(struct look *l, size_t at);     /* email.c: '@' */
void find_bracket_email(struct look *l, size_t at); /* spoken.c: one of [ ( { _ - */
void find_spaced_email(struct look *l, size_t at); /* spoken.c: '@' with a blank before and after */
void find_spoken_emails(struct look *l);        /* spoken.c: "... at ... dot ...", once */
void find_international(struct look *l, size_t at); /* phone.c: '+' */
void find_phone(struct look *l, size_t at);     /* phone.c: '(' or a digit */
bool phone_goes_on(const struct look *l, size_t end); /* phone.c: more digits follow those up to end */
void find_ipv4(struct look *l, size_t at);      /* ip.c: a digit */
void find_ipv6(struct look *l, size_t at);      /* ip.c: ':' */
void find_mac(struct look *l, size_t at);       /* ip.c: a hex digit */
void find_key_block(struct look *l, size_t at); /* credential.c: "-----BEGIN" */
void find_prefixed(struct look *l, size_t at);  /* credential.c: anchors of known prefixes */
void find_url_secret(struct look *l, size_t at); /* url.c: "://" */
void find_dsn_secret(struct look *l, size_t at); /* url.c: '@' of "@tcp(" */
void find_assignment(struct look *l, size_t at); /* password.c: '=' or ':' */
void find_quoted_password(struct look *l, size_t at); /* password.c: a quote */
void find_option_password(struct look *l, size_t at); /* password.c: '-' of " -pVALUE" */
void find_iban(struct look *l, size_t at);      /* iban.c: two letters, two digits */
void find_bic(struct look *l, size_t at);       /* iban.c: 'I' of "BIC" or "SWIFT", ':' after them */
void find_birth(struct look *l, size_t start, size_t end); /* birth.c: a token of digits */
void find_place(struct look *l, size_t at);     /* place.c: a token of digits */
void find_address(struct look *l, size_t start, size_t end); /* address.c: a token of digits, free on the left */
void find_handle(struct look *l, size_t at);    /* handle.c: '@' */
struct people;
void find_people(struct look *l, const struct people *p); /* people.c: once, if any are known */
void find_wallet(struct look *l, size_t at, size_t end); /* wallet.c: a whole token */

/* spoken.c, for email.c: joe[dot]tan@example[dot]com. The end of a domain at i that has a dot
 * in brackets or words, or i; the start of a local part that ends at `end`. */
size_t spoken_domain_end(const struct look *l, size_t i);
size_t spoken_local_start(const struct look *l, size_t end);

/* email.c, for spoken.c: may [start, end) be a domain's last label? */
bool email_top_label(const struct look *l, size_t start, size_t end);
/* spoken.c: is it one that most addresses end in? */
bool email_common_top(const struct look *l, size_t start, size_t end);

#endif
