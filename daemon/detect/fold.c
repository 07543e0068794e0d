/* fold.c - by utf8proc, whose only home is this room. */
#include "detect/fold.h"

#include <utf8proc.h>

uint32_t fold_lower(uint32_t c)
{
        return (uint32_t)utf8proc_tolower((utf8proc_int32_t)c);
}
