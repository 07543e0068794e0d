/* Times, durations, sizes, numbers and ids as text: what is taken is written back and means
 * the same. The first byte chooses; civil times begin with a line that is their format. */
#include "base/clock.h"
#include "base/text.h"
#include "fuzz.h"

static void times(struct slice in)
{
        char text[CLOCK_TEXT_MAX];
        int64_t us, again;
        struct civil c;
        if (clock_parse_rfc3339(&us, in)) {
                clock_format_rfc3339(text, us);
                must(clock_parse_rfc3339(&again, slice_of(text)) && again == us);
                civil_of_us(&c, us);
                must(civil_to_us(&c) == us && c.month >= 1 && c.month <= 12 && c.day >= 1 && c.day <= 31);
        }
        if (clock_parse_date(&us, in))
                must(us % US_PER_DAY == 0);
}

static void civil(struct slice in)
{
        static struct zone *zone;
        struct slice format = take_line(&in);
        char text[256];
        struct civil c;
        bool has_offset;
        int offset_s;
        if (!zone)
                must(zone_open(&zone, "Europe/Berlin", NULL));
        snprintf(text, sizeof text, "%.*s", SLICE_ARG(format));
        if (civil_parse(&c, &has_offset, &offset_s, in, text)) {
                must(c.month >= 0 && c.month <= 12 && c.day >= 0 && c.day <= 31);
                zone_to_us(zone, &c);
        }
}

static void amounts(struct slice in)
{
        char text[32];
        struct duration d;
        uint64_t bytes, u;
        int64_t i;
        double f;
        if (duration_parse(&d, in, NULL)) {
                must(d.amount >= 0 && d.us >= 0);
                must(strlen(duration_format(text, d.us)) < sizeof text);
        }
        if (text_size(&bytes, in, NULL))
                must(strlen(text_size_format(text, bytes)) < sizeof text);
        if (text_uint(&u, in, UINT64_MAX) && u <= INT64_MAX)
                must(text_int(&i, in, 0, INT64_MAX) && (uint64_t)i == u);
        text_double(&f, in);
}

static void ids(struct slice in)
{
        uint8_t id[16], again[16];
        char text[37], hex[33];
        if (uuid_parse(id, in)) {
                uuid_format(text, id);
                must(uuid_parse(again, slice_of(text)) && memcmp(id, again, 16) == 0);
        }
        if (hex_decode(id, 16, in)) {
                hex_encode(hex, id, 16);
                must(slice_eq_nocase(in, slice_of(hex)));
        }
        size_t cut = utf8_valid(in, NULL) ? utf8_cut(in, 7) : 0;
        must(cut <= 7 && utf8_valid(slice_make(in.p, cut), NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        static void (*const all[])(struct slice) = { times, civil, amounts, ids };
        struct slice in = { (const char *)bytes, n };
        all[take_byte(&in) % 4](in);
        return 0;
}
