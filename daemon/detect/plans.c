/* plans.c - telephone plans as rows: adding a country is adding a row. */
#include "plans.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>

/* A kind of number: how it begins ("1[3-9]") and how many digits it has without the
 * trunk prefix. */
struct kind {
        const char *lead;
        unsigned char min, max;
};

static const struct plan {
        const char *code;
        bool trunk;   /* 0 is dialled before the number at home */
        bool direct;  /* the number is also written without it */
        struct kind kinds[4];
} plans[] = {
        { "86", true, true, { { "1[3-9]", 11, 11 }, { "10", 10, 10 }, { "2", 10, 10 }, { "[3-9]", 10, 11 } } },
        { "1", false, true, { { "[2-9]dd[2-9]", 10, 10 } } },
        { "44", true, false, { { "7[1-9]", 10, 10 }, { "[12]", 9, 10 }, { "[38]", 10, 10 } } },
        { "49", true, false, { { "1[5-7]", 10, 11 }, { "[2-9]", 6, 12 } } },
        { "33", true, false, { { "[67]", 9, 9 }, { "[1-59]", 9, 9 } } },
        { "34", false, true, { { "[6-9]", 9, 9 } } },
        { "39", false, true, { { "3", 9, 10 }, { "0", 6, 11 } } },
        { "31", true, false, { { "6[1-58]", 9, 9 }, { "[1-57]", 9, 9 } } },
        { "32", true, false, { { "4[5-9]", 9, 9 }, { "[1-9]", 8, 8 } } },
        { "48", false, true, { { "[1-9]", 9, 9 } } },
        { "46", true, false, { { "7[02369]", 9, 9 }, { "[1-9]", 7, 9 } } },
        { "358", true, false, { { "4", 6, 10 }, { "50", 6, 10 }, { "[1-9]", 5, 11 } } },
        { "45", false, true, { { "[2-9]", 8, 8 } } },
        { "47", false, true, { { "[2-9]", 8, 8 } } },
        { "852", false, true, { { "[235-9]", 8, 8 } } },
        { "886", true, false, { { "9", 9, 9 }, { "[2-8]", 8, 9 } } },
        { "351", false, true, { { "9[1236]", 9, 9 }, { "2", 9, 9 } } },
        { "43", true, false, { { "6", 8, 13 }, { "[1-57]", 4, 12 } } },
        { "353", true, false, { { "8[35-9]", 9, 9 }, { "[1-9]", 7, 10 } } },
        { "41", true, false, { { "7[5-9]", 9, 9 }, { "[2-6]", 9, 9 } } },
        { "90", true, false, { { "[2-5]", 10, 10 } } },
        { "81", true, false, { { "[5789]0", 10, 10 }, { "[1-9]", 9, 9 } } },
        { "82", true, false, { { "10[2-9]", 10, 10 }, { "1[16789]", 9, 10 }, { "[2-6]", 8, 10 } } },
        { "91", true, true, { { "[6-9]", 10, 10 }, { "[1-5]", 10, 10 } } },
        { "62", true, false, { { "8[1-9]", 9, 12 }, { "[2-79]", 7, 11 } } },
        { "65", false, true, { { "[3689]", 8, 8 } } },
        { "66", true, false, { { "[689]", 9, 9 }, { "[2-57]", 8, 8 } } },
        { "60", true, false, { { "1", 9, 10 }, { "[3-9]", 8, 9 } } },
        { "84", true, false, { { "[35789]", 9, 9 }, { "2", 10, 10 } } },
        { "63", true, false, { { "9", 10, 10 }, { "[2-8]", 8, 10 } } },
        { "55", true, true, { { "[1-9][1-9]9", 11, 11 }, { "[1-9][1-9][2-5]", 10, 10 } } },
        { "61", true, false, { { "4", 9, 9 }, { "[2378]", 9, 9 } } },
        { "971", true, false, { { "5[024568]", 9, 9 }, { "[2-479]", 8, 8 } } },
        { "966", true, false, { { "5", 9, 9 }, { "1[1-7]", 9, 9 } } },
};

/* Codes in use whose plans are not kept here: seven to twelve digits. */
static const char *const other_codes =
        " 7 20 27 30 36 40 51 52 53 54 56 57 58 64 92 93 94 95 98 212 213 216 218 220 221 225 226 227 "
        "228 229 230 231 232 233 234 237 243 244 249 250 251 252 253 254 255 256 258 260 261 262 263 264 "
        "265 266 267 268 290 297 298 299 350 352 354 355 356 357 359 370 371 372 373 374 375 376 377 378 "
        "380 381 382 383 385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 509 591 592 593 594 "
        "595 596 597 598 599 670 673 674 675 676 677 678 679 680 853 855 856 880 960 961 962 963 "
        "964 965 967 968 970 972 973 974 975 976 977 992 993 994 995 996 998 ";

/* Does c lie in the class "[3-57]" at *lead? Moves *lead past it. */
static bool in_class(const char **lead, char c)
{
        const char *p = *lead + 1;
        bool in = false;
        for (; *p != ']'; p++) {
                if (p[1] == '-') {
                        in |= c >= p[0] && c <= p[2];
                        p += 2;
                } else {
                        in |= c == *p;
                }
        }
        *lead = p + 1;
        return in;
}

/* Do the n digits begin as `lead` says? *all: none of it lies beyond them. */
static bool leads(const char *lead, const char *digits, size_t n, bool *all)
{
        for (; *lead && n > 0; n--) {
                char c = *digits++;
                if (*lead == '[') {
                        if (!in_class(&lead, c))
                                return false;
                } else if (*lead == 'd') {
                        lead++;
                } else if (*lead++ != c) {
                        return false;
                }
        }
        *all = *lead == 0;
        return true;
}

static bool is_kind(const struct plan *p, const char *digits, size_t n)
{
        bool all;
        for (size_t i = 0; i < 4 && p->kinds[i].lead; i++)
                if (n >= p->kinds[i].min && n <= p->kinds[i].max && leads(p->kinds[i].lead, digits, n, &all) && all)
                        return true;
        return false;
}

static bool is_other(const char *digits, size_t n)
{
        for (size_t code = 1; code <= 3 && code < n; code++) {
                char want[6] = { ' ' };
                memcpy(want + 1, digits, code);
                want[1 + code] = ' ';
                if (strstr(other_codes, want))
                        return n - code >= 7 && n - code <= 12;
        }
        return false;
}

bool plan_international(const char *digits, size_t n)
{
        if (n < 8 || n > 16)
                return false;
        for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
                size_t code = strlen(plans[i].code);
                if (memcmp(digits, plans[i].code, code) != 0)
                        continue;
                size_t zero = plans[i].trunk && digits[code] == '0' ? 1 : 0;
                return is_kind(&plans[i], digits + code + zero, n - code - zero);
        }
        return n <= 15 && is_other(digits, n);
}

/* What the first three digits say of a national number: a bit for each length from FEWEST to MOST. */
enum { LEADS = 1000, FEWEST = 7, MOST = 15 };
static struct {
        uint16_t sure; /* it is one */
        uint16_t may;  /* digits beyond them decide */
} by_lead[LEADS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* As dialled with `prefix`, a digit or 0, before the digits that the kind describes. */
static void add_kind(const struct kind *k, char prefix)
{
        uint16_t lengths = 0;
        size_t more = prefix ? 1 : 0;
        for (size_t n = FEWEST; n <= MOST; n++)
                lengths |= (uint16_t)(n >= k->min + more && n <= k->max + more ? 1u << (n - FEWEST) : 0);
        for (unsigned i = 0; i < LEADS; i++) {
                const char d[3] = { (char)('0' + i / 100), (char)('0' + i / 10 % 10), (char)('0' + i % 10) };
                bool all;
                if ((prefix && d[0] != prefix) || !leads(k->lead, d + more, 3 - more, &all))
                        continue;
                by_lead[i].sure |= all ? lengths : 0;
                by_lead[i].may |= lengths;
        }
}

static void make_leads(void)
{
        for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
                for (size_t k = 0; k < 4 && plans[i].kinds[k].lead; k++) {
                        if (plans[i].trunk)
                                add_kind(&plans[i].kinds[k], '0');
                        if (plans[i].direct)
                                add_kind(&plans[i].kinds[k], 0);
                }
        add_kind(&plans[1].kinds[0], '1'); /* long distance within the NANP */
}

static bool national(const char *digits, size_t n)
{
        for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
                const struct plan *p = &plans[i];
                if (p->trunk && digits[0] == '0' && is_kind(p, digits + 1, n - 1))
                        return true;
                if (p->direct && is_kind(p, digits, n))
                        return true;
        }
        /* long distance within the NANP */
        return n == 11 && digits[0] == '1' && is_kind(&plans[1], digits + 1, 10);
}

bool plan_national(const char *digits, size_t n)
{
        if (n < FEWEST || n > MOST || pthread_once(&once, make_leads) != 0)
                return national(digits, n);
        unsigned lead = (unsigned)(digits[0] - '0') * 100 + (unsigned)(digits[1] - '0') * 10 + (unsigned)(digits[2] - '0');
        unsigned bit = 1u << (n - FEWEST);
        return by_lead[lead].sure & bit || (by_lead[lead].may & bit && national(digits, n));
}
