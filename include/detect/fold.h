/* fold.h - letters of any script in small. */
#ifndef DETECT_FOLD_H
#define DETECT_FOLD_H

#include <stdint.h>

/* The small letter of c, or c. */
uint32_t fold_lower(uint32_t c);

#endif
