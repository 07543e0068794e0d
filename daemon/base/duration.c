/* duration.c - spans of time as people write them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

static const struct {
        const char *name; /* singular; "s" may follow */
        const char *shorts[3];
        int64_t us;
} units[] = {
        { "second", { "s", "sec", "secs" }, US_PER_SECOND },
        { "minute", { "min", "mins", "m" }, 60 * US_PER_SECOND },
        { "hour", { "h", "hr", "hrs" }, US_PER_HOUR },
        { "day", { "d" }, US_PER_DAY },
        { "working day", { NULL }, US_PER_DAY * 7 / 5 },
        { "week", { "w", "wk" }, 7 * US_PER_DAY },
        { "month", { "mo" }, 30 * US_PER_DAY },
        { "year", { "y", "yr" }, 365 * US_PER_DAY },
};
enum { UNITS = sizeof units / sizeof *units };

static bool names_unit(struct slice word, size_t u)
{
        struct slice one = slice_of(units[u].name);
        if (word.n == one.n + 1 && word.p[one.n] == 's')
                word.n--;
        if (slice_eq_nocase(word, one))
                return true;
        for (size_t i = 0; i < 3 && units[u].shorts[i]; i++)
                if (slice_eq_nocase(word, slice_of(units[u].shorts[i])))
                        return true;
        return false;
}

/* "ms" is a unit of machines: understood, told as a fraction of a second. */
static bool milliseconds(struct duration *out, struct slice amount, struct slice unit)
{
        int64_t ms;
        if (!slice_is(unit, "ms") || !text_int(&ms, amount, 0, INT64_MAX / 1000))
                return false;
        *out = (struct duration){ .amount = ms, .unit = "millisecond", .us = ms * 1000 };
        return true;
}

bool duration_parse(struct duration *out, struct slice text, struct err *err)
{
        struct slice s = slice_trim(text);
        size_t n = 0;
        while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
                n++;
        struct slice amount = { s.p, n }, unit = slice_trim((struct slice){ s.p + n, s.n - n });
        if (milliseconds(out, amount, unit))
                return true;
        for (size_t u = 0; u < UNITS; u++) {
                int64_t v;
                if (!names_unit(unit, u))
                        continue;
                if (!text_int(&v, amount, 0, INT64_MAX / units[u].us))
                        break;
                *out = (struct duration){ .amount = v, .us = v * units[u].us };
                snprintf(out->unit, sizeof out->unit, "%s", units[u].name);
                return true;
        }
        err_set(err, ERR_CONFIG, 0, "not a time span");
        return err_hint(err, "Write a whole number and a unit, such as \"72 hours\", \"15 working "
                             "days\", \"30 s\" or \"1 month\".");
}

/* The largest unit of which there are at least two, rounded down: a promise of
 * time left must not be longer than the time left. */
const char *duration_format(char out[CLOCK_TEXT_MAX], int64_t us)
{
        static const struct {
                const char *one, *many;
                int64_t us;
        } spoken[] = {
                { "year", "years", 365 * US_PER_DAY }, { "day", "days", US_PER_DAY },
                { "h", "h", US_PER_HOUR },             { "min", "min", 60 * US_PER_SECOND },
                { "s", "s", US_PER_SECOND },           { "ms", "ms", 1000 },
        };
        const char *sign = us < 0 ? "-" : "";
        uint64_t left = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
        for (size_t i = 0; i < sizeof spoken / sizeof *spoken; i++) {
                uint64_t n = left / (uint64_t)spoken[i].us;
                bool exact = n == 1 && left % (uint64_t)spoken[i].us == 0;
                if (n < 2 && !exact)
                        continue;
                snprintf(out, CLOCK_TEXT_MAX, "%s%" PRIu64 " %s", sign, n,
                         n == 1 ? spoken[i].one : spoken[i].many);
                return out;
        }
        snprintf(out, CLOCK_TEXT_MAX, "0 s");
        return out;
}
