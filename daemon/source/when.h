/* when.h - times as people, and the programs of their country, write them. Pure.
 *
 * "auto" reads what can be read in one way only: ISO 8601, year first ("2026/11/23 14:05",
 * "2026年11月23日 午後2時5分", 令和8年), months by name (English, German, Indonesian), dotted days first
 * ("23.11.2026 14:05 Uhr"), and slashes where a day above 12 proves which number is the month. */
#ifndef SOURCE_WHEN_H
#define SOURCE_WHEN_H

#include "base/clock.h"

struct when {
        struct civil c;   /* midnight where no time of day stands */
        bool has_offset;  /* the text says its zone: offset_s east of UTC */
        int offset_s;
};
enum when_said { WHEN_READ, WHEN_NO_TIME, WHEN_TWO_WAYS /* 05/11/2026: a person must say which */ };
enum when_said when_auto(struct when *out, struct slice text);
/* `format`: as strptime has it, "auto", "excel" (days since 1899-12-30) or "unix" (seconds). Full-width
 * digits and signs are read as their plain ones. */
enum when_said when_read(struct when *out, struct slice text, const char *format);
/* ISO 8601, to the second or not; a blank may stand for the T. */
bool when_iso(struct when *out, struct slice text);
/* Full-width digits, letters, signs and blanks as plain ones: at most `max` - 1 bytes, else SLICE_NONE. */
struct slice when_plain(char *out, size_t max, struct slice text);

#endif
