/* looser.h - is a version of the policies looser than the one in force?
 *
 * Line by line, for every country that a person may live in and for "not known", the law of the
 * old book is set against the law of the new one. Looser is whatever lets a record of any shape
 * out that was stopped before, or out with less taken from it, or to more places, or for longer.
 * Nothing is sampled: what cannot be proven to be at least as strict counts as looser, a key that
 * this comparison does not know included.
 *
 * One thing is no loosening: a record that was held or stayed only for what was found in a field
 * which does not leave any more. What it was stopped for does not leave either; else nobody could
 * drop a field without waiting for two signatures. A field that is not even stored any more is another
 * matter: whom it names is not masked in words, how old he is not asked. That is looser, where anything
 * reads the field.                                                                           */
#ifndef POLICY_LOOSER_H
#define POLICY_LOOSER_H

#include "policy/policy.h"

enum change_kind { CHANGE_LOOSER, CHANGE_TIGHTER, CHANGE_OTHER, CHANGE_KINDS };
const char *change_kind_name(enum change_kind k); /* "looser", "tighter", "other" */

enum { CHANGES_MAX = 400 };
struct change {
        enum change_kind kind;
        const char *old_file, *new_file; /* "eea.cfg"; "" where it has no line */
        int old_line, new_line;          /* 0 where it has none */
        const char *text; /* a sentence without its full stop; of policies, never of people */
};

struct changes;
/* Gives what differs, the looser first; NULL when memory is out: take it for looser. Beyond
 * CHANGES_MAX one more says so, and is looser. */
struct changes *book_compare(const struct book *before, const struct book *after);
void changes_free(struct changes *c); /* NULL is allowed */
size_t changes_count(const struct changes *c, enum change_kind k);
size_t changes_size(const struct changes *c);
const struct change *changes_at(const struct changes *c, size_t i);
/* "eea.cfg:40 (before: eea.cfg:38): ..." for people, and for logs. */
void change_say(const struct change *c, char *out, size_t size);

/* Versions that went down, among policies of one name: an error each, at the new file's line.
 * The same version with other contents: a warning. True if none went down. */
bool book_check_versions(const struct book *before, const struct book *after, struct report *report);

#endif
