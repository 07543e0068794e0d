/* crc32c.c - CRC-32C (Castagnoli, RFC 3720): the processor's instruction where
 * there is one, tables (eight bytes a step) elsewhere. Same result. */
#include <pthread.h>

#include "base/hash.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint32_t table[8][256];
static uint32_t (*crc_of)(uint32_t crc, const unsigned char *p, size_t n);

static uint32_t crc_by_table(uint32_t crc, const unsigned char *p, size_t n)
{
        for (; n >= 8; n -= 8, p += 8) {
                uint32_t low = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                                      (uint32_t)p[3] << 24);
                crc = table[7][low & 255] ^ table[6][low >> 8 & 255] ^ table[5][low >> 16 & 255] ^
                      table[4][low >> 24] ^ table[3][p[4]] ^ table[2][p[5]] ^ table[1][p[6]] ^
                      table[0][p[7]];
        }
        while (n--)
                crc = crc >> 8 ^ table[0][(crc ^ *p++) & 255];
        return crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t crc_by_cpu(uint32_t crc, const unsigned char *p,
                                                             size_t n)
{
        uint64_t wide = crc;
        for (; n >= 8; n -= 8, p += 8) {
                uint64_t word;
                memcpy(&word, p, 8);
                wide = _mm_crc32_u64(wide, word);
        }
        crc = (uint32_t)wide;
        while (n--)
                crc = _mm_crc32_u8(crc, *p++);
        return crc;
}

static bool cpu_can(void)
{
        __builtin_cpu_init();
        return __builtin_cpu_supports("sse4.2");
}
#else
static uint32_t crc_by_cpu(uint32_t crc, const unsigned char *p, size_t n)
{
        return crc_by_table(crc, p, n);
}

static bool cpu_can(void)
{
        return false;
}
#endif

static void prepare(void)
{
        for (uint32_t i = 0; i < 256; i++) {
                uint32_t c = i;
                for (int bit = 0; bit < 8; bit++)
                        c = c >> 1 ^ (c & 1 ? UINT32_C(0x82f63b78) : 0);
                table[0][i] = c;
        }
        for (uint32_t i = 0; i < 256; i++)
                for (int k = 1; k < 8; k++)
                        table[k][i] = table[k - 1][i] >> 8 ^ table[0][table[k - 1][i] & 255];
        crc_of = cpu_can() ? crc_by_cpu : crc_by_table;
}

uint32_t crc32c(uint32_t crc, struct slice bytes)
{
        pthread_once(&once, prepare);
        return ~crc_of(~crc, (const unsigned char *)bytes.p, bytes.n);
}
