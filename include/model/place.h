/* place.h - jurisdictions, countries, kilometres. The rows stand in place.c.        */
#ifndef MODEL_PLACE_H
#define MODEL_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* A space of law ("EEA", "GB", "US-CA") or a country ("DE"). */
bool place_is_known(struct slice code);
/* DE -> EEA, US-CA -> US, JP -> JP; NULL if unknown. A jurisdiction maps to itself. */
const char *place_jurisdiction(struct slice code);
/* Whether `code` lies in `space`: DE in EEA, US-CA in US, a code in itself. */
bool place_within(struct slice code, struct slice space);
/* "de" for DE: how a place's own policy is named by default; NULL if unknown. */
const char *place_lower(struct slice code);
/* All codes, for nearest-name hints. */
const char *const *place_codes(size_t *n);
/* Great-circle distance in km (haversine, mean Earth radius 6371.0088 km, IUGG). Degrees. */
double place_km(double lat1, double lon1, double lat2, double lon2);

#endif
