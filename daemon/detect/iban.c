/* iban.c - international bank account numbers (ISO 13616). */
#include "checksum.h"
#include "look.h"

enum { IBAN_MAX = 34 };

static const struct {
        char country[3];
        uint8_t length;
} lengths[] = {
        { "AD", 24 }, { "AE", 23 }, { "AL", 28 }, { "AT", 20 }, { "AZ", 28 }, { "BA", 20 },
        { "BE", 16 }, { "BG", 22 }, { "BH", 22 }, { "BI", 27 }, { "BR", 29 }, { "BY", 28 },
        { "CH", 21 }, { "CR", 22 }, { "CY", 28 }, { "CZ", 24 }, { "DE", 22 }, { "DJ", 27 },
        { "DK", 18 }, { "DO", 28 }, { "EE", 20 }, { "EG", 29 }, { "ES", 24 }, { "FI", 18 },
        { "FK", 18 }, { "FO", 18 }, { "FR", 27 }, { "GB", 22 }, { "GE", 22 }, { "GI", 23 },
        { "GL", 18 }, { "GR", 27 }, { "GT", 28 }, { "HR", 21 }, { "HU", 28 }, { "IE", 22 },
        { "IL", 23 }, { "IQ", 23 }, { "IS", 26 }, { "IT", 27 }, { "JO", 30 }, { "KW", 30 },
        { "KZ", 20 }, { "LB", 28 }, { "LC", 32 }, { "LI", 21 }, { "LT", 20 }, { "LU", 20 },
        { "LV", 21 }, { "LY", 25 }, { "MC", 27 }, { "MD", 24 }, { "ME", 22 }, { "MK", 19 },
        { "MN", 20 }, { "MR", 27 }, { "MT", 31 }, { "MU", 30 }, { "NI", 28 }, { "NL", 18 },
        { "NO", 15 }, { "OM", 23 }, { "PK", 24 }, { "PL", 28 }, { "PS", 29 }, { "PT", 25 },
        { "QA", 29 }, { "RO", 24 }, { "RS", 22 }, { "RU", 33 }, { "SA", 24 }, { "SC", 31 },
        { "SD", 18 }, { "SE", 24 }, { "SI", 19 }, { "SK", 24 }, { "SM", 27 }, { "SO", 23 },
        { "ST", 25 }, { "SV", 28 }, { "TL", 23 }, { "TN", 24 }, { "TR", 26 }, { "UA", 29 },
        { "VA", 22 }, { "VG", 24 }, { "XK", 20 }, { "YE", 30 },
};

static size_t length_of(const char *country)
{
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
                if (memcmp(lengths[i].country, country, 2) == 0)
                        return lengths[i].length;
        return 0;
}

/* s: upper case. Check digits 00, 01 and 99 are never given. */
bool valid_iban(const char *s, size_t n)
{
        if (n < 15 || length_of(s) != n || !is_digit(s[2]) || !is_digit(s[3]))
                return false;
        int check = (s[2] - '0') * 10 + (s[3] - '0');
        return check >= 2 && check <= 98 && check_mod97(check_mod97(0, s + 4, n - 4), s, 4) == 1;
}

/* at: two letters and two digits begin here. Written in one run or in groups. */
void find_iban(struct look *l, size_t at)
{
        char s[IBAN_MAX];
        size_t n = 0, i = at, want;
        bool lower = false;
        if (look_at(l, at + 2) == 0 || !is_digit(look_at(l, at + 3)) || !look_free_left(l, at))
                return;
        s[0] = to_upper(l->p[at]);
        s[1] = to_upper(l->p[at + 1]);
        want = length_of(s);
        while (n < want && i < l->n) {
                size_t gap = n ? look_separator(l, i) : 0;
                i += l->p[i] == '.' ? 0 : gap;
                if (!is_alnum(look_at(l, i)))
                        return;
                lower |= l->p[i] >= 'a';
                s[n++] = to_upper(l->p[i++]);
        }
        if (n != want || !want || !look_free_right(l, i) || !valid_iban(s, n))
                return;
        /* Lower case with digits is what hashes look like, and one in 97 passes. */
        bool word = look_context(l, ID_IBAN, at, 40, i, 0);
        if (!lower || word)
                look_hit(l, at, i, ID_IBAN, word ? 99 : 95);
}
