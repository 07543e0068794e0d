/* birth.c - dates of birth: a date in any of the ways people write one, and a word of birth
 * beside it. A date alone is a log line's. */
#include "checksum.h"
#include "look.h"

enum {
        LEFT = 44, /* characters in which a word of birth counts */
        RIGHT = 20,
        BLANKS = 8, /* in one place of a date */
        BUDDHIST = 543,
        FIRST_YEAR = 1900,
        LAST_YEAR = 2021 /* who is younger writes nowhere */
};

struct date {
        size_t start, end;
        int year, month, day;
};

/* The number of at most `max` digits at *i, which moves past it; -1 if there is none. */
static int number(const struct look *l, size_t *i, size_t max)
{
        size_t n = 0;
        int v = 0;
        while (n < max && is_digit(look_at(l, *i + n)))
                v = v * 10 + (l->p[*i + n++] - '0');
        if (n == 0 || is_digit(look_at(l, *i + n)))
                return -1;
        *i += n;
        return v;
}

static bool in_time(int year)
{
        return year >= FIRST_YEAR && year <= LAST_YEAR;
}

/* Thai years count from the Buddha; two digits are of the last hundred years. */
static int year_of(int y)
{
        if (y < 0 || in_time(y))
                return y;
        if (y < 100)
                return y > LAST_YEAR - 2000 ? 1900 + y : 2000 + y;
        return in_time(y - BUDDHIST) ? y - BUDDHIST : -1;
}

static bool settle_date(struct date *d, int year, int month, int day)
{
        d->year = year_of(year);
        if (d->year < 0 || month < 0 || day < 0)
                return false;
        return check_date(d->year, month, day) || check_date(d->year, day, month);
}

static size_t skip_blanks(const struct look *l, size_t i)
{
        for (int n = 0; n < BLANKS && look_at(l, i) == ' '; n++)
                i++;
        return i;
}

/* One of the texts at *i, blanks before it allowed; moves past it and blanks after. */
static bool take(const struct look *l, size_t *i, const char *const *texts, size_t n)
{
        size_t k = skip_blanks(l, *i);
        char c = look_at(l, k);
        if (is_alpha(c) && !strchr("stnredopn", to_lower(c))) /* what any of them begins with */
                return false;
        for (size_t t = 0; t < n; t++)
                if (look_is_nocase(l, k, texts[t])) {
                        *i = skip_blanks(l, k + strlen(texts[t]));
                        return true;
                }
        return false;
}

static bool take_one(const struct look *l, size_t *i, const char *a, const char *b)
{
        const char *const both[] = { a, b };
        return take(l, i, both, 2);
}

/* The same separator twice: 1990-05-01, 1.5.1990, 01/05/90, "1990. 5. 1." */
static bool with_marks(const struct look *l, size_t i, int first, struct date *d)
{
        char mark = look_at(l, i);
        if (mark != '-' && mark != '/' && mark != '.')
                return false;
        bool blank = look_at(l, i + 1) == ' ';
        i += 1 + blank;
        int second = number(l, &i, 2);
        if (second < 0 || look_at(l, i) != mark || (look_at(l, i + 1) == ' ') != blank)
                return false;
        i += 1 + blank;
        size_t from = i;
        int third = number(l, &i, 4);
        d->end = i;
        if (first > 31)
                return i - from <= 2 && settle_date(d, first, second, third);
        return (i - from == 4 || i - from == 2) && settle_date(d, third, second, first);
}

/* 1990年5月1日, 1990년 5월 1일 */
static bool with_signs(const struct look *l, size_t i, int year, struct date *d)
{
        if ((!is_high(look_at(l, i)) && look_at(l, i) != ' ') || !take_one(l, &i, "年", "년"))
                return false;
        int month = number(l, &i, 2);
        if (month < 0 || !take_one(l, &i, "月", "월"))
                return false;
        int day = number(l, &i, 2);
        i = skip_blanks(l, i);
        if (!look_is(l, i, "日") && !look_is(l, i, "号") && !look_is(l, i, "일"))
                return false;
        d->end = i + 3;
        return settle_date(d, year, month, day);
}

/* What months begin with, in lower case. With a word of birth beside it that is enough. */
static bool month_at(const struct look *l, size_t i)
{
        static const char *const months[] = { "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct",
                "nov", "dec", "jän", "mär", "mai", "okt", "dez", "fév", "avr", "juin", "août", "aoû", "déc", "ene",
                "abr", "ago", "dic", "gen", "mag", "giu", "lug", "set", "ott", "fev", "out", "mei", "agu", "des",
                "maj", "maa", "มกรา", "ม.ค", "กุมภา", "ก.พ", "มีนา", "มี.ค", "เมษา", "เม.ย", "พฤษภา", "พ.ค", "มิถุนา",
                "มิ.ย", "กรกฎา", "ก.ค", "สิงหา", "ส.ค", "กันยา", "ก.ย", "ตุลา", "ต.ค", "พฤศจิกา", "พ.ย", "ธันวา", "ธ.ค",
                "जन", "फ़र", "फर", "मार्च", "अप्रै", "मई", "जून", "जुल", "अग", "सित", "अक्", "अक्ट", "नव", "दिस",
                "stycz", "lut", "kwie", "czerw", "lip", "sierp", "wrze", "paź", "listop", "grud", "янв", "фев",
                "мар", "апр", "мая", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек", "ocak", "şubat",
                "nisan", "haziran", "temmuz", "ağustos", "eylül", "ekim", "kasım", "aralık", "tháng" };
        for (size_t k = 0; k < sizeof months / sizeof *months; k++)
                if (look_is_nocase(l, i, months[k]))
                        return true;
        return false;
}

static size_t word_end(const struct look *l, size_t i)
{
        size_t start = i;
        while (i < l->n && i - start < 40 && (is_alpha(l->p[i]) || is_high(l->p[i])))
                i++;
        while (look_at(l, i) == '.' && is_high(look_at(l, i + 1)) && i - start < 40) /* ม.ค. */
                for (i++; is_high(look_at(l, i)) && i - start < 40;)
                        i++;
        return look_at(l, i) == '.' ? i + 1 : i;
}

/* After a blank stands what a month, "of" or "de" begins with. */
static bool may_be_month(const struct look *l, size_t i)
{
        char c = look_at(l, i) == ' ' ? look_at(l, i + 1) : 0;
        return !is_alpha(c) || !strchr("biqruvxyz", to_lower(c));
}

/* 12. März 1954, 3rd of May 1980, 3 de mayo de 1980, 5 tháng 3 năm 1990 */
static bool with_month_after(const struct look *l, size_t i, int day, struct date *d)
{
        static const char *const of[] = { "st", "nd", "rd", "th", "er", "º", ".", "-" };
        static const char *const joints[] = { "of ", "de ", "del ", "năm ", "ปี ", "พ.ศ.", ",", "-" };
        size_t k = i;
        if (!may_be_month(l, i))
                return false;
        if (look_at(l, k) != ' ')
                (void)take(l, &k, of, sizeof of / sizeof *of);
        (void)take(l, &k, joints, sizeof joints / sizeof *joints);
        k = skip_blanks(l, k);
        size_t word = k;
        bool vietnamese = look_is_nocase(l, k, "tháng");
        k = word_end(l, k);
        if (k < word + 2)
                return false;
        k = skip_blanks(l, k);
        int month = vietnamese ? number(l, &k, 2) : 1;
        (void)take(l, &k, joints, sizeof joints / sizeof *joints);
        (void)take(l, &k, joints, 4);
        int year = is_digit(look_at(l, k)) ? number(l, &k, 4) : -1;
        d->end = k;
        return year >= 100 && month_at(l, word) && settle_date(d, year, month, day);
}

/* September 17, 1957: the month stands before the day at `start`. */
static bool with_month_before(const struct look *l, size_t i, int day, struct date *d)
{
        static const char *const ends[] = { "st", "nd", "rd", "th", "," };
        size_t k = d->start, end;
        while (k > 0 && (l->p[k - 1] == ' ' || l->p[k - 1] == '.') && d->start - k < 2)
                k--;
        end = k;
        while (k > 0 && end - k < 12 && is_alpha(l->p[k - 1]))
                k--;
        if (end - k < 3 || k == d->start)
                return false;
        if (take(l, &i, ends, sizeof ends / sizeof *ends))
                (void)take(l, &i, ends + 4, 1);
        i = skip_blanks(l, i);
        int year = number(l, &i, 4);
        d->start = k;
        d->end = i;
        return year >= 100 && month_at(l, k) && settle_date(d, year, 1, day);
}

/* 昭和35年3月1日: the era stands before the year; 平成元年3月1日 has no year's number. */
static bool of_era(const struct look *l, size_t i, int first, struct date *d)
{
        static const struct {
                const char *name;
                int zero;
        } eras[] = { { "昭和", 1925 }, { "平成", 1988 }, { "令和", 2018 }, { "大正", 1911 } };
        size_t before = d->start;
        if (!is_high(look_before(l, before)))
                return false;
        bool gannen = before >= 6 && look_is(l, before - 6, "元年");
        before -= gannen ? 6 : 0;
        for (size_t e = 0; before >= 6 && e < sizeof eras / sizeof *eras; e++) {
                if (!look_is(l, before - 6, eras[e].name))
                        continue;
                d->start = before - 6;
                if (!gannen)
                        return first <= 64 && with_signs(l, i, eras[e].zero + first, d);
                if (!take_one(l, &i, "月", "月"))
                        return false;
                int day = number(l, &i, 2);
                d->end = i + 3;
                return look_is(l, i, "日") && settle_date(d, eras[e].zero + 1, first, day);
        }
        return false;
}

/* 19900501, 900501 */
static bool in_one_run(const struct look *l, size_t start, size_t end, struct date *d)
{
        size_t n = end - start, y = n == 8 ? 4 : 2;
        if (n != 8 && n != 6)
                return false;
        int year = (int)check_number(l->p + start, y), month = (int)check_number(l->p + start + y, 2);
        d->end = end;
        return check_date(year_of(year), month, (int)check_number(l->p + start + y + 2, 2)) && year_of(year) > 0;
}

/* 1990-05-, "1. 5.": after a sign at i one or two digits, and it again. */
static bool marked_twice(const struct look *l, size_t i)
{
        size_t k = i + 1;
        while (k < i + 3 && is_digit(look_at(l, k)))
                k++;
        return look_at(l, k) == look_at(l, i);
}

/* What follows a year of four digits, or a day or month of one or two, at its end; most numbers are
 * followed by something else. */
static bool may_go_on(const struct look *l, size_t end, bool year)
{
        char c = look_at(l, end), d = look_at(l, end + 1);
        if (c == '-' || c == '/' || c == '.')
                return is_digit(d) ? marked_twice(l, end) : d == ' ' || (!year && (is_alpha(d) || is_high(d)));
        if (year)
                return is_high(c) || (c == ' ' && (is_high(d) || d == ' '));
        if (c == ' ')
                return is_digit(d) || is_high(d) || d == ' ' || (is_alpha(d) && may_be_month(l, end));
        return is_high(c) || is_alpha(c) || c == ',';
}

/* Digits of a date, by their number and what follows. */
static bool may_be_date(const struct look *l, size_t start, size_t end)
{
        size_t n = end - start;
        return n == 8 || n == 6 || (n <= 4 && n != 3 && may_go_on(l, end, n == 4));
}

static bool date_at(const struct look *l, size_t start, size_t end, struct date *d)
{
        size_t i = start;
        *d = (struct date){ .start = start };
        if (end - start == 8 || end - start == 6)
                return in_one_run(l, start, end, d);
        int first = number(l, &i, 4);
        if (of_era(l, i, first, d))
                return true;
        d->start = start;
        if (with_marks(l, i, first, d) || with_signs(l, i, first, d))
                return true;
        return end - start <= 2 && (with_month_after(l, i, first, d) || with_month_before(l, i, first, d));
}

/* A time of day goes on: 1970-01-01 00:00:01, 1990-05-01T12 */
static bool has_time(const struct look *l, size_t end)
{
        char c = look_at(l, end);
        return (c == ' ' || c == 'T') && is_digit(look_at(l, end + 1)) && is_digit(look_at(l, end + 2)) &&
               look_at(l, end + 3) == ':';
}

/* 生まれ, geboren: what verbs at the end of a clause say. */
static bool born_after(const struct look *l, size_t end)
{
        size_t i = look_is(l, end, ". ") ? end + 2 : end, chars = RIGHT;
        while (i < l->n && chars > 0 && l->p[i] != '\n' && l->p[i] != '.' && l->p[i] != ',' && !is_digit(l->p[i])) {
                if (look_is(l, i, "。") || look_is(l, i, "।"))
                        break;
                chars -= ((unsigned char)l->p[i] & 0xC0) != 0x80;
                i++;
        }
        return near_has(l->near, LIST_BORN, end, i);
}

/* What databases put where there is no date. */
static bool is_default(const struct look *l, size_t start)
{
        return look_is(l, start, "1900-01-01") || look_is(l, start, "1970-01-01") || look_is(l, start, "1753-01-01") ||
               (start >= 9 && look_is_nocase(l, start - 9, "default '"));
}

void find_birth(struct look *l, size_t start, size_t end)
{
        struct date d;
        if (!may_be_date(l, start, end) || !date_at(l, start, end, &d) || !look_free_left(l, d.start) || has_time(l, d.end) ||
            is_alnum(look_at(l, d.end)) || is_default(l, d.start))
                return;
        if (look_context(l, ID_DOB, d.start, LEFT, d.end, RIGHT) || born_after(l, d.end))
                look_hit(l, d.start, d.end, ID_DOB, 90);
}
