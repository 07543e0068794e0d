/* clock.h - time as microseconds since 1970-01-01T00:00:00Z (int64), calendar
 * text, time zones. All functions are thread-safe and take no locale.        */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define US_PER_SECOND INT64_C(1000000)
#define US_PER_HOUR (INT64_C(3600) * US_PER_SECOND)
#define US_PER_DAY (INT64_C(86400) * US_PER_SECOND)

int64_t clock_now_us(void);  /* CLOCK_REALTIME */
int64_t clock_mono_us(void); /* CLOCK_MONOTONIC: for intervals */

/* RFC 3339 date-time with 'T' or blank and a zone (Z or ±hh:mm); years 0001 to
 * 9999; second 60 becomes 59; fractions beyond microseconds are cut off. */
bool clock_parse_rfc3339(int64_t *out_us, struct slice text);
#define CLOCK_TEXT_MAX 32
/* "2026-11-23T01:20:36.000123Z"; fraction left out when zero. */
const char *clock_format_rfc3339(char out[CLOCK_TEXT_MAX], int64_t us);
/* "2026-11-23" -> 00:00 UTC of that day; false if not a real day. */
bool clock_parse_date(int64_t *out_us, struct slice text);

/* A civil time without a zone. month 1..12, day 1..31. */
struct civil {
        int year, month, day, hour, minute, second, microsecond;
};
/* Seconds since the epoch as if the civil time were UTC (proleptic Gregorian). */
int64_t civil_to_us(const struct civil *c);
void civil_of_us(struct civil *out, int64_t us);
/* The month whose name, or short form, in English, German or Indonesian `s` begins with; moves s on. */
bool civil_month(struct slice *s, int *month);
/* strptime-like: %Y %y %m %d %H %I %M %S %p %b (as civil_month) %z %Z(ignored) %f %% and
 * literal text; the whole text must match. *offset_s is set when %z was there. */
bool civil_parse(struct civil *out, bool *has_offset, int *offset_s, struct slice text,
                 const char *format);

/* A zone of the system's tz database ("Asia/Tokyo"), or "UTC". */
struct zone;
/* ERR_CONFIG when unknown. Gives: free with zone_free(). */
bool zone_open(struct zone **out, const char *name, struct err *err);
void zone_free(struct zone *z);
/* Local civil time -> UTC. Where the clock shows a time twice, the earlier; a time that
 * the clock skips is as far behind the gap as it would be into it. */
int64_t zone_to_us(const struct zone *z, const struct civil *local);
/* The last microsecond of `date` (YYYY-MM-DD) in the zone: `until` is inclusive. */
bool zone_end_of_day_us(const struct zone *z, struct slice date, int64_t *out_us);

/* "72 hours", "1 month", "30 s", "15 working days" -> see enum; months count as
 * 30 days and years as 365 in `us` (used for ceilings and timers). */
struct duration {
        int64_t amount;
        char unit[16]; /* singular: second minute hour day "working day" week month year */
        int64_t us;    /* working days: as if 7/5 calendar days */
};
bool duration_parse(struct duration *out, struct slice text, struct err *err);
/* Short forms too: "30s", "5 min", "1h". For people: "9 h", "23 days". */
const char *duration_format(char out[CLOCK_TEXT_MAX], int64_t us);

#endif
