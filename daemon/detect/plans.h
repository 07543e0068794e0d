/* plans.h - which digits are a telephone number somewhere (ITU-T E.164, national plans).
 * Private to detect.                                                            */
#ifndef DETECT_PLANS_H
#define DETECT_PLANS_H

#include <stdbool.h>
#include <stddef.h>

/* n digits that begin with a country code (no "+"). "+44 (0)20 ..." with its 0 is fine. */
bool plan_international(const char *digits, size_t n);
/* n digits as dialled within some country, trunk prefix included where it has one. */
bool plan_national(const char *digits, size_t n);

#endif
