/* email.c - e-mail addresses around an '@'. Narrower than RFC 5321 where running text
 * would be swallowed: no '/', '=', '!' in the local part; wider where people write their
 * names in their own script (RFC 6531). */
#include "look.h"
#include "texts.h"

enum { LOCAL_MAX = 64, DOMAIN_MAX = 255, CJK_PREFIX_MAX = 4 };

/* The character that ends right before i: its first byte and code point. */
static uint32_t char_before(const struct look *l, size_t i, size_t *start)
{
        size_t k = i - 1;
        while (k > 0 && i - k < 4 && ((unsigned char)l->p[k] & 0xC0) == 0x80)
                k--;
        const unsigned char *p = (const unsigned char *)l->p + k;
        *start = k;
        switch (i - k) {
        case 2:
                return (uint32_t)(p[0] & 31) << 6 | (p[1] & 63);
        case 3:
                return (uint32_t)(p[0] & 15) << 12 | (uint32_t)(p[1] & 63) << 6 | (p[2] & 63);
        case 4:
                return (uint32_t)(p[0] & 7) << 18 | (uint32_t)(p[1] & 63) << 12 |
                       (uint32_t)(p[2] & 63) << 6 | (p[3] & 63);
        default:
                return p[0];
        }
}

static size_t char_end(const struct look *l, size_t i)
{
        do
                i++;
        while (i < l->n && ((unsigned char)l->p[i] & 0xC0) == 0x80);
        return i;
}

static bool is_punctuation(uint32_t c)
{
        return (c >= 0x80 && c <= 0xBF) || (c >= 0x2000 && c <= 0x2BFF) ||
               (c >= 0x3000 && c <= 0x3004) || (c >= 0x3008 && c <= 0x3030) || c == 0x30FB ||
               (c >= 0xFE10 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFFEF) ||
               (c >= 0x0964 && c <= 0x0965) || c >= 0x1F000;
}

/* Latin, Greek, Cyrillic: scripts with blanks between words, so a letter belongs. */
static bool is_spaced_letter(uint32_t c)
{
        return (c >= 0xC0 && c < 0x590 && c != 0xD7 && c != 0xF7) || (c >= 0x1E00 && c < 0x2000);
}

static bool is_local(const struct look *l, size_t i)
{
        char c = l->p[i];
        if (c == '\'')
                return i > 0 && is_alpha(l->p[i - 1]) && is_alpha(look_at(l, i + 1));
        return is_alnum(c) || c == '.' || c == '_' || c == '+' || c == '-';
}

/* Words of running text that stand before an address without a blank. */
static bool leads_in(const struct look *l, size_t end)
{
        static const char *const words[] = { "邮箱", "邮件", "信箱", "是", "为", "到", "至", "给",
                "发", "送", "メール", "宛", "は", "が", "の", "へ", "に", "で", "まで", "から", "메일",
                "은", "는", "로", "에게", "อีเมล", "ที่", "และ", "或", "和", "或者", "と" };
        for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
                size_t n = strlen(words[k]);
                if (end >= n && memcmp(l->p + end - n, words[k], n) == 0)
                        return true;
        }
        return false;
}

/* A short run of CJK, Thai, ... letters before `start` that begins at a border: part of
 * the name. A long one is the sentence. */
static size_t name_before(const struct look *l, size_t start, size_t max_chars)
{
        size_t i = start, k;
        if (leads_in(l, start))
                return start;
        for (size_t chars = 0; i > 0 && is_high(l->p[i - 1]); chars++) {
                uint32_t c = char_before(l, i, &k);
                if (is_punctuation(c))
                        break;
                if (chars == max_chars)
                        return start;
                i = k;
        }
        return i > 0 && is_alnum(l->p[i - 1]) ? start : i;
}

static size_t local_start(const struct look *l, size_t at)
{
        size_t i = at, k;
        while (i > 0 && at - i < LOCAL_MAX) {
                if (is_local(l, i - 1)) {
                        i--;
                } else if (is_high(l->p[i - 1]) && is_spaced_letter(char_before(l, i, &k))) {
                        i = k;
                } else {
                        break;
                }
        }
        if (i > 0 && is_high(l->p[i - 1]))
                i = name_before(l, i, i == at ? LOCAL_MAX / 3 : CJK_PREFIX_MAX);
        while (i < at && strchr(".-+'", l->p[i]))
                i++;
        return i;
}

/* The end of the label at i: ASCII, or all of a non-ASCII word. */
static size_t label_end(const struct look *l, size_t i)
{
        size_t start = i, k;
        if (i < l->n && is_high(l->p[i])) {
                while (i < l->n && (is_high(l->p[i]) || is_alnum(l->p[i]))) {
                        size_t next = char_end(l, i);
                        if (is_high(l->p[i]) && is_punctuation(char_before(l, next, &k)))
                                break;
                        i = next;
                }
                return i - start > 63 ? start : i;
        }
        while (i < l->n && i - start <= 63) {
                if (is_alnum(l->p[i]) || l->p[i] == '-')
                        i++;
                else if (is_high(l->p[i]) && is_spaced_letter(char_before(l, char_end(l, i), &k)))
                        i = char_end(l, i);
                else
                        break;
        }
        while (i > start && l->p[i - 1] == '-')
                i--;
        return i - start > 63 ? start : i;
}

/* systemd's units, and files: what else has an '@' and ends like a domain. */
static struct texts others;

void email_prepare(void)
{
        static const char *const list[] = { "service", "socket", "target", "timer", "mount", "path", "slice", "scope",
                "device", "swap", "png", "jpg", "jpeg", "gif", "webp", "svg", "tgz", "css", "js", "json", "html", "zip",
                "gz", NULL };
        texts_make(&others, list);
}

bool email_top_label(const struct look *l, size_t start, size_t end)
{
        size_t n = end - start;
        if (n < 2)
                return false;
        if (is_high(l->p[start]) || look_is_nocase(l, start, "xn--"))
                return true;
        for (size_t i = start; i < end; i++)
                if (!is_alpha(l->p[i]) && !is_high(l->p[i]))
                        return false;
        return !texts_is(&others, l, start, end);
}

/* After a lone first label and its dot the line may break: "joe@example.\ncom". */
static size_t skip_break(const struct look *l, size_t i)
{
        if (look_at(l, i) != '\n')
                return i;
        size_t k = look_is(l, i + 1, "> ") ? i + 3 : i + 1;
        return look_at(l, k) >= 'a' && look_at(l, k) <= 'z' ? k : i;
}

/* The domain that begins at i: its end after the last label that can be a top one; i if
 * there is none. */
static size_t domain_end(const struct look *l, size_t i)
{
        size_t start = i, good = i;
        for (int labels = 1; i - start < DOMAIN_MAX; labels++) {
                size_t end = label_end(l, i);
                if (end == i)
                        break;
                if (labels > 1 && email_top_label(l, i, end))
                        good = end;
                if (look_at(l, end) != '.')
                        break;
                i = labels == 1 ? skip_break(l, end + 1) : end + 1;
        }
        return good;
}

/* git@host:path, scp's user@host:/path, ssh://user@host: a machine. */
static bool is_remote(const struct look *l, size_t start, size_t at, size_t end)
{
        char c = look_at(l, end + 1);
        bool git = at - start == 3 && look_is(l, start, "git");
        if (look_at(l, end) != ':')
                return (git && start >= 4 && look_is_nocase(l, start - 4, "ssh ")) || (start >= 3 && look_is(l, start - 3, "://") &&
                       (git || (start >= 6 && look_is(l, start - 6, "ssh://")) ||
                        (start >= 7 && look_is(l, start - 7, "sftp://"))));
        return git || c == '/' || c == '~';
}

void find_email(struct look *l, size_t at)
{
        size_t start = local_start(l, at);
        size_t end = domain_end(l, skip_break(l, at + 1));
        size_t spoken = spoken_domain_end(l, at + 1), spoken_start = spoken_local_start(l, at);
        if (spoken > at + 1 && spoken > end)
                end = spoken;
        if (spoken_start < start)
                start = spoken_start;
        if (start == at || end <= at + 1 || is_remote(l, start, at, end))
                return;
        look_hit(l, start, end, ID_EMAIL, 95);
}
