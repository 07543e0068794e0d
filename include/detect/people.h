/* people.h - people that are known by name, handle or address, to be found in running text.
 *
 * A name of two words is found in either order, with a comma, over a line's break, and with a
 * short ending ("Kowalskiego"); one of CJK with and without its blank. Case of ASCII and Latin-1
 * letters is ignored. A handle is found after '@', in a profile's URL, and by itself where its shape
 * is nobody else's word ("joe-lee", "wl1990"); one of letters alone only after "thanks", "cc" ...
 * An address is found whole.
 *
 * Common words are nobody ("root", "Data Team", 安全); with one of them in it a name is found in
 * its capitals only ("Mark Long"). A single word of a script without blanks needs a family name
 * in front. What that leaves out is better missed than every text spoilt.
 *
 * Calling sequence: people_new -> people_add* -> scanner_know (detect.h) -> (people_add | scan)* ->
 * people_free, after the scanner. Only read while nobody adds: then scanners of any threads may
 * share it.                                                                          */
#ifndef DETECT_PEOPLE_H
#define DETECT_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum people_kind { PEOPLE_NAME, PEOPLE_HANDLE, PEOPLE_ADDRESS };

struct people;
/* Beyond max_names those that were added longest ago, and not again since, are forgotten: half
 * of them at once. NULL when memory is out. */
struct people *people_new(size_t max_names);
void people_free(struct people *p); /* NULL is allowed */
/* Adding again is cheap, and makes it the newest. What would be found where nobody is meant is
 * left out (true), as is what is longer than 120 bytes. False: no memory. */
bool people_add(struct people *p, struct slice name, enum people_kind kind);
size_t people_count(const struct people *p); /* names, handles and addresses that are looked for */

#endif
