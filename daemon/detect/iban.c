/* iban.c - international bank account numbers (ISO 13616), and the banks beside them (ISO 9362). */
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

/* The end of the bank's identifier at i: four letters, a country, two or five characters more. */
static size_t bank_end(const struct look *l, size_t i)
{
        static const char countries[] =
                "ADAEAFAGAIALAMAOARATAUAWAZBABBBDBEBFBGBHBIBJBMBNBOBRBSBTBWBYBZCACDCFCGCHCICKCLCMCNCOCRCUCVCWCYCZDEDJDKDMDODZ"
                "ECEEEGERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGTGUGWGYHKHNHRHTHUIDIEILIMINIQIRISITJEJMJOJPKEKGKHKIKMKNKRKWKYKZ"
                "LALBLCLILKLRLSLTLULVLYMAMCMDMEMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPRPSPTPWPYQA"
                "RERORSRURWSASBSCSDSESGSHSISKSLSMSNSOSRSSSTSVSXSYSZTCTDTGTHTJTLTMTNTOTRTTTVTWTZUAUGUSUYUZVAVCVEVGVIVNVUWFWSXKYEYTZAZMZW";
        size_t n = 0;
        while (n < 12 && (is_digit(look_at(l, i + n)) || (look_at(l, i + n) >= 'A' && look_at(l, i + n) <= 'Z')))
                n++;
        if ((n != 8 && n != 11) || !look_free_left(l, i) || !look_free_right(l, i + n))
                return i;
        for (size_t k = 0; k < 6; k++)
                if (!is_alpha(l->p[i + k]))
                        return i;
        for (const char *c = countries; *c; c += 2)
                if (memcmp(c, l->p + i + 4, 2) == 0)
                        return i + n;
        return i;
}

/* What stands between "BIC" and its value. */
static size_t past_label(const struct look *l, size_t i)
{
        static const char *const parts[] = { "/", "bic", "swift", "code", "number", "is", "nummer", "no.", ":", "=", "(", ")",
                "#", "-", "\"", "'", " ", "是", "は", "은", "는", "代码", "代碼", "コード", "_", "**", "`", "|", "「",
                "->", ">", "</td", "<td", "\n",
                "코드", "código", "codice" };
        for (size_t from = i, again = 1; again && i - from < 32;) {
                again = 0;
                for (size_t k = 0; k < sizeof parts / sizeof *parts && !again; k++)
                        if (look_is_nocase(l, i, parts[k])) {
                                i += strlen(parts[k]);
                                again = 1;
                        }
        }
        return i;
}

/* The word ends at i. */
static bool says(const struct look *l, size_t i, const char *word)
{
        size_t n = strlen(word);
        return i >= n && look_is_nocase(l, i - n, word) && !is_alnum(look_before(l, i - n));
}

/* at: the 'I' of BIC or SWIFT in capitals, or the ':' after either in any letters. */
void find_bic(struct look *l, size_t at)
{
        bool colon = l->p[at] == ':';
        char before = (char)(look_before(l, at) | ' ');
        if (colon ? before != 'c' && before != 't' && before != 'e' : before != 'b' && before != 'w')
                return;
        size_t end = at + (look_is(l, at, "IC") ? 2 : 3), start;
        if (!look_wants(l, ID_BIC))
                return;
        if (colon && (says(l, at, "bic") || says(l, at, "swift") || says(l, at, "swift code") || says(l, at, "bic code") || says(l, at, "swift_code") || says(l, at, "bic_code")))
                start = past_label(l, at);
        else if (!colon && (says(l, end, "bic") || says(l, end, "swift")))
                start = past_label(l, end);
        else
                return;
        end = bank_end(l, start);
        if (end > start)
                look_hit(l, start, end, ID_BIC, 90);
}

/* After an IBAN its bank needs no label if it is of the same country. */
static void bank_beside(struct look *l, size_t end, const char *country)
{
        size_t i = end;
        while (i < end + 4 && look_at(l, i) && strchr(" ,;/|\n", l->p[i]))
                i++;
        size_t stop = i > end ? bank_end(l, i) : i;
        if (stop > i && memcmp(l->p + i + 4, country, 2) == 0)
                look_hit(l, i, stop, ID_BIC, 85);
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
        if (lower && !word)
                return;
        look_hit(l, at, i, ID_IBAN, word ? 99 : 95);
        if (look_wants(l, ID_BIC))
                bank_beside(l, i, s);
}
