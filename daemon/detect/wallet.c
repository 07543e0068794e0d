/* wallet.c - Bitcoin (base58check, bech32, bech32m) and Ethereum (EIP-55) addresses. */
#include "base/hash.h"
#include "checksum.h"
#include "look.h"

/* Version, 20 bytes of hash, 4 bytes of checksum, as a number in base 58. */
static bool valid_base58(const char *s, size_t n)
{
        static const char digits[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        uint8_t b[25] = { 0 }, once[SHA256_BYTES], twice[SHA256_BYTES];
        for (size_t i = 0; i < n; i++) {
                const char *d = strchr(digits, s[i]);
                if (!d)
                        return false;
                unsigned carry = (unsigned)(d - digits);
                for (size_t k = sizeof b; k-- > 0;) {
                        carry += 58u * b[k];
                        b[k] = (uint8_t)carry;
                        carry >>= 8;
                }
                if (carry)
                        return false;
        }
        size_t zeros = 0, ones = 0;
        while (zeros < sizeof b && !b[zeros])
                zeros++;
        while (ones < n && s[ones] == '1')
                ones++;
        if (zeros != ones || (b[0] != 0 && b[0] != 5))
                return false;
        sha256(once, slice_make(b, 21));
        sha256(twice, slice_make(once, sizeof once));
        return memcmp(twice, b + 21, 4) == 0;
}

static uint32_t bech32_step(uint32_t c, unsigned v)
{
        static const uint32_t g[5] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3 };
        uint32_t top = c >> 25;
        c = (c & 0x1ffffff) << 5 ^ v;
        for (int i = 0; i < 5; i++)
                c ^= top >> i & 1 ? g[i] : 0;
        return c;
}

/* BIP-173 and BIP-350; s begins "bc1". */
static bool valid_bech32(const char *s, size_t n)
{
        static const char digits[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
        static const uint8_t prefix[] = { 'b' >> 5, 'c' >> 5, 0, 'b' & 31, 'c' & 31 };
        uint32_t c = 1;
        bool upper = s[0] == 'B';
        unsigned version = 0;
        if (n < 14 || n > 74)
                return false;
        for (size_t i = 0; i < sizeof prefix; i++)
                c = bech32_step(c, prefix[i]);
        for (size_t i = 3; i < n; i++) {
                char ch = s[i];
                if (is_alpha(ch) && (ch < 'a') != upper)
                        return false;
                const char *d = strchr(digits, to_lower(ch));
                if (!d)
                        return false;
                if (i == 3)
                        version = (unsigned)(d - digits);
                c = bech32_step(c, (unsigned)(d - digits));
        }
        size_t bytes = (n - 3 - 7) * 5 / 8;
        if (version == 0)
                return c == 1 && (bytes == 20 || bytes == 32);
        return c == 0x2bc830a3 && version <= 16 && bytes >= 2 && bytes <= 40;
}

/* s: 40 hex digits. Mixed case carries the check; one case alone has none. */
static bool valid_ethereum(const char *s)
{
        char lower[40];
        uint8_t hash[32];
        bool has_upper = false, has_lower = false;
        for (size_t i = 0; i < 40; i++) {
                if (!is_hex(s[i]))
                        return false;
                has_upper |= s[i] >= 'A' && s[i] <= 'F';
                has_lower |= s[i] >= 'a' && s[i] <= 'f';
                lower[i] = to_lower(s[i]);
        }
        if (!has_upper || !has_lower)
                return true;
        check_keccak256(hash, lower, 40);
        for (size_t i = 0; i < 40; i++) {
                unsigned nibble = hash[i / 2] >> (i % 2 ? 0 : 4) & 15;
                if (is_alpha(s[i]) && (nibble > 7) != (s[i] <= 'F'))
                        return false;
        }
        return true;
}

/* 0x5BE0AD…: how databases print twenty bytes; wallets print mixed case, or lower. */
static bool is_capitals(const char *s)
{
        for (size_t i = 0; i < 40; i++)
                if (s[i] >= 'a' && s[i] <= 'f')
                        return false;
        return true;
}

void find_wallet(struct look *l, size_t at, size_t end)
{
        const char *s = l->p + at;
        size_t n = end - at;
        if (!look_free_left(l, at) || !look_free_right(l, end))
                return;
        if ((s[0] == '1' || s[0] == '3') && n <= 35 && valid_base58(s, n))
                look_hit(l, at, end, ID_BTC, 99);
        else if (look_is_nocase(l, at, "bc1") && valid_bech32(s, n))
                look_hit(l, at, end, ID_BTC, 99);
        else if (n == 42 && s[0] == '0' && s[1] == 'x' && valid_ethereum(s + 2) &&
                 (!is_capitals(s + 2) || look_context(l, ID_ETH, at, 40, end, 16)))
                look_hit(l, at, end, ID_ETH, 95);
}
