/* ids_europe.c - numbers that European states give. Sources stand with each. */
#include "checksum.h"
#include "identifiers.h"
#include "look.h"

static int two(const char *s)
{
        return (s[0] - '0') * 10 + (s[1] - '0');
}

/* Rijksregister: 97 - first nine mod 97; born from 2000: with a 2 in front. */
bool valid_be_nn(const char *s, size_t n)
{
        if (n != 11 || two(s + 2) % 20 > 12 || two(s + 4) > 31)
                return false;
        uint64_t body = check_number(s, 9);
        int check = two(s + 9);
        return 97 - (int)(body % 97) == check ||
               97 - (int)((UINT64_C(2000000000) + body) % 97) == check;
}

/* EAN-13 with the country 756. */
bool valid_ch_ahv(const char *s, size_t n)
{
        static const int8_t w[12] = { 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3 };
        return n == 13 && memcmp(s, "756", 3) == 0 &&
               (10 - check_weigh(s, w, 12) % 10) % 10 == s[12] - '0';
}

/* AO §139b: of the first ten digits exactly one occurs twice or thrice. */
bool valid_de_steuerid(const char *s, size_t n)
{
        int count[10] = { 0 }, repeated = 0;
        if (n != 11 || s[0] == '0')
                return false;
        for (size_t i = 0; i < 10; i++) {
                count[s[i] - '0']++;
                if (i > 1 && s[i] == s[i - 1] && s[i] == s[i - 2])
                        return false;
        }
        for (int d = 0; d < 10; d++) {
                if (count[d] > 3)
                        return false;
                repeated += count[d] > 1;
        }
        return repeated == 1 && check_iso7064_11_10(s, 10) == s[10] - '0';
}

/* No check digit for numbers since October 2007: the date, with the century that the
 * seventh digit tells, is all there is. */
bool valid_dk_cpr(const char *s, size_t n)
{
        if (n != 10)
                return false;
        int year = two(s + 4), k = s[6] - '0', century = 1800;
        if (k < 4 || ((k == 4 || k == 9) && year > 36))
                century = 1900;
        else if (k == 4 || k == 9 || year < 58)
                century = 2000;
        return check_date(century + year, two(s + 2), two(s));
}

static const char dni_letters[] = "TRWAGMYFPDXBNJZSQVHLCKE";

bool valid_es_dni(const char *s, size_t n)
{
        return n == 9 && dni_letters[check_number(s, 8) % 23] == s[8];
}

bool valid_es_nie(const char *s, size_t n)
{
        if (n != 9 || s[0] < 'X' || s[0] > 'Z')
                return false;
        uint64_t number = (uint64_t)(s[0] - 'X') * 10000000 + check_number(s + 1, 7);
        return dni_letters[number % 23] == s[8];
}

/* DDMMYY, century sign (dropped if '-' or '+'), three digits, check character. */
bool valid_fi_hetu(const char *s, size_t n)
{
        static const char checks[] = "0123456789ABCDEFHJKLMNPRSTUVWXY";
        char digits[9];
        bool letter = n == 11;
        if (n != 10 && n != 11)
                return false;
        if (letter && !strchr("ABCDEFUVWXY", s[6]))
                return false;
        const char *serial = s + (letter ? 7 : 6);
        int century = letter && s[6] <= 'F' ? 2000 : 1900;
        memcpy(digits, s, 6);
        memcpy(digits + 6, serial, 3);
        if (!check_date(century + two(s + 4), two(s + 2), two(s)) || check_number(serial, 3) < 2)
                return false;
        return checks[check_number(digits, 9) % 31] == serial[3];
}

/* Key = 97 - first thirteen mod 97; Corsica's 2A and 2B count as 19 and 18. */
bool valid_fr_nir(const char *s, size_t n)
{
        char d[15];
        if (n != 15 || !strchr("123478", s[0]))
                return false;
        memcpy(d, s, 15);
        if (is_alpha(d[6])) {
                if (d[5] != '2' || (d[6] != 'A' && d[6] != 'B'))
                        return false;
                d[5] = '1';
                d[6] = d[6] == 'A' ? '9' : '8';
        }
        int month = two(d + 3);
        if (month < 1 || (month > 12 && month < 20) || (month > 42 && month < 50))
                return false;
        return 97 - (int)(check_number(d, 13) % 97) == two(d + 13);
}

/* DM 23.12.1976; omocodia writes L..V for digits. */
bool valid_it_cf(const char *s, size_t n)
{
        static const uint8_t odd[36] = { 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15,
                17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23 };
        static const uint8_t numeric[7] = { 6, 7, 9, 10, 12, 13, 14 };
        static const char omocodia[] = "LMNPQRSTUV";
        char t[16];
        int sum = 0;
        if (n != 16 || !strchr("ABCDEHLMPRST", s[8]))
                return false;
        memcpy(t, s, 16);
        for (size_t i = 0; i < 7; i++) {
                const char *o = strchr(omocodia, t[numeric[i]]);
                if (is_alpha(t[numeric[i]]) && !o)
                        return false;
                if (o)
                        t[numeric[i]] = (char)('0' + (o - omocodia));
        }
        int day = two(t + 9);
        if (day < 1 || (day > 31 && day < 41) || day > 71)
                return false;
        for (size_t i = 0; i < 15; i++) {
                int v = is_digit(s[i]) ? s[i] - '0' : s[i] - 'A' + 10;
                sum += i % 2 == 0 ? odd[v] : (v < 10 ? v : v - 10);
        }
        return 'A' + sum % 26 == s[15];
}

/* The "eleven test", eight digits with the lost zero in front. */
bool valid_nl_bsn(const char *s, size_t n)
{
        static const int8_t w[9] = { 9, 8, 7, 6, 5, 4, 3, 2, -1 };
        if ((n != 8 && n != 9) || check_monotone(s, n))
                return false;
        return check_weigh(s, w + (9 - n), n) % 11 == 0;
}

bool valid_pl_pesel(const char *s, size_t n)
{
        static const int8_t w[10] = { 1, 3, 7, 9, 1, 3, 7, 9, 1, 3 };
        static const int century[5] = { 1900, 2000, 2100, 2200, 1800 };
        if (n != 11)
                return false;
        int month = two(s + 2);
        return check_date(century[month / 20] + two(s), month % 20, two(s + 4)) &&
               (10 - check_weigh(s, w, 10) % 10) % 10 == s[10] - '0';
}

bool valid_pt_nif(const char *s, size_t n)
{
        static const int8_t w[8] = { 9, 8, 7, 6, 5, 4, 3, 2 };
        if (n != 9 || s[0] == '0')
                return false;
        if (s[0] == '4' && s[1] != '5')
                return false;
        if (s[0] == '7' && !strchr("01245789", s[1]))
                return false;
        int c = 11 - check_weigh(s, w, 8) % 11;
        return (c > 9 ? 0 : c) == s[8] - '0';
}

/* Luhn over YYMMDDNNNC; coordination numbers have day + 60. */
bool valid_se_pnr(const char *s, size_t n)
{
        if (n == 12 && (two(s) < 18 || two(s) > 20))
                return false;
        const char *d = n == 12 ? s + 2 : s;
        if (n != 10 && n != 12)
                return false;
        int day = two(d + 4) > 60 ? two(d + 4) - 60 : two(d + 4);
        int century = n == 12 ? two(s) * 100 : 2000; /* every fourth year either way */
        bool real = check_date(century + two(d), two(d + 2), day) ||
                    (n == 10 && check_date(1900 + two(d), two(d + 2), day));
        return real && check_luhn(d, 10);
}

bool valid_tr_tckn(const char *s, size_t n)
{
        static const int8_t w[9] = { 7, -1, 7, -1, 7, -1, 7, -1, 7 };
        static const int8_t ones[10] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
        if (n != 11 || s[0] == '0')
                return false;
        return ((check_weigh(s, w, 9) % 10) + 10) % 10 == s[9] - '0' &&
               check_weigh(s, ones, 10) % 10 == s[10] - '0';
}

bool valid_uk_nhs(const char *s, size_t n)
{
        static const int8_t w[9] = { 10, 9, 8, 7, 6, 5, 4, 3, 2 };
        if (n != 10 || check_monotone(s, n))
                return false;
        int c = 11 - check_weigh(s, w, 9) % 11;
        return c != 10 && (c == 11 ? 0 : c) == s[9] - '0';
}

/* HMRC: letters and prefixes that are never given. QQ123456C is the documented dummy. */
bool valid_uk_nino(const char *s, size_t n)
{
        static const char *const unused[] = { "BG", "GB", "NK", "KN", "TN", "NT", "ZZ" };
        if (n != 9 || strchr("DFIQUV", s[0]) || strchr("DFIOQUV", s[1]) || s[8] > 'D')
                return false;
        for (size_t i = 0; i < sizeof unused / sizeof *unused; i++)
                if (memcmp(s, unused[i], 2) == 0)
                        return false;
        return true;
}
