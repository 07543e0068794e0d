/* people.h - names of people that are known, to be found in running text.
 *
 * Case of ASCII letters is ignored; a name of two words is found in either order and with a
 * comma, one of CJK with and without its blank; blanks in the text may be doubled or a line's
 * break. Latin, Greek and Cyrillic names stand alone as words; scripts without blanks need not.
 *
 * Calling sequence: people_new -> people_add* -> people_close -> scanner_know (detect.h) ->
 * people_free, after the scanner. Closed, it is only read: scanners of any threads may share it. */
#ifndef DETECT_PEOPLE_H
#define DETECT_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct people;
/* max_names: more are refused. NULL when memory is out. */
struct people *people_new(size_t max_names);
void people_free(struct people *p); /* NULL is allowed */
/* Names of fewer than 5 bytes or more than 120 are left out (true): they would be found where
 * nobody is meant, or nowhere. False: no memory, or max_names. */
bool people_add(struct people *p, struct slice name);
/* After the last name. False when memory is out. */
bool people_close(struct people *p);
size_t people_count(const struct people *p); /* names that were added */

#endif
