/* pattern.h - patterns that officers write, run on text that strangers write: linear time on any.
 *
 * Vectorscan compiles and scans them; nothing else includes its header. What it cannot search for
 * in bounded work is refused when it is compiled: look-around, back-references, patterns that match
 * nothing at all, repeats that are too large. Perl's syntax: \d \w \s \b are those of ASCII (other
 * scripts' digits are folded before), \p{Han} and their like are any script's, (?i) ignores case.
 *
 * Calling sequence: pattern_check* -> patterns_new -> scanner_seek (detect.h), any number of
 * scanners and threads -> patterns_free, after the scanners.                                */
#ifndef DETECT_PATTERN_H
#define DETECT_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum {
        PATTERNS_MAX = 64,      /* of one set */
        PATTERN_BYTES_MAX = 512 /* of one pattern's text */
};

struct patterns;
/* Compiles n patterns (0 to PATTERNS_MAX). False: ERR_CONFIG with what cannot be searched for, and
 * a hint; *bad is then the number of the pattern, or n where it is all of them together. */
bool patterns_new(struct patterns **out, const char *const *match, size_t n, size_t *bad, struct err *err);
void patterns_free(struct patterns *p); /* NULL is allowed */
size_t patterns_count(const struct patterns *p);

#endif
