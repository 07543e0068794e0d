/* checksum.c - check digits, and the two hashes that wallets and tokens need. */
#include "checksum.h"

#include <string.h>

bool check_luhn(const char *digits, size_t n)
{
        int sum = 0;
        for (size_t i = 0; i < n; i++) {
                int d = digits[n - 1 - i] - '0';
                if (i & 1)
                        d = d * 2 > 9 ? d * 2 - 9 : d * 2;
                sum += d;
        }
        return n > 0 && sum % 10 == 0;
}

static const uint8_t verhoeff_d[10][10] = {
        { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 }, { 1, 2, 3, 4, 0, 6, 7, 8, 9, 5 },
        { 2, 3, 4, 0, 1, 7, 8, 9, 5, 6 }, { 3, 4, 0, 1, 2, 8, 9, 5, 6, 7 },
        { 4, 0, 1, 2, 3, 9, 5, 6, 7, 8 }, { 5, 9, 8, 7, 6, 0, 4, 3, 2, 1 },
        { 6, 5, 9, 8, 7, 1, 0, 4, 3, 2 }, { 7, 6, 5, 9, 8, 2, 1, 0, 4, 3 },
        { 8, 7, 6, 5, 9, 3, 2, 1, 0, 4 }, { 9, 8, 7, 6, 5, 4, 3, 2, 1, 0 },
};
static const uint8_t verhoeff_p[8][10] = {
        { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 }, { 1, 5, 7, 6, 2, 8, 3, 0, 9, 4 },
        { 5, 8, 0, 3, 7, 9, 6, 1, 4, 2 }, { 8, 9, 1, 6, 0, 4, 3, 5, 2, 7 },
        { 9, 4, 5, 3, 1, 2, 6, 8, 7, 0 }, { 4, 2, 8, 6, 5, 7, 3, 9, 0, 1 },
        { 2, 7, 9, 3, 8, 0, 6, 4, 1, 5 }, { 7, 0, 4, 6, 9, 1, 3, 2, 5, 8 },
};

bool check_verhoeff(const char *digits, size_t n)
{
        unsigned c = 0;
        for (size_t i = 0; i < n; i++)
                c = verhoeff_d[c][verhoeff_p[i % 8][digits[n - 1 - i] - '0']];
        return c == 0;
}

int check_iso7064_11_10(const char *digits, size_t n)
{
        int p = 10;
        for (size_t i = 0; i < n; i++) {
                int s = (digits[i] - '0' + p) % 10;
                p = (s ? s : 10) * 2 % 11;
        }
        return (11 - p) % 10;
}

unsigned check_mod97(unsigned so_far, const char *alnum, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                char c = alnum[i];
                if (c >= '0' && c <= '9')
                        so_far = (so_far * 10 + (unsigned)(c - '0')) % 97;
                else
                        so_far = (so_far * 100 + (unsigned)(c - 'A' + 10)) % 97;
        }
        return so_far;
}

int check_weigh(const char *digits, const int8_t *weights, size_t n)
{
        int sum = 0;
        for (size_t i = 0; i < n; i++)
                sum += (digits[i] - '0') * weights[i];
        return sum;
}

uint64_t check_number(const char *digits, size_t n)
{
        uint64_t v = 0;
        for (size_t i = 0; i < n; i++)
                v = v * 10 + (uint64_t)(digits[i] - '0');
        return v;
}

bool check_monotone(const char *text, size_t n)
{
        for (size_t i = 1; i < n; i++)
                if (text[i] != text[0])
                        return false;
        return true;
}

uint32_t check_crc32(const char *text, size_t n)
{
        uint32_t crc = 0xFFFFFFFF;
        for (size_t i = 0; i < n; i++) {
                crc ^= (uint8_t)text[i];
                for (int k = 0; k < 8; k++)
                        crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
        }
        return ~crc;
}

bool check_date(int year, int month, int day)
{
        static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        if (month < 1 || month > 12 || day < 1)
                return false;
        bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        return day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

static inline uint64_t rotate(uint64_t v, unsigned n)
{
        return v << n | v >> (64 - n);
}

/* Round constants (FIPS 202, 3.2.5), and where each lane goes in turn and how far it is rotated then. */
static const uint64_t round_constants[24] = {
        0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B,
        0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088,
        0x0000000080008009, 0x000000008000000A, 0x000000008000808B, 0x800000000000008B, 0x8000000000008089,
        0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
        0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008 };
static const uint8_t lane_of[24] = { 10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,
                                     15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1 };
static const uint8_t turn_of[24] = { 1,  3,  6,  10, 15, 21, 28, 36, 45, 55, 2,  14,
                                     27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44 };

/* Keccak-f[1600]. */
static void permute(uint64_t a[25])
{
        for (int round = 0; round < 24; round++) {
                uint64_t c[5], moved;
                for (int x = 0; x < 5; x++)
                        c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
                for (int x = 0; x < 5; x++) {
                        uint64_t d = c[x > 0 ? x - 1 : 4] ^ rotate(c[x < 4 ? x + 1 : 0], 1);
                        for (int y = 0; y < 25; y += 5)
                                a[x + y] ^= d;
                }
                moved = a[1];
                for (int i = 0; i < 24; i++) {
                        uint64_t next = a[lane_of[i]];
                        a[lane_of[i]] = rotate(moved, turn_of[i]);
                        moved = next;
                }
                for (int y = 0; y < 25; y += 5) {
                        uint64_t a0 = a[y], a1 = a[y + 1];
                        a[y] ^= ~a1 & a[y + 2];
                        a[y + 1] ^= ~a[y + 2] & a[y + 3];
                        a[y + 2] ^= ~a[y + 3] & a[y + 4];
                        a[y + 3] ^= ~a[y + 4] & a0;
                        a[y + 4] ^= ~a0 & a1;
                }
                a[0] ^= round_constants[round];
        }
}

void check_keccak256(uint8_t out[32], const char *text, size_t n)
{
        enum { RATE = 136 };
        uint64_t a[25] = { 0 };
        uint8_t block[RATE];
        for (bool last = false; !last;) {
                size_t take = n < RATE ? n : RATE;
                memset(block, 0, RATE);
                memcpy(block, text, take);
                last = take < RATE;
                if (last) {
                        block[take] ^= 0x01;
                        block[RATE - 1] ^= 0x80;
                }
                for (size_t i = 0; i < RATE; i++)
                        a[i / 8] ^= (uint64_t)block[i] << (8 * (i % 8));
                permute(a);
                text += take;
                n -= take;
        }
        for (size_t i = 0; i < 32; i++)
                out[i] = (uint8_t)(a[i / 8] >> (8 * (i % 8)));
}
