/* charset_guess.c - which encoding a beginning is in: by its marks, by being valid UTF-8, else
 * by how usual its characters would be in each of four.
 *
 * A candidate's score is the mean weight of its characters beyond ASCII: 1 for what people
 * write all the time (kana, the characters of which most Chinese and Japanese text is made,
 * an umlaut within a word), less for what is in the first plane of its standard, below zero for
 * what nobody writes (the rare plane that another encoding's bytes fall into). What the source's
 * languages expect weighs a little. The winner must be likely, and much likelier than the next. */
#include <stdio.h>
#include <string.h>

#include "base/charset.h"
#include "base/text.h"

/* The characters of which about half of all Chinese, and of all Japanese kanji, is made. */
static const char usual_zh[] =
        "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当"
        "没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手"
        "应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平"
        "系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却"
        "界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运番号邮箱姓称编间填写评建议满"
        "版错误您请户试速支持希慢快修复测改使库本据功能升级装置查询索引迁移备份服器节点集群线程存储日志参数性能文档例社区贡献线下活动同意公司国籍省城";
static const char usual_ja[] =
        "日一国人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選立開手米力学問高代明実円関決子動"
        "京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性的要用制治度務強気小七成期公野協取都和統以機平総加山思家話世受区領多県続進正安設保"
        "改数記院女初北午指権心界支第産結百派点教報済書府活原先共得解名交資予川向際査勝面委告軍文反元重近千考判認画海参売利組知案道信策集在件団別物側任引"
        "使求所次水半品昨論計死官増係感特情投示変打男基私各始島直両朝革価式確村提運終挙果西勢減台広容必応演電歳住争談能無再位置企真流格有疑口過局少放税検"
        "番号姓名称種類登録更新件名質問回答自由記述評価点数満足度希望改善速遅便利不具合導入検索同意国籍会社氏勉強参加者状況処理時間分秒火水木土曜午後";

struct walk {
        struct slice raw;   /* of the encoding */
        struct slice text;  /* the same as UTF-8 */
        size_t at, text_at;
        bool torn;          /* more may follow */
};

/* One character: its bytes, and the character; false at the end. */
static bool next(struct walk *w, size_t (*length)(const unsigned char *p, size_t n), struct slice *bytes,
                 struct slice *character)
{
        if (w->at >= w->raw.n || w->text_at >= w->text.n)
                return false;
        size_t n = length((const unsigned char *)w->raw.p + w->at, w->raw.n - w->at), from = w->text_at;
        if (n > w->raw.n - w->at)
                return false;
        *bytes = slice_make(w->raw.p + w->at, n);
        utf8_next(w->text, &w->text_at);
        *character = slice_make(w->text.p + from, w->text_at - from);
        w->at += n;
        return true;
}

/* Three bytes of a list of three-byte characters. */
static bool is_usual(const char *list, struct slice character)
{
        if (character.n != 3)
                return false;
        for (const char *p = list; *p; p += 3)
                if (memcmp(p, character.p, 3) == 0)
                        return true;
        return false;
}

static size_t length_sjis(const unsigned char *p, size_t n)
{
        (void)n;
        return (*p >= 0x81 && *p <= 0x9f) || *p >= 0xe0 ? 2 : 1;
}

static size_t length_euc(const unsigned char *p, size_t n)
{
        (void)n;
        return *p == 0x8f ? 3 : *p >= 0x80 ? 2 : 1;
}

static size_t length_gb(const unsigned char *p, size_t n)
{
        if (*p < 0x80)
                return 1;
        return n > 1 && p[1] >= 0x30 && p[1] <= 0x39 ? 4 : 2;
}

static double kanji(struct slice character, bool first_plane)
{
        return is_usual(usual_ja, character) ? 1 : first_plane ? 0.25 : -0.7;
}

static double weigh_sjis(struct slice b, struct slice character)
{
        unsigned char lead = (unsigned char)b.p[0], trail = b.n > 1 ? (unsigned char)b.p[1] : 0;
        if (b.n == 1)
                return -0.4; /* half-width katakana */
        if (lead == 0x81)
                return 0.5;
        if (lead == 0x82 || (lead == 0x83 && trail <= 0x96))
                return lead == 0x82 && trail < 0x9f ? 0.4 : 1;
        if (lead == 0x87)
                return 0;
        if (lead < 0x88 || lead >= 0xed)
                return -0.8;
        return kanji(character, lead < 0x98 || (lead == 0x98 && trail <= 0x72));
}

static double weigh_euc(struct slice b, struct slice character)
{
        unsigned char lead = (unsigned char)b.p[0];
        if (b.n == 3)
                return -0.8;
        if (lead == 0x8e)
                return -0.4;
        if (lead == 0xa1 || lead == 0xa3)
                return 0.5;
        if (lead == 0xa4 || lead == 0xa5)
                return 1;
        return lead < 0xb0 ? -0.5 : kanji(character, lead < 0xd0);
}

static double weigh_gb(struct slice b, struct slice character)
{
        unsigned char lead = (unsigned char)b.p[0], trail = b.n > 1 ? (unsigned char)b.p[1] : 0;
        if (b.n == 4)
                return -0.5;
        if (trail < 0xa1 || lead < 0xa1 || lead > 0xf7)
                return -0.8;
        if (lead == 0xa1 || lead == 0xa3)
                return 0.5;
        if (lead < 0xb0)
                return lead == 0xa2 ? 0 : -0.5;
        return is_usual(usual_zh, character) ? 1 : lead <= 0xd7 ? 0.1 : -0.5;
}

struct candidate {
        enum charset charset;
        const char *langs; /* that are written in it */
        size_t (*length)(const unsigned char *p, size_t n);
        double (*weigh)(struct slice bytes, struct slice character);
        double rare; /* taken off: it is hardly written any more */
        double score;
};
enum { CANDIDATES = 4 };
#define LIKELY 0.35 /* tried on 12,000 pieces of 1 to 40 characters; see test_charset.c */
#define MARGIN 0.25

/* All of it is text of that encoding; but for a character that the sample's end tears. */
static bool decode(enum charset c, struct slice sample, bool ends, struct buf *out)
{
        struct charset_reader *r = NULL;
        bool ok = charset_open(&r, c, NULL);
        while (ok && sample.n && buf_ok(out))
                ok = charset_put(r, &sample, out, NULL);
        ok = ok && buf_ok(out) && (!ends || charset_finish(r, NULL));
        charset_close(r);
        return ok;
}

static bool score(struct candidate *c, struct slice sample, bool ends)
{
        struct buf text;
        struct slice bytes, character;
        double sum = 0;
        size_t n = 0;
        buf_init(&text, 3 * CHARSET_SAMPLE_MAX + 64);
        bool ok = decode(c->charset, sample, ends, &text);
        struct walk w = { .raw = sample, .text = buf_slice(&text) };
        while (ok && next(&w, c->length, &bytes, &character)) {
                if ((unsigned char)bytes.p[0] < 0x80)
                        continue;
                sum += c->weigh(bytes, character);
                n++;
        }
        buf_clear(&text);
        c->score = n ? sum / (double)n : 0;
        return ok && n;
}

/* ---- Windows-1252: single bytes, so it is their neighbours that tell --------------- */

static bool ascii_letter(unsigned char c)
{
        return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static bool high_letter(unsigned char c)
{
        return c >= 0xc0 && c != 0xd7 && c != 0xf7;
}

/* Those of German, French, Spanish, Portuguese, Italian, Dutch and the Nordic languages. */
static bool usual_letter(unsigned char c)
{
        static const char usual[] = "\xc4\xd6\xdc\xdf\xe4\xf6\xfc\xc0\xc1\xc7\xc8\xc9\xca\xcd\xd1\xd3\xda\xe0\xe1\xe2\xe3"
                                    "\xe7\xe8\xe9\xea\xeb\xec\xed\xee\xef\xf1\xf2\xf3\xf4\xf5\xf9\xfa\xfb\xc5\xc6\xd8\xe5\xe6\xf8";
        return memchr(usual, c, sizeof usual - 1) != NULL;
}

static double weigh_latin(unsigned char before, unsigned char c, unsigned char after)
{
        static const char signs[] = "\x80\x84\x85\x91\x92\x93\x94\x95\x96\x97\x99\xa0\xa1\xa3\xa7\xa9\xab\xae\xb0\xb4\xbb\xbf";
        bool within = ascii_letter(before) && ascii_letter(after);
        if (high_letter(c)) {
                if (high_letter(before) && high_letter(after))
                        return -1;
                if (high_letter(before) || high_letter(after))
                        return usual_letter(c) ? 0.2 : -0.6;
                if (before >= 0x80 || after >= 0x80)
                        return -0.3;
                return usual_letter(c) ? (ascii_letter(before) || ascii_letter(after) ? 1 : 0.4) : -0.3;
        }
        if (!memchr(signs, c, sizeof signs - 1))
                return -0.7;
        if (before >= 0x80 || after >= 0x80)
                return -0.4;
        return within && c != 0x92 && c != 0xb4 ? -0.7 : 0.6;
}

static bool score_latin(struct candidate *out, struct slice s)
{
        const unsigned char *p = (const unsigned char *)s.p;
        double sum = 0;
        size_t n = 0;
        for (size_t i = 0; i < s.n; i++) {
                if (p[i] < 0x80)
                        continue;
                if (p[i] == 0x81 || p[i] == 0x8d || p[i] == 0x8f || p[i] == 0x90 || p[i] == 0x9d)
                        return false;
                sum += weigh_latin(i ? p[i - 1] : ' ', p[i], i + 1 < s.n ? p[i + 1] : ' ');
                n++;
        }
        out->score = n ? sum / (double)n : 0;
        return n > 0;
}

/* ---- Unicode ------------------------------------------------------------------- */

static void say(struct charset_said *out, enum charset c, const char *why)
{
        out->charset = c;
        snprintf(out->why, sizeof out->why, "%s", why);
}

static bool by_mark(struct charset_said *out, struct slice s)
{
        if (slice_starts(s, SLICE("\xef\xbb\xbf")))
                say(out, CHARSET_UTF_8, "its byte order mark says so");
        else if (slice_starts(s, SLICE("\xff\xfe")))
                say(out, CHARSET_UTF_16LE, "its byte order mark says so");
        else if (slice_starts(s, SLICE("\xfe\xff")))
                say(out, CHARSET_UTF_16BE, "its byte order mark says so");
        else
                return false;
        return true;
}

/* A line feed of UTF-16 has a zero byte, a comma and a digit too: always on the same side. */
static bool by_zeros(struct charset_said *out, struct slice s, bool ends)
{
        size_t zeros[2] = { 0, 0 };
        struct buf text;
        for (size_t i = 0; i < s.n; i++)
                zeros[i & 1] += s.p[i] == 0;
        int low = zeros[1] > zeros[0] ? 0 : 1; /* where the low byte stands */
        if (zeros[1 - low] < 2 || zeros[low] * 4 > zeros[1 - low])
                return false;
        enum charset c = low == 0 ? CHARSET_UTF_16LE : CHARSET_UTF_16BE;
        buf_init(&text, 3 * s.n + 64);
        bool ok = decode(c, s, ends, &text) && text.n && (!ends || memchr(text.p, '\n', text.n));
        buf_clear(&text);
        if (ok)
                say(out, c, "every second byte of its commas and line ends is zero");
        return ok;
}

/* Bytes beyond ASCII: those in well-formed characters of UTF-8, and the others. */
static void count_utf8(struct slice s, bool ends, size_t *well, size_t *ill)
{
        *well = *ill = 0;
        while (s.n) {
                size_t bad = s.n;
                bool ok = utf8_valid(s, &bad);
                for (size_t i = 0; i < bad; i++)
                        *well += (unsigned char)s.p[i] >= 0x80;
                if (ok)
                        return;
                bool torn = !ends && s.n - bad < 4 && (unsigned char)s.p[bad] >= 0xc2;
                for (size_t i = bad + 1; i < s.n && torn; i++)
                        torn = ((unsigned char)s.p[i] & 0xc0) == 0x80;
                if (torn)
                        return;
                ++*ill;
                s = slice_make(s.p + bad + 1, s.n - bad - 1);
        }
}

static bool by_utf8(struct charset_said *out, struct slice s, bool ends)
{
        size_t well, ill;
        count_utf8(s, ends, &well, &ill);
        if (ill * 4 > well)
                return false;
        say(out, CHARSET_UTF_8, ill    ? "nearly all of it is valid UTF-8; what is not is damaged"
                                : well ? "it is valid UTF-8"
                                       : "it is plain ASCII");
        return true;
}

void charset_guess_unicode(struct charset_said *out, struct slice sample, unsigned edges)
{
        if (!by_mark(out, sample) && !by_zeros(out, sample, edges & CHARSET_ENDS))
                say(out, CHARSET_UTF_8, "that is what such files are written in");
}

/* ---- The answer ---------------------------------------------------------------- */

/* Whether "ja,en" names a language of "ja ko". */
static bool expected(const char *langs, const char *of)
{
        for (; langs && *langs; langs += strcspn(langs, ","), langs += *langs == ',')
                for (const char *o = of; *o; o += o[2] ? 3 : 2)
                        if (strncmp(langs, o, 2) == 0 && (!langs[2] || langs[2] == ',' || langs[2] == '-'))
                                return true;
        return false;
}

static bool cannot_tell(const char *or, const struct candidate *best, struct err *err)
{
        if (or)
                err_set(err, ERR_DATA, 0, "cannot tell whether the file is in %s or %s", charset_name(best->charset), or);
        else
                err_set(err, ERR_DATA, 0, "cannot tell in which encoding the file is: not UTF-8, and no text in others");
        if (!or)
                return err_hint(err, "Save it as \"CSV UTF-8\", or write encoding = \"...\"; if you know what its program writes.");
        return err_hint(err, "Save it as \"CSV UTF-8\", or write encoding = \"%s\"; if that is what its program writes.",
                        charset_name(best->charset));
}

/* The two best of those that it can be at all. */
static void rank(struct slice sample, bool ends, const char *langs, struct candidate all[CANDIDATES],
                 struct candidate **best, struct candidate **second)
{
        *best = *second = NULL;
        for (size_t i = 0; i < CANDIDATES; i++) {
                struct candidate *c = &all[i];
                if (!(c->length ? score(c, sample, ends) : score_latin(c, sample)))
                        continue;
                c->score += (expected(langs, c->langs) ? 0.2 : 0) - c->rare;
                if (!*best || c->score > (*best)->score) {
                        *second = *best;
                        *best = c;
                } else if (!*second || c->score > (*second)->score) {
                        *second = c;
                }
        }
}

/* A word or two of Chinese or Japanese may be valid UTF-8 by chance: then it would be letters of
 * other scripts, two bytes each, and very few. */
static bool by_chance(struct slice s)
{
        size_t n = 0, other = 0;
        for (size_t i = 0; i < s.n; i++) {
                unsigned char c = (unsigned char)s.p[i];
                if (c >= 0xe0)
                        return false;
                n += c >= 0xc2;
                other += c >= 0xc6;
        }
        return other && n < 12;
}

bool charset_guess(struct charset_said *out, struct slice sample, unsigned edges, const char *langs,
                   struct err *err)
{
        bool ends = edges & CHARSET_ENDS;
        struct candidate all[CANDIDATES] = {
                { CHARSET_SHIFT_JIS, "ja", length_sjis, weigh_sjis, 0, 0 },
                { CHARSET_EUC_JP, "ja", length_euc, weigh_euc, 0.15, 0 },
                { CHARSET_GB18030, "zh", length_gb, weigh_gb, 0, 0 },
                { CHARSET_WINDOWS_1252, "de en fr es pt it nl id da sv nb fi", NULL, NULL, 0, 0 },
        };
        struct candidate *best, *second;
        if (sample.n > CHARSET_SAMPLE_MAX) {
                sample.n = CHARSET_SAMPLE_MAX;
                ends = false;
        }
        if ((edges & CHARSET_BEGINS) && (by_mark(out, sample) || by_zeros(out, sample, ends)))
                return true;
        bool utf8 = by_utf8(out, sample, ends);
        if (utf8 && !by_chance(sample))
                return true;
        rank(sample, ends, langs, all, &best, &second);
        bool likely = best && best->score >= LIKELY;
        if (utf8)
                return !likely || cannot_tell("utf-8", best, err);
        if (!likely)
                return cannot_tell(NULL, best, err);
        if (second && best->score - second->score < MARGIN)
                return cannot_tell(charset_name(second->charset), best, err);
        snprintf(out->why, sizeof out->why, "its characters would be usual in it (score %.2f; next best %.2f)",
                 best->score, second ? second->score : -1.0);
        out->charset = best->charset;
        return true;
}
