/* zone.c - a reader of the system's tz database: TZif (RFC 8536) and the POSIX TZ
 * rule at its end, which speaks for the years after the last transition.
 *
 * File: header (44 bytes: "TZif", version, 15 unused, six counts), a block with
 * 32-bit times, and from version 2 on a second header and block with 64-bit times
 * and "\nRULE\n". Only the second is read. A block: times, the type each begins,
 * types {utc offset (4), dst (1), name (1)}, names, leap seconds, two flag lists. */
#include "zone.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum { FILE_MAX = 256 * 1024, HEADER = 44, TYPES_MAX = 256 };

struct zone {
        size_t n;         /* transitions */
        int64_t *at;      /* seconds since the epoch, rising; n of them */
        int32_t *east;    /* offset in seconds from at[i] on */
        int32_t first;    /* offset before at[0] */
        struct zone_rule rule;
        bool has_rule;
};

struct counts {
        uint32_t isut, isstd, leap, time, type, chars;
};

static bool read_header(struct cut *c, struct counts *n, char *version)
{
        struct slice head = cut_bytes(c, 20);
        if (c->bad || memcmp(head.p, "TZif", 4) != 0)
                return false;
        *version = head.p[4];
        n->isut = cut_u32(c);
        n->isstd = cut_u32(c);
        n->leap = cut_u32(c);
        n->time = cut_u32(c);
        n->type = cut_u32(c);
        n->chars = cut_u32(c);
        /* Bounded first, so that no product below can overflow. */
        return !c->bad && n->time < FILE_MAX && n->type >= 1 && n->type <= TYPES_MAX &&
               n->chars < FILE_MAX && n->leap < FILE_MAX && n->isut < FILE_MAX &&
               n->isstd < FILE_MAX;
}

static void skip_first_block(struct cut *c, const struct counts *n)
{
        cut_bytes(c, (size_t)n->time * 5 + (size_t)n->type * 6 + n->chars + (size_t)n->leap * 8 +
                             n->isstd + n->isut);
}

static bool read_transitions(struct zone *z, struct cut *c, const struct counts *n)
{
        struct cut times = { .rest = cut_bytes(c, (size_t)n->time * 8) };
        struct slice index = cut_bytes(c, n->time);
        struct cut types = { .rest = cut_bytes(c, (size_t)n->type * 6) };
        int32_t east[TYPES_MAX];
        if (c->bad)
                return false;
        for (size_t i = 0; i < n->type; i++) {
                east[i] = (int32_t)cut_u32(&types);
                cut_u16(&types);
                if (east[i] < -26 * 3600 || east[i] > 26 * 3600)
                        return false;
        }
        z->at = calloc(n->time + 1, sizeof *z->at);
        z->east = calloc(n->time + 1, sizeof *z->east);
        if (!z->at || !z->east)
                return false;
        for (size_t i = 0; i < n->time; i++) {
                uint8_t type = (uint8_t)index.p[i];
                z->at[i] = (int64_t)cut_u64(&times);
                if (type >= n->type || (i > 0 && z->at[i] <= z->at[i - 1]))
                        return false;
                z->east[i] = east[type];
        }
        z->n = n->time;
        z->first = east[0];
        return true;
}

/* "\nRULE\n"; an empty rule means: as after the last transition. */
static bool read_footer(struct zone *z, struct cut *c)
{
        struct slice s = c->rest;
        if (s.n < 2 || s.p[0] != '\n' || s.p[s.n - 1] != '\n')
                return false;
        s = slice_make(s.p + 1, s.n - 2);
        if (s.n == 0)
                return true;
        z->has_rule = true;
        return zone_rule_parse(&z->rule, s);
}

static bool read_tzif(struct zone *z, struct slice bytes)
{
        struct cut c = { .rest = bytes };
        struct counts n;
        char version;
        if (!read_header(&c, &n, &version) || version < '2')
                return false;
        skip_first_block(&c, &n);
        if (!read_header(&c, &n, &version) || !read_transitions(z, &c, &n))
                return false;
        cut_bytes(&c, n.chars + (size_t)n.leap * 12 + n.isstd + n.isut);
        return !c.bad && read_footer(z, &c);
}

/* Names are parts of a path: nothing that could lead out of the database. */
static bool safe_name(const char *name)
{
        size_t n = strlen(name);
        if (n < 1 || n > 64 || name[0] == '/' || name[n - 1] == '/' || strstr(name, "//"))
                return false;
        for (const char *p = name; *p; p++)
                if (!isalnum((unsigned char)*p) && !strchr("_+-/", *p))
                        return false;
        return true;
}

static bool read_zone_file(struct zone *z, const char *name, struct err *err)
{
        char path[128];
        struct buf bytes;
        buf_init(&bytes, FILE_MAX);
        snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
        bool ok = file_read(&bytes, path, NULL) && read_tzif(z, buf_slice(&bytes));
        buf_clear(&bytes);
        if (ok)
                return true;
        err_set(err, ERR_CONFIG, 0, "timezone \"%s\" is unknown here", name);
        return err_hint(err, "Write a name of the tz database, such as \"Asia/Tokyo\" or \"UTC\"; "
                             "the package tzdata holds it.");
}

bool zone_open(struct zone **out, const char *name, struct err *err)
{
        *out = NULL;
        if (!safe_name(name)) {
                err_set(err, ERR_CONFIG, 0, "not the name of a timezone");
                return err_hint(err, "Write a name of the tz database, such as \"Asia/Tokyo\".");
        }
        struct zone *z = calloc(1, sizeof *z);
        if (!z)
                return err_set(err, ERR_SYSTEM, 0, "out of memory");
        if (strcmp(name, "UTC") != 0 && !read_zone_file(z, name, err)) {
                zone_free(z);
                return false;
        }
        *out = z;
        return true;
}

void zone_free(struct zone *z)
{
        if (!z)
                return;
        free(z->at);
        free(z->east);
        free(z);
}

/* Seconds east of UTC at an instant. */
static int64_t offset_at(const struct zone *z, int64_t t)
{
        if (z->n == 0 || t < z->at[0])
                return z->n == 0 && z->has_rule ? zone_rule_offset(&z->rule, t) : z->first;
        if (z->has_rule && t >= z->at[z->n - 1])
                return zone_rule_offset(&z->rule, t);
        size_t low = 0, high = z->n; /* at[low] <= t < at[high] */
        while (high - low > 1) {
                size_t mid = low + (high - low) / 2;
                if (z->at[mid] <= t)
                        low = mid;
                else
                        high = mid;
        }
        return z->east[low];
}

/* A local time has at most two offsets: the one a day before, the one a day after.
 * Where both fit, the clock shows it twice; where none fits, the clock skips it, and
 * the offset before the gap gives an instant as far behind it as the time is into it. */
int64_t zone_to_us(const struct zone *z, const struct civil *local)
{
        int64_t us = civil_to_us(local), s = us / US_PER_SECOND;
        if (us % US_PER_SECOND < 0)
                s--;
        int64_t before = offset_at(z, s - 86400), after = offset_at(z, s + 86400);
        bool fits_before = offset_at(z, s - before) == before;
        bool fits_after = offset_at(z, s - after) == after;
        int64_t east = before;
        if (fits_before && fits_after)
                east = before > after ? before : after;
        else if (fits_after)
                east = after;
        return us - east * US_PER_SECOND;
}

bool zone_end_of_day_us(const struct zone *z, struct slice date, int64_t *out_us)
{
        int64_t day;
        struct civil next;
        if (!clock_parse_date(&day, date))
                return false;
        civil_of_us(&next, day + US_PER_DAY);
        *out_us = zone_to_us(z, &next) - 1;
        return true;
}
