/* holidays.c - lists/holidays-CC.txt: days that are not worked, and weekends' days that are. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "duties.h"
#include "reader.h"

enum { HOLIDAYS_MAX = 4000 };

static bool put_day(struct holidays *h, struct slice line)
{
        bool worked = line.p[0] == '+';
        int64_t us;
        if (h->n == HOLIDAYS_MAX || !clock_parse_date(&us, slice_trim(slice_make(line.p + worked, line.n - worked))))
                return false;
        h->days[h->n++] = (struct holiday){ us / US_PER_DAY, worked };
        return true;
}

static bool put_list(struct holidays *h, struct slice list, int *bad_line)
{
        for (*bad_line = 1; list.n; (*bad_line)++) {
                const char *end = memchr(list.p, '\n', list.n);
                struct slice line = { list.p, end ? (size_t)(end - list.p) : list.n };
                list.p += line.n + (end != NULL);
                list.n -= line.n + (end != NULL);
                const char *comment = memchr(line.p, '#', line.n);
                line = slice_trim(comment ? slice_make(line.p, (size_t)(comment - line.p)) : line);
                if (line.n && !put_day(h, line))
                        return false;
        }
        return true;
}

static void read_one(struct reader *r, const struct conf_node *n, const char *code, struct holidays *h)
{
        char file[64];
        struct slice bytes;
        int bad_line = 0;
        snprintf(file, sizeof file, "lists/holidays-%.16s.txt", code);
        if (!shelf_get(r->shelf, file, &bytes, NULL))
                law_warn(r, n, "Put the file there: a day a line, \"2026-10-01\"; \"+2026-10-10\" for a weekend's day that is worked.",
                         "there is no list of holidays, \"%s\": they count as working days, so time ends sooner", file);
        else if (!put_list(h, bytes, &bad_line))
                law_complain(r, n, "A day a line, \"2026-10-01\", with a + before it if it is worked; # begins a comment.",
                             "the list of holidays \"%s\" is wrong in line %d", file, bad_line);
}

static bool counts_working_days(const struct rights *rights)
{
        const struct duration *all[] = { &rights->access, &rights->erasure, &rights->extension };
        for (size_t i = 0; i < COUNT(all); i++)
                if (strcmp(all[i]->unit, "working day") == 0)
                        return true;
        return false;
}

void law_read_holidays(struct reader *r, const struct conf_node *n, struct rights *rights)
{
        if (!rights->holidays.n) {
                if (counts_working_days(rights))
                        law_warn(r, n, "Write holidays = \"CN\"; and put lists/holidays-CN.txt beside the policies.",
                                 "working days without \"holidays\": weekends alone are left out");
                return;
        }
        rights->off.days = arena_array(r->shelf->arena, HOLIDAYS_MAX, sizeof *rights->off.days);
        for (size_t i = 0; rights->off.days && i < rights->holidays.n; i++)
                read_one(r, conf_get(n, "holidays"), rights->holidays.v[i], &rights->off);
}
