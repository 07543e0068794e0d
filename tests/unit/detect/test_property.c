/* test_property.c - numbers made here by their standards are found in every form; near
 * misses are not; noise never breaks what scan() promises. */
#include "helpers.h"
#include "identifiers.h"
#include "sanitized.h"

enum { ROUNDS = 800 / SANITIZED, VALUE_MAX = 96, SEEDS = 128, CHANCE = 5 };

/* Numbers of each kind: the default suite's, or as many as DETECT_ROUNDS says. */
static int rounds(void)
{
        const char *more = getenv("DETECT_ROUNDS");
        int n = more ? atoi(more) : ROUNDS;
        return n > 0 ? n : ROUNDS;
}

static void digits(char *out, size_t n, const char *first)
{
        for (size_t i = 0; i < n; i++)
                out[i] = i == 0 ? first[roll(strlen(first))] : (char)('0' + roll(10));
        out[n] = 0;
}

static char luhn_check(const char *body)
{
        int sum = 0;
        size_t n = strlen(body);
        for (size_t i = 0; i < n; i++) {
                int d = body[n - 1 - i] - '0';
                sum += i % 2 == 0 ? (d > 4 ? 2 * d - 9 : 2 * d) : d;
        }
        return (char)('0' + (10 - sum % 10) % 10);
}

static void make_card(char *out)
{
        digits(out, 15, "4");
        out[15] = luhn_check(out);
        out[16] = 0;
}

static void make_iban(char *out)
{
        char body[24];
        unsigned r = 0;
        digits(body, 18, "123456789");
        for (size_t i = 0; i < 18; i++)
                r = (r * 10 + (unsigned)(body[i] - '0')) % 97;
        for (const char *de = "131400"; *de; de++) /* D = 13, E = 14, check digits 00 */
                r = (r * 10 + (unsigned)(*de - '0')) % 97;
        snprintf(out, VALUE_MAX, "DE%02u%s", 98 - r, body);
}

static void make_my_number(char *out)
{
        int sum = 0;
        digits(out, 11, "123456789");
        for (int n = 1; n <= 11; n++)
                sum += (out[11 - n] - '0') * (n <= 6 ? n + 1 : n - 5);
        out[11] = (char)('0' + (sum % 11 <= 1 ? 0 : 11 - sum % 11));
        out[12] = 0;
}

/* D5 as rotations and reflections of a pentagon, not as a table. */
static int dihedral(int a, int b)
{
        int turn = b % 5, flip = b / 5;
        int t = a < 5 ? (a + turn) % 5 : (a - 5 - turn + 5) % 5;
        return ((a >= 5) ^ flip) ? 5 + t : t;
}

static void make_aadhaar(char *out)
{
        static const int step[10] = { 1, 5, 7, 6, 2, 8, 3, 0, 9, 4 };
        digits(out, 11, "23456789");
        out[12] = 0;
        for (char c = '0'; c <= '9'; c++) {
                int sum = 0;
                out[11] = c;
                for (int i = 0; i < 12; i++) {
                        int d = out[11 - i] - '0';
                        for (int k = 0; k < i % 8; k++)
                                d = step[d];
                        sum = dihedral(sum, d);
                }
                if (sum == 0)
                        return;
        }
        fail_msg("no check digit");
}

static void make_resident(char *out)
{
        int sum = 0, power = 1;
        snprintf(out, VALUE_MAX, "11010%d19%02d%02d%02d%03d", (int)roll(9) + 1, (int)roll(100),
                 (int)roll(12) + 1, (int)roll(28) + 1, (int)roll(1000));
        for (int i = 16; i >= 0; i--) {
                power = power * 2 % 11; /* ISO 7064: 2^(18 - i) mod 11 */
                sum += (out[i] - '0') * power;
        }
        out[17] = "10X98765432"[sum % 11];
        out[18] = 0;
}

static void make_rrn(char *out)
{
        snprintf(out, VALUE_MAX, "%02d%02d%02d%d%06d", (int)roll(100), (int)roll(12) + 1, (int)roll(28) + 1,
                 (int)roll(8) + 1, (int)roll(1000000));
}

static const struct maker {
        const char *name, *word;
        void (*make)(char *out);
        const char *groups; /* lengths; the separated form */
        const char *separators;
        bool checked; /* one changed digit shows */
} makers[] = {
        { "credit_card", "card", make_card, "4444", " -.", true },
        { "iban", "IBAN", make_iban, "444442", " -", true },
        { "jp_mynumber", "マイナンバー", make_my_number, "444", " -", true },
        { "in_aadhaar", "Aadhaar", make_aadhaar, "444", " -", true },
        { "cn_ric", "身份证", make_resident, "684", " -", true },
        { "kr_rrn", "주민등록번호", make_rrn, "67", "- ", false },
};

static void separate(char *out, const char *value, const char *groups, char separator)
{
        for (; *groups && *value; groups++) {
                for (int i = 0; i < *groups - '0' && *value; i++)
                        *out++ = *value++;
                if (*value)
                        *out++ = separator;
        }
        *out = 0;
}

static void expect_exactly(const char *name, const char *before, const char *value, const char *after)
{
        char text[512];
        snprintf(text, sizeof text, "%s%s%s", before, value, after);
        if (!found_exactly(text, name, strlen(before), strlen(value)))
                fail_msg("%s is not found in: %s", name, text);
}

static void property__every_form_of_a_valid_number_is_found(void **state)
{
        (void)state;
        char value[VALUE_MAX], form[VALUE_MAX + 8], before[64];
        for (size_t k = 0; k < sizeof makers / sizeof *makers; k++)
                for (int i = 0; i < rounds(); i++) {
                        const struct maker *m = &makers[k];
                        m->make(value);
                        snprintf(before, sizeof before, "see %s: ", m->word);
                        expect_exactly(m->name, before, value, ".");
                        snprintf(before, sizeof before, "%s：", m->word);
                        expect_exactly(m->name, before, value, "。");
                        separate(form, value, m->groups, m->separators[roll(strlen(m->separators))]);
                        expect_exactly(m->name, before, form, "\nthanks");
                        snprintf(before, sizeof before, "my %s number is ", m->word);
                        expect_exactly(m->name, before, form, "");
                }
}

/* My Number's check digit is 0 for two remainders, so one in sixty misses passes it. */
static void property__near_misses_stay(void **state)
{
        (void)state;
        char value[VALUE_MAX], text[256];
        int wrong = 0, tried = 0;
        for (size_t k = 0; k < sizeof makers / sizeof *makers; k++)
                for (int i = 0; makers[k].checked && i < rounds(); i++, tried++) {
                        makers[k].make(value);
                        size_t at = 4 + roll(strlen(value) - 5);
                        char was = value[at];
                        while (value[at] == was)
                                value[at] = (char)('0' + roll(10));
                        int n = snprintf(text, sizeof text, "%s: ", makers[k].word);
                        snprintf(text + n, sizeof text - (size_t)n, "%s.", value);
                        wrong += found_exactly(text, makers[k].name, (size_t)n, strlen(value));
                }
        assert_true(wrong <= tried / 100);
}

/* The letters and digits of the kind's valid vectors, which another program made. */
static size_t read_seeds(const char *name, char seeds[SEEDS][FORM_MAX + 1])
{
        char line[512];
        size_t n = 0, len = strlen(name);
        FILE *f = fopen(TEST_DATA "/identifiers.txt", "r");
        assert_non_null(f);
        while (n < SEEDS && fgets(line, sizeof line, f)) {
                if (strncmp(line, name, len) != 0 || strncmp(line + len, "\tvalid\t", 7) != 0)
                        continue;
                size_t k = 0;
                for (const char *p = line + len + 7; *p && k < FORM_MAX; p++)
                        if ((*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z'))
                                seeds[n][k++] = *p;
                seeds[n++][k] = 0;
        }
        fclose(f);
        return n;
}

static char another(char c)
{
        char other = c;
        while (other == c)
                other = (char)(c >= 'A' ? 'A' + (char)roll(26) : '0' + (char)roll(10));
        return other;
}

/* From one valid number to another: a character changes, and another is sought that makes it
 * valid again. */
static void walk(const struct row *row, char *value)
{
        size_t n = strlen(value);
        char was[FORM_MAX + 1];
        memcpy(was, value, n + 1);
        for (int tries = 0; tries < 200; tries++) {
                size_t a = (size_t)roll(n), b = (size_t)roll(n);
                value[a] = another(value[a]);
                for (int k = 0; k < 10 && !row->valid(value, n); k++)
                        value[b] = value[b] >= 'A' ? another(value[b]) : (char)('0' + k);
                if (row->valid(value, n))
                        return;
                memcpy(value, was, n + 1);
        }
}

/* A form of the row that the value fits, written out with blanks or hyphens for '~'. False if
 * the k-th form is none. */
static bool write_form(const struct row *row, unsigned k, const char *value, char *out)
{
        const char *f = row->forms, gap = " -"[roll(2)];
        for (; k; k--) {
                f = strchr(f, '|');
                if (!f++)
                        return false;
        }
        for (; *f && *f != '|'; f++) {
                bool letter = *value >= 'A', digit = *value >= '0' && *value <= '9';
                if (*f == '~')
                        *out++ = gap;
                else if (*f != '9' && *f != 'A' && *f != 'X')
                        *out++ = *f;
                else if ((*f == '9' && digit) || (*f == 'A' && letter) || (*f == 'X' && (letter || digit)))
                        *out++ = *value++;
                else
                        return false;
        }
        *out = 0;
        return *value == 0;
}

static void label_of(const struct row *row, char *out, size_t max)
{
        const char *words = row->words ? row->words : "is";
        snprintf(out, max, "my %.*s: ", (int)strcspn(words, "|*:"), words);
}

static void property__every_row_is_found_in_its_forms(void **state)
{
        (void)state;
        static char seeds[SEEDS][FORM_MAX + 1];
        for (int id = 0; id < IDS; id++) {
                const struct row *row = &rows[id];
                char label[128], form[2 * FORM_MAX];
                size_t n = row->forms ? read_seeds(row->name, seeds) : 0;
                label_of(row, label, sizeof label);
                if (row->forms)
                        assert_true(n >= 60);
                for (int i = 0, made = 0; n && made < rounds(); i++) {
                        char *value = seeds[(size_t)i % n];
                        walk(row, value);
                        for (unsigned k = 0; k < 12; k++)
                                if (write_form(row, k, value, form)) {
                                        expect_exactly(row->name, label, form, i % 2 ? "." : " thanks");
                                        made++;
                                }
                }
        }
}

/* Not so where there is no check digit, or it covers less than the whole: NPWP's branch, Medicare's
 * issue, the Thai number's third digit (its weight is 11, of a sum mod 11), the kennitala's century. */
static bool is_checked(int id)
{
        static const int unchecked[] = { ID_CN_PASSPORT, ID_DK_CPR, ID_ID_NIK, ID_ID_NPWP, ID_IN_PAN, ID_KR_RRN,
                ID_MY_MYKAD, ID_PH_PHILSYS, ID_PH_TIN, ID_UK_NINO, ID_US_ITIN, ID_US_SSN, ID_VN_CCCD, ID_AU_MEDICARE, ID_TH_ID, ID_LV_PK,
                ID_IS_KT };
        for (size_t i = 0; i < sizeof unchecked / sizeof *unchecked; i++)
                if (id == unchecked[i])
                        return false;
        return rows[id].forms != NULL;
}

/* One digit of a valid number changed: found in one of a hundred at most; where two remainders
 * share a check digit (My Number, NIF, ЕГН) in one of forty, and a few more by chance. */
static void property__near_misses_of_every_row_stay(void **state)
{
        (void)state;
        static char seeds[SEEDS][FORM_MAX + 1];
        long all = 0, all_wrong = 0;
        for (int id = 0; id < IDS; id++) {
                const struct row *row = &rows[id];
                char label[128], text[256], miss[FORM_MAX + 1];
                size_t n = is_checked(id) ? read_seeds(row->name, seeds) : 0;
                long wrong = 0, tried = 0;
                label_of(row, label, sizeof label);
                for (int i = 0; n && tried < rounds(); i++) {
                        walk(row, seeds[(size_t)i % n]);
                        strcpy(miss, seeds[(size_t)i % n]);
                        size_t at = (size_t)roll(strlen(miss));
                        if (miss[at] >= 'A')
                                continue;
                        miss[at] = another(miss[at]);
                        snprintf(text, sizeof text, "%s%s.", label, miss);
                        wrong += found_exactly(text, row->name, strlen(label), strlen(miss));
                        tried++;
                }
                if ((wrong - CHANCE) * 40 > tried)
                        fail_msg("%s: %ld of %ld near misses are found", row->name, wrong, tried);
                all += tried;
                all_wrong += wrong;
        }
        assert_true(all > 0 && all_wrong * 100 <= all);
}

static void property__phones_of_the_six_regions_are_found(void **state)
{
        (void)state;
        static const struct {
                const char *shape, *word; /* 'd': a digit, 'n': 2 to 9 */
        } phones[] = {
                { "+86 13d dddd dddd", "" },  { "13d dddd dddd", "" },     { "18ddddddddd", "手机:" },
                { "+1 ndd-ndd-dddd", "" },    { "(ndd) ndd-dddd", "" },    { "ndd-ndd-dddd", "" },
                { "+49 151 dddddddd", "" },   { "0151 dddddddd", "" },     { "0160dddddddd", "Handy: " },
                { "+33 6 dd dd dd dd", "" },  { "06 dd dd dd dd", "" },    { "06dddddddd", "Téléphone : " },
                { "+81 90-dddd-dddd", "" },   { "090-dddd-dddd", "" },     { "080dddddddd", "携帯:" },
                { "+62 812 dddd dddd", "" },  { "0812-dddd-dddd", "" },    { "0812dddddddd", "No. HP: " },
                { "+91 98ddd ddddd", "" },    { "098ddd-ddddd", "" },      { "98dddddddd", "मोबाइल: " },
        };
        for (size_t k = 0; k < sizeof phones / sizeof *phones; k++)
                for (int i = 0; i < 300 / SANITIZED; i++) {
                        char value[40];
                        snprintf(value, sizeof value, "%s", phones[k].shape);
                        for (char *p = value; *p; p++)
                                if (*p == 'd' || *p == 'n')
                                        *p = (char)(*p == 'n' ? '2' + roll(8) : '0' + roll(10));
                        expect_exactly("phone", phones[k].word, value, ".");
                }
}

/* What scan() promises of any text. */
static void expect_sound(struct scanner *s, const char *text, size_t n)
{
        const struct finding *f;
        size_t count, last = 0;
        struct err err = ERR_INIT;
        assert_true(scan(s, slice_make(text, n), &f, &count, &err));
        for (size_t i = 0; i < count; i++) {
                assert_true(f[i].start < f[i].end && f[i].end <= n && f[i].start >= last);
                assert_true(((unsigned char)text[f[i].start] & 0xC0) != 0x80);
                assert_true(f[i].end == n || ((unsigned char)text[f[i].end] & 0xC0) != 0x80);
                assert_true(f[i].id < detect_count() && f[i].confidence <= 100);
                last = f[i].end;
        }
}

/* The text lies at the very end of its allocation, so that a read beyond it shows. */
static void scan_copy(const char *text, size_t n)
{
        char *tight = malloc(n ? n : 1);
        memcpy(tight, text, n);
        expect_sound(scanner, tight, n);
        free(tight);
}

static const char *const pieces[] = { "@", ".", ":", "//", "-----BEGIN ", "PRIVATE KEY-----", "%40",
        "&#64;", "=\n", "\\u0040", "+", "00", "(", ")", "[at]", " dot ", " at ", "example.com", "eyJ",
        "eyJhbGciOiJIUzI1NiJ9.", "password=", "'", "\"", "IDENTIFIED BY ", "mysql -p", "4111", " ",
        "1111", "-", "DE89", "GB82", "2001:db8", "::", "203.0.113.7", "xoxb-", "AKIA", "手机", "用户",
        "\u200B", "＠", "ー", "é", "ก", "0x", "bc1q", "1", "3", "ab", "ff:", "\n> ", "\r\n", "VALUES (",
        "9", "AIza", "@tcp(", "😀", "\u0662", "ext.", "123456", "x", "_", "ghp_", "&commat;", "1234 5678 9012" };

static void property__pieces_in_any_order_break_nothing(void **state)
{
        (void)state;
        char text[1024];
        for (int i = 0; i < 8000 / SANITIZED; i++) {
                size_t n = 0, parts = 1 + roll(24);
                for (size_t k = 0; k < parts; k++) {
                        const char *p = pieces[roll(sizeof pieces / sizeof *pieces)];
                        if (n + strlen(p) < sizeof text)
                                memcpy(text + n, p, strlen(p));
                        else
                                break;
                        n += strlen(p);
                }
                scan_copy(text, n);
        }
}

static void property__random_characters_break_nothing(void **state)
{
        (void)state;
        char text[512];
        for (int i = 0; i < 5000 / SANITIZED; i++) {
                size_t n = 0;
                while (n + 4 < sizeof text && roll(200)) {
                        uint32_t c = (uint32_t)roll(4) ? 1 + (uint32_t)roll(0x7E) : 0x80 + (uint32_t)roll(0x10F000);
                        if (c >= 0xD800 && c < 0xE000)
                                continue;
                        if (c < 0x80) {
                                text[n++] = (char)c;
                        } else if (c < 0x800) {
                                text[n++] = (char)(0xC0 | c >> 6);
                                text[n++] = (char)(0x80 | (c & 63));
                        } else if (c < 0x10000) {
                                text[n++] = (char)(0xE0 | c >> 12);
                                text[n++] = (char)(0x80 | (c >> 6 & 63));
                                text[n++] = (char)(0x80 | (c & 63));
                        } else {
                                text[n++] = (char)(0xF0 | c >> 18);
                                text[n++] = (char)(0x80 | (c >> 12 & 63));
                                text[n++] = (char)(0x80 | (c >> 6 & 63));
                                text[n++] = (char)(0x80 | (c & 63));
                        }
                }
                scan_copy(text, n);
        }
}

/* Not what callers may pass, but it must not read or write out of bounds either. */
static void property__random_bytes_do_not_crash(void **state)
{
        (void)state;
        for (int i = 0; i < 5000 / SANITIZED; i++) {
                size_t n = roll(300), count;
                char *text = malloc(n ? n : 1);
                const struct finding *f;
                struct err err = ERR_INIT;
                for (size_t k = 0; k < n; k++)
                        text[k] = (char)roll(256);
                assert_true(scan(scanner, slice_make(text, n), &f, &count, &err));
                free(text);
        }
}

/* Long runs of one anchor: the work stays linear (this ends at once, or not at all). */
static void property__runs_of_anchors_stay_cheap(void **state)
{
        (void)state;
        static const char *const runs[] = { "@", "1", "1 ", "1-", ":", "a:", "=", "(", "[at]", "'",
                "a@b.", "-----BEGIN ", "://", "eyJ.", "a at b dot ", "+1", "12.", "_", "手", "a.", "%4",
                "&#", "password=", "-p", "aa:", "1::", "AKIA", "用户@", "x1", "://a:", " ar", "ア", " at a. ", "1 A ", "Via 1, A 12345 ", "市区1-1", "```@ab ", "born 1 ", "@ab",
                "1 May ", "1.1.", "52.52001,", "1° ", "BIC: ", "(arroba)", "[punto]", "号1", "1, A", " . ", "a点" };
        enum { BYTES = (1 << 18) / SANITIZED };
        char *text = malloc(BYTES);
        for (size_t k = 0; k < sizeof runs / sizeof *runs; k++) {
                size_t n = strlen(runs[k]), at = 0;
                for (; at + n <= BYTES; at += n)
                        memcpy(text + at, runs[k], n);
                const struct finding *f;
                size_t count;
                struct err err = ERR_INIT;
                (void)scan(scanner, slice_make(text, at), &f, &count, &err);
        }
        free(text);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(property__every_form_of_a_valid_number_is_found),
                cmocka_unit_test(property__near_misses_stay),
                cmocka_unit_test(property__every_row_is_found_in_its_forms),
                cmocka_unit_test(property__near_misses_of_every_row_stay),
                cmocka_unit_test(property__phones_of_the_six_regions_are_found),
                cmocka_unit_test(property__pieces_in_any_order_break_nothing),
                cmocka_unit_test(property__random_characters_break_nothing),
                cmocka_unit_test(property__random_bytes_do_not_crash),
                cmocka_unit_test(property__runs_of_anchors_stay_cheap),
        };
        return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
