/* policy_due.c - `policy due [NAME | --region CODE] [--date DAY]`: by when somebody who asked that day
 * must be answered, and a breach of that day be told. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "policy/due.h"
#include "policy_book.h"
#include "verb.h"

static const char *const sentences[DUES] = {
        [DUE_ACCESS] = "A request for access is answered by",
        [DUE_ERASURE] = "A request for erasure is met by",
        [DUE_AUTHORITY] = "The authority is told of a breach by",
        [DUE_PEOPLE] = "The people are told of a breach by",
};

struct place_of_time {
        const char *name; /* "UTC" without a region */
        struct zone *zone;
};

/* The region's day where it is one's end, as the law counts; else the moment. */
static void say_when(const struct place_of_time *p, int64_t us)
{
        char text[CLOCK_TEXT_MAX];
        for (int day = -1; day <= 1; day++) {
                int64_t end_us;
                clock_format_rfc3339(text, us + day * US_PER_DAY);
                if (zone_end_of_day_us(p->zone, slice_make(text, 10), &end_us) && end_us == us) {
                        printf("the end of %.10s (%s)", text, p->name);
                        return;
                }
        }
        clock_format_rfc3339(text, us);
        printf("%.10s at %.5s UTC", text, text + 11);
}

static void say(const struct place_of_time *p, const struct due *all, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                printf("%s ", sentences[all[i].what]);
                say_when(p, all[i].by_us);
                if (all[i].extended_us != INT64_MIN) {
                        printf("; if it is extended, by ");
                        say_when(p, all[i].extended_us);
                }
                printf(".  (%s:%d%s%s)\n", all[i].file, all[i].line, *all[i].because ? "; " : "", all[i].because);
        }
        if (!n)
                printf("The policy names no time: no `rights`, no `breach`.\n");
}

static bool say_json(const struct book *b, int64_t from_us, const struct due *all, size_t n)
{
        struct json_out o;
        struct buf text;
        buf_init(&text, 1 << 16);
        json_out_init(&o, &text);
        json_open(&o, NULL, '{');
        json_put_int(&o, "version", 1);
        json_put_text(&o, "policy", book_policy(b));
        json_put_time(&o, "from", from_us);
        json_open(&o, "due", '[');
        for (size_t i = 0; i < n; i++) {
                json_open(&o, NULL, '{');
                json_put_text(&o, "what", due_name(all[i].what));
                json_put_time(&o, "by", all[i].by_us);
                if (all[i].extended_us != INT64_MIN)
                        json_put_time(&o, "extended", all[i].extended_us);
                json_put_text(&o, "file", all[i].file);
                json_put_int(&o, "line", all[i].line);
                json_put_text(&o, "because", all[i].because);
                json_close(&o, '}');
        }
        json_close(&o, ']');
        json_close(&o, '}');
        bool ok = buf_ok(&text);
        if (ok)
                printf("%s\n", text.p);
        buf_clear(&text);
        return ok;
}

/* A day alone begins at the region's midnight: hours that run from it end rather too soon than too late. */
static int64_t begins(const struct place_of_time *p, int64_t from_us, bool is_day)
{
        struct civil c;
        civil_of_us(&c, from_us);
        return is_day ? zone_to_us(p->zone, &c) : from_us;
}

static int tell(struct deployment *d, const char *arg, int64_t from_us, bool is_day)
{
        char name[256] = "", folder[4096];
        struct report *report = report_new();
        struct policy_book b = { 0 };
        struct place_of_time p = { .name = "UTC" };
        struct due all[DUES];
        struct err err = ERR_INIT;
        int status = EXIT_BAD_CONFIG;
        if (arg) {
                policy_name(name, folder, arg, d->policies);
                d->policies = folder;
        }
        const struct book_wanted wanted = { .policy = arg ? name : NULL, .region = d->region };
        if (!policy_book_open(&b, d, &wanted, report)) {
                act_report(report, d->json);
        } else if (!zone_open(&p.zone, p.name = b.settings ? b.settings->region.timezone : "UTC", &err)) {
                status = act_fail(&err, d->json);
        } else {
                from_us = begins(&p, from_us, is_day);
                size_t n = book_due(b.book, from_us, all);
                status = EXIT_WELL;
                if (!d->json)
                        say(&p, all, n);
                else if (!say_json(b.book, from_us, all, n))
                        status = EXIT_COULD_NOT;
        }
        zone_free(p.zone);
        policy_book_close(&b);
        report_free(report);
        return status;
}

int policy_due(int argc, char **argv)
{
        static const char usage[] = "policy due [NAME | --region CODE] [--date DAY]";
        struct deployment d = { 0 };
        struct buf keep;
        const char *date = NULL;
        bool help = false;
        int64_t from_us = clock_now_us();
        int status = EXIT_COULD_NOT;
        const struct flag flags[] = { VERB_FLAGS(&d, &help),
                { "date", 0, "DAY", &date, "When it came in: 2026-11-23, as that day begins, or 2026-11-23T14:00:00Z (now)." }, FLAG_END };
        int n = verb_begin(flags, usage, argc, argv, &d, &keep, &help, &status);
        bool is_day = n >= 0 && date && clock_parse_date(&from_us, slice_of(date));
        if (n >= 0 && date && !is_day && !clock_parse_rfc3339(&from_us, slice_of(date)))
                fprintf(stderr, "tributary: \"%s\" is no day\nhint: Write --date 2026-11-23, or 2026-11-23T14:00:00Z.\n", date);
        else if (n > 1 || (n == 0 && !d.region))
                fprintf(stderr, "tributary: policy due takes a policy's name, or --region CODE\nhint: usage: tributary %s\n", usage);
        else if (n >= 0)
                status = tell(&d, n ? argv[0] : NULL, from_us, is_day);
        buf_clear(&keep);
        return status;
}
