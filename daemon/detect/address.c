/* address.c - postal addresses by what their numbers stand beside: a street's word before or after
 * a house number with a town behind it, or East Asia's chain of province, city, district, street.
 * What neither says so is not found: half of all addresses, some say; a person in a town never is. */
#include "look.h"
#include "texts.h"

enum { CHAIN = 120, REACH = 110, STREET = 44, WORDS_BEFORE = 3 };

static bool is_upper(char c)
{
        return c >= 'A' && c <= 'Z';
}

/* A text that something ends in, and its length. */
struct tail {
        const char *text;
        size_t n;
};
#define TAIL(text) { text, sizeof text - 1 }

/* One of the texts ends at i: its length, or 0. */
static size_t ends_in(const struct look *l, size_t i, const struct tail *texts)
{
        char last = look_before(l, i);
        for (; texts->n; texts++)
                if (last == texts->text[texts->n - 1] && i >= texts->n && memcmp(l->p + i - texts->n, texts->text, texts->n) == 0)
                        return texts->n;
        return 0;
}

/* ---- The chain: 北京市海淀区中关村大街322号院6号楼, 東京都千代田区丸の内3-9-6, 서울특별시 강남구 테헤란로 214 */

static const struct tail leads[] = {
        TAIL("寄到"), TAIL("寄往"), TAIL("寄至"), TAIL("送到"), TAIL("地址"), TAIL("住址"), TAIL("位于"), TAIL("位於"), TAIL("住在"),
        TAIL("地址是"), TAIL("住所"), TAIL("送付先"), TAIL("は"), TAIL("宛先"), TAIL("주소"), TAIL("주소는"), TAIL("은 "), TAIL("는 "),
        TAIL("에서 "), TAIL("："), TAIL(":"), { NULL, 0 }
};
static const struct tail units[] = {
        TAIL("市"), TAIL("区"), TAIL("區"), TAIL("县"), TAIL("縣"), TAIL("省"), TAIL("都"), TAIL("府"), TAIL("県"), TAIL("郡"),
        TAIL("시 "), TAIL("구 "), TAIL("군 "), TAIL("도 "), TAIL("시"), TAIL("구"), { NULL, 0 }
};
static const struct tail streets[] = {
        TAIL("路"), TAIL("街"), TAIL("道"), TAIL("巷"), TAIL("弄"), TAIL("村"), TAIL("段"), TAIL("町"), TAIL("丁目"),
        TAIL("内"), TAIL("로 "), TAIL("길 "), TAIL("로"), TAIL("길"), TAIL("동 "), TAIL("읍 "), { NULL, 0 }
};
static const char *const numbers[] = { "号", "號", "室", "楼", "樓", "弄", "栋", "棟", "丁目", "番", "호", "번지", NULL };
static const char *const tails[] = { "号院", "号楼", "单元", "号", "號", "室", "楼", "樓", "弄", "栋", "棟", "层", "階",
        "丁目", "番地", "番", "호", "번지", "층", "동", NULL };
static struct {
        struct texts number, tail, before, after, joint, kind;
} all;

/* A character of the chain ends at i: its first byte, or i. Full stops and quotes are none. */
static size_t chain_back(const struct look *l, size_t i)
{
        size_t k = i - 1;
        char c = l->p[k];
        if (!is_high(c))
                return is_digit(c) || c == '-' || c == ' ' ? k : i;
        while (k > 0 && i - k < 3 && ((uint8_t)l->p[k] & 0xC0) == 0x80)
                k--;
        uint8_t lead = (uint8_t)l->p[k];
        bool mark = look_is(l, k, "。") || look_is(l, k, "、") || look_is(l, k, "「") || look_is(l, k, "」");
        return lead >= 0xE3 && lead <= 0xED && !mark ? k : i;
}

static size_t chain_end(const struct look *l, size_t i)
{
        for (size_t start = i; i < l->n && i - start < CHAIN;) {
                size_t next = i + texts_at(&all.tail, l, i);
                if (next == i && is_digit(l->p[i]))
                        next = i + 1;
                if (next == i && (l->p[i] == '-' || l->p[i] == ' ') && is_digit(look_at(l, i + 1)))
                        next = i + 1;
                if (next == i)
                        break;
                i = next;
        }
        return i;
}

/* Where the chain before the number begins. *n: how many of its places are provinces, cities,
 * districts. */
static size_t chain_start(const struct look *l, size_t start, size_t *n, bool *street)
{
        size_t i = start;
        *n = 0;
        while (i > 0 && start - i < CHAIN && !ends_in(l, i, leads)) {
                size_t k = chain_back(l, i);
                if (k == i)
                        break;
                *n += ends_in(l, i, units) > 0;
                *street |= ends_in(l, i, streets) > 0;
                i = k;
        }
        while (i < start && l->p[i] == ' ')
                i++;
        return i;
}

/* Two places, or one and a street, before the number's own sign, its street, or 3-9-6. */
static bool find_chain(struct look *l, size_t start, size_t end)
{
        if (!is_high(look_before(l, start)) && (start < 2 || l->p[start - 1] != ' ' || !is_high(l->p[start - 2])))
                return false;
        bool near = ends_in(l, start, streets) > 0, street = near;
        bool number = texts_at(&all.number, l, end) > 0, parts = look_at(l, end) == '-' && is_digit(look_at(l, end + 1));
        size_t places;
        if (!near && !number && !parts)
                return false;
        size_t i = chain_start(l, start, &places, &street);
        if (places < 2 && !(places == 1 && street && (near || number)))
                return false;
        size_t stop = chain_end(l, end);
        look_hit(l, i, stop, ID_ADDRESS, 80);
        l->address_done = stop;
        return true;
}

/* ---- Street and house number, town behind --------------------------------------------- */

static const char *const before[] = { "Via ", "Viale ", "Piazza ", "Corso ", "Rue ", "rue ", "Avenue ", "avenue ", "Boulevard ",
        "boulevard ", "Place ", "place ", "Quai ", "quai ", "Chemin ", "Calle ", "Avenida ", "Av. ", "Plaza ", "Paseo ", "C/ ",
        "Rua ", "Travessa ", "Praça ", "Jl. ", "Jalan ", "Jln. ", "ul. ", "ulica ", "Ulica ", "al. ", "Aleja ", "ถนน", "Đường ",
        "đường ", "Phố ", NULL };
static const struct tail suffixes[] = {
        TAIL("straße"), TAIL("strasse"), TAIL("Straße"), TAIL("Strasse"), TAIL("str."), TAIL("Str."), TAIL("weg"),
        TAIL("Weg"), TAIL("platz"), TAIL("Platz"), TAIL("gasse"), TAIL("allee"), TAIL("Allee"), TAIL("ring"),
        TAIL("gatan"), TAIL("vägen"), TAIL("gade"), TAIL("vej"), TAIL("straat"), TAIL("gracht"), TAIL("laan"),
        TAIL("plein"), TAIL("kade"), TAIL("katu"), TAIL("tie"), TAIL("utca"), TAIL("út"), TAIL("caddesi"),
        TAIL("sokak"), TAIL("Cad."), TAIL("Sok."), { NULL, 0 }
};
static const char *const after[] = { "Street", "St", "St.", "Road", "Rd", "Rd.", "Avenue", "Ave", "Ave.", "Lane", "Ln", "Drive", "Dr",
        "Boulevard", "Blvd", "Blvd.", "Way", "Square", "Court", "Terrace", "Crescent", "Highway", "Parkway", "Close", "rue", "Rue",
        "avenue", "boulevard", "place", "quai", "chemin", "ถนน", "Đường", "đường", "Nagar", "Marg", "Salai", NULL };
static const char *const joints[] = { "de ", "du ", "des ", "la ", "le ", "da ", "do ", "das ", "dos ", "del ", "di ", "van ", "of ",
        "- ", "No. ", "no. ", NULL };

static const char *const kinds[] = { "Flat ", "Apt ", "Apt. ", "Unit ", "Suite ", "Room ", NULL };

void address_prepare(void)
{
        texts_make(&all.number, numbers);
        texts_make(&all.tail, tails);
        texts_make(&all.before, before);
        texts_make(&all.after, after);
        texts_make(&all.joint, joints);
        texts_make(&all.kind, kinds);
}

static size_t word_end(const struct look *l, size_t i)
{
        while (i < l->n && look_class[(uint8_t)l->p[i]] & IS_NAME)
                i++;
        return i;
}

/* Words that a town's part of an address is made of, from i on: capitals, numbers, and what joins
 * them. *town: a comma and a capital, or a postcode. Returns the end. */
static size_t town(const struct look *l, size_t i, bool *found)
{
        size_t start = i, good = i;
        *found = false;
        while (i < l->n && i - start < REACH) {
                bool comma = l->p[i] == ',';
                size_t k = comma ? i + 1 : i;
                if (look_at(l, k) != ' ')
                        break;
                k++;
                if (texts_at(&all.joint, l, k)) {
                        i = word_end(l, k);
                        i += look_at(l, i) == '.';
                        continue;
                }
                size_t end = word_end(l, k);
                bool digit = is_digit(look_at(l, k)) || look_at(l, k) == '#';
                if (end == k || look_at(l, end) == ':' || !(digit || is_upper(l->p[k]) || is_high(l->p[k])))
                        break;
                if (digit && contact_counts(l, end)) /* "5, 10000 rows" */
                        break;
                *found |= (comma && !digit) || (digit && end - k >= 4 && end - k <= 9);
                if (look_at(l, end) == '.' && end - k <= 2 && look_at(l, end + 1) == ' ')
                        end++; /* TP. */
                good = i = end;
        }
        return good;
}

/* Capitalised words before i that belong to the street's name: where the first begins. */
static size_t name_back(const struct look *l, size_t i)
{
        for (int words = 0; words < WORDS_BEFORE && i > 1 && l->p[i - 1] == ' '; words++) {
                size_t k = i - 1;
                while (k > 0 && (is_alpha(l->p[k - 1]) || is_high(l->p[k - 1]) || l->p[k - 1] == '-'))
                        k--;
                if (k == i - 1 || !is_upper(l->p[k]) || (k > 1 && l->p[k - 1] == ' ' && l->p[k - 2] == '.'))
                        return i;
                i = k;
        }
        return i;
}

/* "Via HTTP": the word before i is an acronym. */
static bool shouts(const struct look *l, size_t from, size_t i)
{
        size_t k = i;
        while (k > from && is_upper(l->p[k - 1]))
                k--;
        return i - k >= 3;
}

/* "Via Roma 365", "Lindenweg 3": where the street begins before the number at `start`, or start. */
static size_t street_before(const struct look *l, size_t start)
{
        size_t i = start;
        if (i > 4 && look_is(l, i - 4, "No. "))
                i -= 4;
        while (i > 1 && (l->p[i - 1] == ' ' || l->p[i - 1] == ','))
                i--;
        size_t n = i < start ? ends_in(l, i, suffixes) : 0;
        if (n) {
                size_t k = i;
                while (k > 0 && i - k < STREET && (is_alpha(l->p[k - 1]) || is_high(l->p[k - 1]) || l->p[k - 1] == '-' || l->p[k - 1] == '.'))
                        k--;
                return is_upper(l->p[k]) || is_high(l->p[k]) ? name_back(l, k) : start;
        }
        for (size_t k = i; k > 0 && i - k < STREET && l->p[k - 1] != '\n' && !is_digit(l->p[k - 1]); k--)
                if ((k < 2 || !is_alnum(l->p[k - 2])) && texts_at(&all.before, l, k - 1) && !shouts(l, k - 1, i))
                        return k - 1;
        return start;
}

/* "90 Station Road": where the street after the number at `end` ends, or end. */
static size_t street_after(const struct look *l, size_t end)
{
        size_t i = look_at(l, end) == ',' ? end + 1 : end;
        for (int words = 0; words < 5 && look_at(l, i) == ' '; words++) {
                size_t k = i + 1, stop = word_end(l, k);
                if (stop == k || !(is_upper(l->p[k]) || is_high(l->p[k]) || texts_at(&all.after, l, k)))
                        return end;
                uint8_t c = (uint8_t)l->p[k];
                for (size_t t = all.after.from[c]; t < all.after.from[c + 1]; t++) {
                        size_t n = all.after.n[t];
                        if ((n >= stop - k || c >= 0x80) && look_is(l, k, all.after.text[t]))
                                return look_at(l, stop) == '.' && n <= 4 ? stop + 1 : stop;
                }
                if (look_is(l, k, "Quận") || (look_at(l, stop) == ',' && look_is(l, stop, ", Quận")))
                        return stop;
                i = stop;
        }
        return end;
}

/* "Flat 5, " before the house number. */
static size_t flat_before(const struct look *l, size_t start)
{
        if (start < 3 || l->p[start - 1] != ' ' || l->p[start - 2] != ',')
                return start;
        for (size_t k = start - 2; k > 0 && start - k < 16; k--)
                if (texts_at(&all.kind, l, k - 1))
                        return k - 1;
        return start;
}

/* What may follow a house number: a comma or a blank, then a capital, a number or another script, or "de", "rue". */
static bool may_go_on(const struct look *l, size_t end)
{
        size_t i = look_at(l, end) == ',' ? end + 1 : end;
        char c = look_at(l, i) == ' ' ? look_at(l, i + 1) : 0;
        if (is_upper(c) || is_digit(c) || is_high(c) || c == '#')
                return true;
        return c && (texts_at(&all.joint, l, i + 1) || texts_at(&all.after, l, i + 1));
}

void find_address(struct look *l, size_t start, size_t end)
{
        bool found;
        if (start < l->address_done || find_chain(l, start, end) || end - start > 5)
                return;
        if (!may_go_on(l, end))
                return;
        size_t stop = town(l, end, &found), from = found ? street_before(l, start) : start;
        if (from == start) {
                size_t street = street_after(l, end);
                if (street == end)
                        return;
                stop = town(l, street, &found);
                from = flat_before(l, start);
        }
        if (!found)
                return;
        look_hit(l, from, stop, ID_ADDRESS, 75);
        l->address_done = stop;
}
