/* speak.h - the policy in plain sentences of seven languages, made from what the judge reads and
 * not from the file's words: what is enforced, merged over parents.
 *
 * Each sentence carries the line it comes from. What an officer wrote (title, basis, ground,
 * because, names, "not yet") stays as written, in that language's quotes; names of fields, kinds
 * and detectors are said in the language, with the technical name in brackets.              */
#ifndef POLICY_SPEAK_H
#define POLICY_SPEAK_H

#include <stdbool.h>

#include "base/buf.h"

struct book;

enum tongue { TONGUE_EN, TONGUE_ZH, TONGUE_JA, TONGUE_DE, TONGUE_ID, TONGUE_FR, TONGUE_KO, TONGUES };
/* By its code, "de"; -1 if it is not spoken here. */
int tongue_of_code(const char *code);
const char *tongue_code(enum tongue t);

struct sentence {
        const char *section; /* its heading; NULL: of the whole policy */
        struct slice text;   /* UTF-8, without its place */
        const char *file;    /* "eea.cfg"; NULL: built in, no line says it */
        int line;
        const char *because; /* the article as the officer wrote it, or "" */
        bool as_written;     /* the whole text is the officer's: a "not yet" comment */
};
/* Tells the sentences one by one, in the order of the eight questions; what it tells lives during
 * the call. False: memory is out, or a template lacks a word (which a test excludes). */
bool policy_say(const struct book *b, enum tongue t, void (*hear)(const struct sentence *, void *ctx),
                 void *ctx);
/* All of it as text: a heading a section, a line a sentence, its place at the end. Lines are not
 * wrapped: scripts differ in where they may be. */
void policy_speak(const struct book *b, enum tongue t, struct buf *out);

#endif
