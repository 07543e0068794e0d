/* ids_rest.c - numbers of the Americas and Australia, and payment cards. */
#include "checksum.h"
#include "identifiers.h"
#include "look.h"

bool valid_au_medicare(const char *s, size_t n)
{
        static const int8_t w[8] = { 1, 3, 7, 9, 1, 3, 7, 9 };
        if ((n != 10 && n != 11) || s[0] < '2' || s[0] > '6' || s[n - 1] == '0' || s[9] == '0')
                return false;
        return check_weigh(s, w, 8) % 10 == s[8] - '0';
}

bool valid_au_tfn(const char *s, size_t n)
{
        static const int8_t nine[9] = { 1, 4, 3, 7, 5, 8, 6, 9, 10 };
        static const int8_t eight[8] = { 10, 7, 8, 4, 6, 3, 5, 1 };
        if ((n != 8 && n != 9) || check_monotone(s, n))
                return false;
        return check_weigh(s, n == 9 ? nine : eight, n) % 11 == 0;
}

/* Two digits mod 11; from July 2026 the first twelve may be letters (value: ASCII - 48). */
bool valid_br_cnpj(const char *s, size_t n)
{
        static const int8_t w[13] = { 6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2 };
        if (n != 14 || check_monotone(s, n))
                return false;
        int first = check_weigh(s, w + 1, 12) % 11, second = check_weigh(s, w, 13) % 11;
        return (first < 2 ? 0 : 11 - first) == s[12] - '0' &&
               (second < 2 ? 0 : 11 - second) == s[13] - '0';
}

bool valid_br_cpf(const char *s, size_t n)
{
        static const int8_t w[10] = { 11, 10, 9, 8, 7, 6, 5, 4, 3, 2 };
        if (n != 11 || check_monotone(s, n))
                return false;
        int first = check_weigh(s, w + 1, 9) % 11, second = check_weigh(s, w, 10) % 11;
        return (first < 2 ? 0 : 11 - first) == s[9] - '0' &&
               (second < 2 ? 0 : 11 - second) == s[10] - '0';
}

bool valid_ca_sin(const char *s, size_t n)
{
        return n == 9 && s[0] != '0' && s[0] != '8' && check_luhn(s, n);
}

/* SSA, random since 2011: only what is never given. Two numbers were printed in
 * advertisements and belong to nobody. */
bool valid_us_ssn(const char *s, size_t n)
{
        if (n != 9 || memcmp(s, "078051120", 9) == 0 || memcmp(s, "219099999", 9) == 0)
                return false;
        return memcmp(s, "000", 3) != 0 && memcmp(s, "666", 3) != 0 && s[0] != '9' &&
               memcmp(s + 3, "00", 2) != 0 && memcmp(s + 5, "0000", 4) != 0;
}

bool valid_us_itin(const char *s, size_t n)
{
        if (n != 9 || s[0] != '9')
                return false;
        int g = (int)check_number(s + 3, 2);
        return (g >= 50 && g <= 65) || (g >= 70 && g <= 88) || (g >= 90 && g <= 92) || g >= 94;
}

/* ISO/IEC 7812: who issues which ranges, in which lengths. */
static const struct issuer {
        unsigned from, to; /* the first `digits` digits */
        uint8_t digits, min, max;
} issuers[] = {
        { 4, 4, 1, 13, 13 },          { 4, 4, 1, 16, 16 },          { 4, 4, 1, 19, 19 }, /* Visa */
        { 51, 55, 2, 16, 16 },        { 2221, 2720, 4, 16, 16 },    /* Mastercard */
        { 34, 34, 2, 15, 15 },        { 37, 37, 2, 15, 15 },        /* American Express */
        { 3528, 3589, 4, 16, 19 },    /* JCB */
        { 300, 305, 3, 14, 19 },      { 3095, 3095, 4, 14, 19 },    /* Diners Club */
        { 36, 36, 2, 14, 19 },        { 38, 39, 2, 14, 19 },
        { 6011, 6011, 4, 16, 19 },    { 644, 649, 3, 16, 19 },      { 65, 65, 2, 16, 19 }, /* Discover */
        { 62, 62, 2, 16, 19 },        { 81, 81, 2, 16, 19 },        /* UnionPay */
        { 60, 60, 2, 16, 16 },        { 82, 82, 2, 16, 16 },        { 508, 508, 3, 16, 16 }, /* RuPay */
        { 353, 353, 3, 16, 16 },      { 356, 356, 3, 16, 16 },
        { 2200, 2204, 4, 16, 19 },    /* Mir */
        { 9792, 9792, 4, 16, 16 },    /* Troy */
        { 5018, 5018, 4, 12, 19 },    { 5020, 5020, 4, 12, 19 },    { 5038, 5038, 4, 12, 19 }, /* Maestro */
        { 5893, 5893, 4, 12, 19 },    { 6304, 6304, 4, 12, 19 },    { 6759, 6759, 4, 12, 19 },
        { 6761, 6763, 4, 12, 19 },
        { 636368, 636368, 6, 16, 16 }, { 504175, 504175, 6, 16, 16 }, /* Elo */
        { 636297, 636297, 6, 16, 16 },
};

bool valid_card(const char *s, size_t n)
{
        if (n < 12 || n > 19 || check_monotone(s, n) || !check_luhn(s, n))
                return false;
        for (size_t i = 0; i < sizeof issuers / sizeof *issuers; i++) {
                unsigned prefix = (unsigned)check_number(s, issuers[i].digits);
                if (prefix >= issuers[i].from && prefix <= issuers[i].to &&
                    n >= issuers[i].min && n <= issuers[i].max)
                        return true;
        }
        return false;
}
