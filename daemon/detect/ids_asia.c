/* ids_asia.c - numbers that Asian and Gulf states give. */
#include "checksum.h"
#include "identifiers.h"
#include "look.h"

static int two(const char *s)
{
        return (s[0] - '0') * 10 + (s[1] - '0');
}

bool valid_ae_eid(const char *s, size_t n)
{
        if (n != 15 || memcmp(s, "784", 3) != 0)
                return false;
        uint64_t year = check_number(s + 3, 4);
        return year >= 1900 && year <= 2030 && check_luhn(s, n);
}

/* E or G (and D, S, P for service) with eight digits; E and a letter with seven. */
bool valid_cn_passport(const char *s, size_t n)
{
        if (n != 9)
                return false;
        if (is_digit(s[0]))
                return s[0] == '1' && (s[1] == '4' || s[1] == '5');
        if (is_digit(s[1]))
                return strchr("EGDPS", s[0]) != NULL;
        if (s[0] == 'E')
                return s[1] != 'I' && s[1] != 'O';
        return strchr("DPS", s[0]) && s[1] == 'E';
}

/* GB 11643-1999: province, birthday, ISO 7064 MOD 11-2. */
bool valid_cn_ric(const char *s, size_t n)
{
        static const int8_t w[17] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
        static const char *const provinces = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 "
                                             "43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83";
        char two_digits[3] = { s[0], s[1], 0 };
        if (n != 18 || !strstr(provinces, two_digits))
                return false;
        int year = (int)check_number(s + 6, 4);
        if (year <= 1850 || year >= 2100 || !check_date(year, two(s + 10), two(s + 12)))
                return false;
        return "10X98765432"[check_weigh(s, w, 17) % 11] == s[17];
}

/* One letter or two (a lone one is padded with a blank, which counts 36), six digits, and a
 * check that may be A for 10. */
bool valid_hk_id(const char *s, size_t n)
{
        int sum = 0;
        if (n != 8 && n != 9)
                return false;
        if (n == 8)
                sum = 36 * 9;
        for (size_t i = 0; i + 1 < n; i++)
                sum += (is_digit(s[i]) ? s[i] - '0' : s[i] - 'A' + 10) * (int)(n - i);
        int check = (11 - sum % 11) % 11;
        return is_digit(s[n - 1]) ? check == s[n - 1] - '0' : check == 10 && s[n - 1] == 'A';
}

/* Sixteen digits; no check digit. Women's days have 40 added. */
bool valid_id_nik(const char *s, size_t n)
{
        if (n != 16 || memcmp(s + 12, "0000", 4) == 0 || two(s + 2) == 0 || two(s + 4) == 0)
                return false;
        int p = two(s), day = two(s + 6) > 40 ? two(s + 6) - 40 : two(s + 6);
        bool province = (p >= 11 && p <= 21) || (p >= 31 && p <= 36) || (p >= 51 && p <= 53) ||
                        (p >= 61 && p <= 65) || (p >= 71 && p <= 76) || p == 81 || p == 82 ||
                        (p >= 91 && p <= 97);
        return province && check_date(2000, two(s + 8), day);
}

/* Luhn over the first nine; the new form has a zero in front (PMK 112/2022). */
bool valid_id_npwp(const char *s, size_t n)
{
        if (n == 16) {
                if (s[0] != '0')
                        return false;
                s++;
                n--;
        }
        return n == 15 && check_luhn(s, 9) && check_number(s, 9) != 0;
}

bool valid_in_aadhaar(const char *s, size_t n)
{
        return n == 12 && s[0] >= '2' && check_verhoeff(s, n);
}

bool valid_in_pan(const char *s, size_t n)
{
        return n == 10 && strchr("ABCFGHJLPT", s[3]) && memcmp(s + 5, "0000", 4) != 0;
}

static int base36(char c)
{
        return is_digit(c) ? c - '0' : c - 'A' + 10;
}

/* State, PAN, entity, Z, and a check character in base 36. */
bool valid_in_gstin(const char *s, size_t n)
{
        int state, sum = 0;
        if (n != 15 || s[13] != 'Z' || s[12] == '0')
                return false;
        state = two(s);
        if ((state < 1 || state > 38) && state != 97 && state != 99)
                return false;
        for (int i = 0; i < 14; i++) {
                int p = base36(s[i]) * (1 + i % 2);
                sum += p / 36 + p % 36;
        }
        return (36 - sum % 36) % 36 == base36(s[14]);
}

/* MIC order 85/2014, article 5. */
bool valid_jp_mynumber(const char *s, size_t n)
{
        static const int8_t w[11] = { 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2 };
        if (n != 12 || check_monotone(s, n))
                return false;
        int r = check_weigh(s, w, 11) % 11;
        return (r <= 1 ? 0 : 11 - r) == s[11] - '0';
}

/* Numbers given since October 2020 have no check digit: birthday and century must do. */
bool valid_kr_rrn(const char *s, size_t n)
{
        static const int century[10] = { 1800, 1900, 1900, 2000, 2000, 1900, 1900, 2000, 2000, 1800 };
        return n == 13 && check_date(century[s[6] - '0'] + two(s), two(s + 2), two(s + 4));
}

bool valid_my_mykad(const char *s, size_t n)
{
        if (n != 12)
                return false;
        int p = two(s + 6);
        bool place = p >= 1 && p <= 99 && (p < 17 || p > 20) && p != 69 && p != 70 && p != 73 &&
                     p != 80 && p != 81 && (p < 94 || p > 97);
        return place && (check_date(1900 + two(s), two(s + 2), two(s + 4)) ||
                         check_date(2000 + two(s), two(s + 2), two(s + 4)));
}

/* Random digits: only the form and the word beside it tell. */
bool valid_ph_philsys(const char *s, size_t n)
{
        return (n == 12 || n == 16) && !check_monotone(s, n);
}

bool valid_ph_tin(const char *s, size_t n)
{
        return (n == 9 || n == 12 || n == 14) && !check_monotone(s, n);
}

bool valid_sa_nid(const char *s, size_t n)
{
        return n == 10 && (s[0] == '1' || s[0] == '2') && check_luhn(s, n);
}

bool valid_sg_nric(const char *s, size_t n)
{
        static const int8_t w[7] = { 2, 7, 6, 5, 4, 3, 2 };
        static const struct {
                char first;
                int add;
                const char *checks;
        } series[] = {
                { 'S', 0, "JZIHGFEDCBA" }, { 'T', 4, "JZIHGFEDCBA" }, { 'F', 0, "XWUTRQPNMLK" },
                { 'G', 4, "XWUTRQPNMLK" }, { 'M', 3, "XWUTRQPNJLK" },
        };
        for (size_t i = 0; n == 9 && i < sizeof series / sizeof *series; i++)
                if (series[i].first == s[0])
                        return series[i].checks[(check_weigh(s + 1, w, 7) + series[i].add) % 11] == s[8];
        return false;
}

bool valid_th_id(const char *s, size_t n)
{
        static const int8_t w[12] = { 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2 };
        return n == 13 && s[0] >= '1' && s[0] <= '8' &&
               (11 - check_weigh(s, w, 12) % 11) % 10 == s[12] - '0';
}

/* Province, century and sex, year of birth, six digits. */
bool valid_vn_cccd(const char *s, size_t n)
{
        static const char *const provinces =
                "001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 "
                "034 035 036 037 038 040 042 044 045 046 048 049 051 052 054 056 058 060 062 064 066 "
                "067 068 070 072 074 075 077 079 080 082 083 084 086 087 089 091 092 093 094 095 096";
        char three[4] = { s[0], s[1], s[2], 0 };
        return n == 12 && s[3] <= '3' && strstr(provinces, three);
}
