/* when_words.c - the words that stand in dates: weekdays, parts of the day, zones, eras. */
#include "when_words.h"

#include <string.h>

#include "base/clock.h"

/* In lower case. What stands in other scripts may touch its neighbours. */
static const struct {
        const char *word;
        enum when_word kind;
        int value;
} words[] = {
        { "pukul", WORD_NOISE, 0 }, { "pkl", WORD_NOISE, 0 }, { "jam", WORD_NOISE, 0 }, { "tanggal", WORD_NOISE, 0 },
        { "tgl", WORD_NOISE, 0 }, { "um", WORD_NOISE, 0 }, { "den", WORD_NOISE, 0 }, { "at", WORD_NOISE, 0 },
        { "uhr", WORD_CLOCK, 0 }, { "t", WORD_NOISE, 0 },
        { "am", WORD_HALF, 0 }, { "a.m", WORD_HALF, 0 }, { "pm", WORD_HALF, 1 }, { "p.m", WORD_HALF, 1 },
        { "st", WORD_ORDINAL, 0 }, { "nd", WORD_ORDINAL, 0 }, { "rd", WORD_ORDINAL, 0 }, { "th", WORD_ORDINAL, 0 },
        /* Weekdays. */
        { "monday", WORD_NOISE, 0 }, { "tuesday", WORD_NOISE, 0 }, { "wednesday", WORD_NOISE, 0 },
        { "thursday", WORD_NOISE, 0 }, { "friday", WORD_NOISE, 0 }, { "saturday", WORD_NOISE, 0 },
        { "sunday", WORD_NOISE, 0 }, { "mon", WORD_NOISE, 0 }, { "tue", WORD_NOISE, 0 }, { "wed", WORD_NOISE, 0 },
        { "thu", WORD_NOISE, 0 }, { "fri", WORD_NOISE, 0 }, { "sat", WORD_NOISE, 0 }, { "sun", WORD_NOISE, 0 },
        { "montag", WORD_NOISE, 0 }, { "dienstag", WORD_NOISE, 0 }, { "mittwoch", WORD_NOISE, 0 },
        { "donnerstag", WORD_NOISE, 0 }, { "freitag", WORD_NOISE, 0 }, { "samstag", WORD_NOISE, 0 },
        { "sonnabend", WORD_NOISE, 0 }, { "sonntag", WORD_NOISE, 0 }, { "mo", WORD_NOISE, 0 }, { "di", WORD_NOISE, 0 },
        { "mi", WORD_NOISE, 0 }, { "do", WORD_NOISE, 0 }, { "fr", WORD_NOISE, 0 }, { "sa", WORD_NOISE, 0 },
        { "so", WORD_NOISE, 0 }, { "senin", WORD_NOISE, 0 }, { "selasa", WORD_NOISE, 0 }, { "rabu", WORD_NOISE, 0 },
        { "kamis", WORD_NOISE, 0 }, { "jumat", WORD_NOISE, 0 }, { "jum'at", WORD_NOISE, 0 }, { "sabtu", WORD_NOISE, 0 },
        { "minggu", WORD_NOISE, 0 }, { "sen", WORD_NOISE, 0 }, { "sel", WORD_NOISE, 0 }, { "rab", WORD_NOISE, 0 },
        { "kam", WORD_NOISE, 0 }, { "jum", WORD_NOISE, 0 }, { "sab", WORD_NOISE, 0 }, { "min", WORD_NOISE, 0 },
        /* Zones, in minutes east. IST, CST and BST are several: they are not here. */
        { "z", WORD_ZONE, 0 }, { "utc", WORD_ZONE, 0 }, { "gmt", WORD_ZONE, 0 }, { "wib", WORD_ZONE, 420 },
        { "wita", WORD_ZONE, 480 }, { "wit", WORD_ZONE, 540 }, { "jst", WORD_ZONE, 540 }, { "sgt", WORD_ZONE, 480 },
        { "mez", WORD_ZONE, 60 }, { "cet", WORD_ZONE, 60 }, { "mesz", WORD_ZONE, 120 }, { "cest", WORD_ZONE, 120 },
        { "est", WORD_ZONE, -300 }, { "edt", WORD_ZONE, -240 }, { "mst", WORD_ZONE, -420 }, { "mdt", WORD_ZONE, -360 },
        { "pst", WORD_ZONE, -480 }, { "pdt", WORD_ZONE, -420 }, { "cdt", WORD_ZONE, -300 },
};

static const struct {
        const char *word;
        enum when_word kind;
        int value;
} joined[] = { /* longer ones first */
        { "月曜日", WORD_NOISE, 0 }, { "火曜日", WORD_NOISE, 0 }, { "水曜日", WORD_NOISE, 0 }, { "木曜日", WORD_NOISE, 0 },
        { "金曜日", WORD_NOISE, 0 }, { "土曜日", WORD_NOISE, 0 }, { "日曜日", WORD_NOISE, 0 },
        { "(月)", WORD_NOISE, 0 }, { "(火)", WORD_NOISE, 0 }, { "(水)", WORD_NOISE, 0 }, { "(木)", WORD_NOISE, 0 },
        { "(金)", WORD_NOISE, 0 }, { "(土)", WORD_NOISE, 0 }, { "(日)", WORD_NOISE, 0 },
        { "星期一", WORD_NOISE, 0 }, { "星期二", WORD_NOISE, 0 }, { "星期三", WORD_NOISE, 0 }, { "星期四", WORD_NOISE, 0 },
        { "星期五", WORD_NOISE, 0 }, { "星期六", WORD_NOISE, 0 }, { "星期日", WORD_NOISE, 0 }, { "星期天", WORD_NOISE, 0 },
        { "周一", WORD_NOISE, 0 }, { "周二", WORD_NOISE, 0 }, { "周三", WORD_NOISE, 0 }, { "周四", WORD_NOISE, 0 },
        { "周五", WORD_NOISE, 0 }, { "周六", WORD_NOISE, 0 }, { "周日", WORD_NOISE, 0 },
        { "午前", WORD_HALF, 0 }, { "午後", WORD_HALF, 1 }, { "上午", WORD_HALF, 0 }, { "下午", WORD_HALF, 1 },
        { "令和", WORD_ERA, 2018 }, { "平成", WORD_ERA, 1988 }, { "昭和", WORD_ERA, 1925 },
        { "元", WORD_FIRST_YEAR, 1 },
        { "年", WORD_YEAR, 0 }, { "月", WORD_MONTH, 0 }, { "日", WORD_DAY, 0 }, { "号", WORD_DAY, 0 },
        { "時", WORD_HOUR, 0 }, { "时", WORD_HOUR, 0 }, { "点", WORD_HOUR, 0 }, { "分", WORD_MINUTE, 0 },
        { "秒", WORD_SECOND, 0 },
};

static bool letter(unsigned char c)
{
        return (c >= 'a' && c <= 'z') || c == '\'' || c == 0xc3 || (c >= 0x80 && c < 0xc0);
}

/* A month, or a word of the list, as a whole; its full stop goes with it. */
static enum when_word latin(struct slice *s, int *value)
{
        size_t n = 0;
        enum when_word kind = WORD_UNKNOWN;
        while (n < s->n && (letter((unsigned char)s->p[n]) ||
                            (s->p[n] == '.' && n + 1 < s->n && n < 2 && s->p[n + 1] == 'm')))
                n++;
        struct slice word = { s->p, n }, rest = word;
        if (civil_month(&rest, value) && !rest.n)
                kind = WORD_MONTH_NAME;
        for (size_t i = 0; i < sizeof words / sizeof *words && kind == WORD_UNKNOWN; i++) {
                if (!slice_is(word, words[i].word))
                        continue;
                kind = words[i].kind;
                *value = words[i].value;
        }
        bool stop = n < s->n && s->p[n] == '.' && kind != WORD_UNKNOWN;
        *s = slice_make(s->p + n + stop, s->n - n - stop);
        return kind;
}

enum when_word when_word(struct slice *s, int *value)
{
        *value = 0;
        for (size_t i = 0; i < sizeof joined / sizeof *joined; i++) {
                struct slice word = slice_of(joined[i].word);
                if (!slice_starts(*s, word))
                        continue;
                *s = slice_make(s->p + word.n, s->n - word.n);
                *value = joined[i].value;
                return joined[i].kind;
        }
        return s->n && letter((unsigned char)*s->p) ? latin(s, value) : WORD_UNKNOWN;
}
