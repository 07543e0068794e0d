/* Times as written in Jakarta, Berlin, Tokyo, Beijing, and by programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "when.h"

/* "2026-11-23T14:05:00", with what stands for its zone; "?": no time; "2": two ways. */
static void reads(const char *format, const char *text, const char *want)
{
        struct when w;
        char got[80] = "?";
        enum when_said said = when_read(&w, slice_of(text), format);
        if (said == WHEN_TWO_WAYS)
                snprintf(got, sizeof got, "2");
        if (said == WHEN_READ) {
                int n = snprintf(got, sizeof got, "%04d-%02d-%02dT%02d:%02d:%02d", w.c.year, w.c.month, w.c.day, w.c.hour,
                                 w.c.minute, w.c.second);
                if (w.c.microsecond)
                        n += snprintf(got + n, sizeof got - (size_t)n, ".%06d", w.c.microsecond);
                if (w.has_offset)
                        snprintf(got + n, sizeof got - (size_t)n, "%+d", w.offset_s / 60);
        }
        if (strcmp(got, want) != 0)
                fail_msg("\"%s\" as %s: %s, not %s", text, format, got, want);
}

struct row {
        const char *text, *want;
};

static void all_read(const struct row *rows)
{
        for (; rows->text; rows++)
                reads("auto", rows->text, rows->want);
}

#define AT "2026-11-23T14:05:00"
#define DAY "2026-11-23T00:00:00"

static void auto__reads_dates_of_jakarta(void **state)
{
        static const struct row rows[] = {
                { "23 November 2026 14.05", AT }, { "23 Nov 2026", DAY }, { "23 Nopember 2026", DAY },
                { "Senin, 23 November 2026 pukul 14.05 WIB", AT "+420" },
                { "Senin, 23 November 2026 pukul 14:05 WITA", AT "+480" },
                { "23 November 2026 jam 14.05.30 WIT", "2026-11-23T14:05:30+540" },
                { "Jum'at, 1 Mei 2026", "2026-05-01T00:00:00" }, { "17 Agustus 2026 10.00", "2026-08-17T10:00:00" },
                { "17 Agt 2026", "2026-08-17T00:00:00" }, { "5 Desember 2026", "2026-12-05T00:00:00" },
                { "23/11/2026 14:05", AT }, { "23/11/2026 14.05", AT }, { "23-11-2026 14:05:00", AT },
                { "23-Nov-2026", DAY }, { "Minggu, 3 Maret 2024", "2024-03-03T00:00:00" }, { NULL, NULL },
        };
        (void)state;
        all_read(rows);
}

static void auto__reads_dates_of_berlin(void **state)
{
        static const struct row rows[] = {
                { "23.11.2026 14:05", AT }, { "23. November 2026, 14:05 Uhr", AT }, { "1. M\xc3\xa4rz 2026", "2026-03-01T00:00:00" },
                { "1. M\xc3\x84RZ 2026", "2026-03-01T00:00:00" }, { "Montag, den 23. November 2026", DAY },
                { "Mo., 23.11.2026, 14:05 Uhr", AT }, { "23.11.2026 um 14.05 Uhr MEZ", AT "+60" },
                { "05.11.2026", "2026-11-05T00:00:00" }, { "1.7.2026 9:05", "2026-07-01T09:05:00" },
                { "23.11.2026 14 Uhr", "2026-11-23T14:00:00" }, { "1. Juli 2026 9:05 Uhr MESZ", "2026-07-01T09:05:00+120" },
                { "23. Dez. 2026", "2026-12-23T00:00:00" }, { NULL, NULL },
        };
        (void)state;
        all_read(rows);
}

static void auto__reads_dates_of_tokyo_and_beijing(void **state)
{
        static const struct row rows[] = {
                { "2026年11月23日 14時05分", AT }, { "2026年11月23日14時05分00秒", AT }, { "2026/11/23 14:05", AT },
                { "令和8年11月23日", DAY }, { "令和元年5月1日", "2019-05-01T00:00:00" },
                { "２０２６年１１月２３日　午後２時５分", AT }, { "2026年11月23日(月) 午後2:05", AT },
                { "2026年11月23日（月）14時", "2026-11-23T14:00:00" }, { "2026/11/23 2:05:00 午後 GMT+9", AT "+540" },
                { "2026年11月23日 午前0時5分", "2026-11-23T00:05:00" }, { "2026年11月23日 午後0時5分", "2026-11-23T12:05:00" },
                { "2026年11月23日 下午2:05", AT }, { "2026年11月23日 星期一 14:05", AT }, { "2026年11月23号 14点05分", AT },
                { "2026-11-23 下午 2:05:00", AT }, { "２０２６／１１／２３ １４：０５", AT }, { "2026/1/2", "2026-01-02T00:00:00" },
                { "2026.11.23", DAY }, { "平成31年4月30日", "2019-04-30T00:00:00" }, { "2026年11月23日 14:05 JST", AT "+540" },
                { NULL, NULL },
        };
        (void)state;
        all_read(rows);
}

static void auto__reads_dates_of_programs(void **state)
{
        static const struct row rows[] = {
                { "2026-11-23T14:05:00Z", AT "+0" }, { "2026-11-23 14:05", AT }, { "2026-11-23", DAY },
                { "2026-11-23T14:05:00.25+09:00", "2026-11-23T05:05:00.250000+0" }, { "Nov 23, 2026 2:05 PM", AT },
                { "November 23rd, 2026 at 2:05 p.m.", AT }, { "Mon, 23 Nov 2026 14:05:00 +0000", AT "+0" },
                { "11/23/2026 2:05:00 PM", AT }, { "11/23/2026", DAY }, { "05/05/2026", "2026-05-05T00:00:00" },
                { "2026-11-23 14:05:00 UTC", AT "+0" }, { "2026-11-23 14:05:00 +0530", AT "+330" },
                { "2026-11-23 14:05:00.123", "2026-11-23T14:05:00.123000" }, { "12:05 AM Nov 23 2026", "2026-11-23T00:05:00" },
                { "23 Nov 2026 2 pm", "2026-11-23T14:00:00" }, { NULL, NULL },
        };
        (void)state;
        all_read(rows);
}

static void auto__refuses_what_has_two_meanings_or_none(void **state)
{
        static const struct row rows[] = {
                { "05/11/2026", "2" }, { "5-11-2026 14:05", "2" }, { "11/05/2026 2:05 PM", "2" }, { "23.11.26", "2" },
                { "11/23/26 14:05", "2" }, { "23-Nov-26", "2" }, { "", "?" }, { "soon", "?" }, { "14:05", "?" },
                { "2026", "?" }, { "November 2026", "?" }, { "31.02.2026", "?" }, { "29.02.2025", "?" }, { "23/13/2026", "?" },
                { "2026-11-23 25:00", "?" }, { "2026-11-23 14:61", "?" }, { "2026/23/11", "?" }, { "23.11.2026 14:05 IST", "?" },
                { "23.11.2026 24.12.2026", "?" }, { "23.11.2026 13:05 pm", "?" }, { "23 November 2026 x", "?" },
                { "45989.58", "?" }, { "1795442700", "?" }, { "(((((", "?" }, { "令和8年", "?" }, { "23.11.2026 14:05 14:06", "?" },
                { "\xe5\xb9\xb4", "?" }, { "2026-11-23T14:05:00Z and more", "?" }, { NULL, NULL },
        };
        (void)state;
        all_read(rows);
}

static void formats__are_read_as_they_are_named(void **state)
{
        (void)state;
        reads("%d/%m/%Y %H:%M", "05/11/2026 14:05", "2026-11-05T14:05:00");
        reads("%m/%d/%Y %I:%M %p", "05/11/2026 2:05 pm", "2026-05-11T14:05:00");
        reads("%d %B %Y %H.%M", "17 Agustus 2026 10.05", "2026-08-17T10:05:00");
        reads("%d. %B %Y", "1. M\xc3\xa4rz 2026", "2026-03-01T00:00:00");
        reads("%Y/%m/%d %H:%M", "２０２６／１１／２３　１４：０５", AT);
        reads("%Y年%m月%d日", "2026年11月23日", DAY);
        reads("excel", "46349.586805555555", AT);
        reads("excel", "46349", DAY);
        reads("excel", "59", "?");
        reads("excel", "1e9", "?");
        reads("excel", "nan", "?");
        reads("unix", "1795442700", AT "+0");
        reads("unix", "-1", "?");
        reads("%d/%m/%Y", "11/23/2026", "?");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(auto__reads_dates_of_jakarta),
                cmocka_unit_test(auto__reads_dates_of_berlin),
                cmocka_unit_test(auto__reads_dates_of_tokyo_and_beijing),
                cmocka_unit_test(auto__reads_dates_of_programs),
                cmocka_unit_test(auto__refuses_what_has_two_meanings_or_none),
                cmocka_unit_test(formats__are_read_as_they_are_named),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
