/* at_names.h - whom a text names with an @. */
#ifndef SOURCE_AT_NAMES_H
#define SOURCE_AT_NAMES_H

#include "base/buf.h"

/* The next "@name" from *at on, where no word or address runs into the @; a full stop or a hyphen ends a
 * sentence, not a name. False: there is none. Begin with *at = 0. */
bool at_name_next(struct slice text, size_t *at, struct slice *name);

#endif
