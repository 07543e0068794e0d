/* words.c - looks for many words at once: a bitmap of first two bytes, hashed, then the few
 * words that begin so. */
#include "words.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "look.h"

enum { HEADS = 1 << 15, GRAMS = 4096, PAIRS = 2048, WORDS_MAX = 2048 }; /* of all lists; a test makes them */

static const char claims[] =
        "order*|part no|part|serial*|batch|ticket*|invoice*|asset*|job|build|version|isbn|sku|region*|"
        "region_id|tso|ts|ref|订单*|工单*|注文*|주문*|bestell*|pedido*|commande*|ordine*|pesanan|đơn|ऑर्डर*";

static const char series[] =
        "has|have|depth|qps|tps|got|column|columns|field|cardinality|ndv|scn|sum|value|values|id|ids|pid|uid|gid|tid|rid|xid|epoch|timestamp|txn|trx|transaction*|offset|position|key|keys|"
        "row|rows|count|lsn|gtid|store|node|nodes|peer|session|conn|connection|thread|process|block|page|"
        "table|shard|slot|seq|sequence|commit|checkpoint|snapshot|issue|size|bytes|total|limit|trace|span|"
        "request|digest|编号|时间戳|事务|行号|会话|线程|连接|偏移|序列|节点|リージョン|セッション|トランザクション|"
        "ノード|行数|스레드|리전|세션|노드|트랜잭션|रीजन|नोड|nodo|nœud|knoten|węzeł|uzel|simpul|nút|"
        "wiersz*|řád*|zeile*|rij|rijen|baris|hàng|แถว";

static const char reach[] =
        /* English, and what all write */
        "contact*|reach me|reach us|reach him|reach her|reach them|reach out|reach our|reach my|reachable|"
        "reached at|text us|message me|msg me|ping me|write me|write us|write to me|write to us|"
        "get in touch|get hold of|get me on|get me at|my number|our number|ph|mob|vx|wx|wechat|weixin|telegram|t:|m:|"
        "📞*|📱*|📲*|☎*|☏*|✆*|"
        /* Chinese */
        "联系*|聯繫*|聯絡*|联络*|拨打*|撥打*|打给*|打給*|来电*|來電*|电询*|短信*|簡訊*|手機*|座机*|固话*|热线*|熱線*|"
        "薇信*|加我*|找我*|咨询*|諮詢*|我的号码*|我的號碼*|新号*|新號*|号码是*|號碼是*|"
        /* Japanese, Korean */
        "連絡*|折り返し*|私の番号*|제 번호*|내 번호*|問い合わせ*|問合せ*|スマホ*|ケータイ*|直通*|연락*|문의*|카톡*|전번*|폰번호*|폰*|문자로*|문자 주*|"
        /* German, Dutch */
        "kontakt*|erreichbar|erreichst|erreicht mich|anruf*|angerufen|rückruf*|zurückruf*|rückfragen|melden sie sich|"
        "melde dich|durchwahl|mobil|mobilnummer|fon|schreib mir|schreiben sie|meine nummer|bel|bellen|belt|"
        "terugbel*|bereikbaar|bereiken|mobiel*|gsm|app me|mijn nummer|"
        /* French, Spanish, Portuguese, Italian */
        "contáct*|contat*|appelle-moi|m'appeler|rappelez*|rappeler|tél*|joignable|portable|écrivez*|"
        "écris-moi|mon numéro|escríb*|escribirme|comunicar*|comuníqu*|marcar|wasap*|guasap*|mi número|fale|"
        "falar com|meu número|me chama|scrivimi|scrivetemi|scrivere a|raggiung*|mio numero|"
        /* Polish, Czech, Slovak, Hungarian, Romanian */
        "zadzwo*|dzwo*|oddzwo*|kom.|komórk*|mój numer|napisz*|piszcie|volej*|zavol*|napiš*|pište|ozvěte*|"
        "mé číslo|moje číslo|hívj*|sunați|"
        /* Nordic */
        "nå mig|mitt nummer|min nummer|kontakta|tlf|tfn|soita|puh|puhelin*|"
        /* Indonesian, Malay, Vietnamese, Thai */
        "menghubungi|dihubungi|kontak*|telpon*|tlp|nomor saya|nomer saya|japri|chat saya|liên hệ*|liên lạc|"
        "số của tôi|số máy|sđt|sdt|đt|nhắn tin|alo|di động|ติดต่อ*|มือถือ*|"
        /* Hindi, Russian, Ukrainian, Greek, Turkish, Arabic */
        "संपर्क*|सम्पर्क*|मेरा नंबर|मेरा नम्बर|मेरे नंबर|व्हाट्स*|वाट्स*|मैसेज*|sampark|mera number|тел*|Тел*|"
        "звон*|Звон*|позвон*|моб*|Моб*|связаться|свяж*|Свяж*|дзвон*|зателефон*|τηλ*|κινητό*|arayın|numaram|iletişim|"
        "cep|اتصل*|تواصل*";

static const char after[] =
        "に電話|へ電話|まで電話|にお電話|へお電話|までお電話|に連絡|へ連絡|まで連絡|にご連絡|へご連絡|までご連絡|"
        "にかけて|におかけ|로 연락|로 전화|로 문자|번으로|로 문의|로 카톡|पर कॉल|पर फ़ोन|पर फोन|पर संपर्क|पर सम्पर्क|"
        "पर व्हाट्स|पर मैसेज|पर बात|erreichbar|erreichen|anrufen|zurückrufen|bereiken|bereikbaar|bellen|terugbellen|"
        "联系我*|聯繫我*|聯絡我*|找我*|微信同号*|同微信*|是我的*|随时联系|is my number|is my cell|is my mobile|"
        "is my phone|to reach me|is the best number|bisa dihubungi|จะติดต่อ|numaralı telefon";

static const char units[] =
        "row*|record*|ms|us|ns|byte*|kb|kib|mb|mib|gb|gib|keys|qps|tps|ops|regions|times|行|条|條|字节|毫秒|次|"
        "個|個の|件|バイト|ミリ秒|행|건|바이트|zeile*|datensätz*|ligne*|octet*|fila*|linha*|righ*|rij|rijen|"
        "wierszy|řádk*|baris|dòng|hàng|แถว|पंक्ति*";

static const char release[] =
        "version*|versión*|versão|versões|versie*|verze|wersj*|versi|ver|ver.|release*|firmware|build|rev|"
        "revision|patch*|hotfix|oid|版本*|バージョン*|버전*|संस्करण*|वर्ज़न|वर्जन|phiên bản|เวอร์ชัน*|верси*|"
        "sürüm*|έκδοση*";

static const char product[] =
        "upgrade from|upgraded from|upgrading from|update from|updated from|downgraded from|upgrade von|"
        "upgrade desde|upgrade dari|upgrade từ|driver|agent|sdk|jdk|jre|jdbc|odbc|connector|upgrade*|downgrade*|升级*|升級*|java|mysql|mariadb|"
        "clickhouse|oracle|chrome|edge|opera|kernel|client lib|library|lib|plugin|module|package|"
        "アップグレード|업그레이드|nâng cấp|อัปเกรด|अपग्रेड|mise à jour|actualiz*|aktualis*|aggiorn*";

static const char born[] =
        "生まれ|生れ|出生|誕生|生，|生。|に生まれ|geboren|geb.|에 태어|태어|출생|년생|일생|생입니다|को हुआ|को जन्म|पैदा|doğdu*|doğumlu|"
        "tarihinde doğ*|(dob)|(birth|született|urodz*|narozen*|née|born|เกิด";

struct word {
        const char *text; /* n bytes, lower case */
        uint8_t n;
        bool open; /* may go on */
};

struct word_list {
        uint64_t pairs[PAIRS / 64]; /* hashes of the two bytes that a word begins with */
        uint16_t from[257];  /* those that begin with c: all[from[c]..from[c + 1]) */
};

struct gram { /* two to four bytes that words begin with */
        uint32_t gram;
        uint64_t lists; /* bits of those that have such a word; 0: the place is free */
};

struct words {
        uint64_t heads[HEADS / 64]; /* hashes of the three bytes that a word may begin with */
        uint64_t known[HEADS / 64]; /* hashes of grams: few of the others come so far as to be looked up */
        struct gram grams[GRAMS];   /* open addressing */
        size_t n_grams;
        uint64_t bits[LISTS + 1];
        unsigned n_bits;
        struct word_list lists[LISTS];
        size_t n;
        struct word all[WORDS_MAX];
};

static int by_first(const void *a, const void *b)
{
        const struct word *x = a, *y = b;
        return (uint8_t)x->text[0] - (uint8_t)y->text[0];
}

/* ASCII case does not matter. */
static inline unsigned pair_of(char a, char b)
{
        return ((uint8_t)to_lower(a) * 37u + (uint8_t)to_lower(b)) % PAIRS;
}

/* The two, three or four bytes at p as a number; those of longer words are another. Letters of either case
 * are the same one. */
static inline uint32_t gram_of(const char *p, size_t n)
{
        const uint8_t *b = (const uint8_t *)p;
        if (n == 4)
                return ((uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24) | 0x20202020u;
        return n == 3 ? ((uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16) | 0x202020u :
                        ((uint32_t)b[0] | (uint32_t)b[1] << 8) | 0x2020u;
}

static inline size_t head_of(uint32_t gram)
{
        return (gram * 0x9E3779B1u) >> 17;
}

static inline const struct gram *gram_at(const struct words *w, uint32_t gram)
{
        size_t at = (gram * 0x9E3779B1u) >> 20;
        while (w->grams[at].lists && w->grams[at].gram != gram)
                at = (at + 1) % GRAMS;
        return &w->grams[at];
}

static inline bool may_begin(const struct word_list *list, const char *text, size_t i)
{
        unsigned pair = pair_of(text[i], text[i + 1]);
        return list->pairs[pair / 64] >> pair % 64 & 1;
}

static bool add_gram(struct words *w, const char *text, size_t n, uint64_t list)
{
        uint32_t gram = gram_of(text, n);
        struct gram *g = &w->grams[gram_at(w, gram) - w->grams];
        if (!g->lists && 2 * ++w->n_grams > GRAMS)
                return false;
        g->gram = gram;
        g->lists |= list;
        w->known[head_of(gram) / 64] |= UINT64_C(1) << head_of(gram) % 64;
        return true;
}

/* The first filter: three bytes that a word begins with; after one of two no letter. */
static void add_heads(struct words *w, const char *text, size_t n)
{
        char three[3] = { text[0], text[1], n > 2 ? text[2] : 0 };
        for (int c = 0; c < 256; c++) {
                three[2] = n > 2 ? text[2] : (char)c;
                size_t head = head_of(gram_of(three, 3));
                if (n > 2 || !is_alpha((char)c) || !is_alpha(text[1]))
                        w->heads[head / 64] |= UINT64_C(1) << head % 64;
        }
}

/* What words_begin() looks up: the first four bytes, or all where no letter follows. A short word that
 * may go on with a letter is there with each of them. */
static bool add_grams(struct words *w, const char *text, size_t n, bool open, uint64_t list)
{
        char four[4];
        add_heads(w, text, n);
        if (!add_gram(w, text, n < 4 ? n : 4, list))
                return false;
        if (n > 3 || is_high(text[0]) || !(open || !is_alnum(text[n - 1])))
                return true;
        if (n == 2)
                return !is_alpha(text[1]); /* "m:"; "id*" would be too many */
        memcpy(four, text, 3);
        for (four[3] = 'a'; four[3] <= 'z'; four[3]++)
                if (!add_gram(w, four, 4, list))
                        return false;
        return true;
}

/* False if there are too many words. Each has two bytes or more. */
static bool add(struct words *w, struct word_list *list, const char *text)
{
        while (text && *text) {
                size_t n = strcspn(text, "|");
                bool open = n > 1 && text[n - 1] == '*';
                unsigned pair = pair_of(text[0], text[1]);
                if (w->n == WORDS_MAX || n - open < 2)
                        return false;
                w->all[w->n++] = (struct word){ text, (uint8_t)(n - open), open };
                if (!is_alnum(text[0]) && !is_high(text[0]) && text[0] != '(')
                        return false; /* no place of map.h is there */
                list->pairs[pair / 64] |= UINT64_C(1) << pair % 64;
                if (!add_grams(w, text, n - open, open, w->bits[list - w->lists]))
                        return false;
                text += text[n] ? n + 1 : n;
        }
        return true;
}

/* The words of both texts, one of which may be NULL. */
static bool fill(struct words *w, int id, const char *text, const char *more)
{
        struct word_list *list = &w->lists[id];
        size_t begin = w->n, k = begin;
        if (text || more)
                w->bits[id] = UINT64_C(1) << w->n_bits++ % 63;
        if (!add(w, list, text) || !add(w, list, more))
                return false;
        if (w->n > begin)
                qsort(w->all + begin, w->n - begin, sizeof *w->all, by_first);
        for (unsigned c = 0; c < 256; c++) {
                list->from[c] = (uint16_t)k;
                while (k < w->n && (uint8_t)w->all[k].text[0] == c)
                        k++;
        }
        list->from[256] = (uint16_t)k;
        return true;
}

static struct words *all_words;

static void make_words(void)
{
        struct words *w = calloc(1, sizeof *w);
        bool ok = w != NULL;
        for (int id = 0; ok && id < IDS; id++)
                ok = fill(w, id, rows[id].words, NULL);
        ok = ok && fill(w, LIST_CLAIMS, claims, NULL) && fill(w, LIST_SERIES, series, NULL) &&
             fill(w, LIST_REACH, reach, rows[ID_PHONE].words) && fill(w, LIST_AFTER, after, NULL) &&
             fill(w, LIST_UNITS, units, NULL) && fill(w, LIST_RELEASE, release, NULL) &&
             fill(w, LIST_PRODUCT, product, NULL) && fill(w, LIST_BORN, born, NULL);
        if (!ok) {
                free(w);
                return;
        }
        w->bits[NO_LIST] = UINT64_C(1) << 63;
        all_words = w;
}

const struct words *words_all(void)
{
        static pthread_once_t once = PTHREAD_ONCE_INIT;
        return pthread_once(&once, make_words) == 0 ? all_words : NULL;
}

uint64_t words_bit(const struct words *w, int list)
{
        return w->bits[list];
}

/* The lists of those that begin with these n bytes. */
static inline uint64_t lists_of(const struct words *w, const char *p, size_t n)
{
        uint32_t gram = gram_of(p, n);
        size_t head = head_of(gram);
        return w->known[head / 64] >> head % 64 & 1 ? gram_at(w, gram)->lists : 0;
}

/* The lists of those that may begin at text[i]. */
static uint64_t begin_at(const struct words *w, const char *text, size_t n, size_t i)
{
        const char *p = text + i;
        if (i + 4 > n) /* at the end whatever fits */
                return (i + 3 <= n ? lists_of(w, p, 3) : 0) | (i + 2 <= n ? lists_of(w, p, 2) : 0);
        uint64_t lists = lists_of(w, p, 4);
        if (!is_alpha(p[3]) || is_high(p[0]))
                lists |= lists_of(w, p, 3);
        if (!is_alpha(p[2]) || !is_alpha(p[1]))
                lists |= lists_of(w, p, 2);
        return lists;
}

/* Those of the places in `at` that pass the first filter, and those too near the end for it. Without a
 * branch: most texts of words would be guessed wrong. */
static uint64_t may_begin_at(const struct words *w, const char *text, size_t n, size_t base, uint64_t at)
{
        uint64_t stay = 0, left = at;
        size_t sure = n < base + 4 ? 0 : n - base - 3; /* places with four bytes */
        if (sure < 64) {
                left &= (UINT64_C(1) << sure) - 1;
                stay = at & ~left;
        }
        for (; left; left &= left - 1) {
                unsigned k = (unsigned)__builtin_ctzll(left);
                size_t head = head_of(gram_of(text + base + k, 4) & 0xFFFFFFu);
                stay |= (w->heads[head / 64] >> head % 64 & 1) << k;
        }
        return stay;
}

uint64_t words_begin(const struct words *w, const char *text, size_t n, size_t base, uint64_t *at)
{
        uint64_t all = 0, stay = 0;
        for (uint64_t left = may_begin_at(w, text, n, base, *at); left; left &= left - 1) {
                uint64_t lists = begin_at(w, text, n, base + (size_t)__builtin_ctzll(left));
                stay |= lists ? left & -left : 0;
                all |= lists;
        }
        *at = stay;
        return all;
}

static bool word_at(const struct word *w, const char *text, size_t n, size_t i, size_t to)
{
        if (i + w->n > to)
                return false;
        for (size_t k = 1; k < w->n; k++)
                if (to_lower(text[i + k]) != w->text[k])
                        return false;
        return w->open || !is_alnum(w->text[w->n - 1]) || i + w->n >= n || !is_alpha(text[i + w->n]);
}

size_t words_at(const struct words *w, int list, const char *text, size_t n, size_t i, size_t to)
{
        const struct word_list *l = &w->lists[list];
        uint8_t c = (uint8_t)to_lower(text[i]);
        size_t end = i;
        if (i + 1 >= to || !may_begin(l, text, i) || (is_alnum((char)c) && i > 0 && is_alnum(text[i - 1])))
                return i;
        for (size_t k = l->from[c]; k < l->from[c + 1]; k++)
                if (i + w->all[k].n > end && word_at(&w->all[k], text, n, i, to))
                        end = i + w->all[k].n;
        return end;
}
