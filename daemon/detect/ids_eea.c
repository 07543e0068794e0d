/* ids_eea.c - numbers that the smaller states of the EEA give. Each needs its word beside it. */
#include "checksum.h"
#include "identifiers.h"
#include "look.h"

static int two(const char *s)
{
        return (s[0] - '0') * 10 + (s[1] - '0');
}

/* Day, month, year of two digits, in either century. */
static bool is_day(const char *s)
{
        return check_date(1900 + two(s + 4), two(s + 2), two(s)) || check_date(2000 + two(s + 4), two(s + 2), two(s));
}

/* Sozialversicherungsnummer: the fourth digit checks; months 13 to 15 are for days gone out of. */
bool valid_at_svnr(const char *s, size_t n)
{
        static const int8_t w[10] = { 3, 7, 9, 0, 5, 8, 4, 2, 1, 6 };
        int month = n == 10 ? two(s + 6) : 0;
        return n == 10 && s[0] != '0' && two(s + 4) >= 1 && two(s + 4) <= 31 && month >= 1 && month <= 15 &&
               check_weigh(s, w, 10) % 11 == s[3] - '0';
}

/* ЕГН: 20 is added to months of the 19th century, 40 to those of the 21st. */
bool valid_bg_egn(const char *s, size_t n)
{
        static const int8_t w[9] = { 2, 4, 8, 5, 10, 9, 7, 3, 6 };
        if (n != 10)
                return false;
        int month = two(s + 2), century = month > 40 ? 2000 : month > 20 ? 1800 : 1900;
        return check_date(century + two(s), month % 20, two(s + 4)) && check_weigh(s, w, 9) % 11 % 10 == s[9] - '0';
}

/* Rodné číslo, of Czechia and Slovakia: divisible by eleven; 50 is added to women's months, 20 to
 * those of days gone out of. */
bool valid_cz_rc(const char *s, size_t n)
{
        if (n != 10)
                return false;
        int month = two(s + 2) % 50, year = two(s) + (two(s) < 54 ? 2000 : 1900);
        month = month > 20 ? month - 20 : month;
        uint64_t body = check_number(s, 9);
        return check_date(year, month, two(s + 4)) && (int)(body % 11 % 10) == s[9] - '0';
}

/* Isikukood and asmens kodas: sex and century, birthday, serial, a check in two stages. */
bool valid_ee_ik(const char *s, size_t n)
{
        static const int8_t one[10] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 1 }, other[10] = { 3, 4, 5, 6, 7, 8, 9, 1, 2, 3 };
        if (n != 11 || s[0] < '1' || s[0] > '6')
                return false;
        int r = check_weigh(s, one, 10) % 11;
        r = r == 10 ? check_weigh(s, other, 10) % 11 % 10 : r;
        return check_date(1800 + (s[0] - '1') / 2 * 100 + two(s + 1), two(s + 3), two(s + 5)) && r == s[10] - '0';
}

bool valid_gr_amka(const char *s, size_t n)
{
        return n == 11 && is_day(s) && check_luhn(s, n);
}

bool valid_hr_oib(const char *s, size_t n)
{
        return n == 11 && !check_monotone(s, n) && check_iso7064_11_10(s, 10) == s[10] - '0';
}

/* TAJ */
bool valid_hu_taj(const char *s, size_t n)
{
        static const int8_t w[8] = { 3, 7, 3, 7, 3, 7, 3, 7 };
        return n == 9 && !check_monotone(s, n) && check_weigh(s, w, 8) % 10 == s[8] - '0';
}

/* PPS number: a letter checks; a second one, since 2013, weighs nine. */
bool valid_ie_ppsn(const char *s, size_t n)
{
        static const int8_t w[7] = { 8, 7, 6, 5, 4, 3, 2 };
        if (n != 8 && n != 9)
                return false;
        int more = n == 9 && s[8] != 'W' ? s[8] - 'A' + 1 : 0;
        return more <= 9 && "WABCDEFGHIJKLMNOPQRSTUV"[(check_weigh(s, w, 7) + 9 * more) % 23] == s[7];
}

/* Kennitala: the ninth digit checks, the tenth is the century. */
bool valid_is_kt(const char *s, size_t n)
{
        static const int8_t w[8] = { 3, 2, 7, 6, 5, 4, 3, 2 };
        if (n != 10 || !is_day(s) || !strchr("089", s[9]))
                return false;
        return (11 - check_weigh(s, w, 8) % 11) % 11 == s[8] - '0';
}

/* Matricule: a birthday, three digits, one by Luhn and one by Verhoeff over the eleven. */
bool valid_lu_matricule(const char *s, size_t n)
{
        char body[12];
        if (n != 13 || !check_date((int)check_number(s, 4), two(s + 4), two(s + 6)) || !check_luhn(s, 12))
                return false;
        memcpy(body, s, 11);
        body[11] = s[12];
        return check_verhoeff(body, 12);
}

/* Personas kods, with a birthday; the newer ones begin with 32 and are random. */
bool valid_lv_pk(const char *s, size_t n)
{
        static const int8_t w[10] = { 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
        if (n != 11)
                return false;
        if (two(s) == 32)
                return true;
        return is_day(s) && s[6] <= '2' && (1101 - check_weigh(s, w, 10)) % 11 % 10 == s[10] - '0';
}

/* Fødselsnummer: two checks; 40 is added to the days of those who stay for a while. */
bool valid_no_fnr(const char *s, size_t n)
{
        static const int8_t one[10] = { 3, 7, 6, 1, 8, 9, 4, 5, 2, 1 }, other[11] = { 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1 };
        if (n != 11)
                return false;
        int day = two(s) > 40 ? two(s) - 40 : two(s);
        bool date = check_date(1900 + two(s + 4), two(s + 2), day) || check_date(2000 + two(s + 4), two(s + 2), day);
        return date && check_weigh(s, one, 10) % 11 == 0 && check_weigh(s, other, 11) % 11 == 0;
}

/* CNP: sex and century, birthday, county, serial. */
bool valid_ro_cnp(const char *s, size_t n)
{
        static const int8_t w[12] = { 2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9 };
        if (n != 13 || s[0] == '0' || s[0] == '9')
                return false;
        int r = check_weigh(s, w, 12) % 11, year = two(s + 1);
        bool date = check_date(1900 + year, two(s + 3), two(s + 5)) || check_date(2000 + year, two(s + 3), two(s + 5));
        return date && (r == 10 ? 1 : r) == s[12] - '0';
}

/* EMŠO: birthday with three digits of the year, region, serial. */
bool valid_si_emso(const char *s, size_t n)
{
        static const int8_t w[12] = { 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2 };
        if (n != 13)
                return false;
        int year = (int)check_number(s + 4, 3), r = (11 - check_weigh(s, w, 12) % 11) % 11 % 10;
        return check_date(year > 800 ? 1000 + year : 2000 + year, two(s + 2), two(s)) && r == s[12] - '0';
}
