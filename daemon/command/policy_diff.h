/* policy_diff.h - two sets of policies side by side: where each comes from (policy_sides.c), by which
 * records they are compared (policy_diffed.c), and what is told of it (policy_difftold.c).         */
#ifndef COMMAND_POLICY_DIFF_H
#define COMMAND_POLICY_DIFF_H

#include "base/arena.h"
#include "policy/cases.h"
#include "policy/differ.h"
#include "policy_book.h"

enum { DIFF_NOTES_MAX = 1000, DIFF_SOURCES_MAX = 16, DIFF_SAMPLES_MAX = 20, DIFF_PATH = 4096, DIFF_POLICIES_MAX = 256 };

/* A folder of policies, or what git has of it at a revision; and which policy of it. */
struct diff_side {
        char folder[DIFF_PATH], name[256]; /* name "": none was said */
        char label[DIFF_PATH + 80];        /* for people: the folder, or "HEAD~1 (git 1a2b3c4d5e6f)" */
        struct buf packed;                 /* a revision's set; max 0: the folder's */
        const char *below;                 /* where else a file's side has policies; NULL: nowhere */
        struct deployment d;
        struct policy_book book;
};
/* "eea" of the policies in force; "draft/eea.cfg"; a folder of policies; "git:REV", or a revision
 * where nothing else has that name; with ":eea" behind it one policy of it. */
bool diff_side_set(struct diff_side *s, const struct deployment *d, const char *word, struct arena *a, struct err *err);
void diff_side_clear(struct diff_side *s);
/* The book of this side. */
bool diff_side_open(struct diff_side *s, const char *region, const struct hub *places, struct report *report);
/* Names of its policies, sorted, in the arena. */
struct diff_names {
        const char *at[DIFF_POLICIES_MAX];
        size_t n;
};
bool diff_side_names(const struct diff_side *s, struct diff_names *out, struct arena *a, struct err *err);
bool diff_side_has(const struct diff_side *s, const char *name, struct arena *a);

struct diff_source {
        const char *name;
        size_t count;
};
struct diff_note {
        enum differ differ;
        char *text, *example; /* in the arena of the run; example "": of no record */
        size_t count;
        struct diff_source sources[DIFF_SOURCES_MAX];
        size_t n_sources, other_sources;
        char *samples[DIFF_SAMPLES_MAX];
        size_t n_samples;
};
struct diffing {
        struct deployment d;
        const char *records, *date, *against, *samples_wanted; /* as said */
        bool markdown;
        bool many; /* several policies are compared, one after the other */
        size_t samples; /* of one difference */
        struct diff_side before, after;
        struct buf unchanged; /* names of policies without a difference */
        struct arena *all, *one;
        struct report *report;
        int64_t now_us, from_us, to_us; /* --against: captured in [from, to] */
        struct err err;

        /* of the policy in hand */
        struct diff_note notes[DIFF_NOTES_MAX];
        size_t n_notes, n_records, n_unread, per_class[DIFFERS];
        struct crowd *crowd; /* of the vault; NULL: nobody is looked for */
        bool overfull, seen[DIFFERS]; /* of the record in hand */
        const struct record *record;
        struct slice source;
        const struct explanation *explained; /* both */
        char example[DIFF_PATH];
};
/* All records under both sides, and their places and readers. False: err or report says. */
bool diff_compare(struct diffing *x);
/* A difference that no record shows. */
void diff_say(struct diffing *x, enum differ d, const char *text);
bool diff_leaves(const struct diffing *x); /* whether anything newly leaves */

void diff_tell_text(const struct diffing *x);
void diff_tell_markdown(const struct diffing *x);
void diff_tell_json(const struct diffing *x, struct json_out *o);

#endif
