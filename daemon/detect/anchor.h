/* anchor.h - the characters at which something may be found. Private to detect. */
#ifndef DETECT_ANCHOR_H
#define DETECT_ANCHOR_H

#include <stddef.h>

/* The first anchor of p[from..n), n if there is none: digits, @ : = - _ + ( [ { ' " \ % &,
 * and the capital or rare letters of known prefixes (I J K z x). */
size_t anchor_next(const char *p, size_t from, size_t n);
/* Likewise where the name of a '.' or '@' may begin: " dot ", " arroba ", 골뱅이. */
size_t anchor_spoken(const char *p, size_t from, size_t n);

#endif
