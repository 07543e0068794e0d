/* known.h - the region's people, by what their own records call them, so that others' words about
 * them can be masked: `find` line "known_person".
 *
 * Plain text, in memory only. Who calls the judge teaches it: each record before it is judged. A
 * name that is a common word is nobody's (detect/people.h); beyond the ceiling who wrote longest
 * ago is forgotten first; who was erased is forgotten by beginning anew from what can be read.
 *
 * Calling sequence, on the judge's thread: known_new -> judge_know -> (known_learn | policy_judge)*
 * -> known_free, after the judge.                                                          */
#ifndef POLICY_KNOWN_H
#define POLICY_KNOWN_H

#include "policy/policy.h"

struct known;
struct known *known_new(size_t max_names); /* NULL when memory is out */
void known_free(struct known *k);          /* NULL is allowed */
/* The author's name, handle, id and e-mail address; who is mentioned may be anybody. False: no
 * memory. */
bool known_learn(struct known *k, const struct record *r);
/* "Li Wei", "@li-wei", "wei.li@example.com", a comma between: what a case says. */
bool known_add(struct known *k, struct slice names);
size_t known_count(const struct known *k);
/* Whom the judge knows from now on; borrowed; NULL: nobody. */
void judge_know(struct judge *j, const struct known *k);
/* Whether any policy of the book looks for known people. */
bool book_seeks_people(const struct book *b);

#endif
