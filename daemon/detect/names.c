/* names.c - which of the names that people give themselves are worth looking for: somebody calls
 * himself "admin", "Data Team" or 安全, and no text would be readable any more. */
#include "names.h"

#include <stdlib.h>
#include <string.h>

#include "look.h"

enum { WORD_MAX = 24, PARTS_MAX = 8, ADDRESS_LEAST = 6, HANDLE_LEAST = 3, HANDLE_MAX = 64 };

/* What no person is meant by, sorted. */
static const char *const words[] = {
        "about", "access", "account", "admin", "administrator", "after", "agent", "all", "allow", "alpha", "also",
        "analyst", "and", "anon", "anonym", "anonyme", "anonymous", "any", "api", "app", "apply", "apps", "are",
        "array", "async", "audit", "auth", "auto", "backend", "backup", "base", "bash", "batch", "bench", "benutzer",
        "beta", "big", "bin", "binary", "block", "blue", "bool", "bot", "box", "branch", "broker", "browser",
        "buffer", "bug", "build", "bulk", "byte", "cache", "call", "can", "cert", "change", "char", "check", "chief",
        "client", "cliente", "cloud", "cluster", "code", "coder", "column", "command", "commit", "community",
        "compact", "company", "compute", "config", "connect", "consumer", "container", "control", "cookie", "copy",
        "core", "count", "course", "cpu", "create", "cron", "customer", "daemon", "dashboard", "data", "database",
        "date", "dba", "dbs", "debug", "default", "delete", "deleted", "demo", "deploy", "desarrollo", "desktop",
        "dev", "developer", "devops", "digital", "direct", "director", "disk", "docker", "docs", "domain", "down",
        "driver", "edge", "edit", "email", "empty", "engine", "engineer", "enterprise", "entwickler", "equipe",
        "equipo", "error", "etl", "event", "every", "example", "expert", "export", "express", "fast", "feature",
        "field", "file", "filter", "first", "fix", "flow", "follower", "foo", "for", "force", "forum", "free",
        "from", "front", "frontend", "full", "function", "gast", "gateway", "get", "git", "github", "gitlab",
        "global", "google", "graph", "group", "guest", "guide", "happy", "hash", "head", "hello", "help", "helper",
        "high", "home", "host", "hot", "html", "http", "hub", "image", "import", "index", "info", "input", "insert",
        "install", "instance", "int", "internal", "invitado", "issue", "java", "javascript", "job", "join", "json",
        "jvm", "kafka", "kernel", "key", "kubernetes", "kunde", "lab", "label", "large", "last", "lead", "leader",
        "learner", "level", "lib", "life", "light", "limit", "line", "linux", "list", "live", "load", "local",
        "lock", "log", "login", "logs", "loop", "low", "machine", "mail", "main", "maintainer", "manager", "map",
        "master", "media", "member", "memory", "merge", "message", "meta", "metric", "migration", "mobile", "mode",
        "model", "moderator", "module", "monitor", "more", "mount", "mysql", "name", "nan", "native", "need", "net",
        "network", "new", "news", "next", "nginx", "night", "nil", "nobody", "node", "none", "not", "null", "number",
        "object", "off", "office", "old", "one", "online", "only", "open", "operator", "option", "oracle", "order",
        "org", "other", "out", "output", "override", "owner", "package", "param", "parser", "part", "pass",
        "password", "patch", "path", "pengguna", "people", "performance", "person", "phone", "ping", "pipeline",
        "place", "plan", "platform", "plugin", "point", "policy", "pool", "pop", "post", "postgres", "power",
        "primary", "print", "prod", "product", "production", "profile", "program", "programmer", "project",
        "property", "proxy", "public", "pull", "push", "python", "query", "queue", "raft", "random", "range", "read",
        "reader", "real", "record", "red", "redis", "region", "release", "remote", "replica", "report", "request",
        "reset", "restore", "result", "return", "review", "right", "role", "root", "route", "row", "run", "runner",
        "sales", "sample", "save", "scale", "scan", "schema", "script", "search", "secure", "security", "select",
        "senior", "server", "service", "session", "set", "shard", "share", "shell", "show", "simple", "site", "slow",
        "small", "snapshot", "software", "solution", "some", "soporte", "source", "spark", "split", "sql", "stable",
        "stack", "staging", "stale", "start", "state", "static", "status", "stop", "storage", "store", "stream",
        "string", "student", "studio", "submit", "super", "supervisor", "suporte", "support", "swap", "sync",
        "sysadmin", "system", "table", "tag", "target", "task", "team", "tech", "template", "temporary", "test",
        "tester", "testing", "text", "than", "thanks", "that", "the", "then", "there", "thing", "this", "thread",
        "tidb", "tiflash", "tikv", "time", "tmp", "todo", "token", "tool", "topic", "trace", "transaction", "tree",
        "trial", "true", "type", "ubuntu", "undo", "unit", "unknown", "unsubscribe", "update", "upgrade", "upload",
        "url", "use", "user", "username", "usuario", "utente", "utf", "util", "utilisateur", "value", "version",
        "video", "view", "virtual", "warning", "web", "webmaster", "what", "when", "white", "wiki", "windows",
        "with", "work", "worker", "workflow", "world", "write", "writer", "www", "yaml", "yes", "you", "your",
        "zone",
};
/* First and family names that are words too, sorted. */
static const char *const both[] = {
        "ace", "amber", "april", "art", "august", "autumn", "baker", "banks", "bay", "bear", "bell", "bill",
        "bishop", "black", "bloom", "bob", "booth", "brook", "brown", "bush", "carter", "chance", "chase",
        "christian", "clay", "cliff", "cook", "cooper", "crystal", "dale", "dawn", "day", "dean", "dock", "dot",
        "drew", "earl", "eve", "faith", "fern", "fisher", "ford", "forest", "fox", "frank", "gene", "glen", "good",
        "grace", "grant", "gray", "green", "guy", "hall", "harper", "hay", "heath", "hill", "hope", "hunter", "iris",
        "ivy", "jack", "jasmine", "jean", "jet", "joy", "june", "king", "lance", "lane", "lee", "lily", "little",
        "long", "love", "luna", "major", "mark", "marsh", "mason", "max", "may", "miles", "min", "monk", "moon",
        "moss", "nick", "north", "olive", "page", "parker", "pat", "pearl", "penny", "poppy", "price", "prince",
        "ray", "reed", "rich", "rob", "robin", "rock", "rose", "rowan", "ruby", "rust", "sage", "sam", "sandy",
        "say", "sharp", "short", "sky", "smart", "so", "son", "song", "star", "stone", "storm", "strong", "summer",
        "sun", "swift", "tan", "teller", "temple", "to", "tom", "tower", "turner", "van", "victor", "violet", "wade",
        "walker", "ward", "waters", "way", "wells", "west", "will", "win", "winter", "wise", "wood", "young",
};

/* Chinese family names of one character; of Japan's, the two that most begin with; of Korea's. */
static const char zh[] =
        "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林罗羅郑鄭梁谢謝宋唐许許邓鄧韩韓冯馮曹彭曾肖萧蕭田董潘袁蔡蒋蔣余于杜叶葉程"
        "魏苏蘇吕呂丁任卢盧姚沈钟鍾姜崔谭譚陆陸范汪廖石金韦韋贾賈夏付方邹鄒熊白孟秦邱侯江尹薛闫閻段雷龙龍黎史陶贺賀毛郝顾顧龚龔邵万萬"
        "覃武钱錢戴严嚴莫孔向常汤湯康易乔喬赖賴文施洪殷安颜顏庄莊申欧歐柳祝纪紀齐齊甘梅童翁葛游霍";
/* And of two. */
static const char *const zh_two[] = { "欧阳", "歐陽", "司马", "司馬", "司徒", "上官", "诸葛", "諸葛", "夏侯", "皇甫", "令狐", "慕容", "东方",
        "東方", "公孙", "公孫", "尉迟", "尉遲", "端木", "独孤", "南宫", "南宮", "西门", "西門", "长孙", "長孫", "宇文", "司空", "轩辕",
        "濮阳", "淳于", "单于", "太史", "申屠", "钟离", "闻人", "澹台", "公羊", "张简", "張簡", "范姜", NULL };
static const char *const ja[] = { "佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "渡邊", "山本", "中村", "小林", "加藤", "吉田", "山田",
        "佐々木", "山口", "松本", "井上", "木村", "斎藤", "清水", "山崎", "池田", "橋本", "阿部", "石川", "山下", "中島", "石井", "小川",
        "前田", "岡田", "長谷川", "藤田", "後藤", "近藤", "村上", "遠藤", "青木", "坂本", "斉藤", "福田", "太田", "西村", "藤井", "金子",
        "岡本", "藤原", "中野", "三浦", "原田", "中川", "松田", "竹内", "小野", "田村", "中山", "和田", "石田", "森田", "上田", "内田",
        "柴田", "酒井", "宮崎", "横山", "高木", "安藤", "宮本", "大野", "小島", "谷口", "工藤", "今井", "高田", "増田", "丸山", "杉山",
        "村田", "大塚", "新井", "小山", "平野", "藤本", "河野", "上野", "野口", "武田", "松井", "千葉", "菅原", "岩崎", "木下", "野村",
        "久保", "佐野", "菊地", "杉本", "市川", "古川", "島田", "水野", "桜井", "高野", "吉川", "山内", "西田", "飯田", "西川", "小松",
        "菊池", "北村", "安田", "五十嵐", "川口", "平田", "関口", "中田", "久保田", "服部", "東", "川崎", "岩田", "土屋", "福島", "辻",
        "勅使河原", "小笠原", "御手洗", "長谷部", "宇佐美", "大河内", "小田切", "西園寺", "伊集院", "武者小路", "佐久間", "日比野", "喜多村",
        "宇都宮", "小早川", "阿久津", "海老原", "曽我部", "二階堂", "一ノ瀬", "久保寺", "真田", "本田", "松尾", "松永", "吉野", "黒田", "熊谷",
        "大森", "大谷", "須藤", "中井", "川村", "川島", "菅野", "岩本", "西山", "望月", "早川", "堀内", "永田", "成田", "小沢", "大石", "鎌田",
        "樋口", "秋山", "田口", "永井", "中西", "吉村", "川上", "大橋", "石原", "松岡", "浜田", "馬場", "森本", "矢野", "浅野", "松下",
        "星野", "大久保", "吉岡", "小池", "片山", "荒木", "野田", "大西", "岡崎", "渡部", NULL };
static const char ko[] = "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민";
/* Words that begin with a family name: 安全, 时间, 文件; a name is not one of them, nor begins so. */
static const char *const dense_words[] = { "安全", "安装", "安裝", "文件", "文档", "文本", "文章", "方法", "方案", "方便", "方式", "方面",
        "方向", "常见", "常用", "常量", "常规", "向量", "向上", "向下", "任务", "任務", "任何", "任意", "万一", "高级", "何时", "何必", "何事",
        "于是", "程序", "程式", "程度", "石头", "金额", "金融", "白名单", "白屏", "白天", "秦始皇", "江湖", "史上", "万能", "严重", "嚴重",
        "严格", "莫名", "易用", "易于", "康复", "施工", "付费", "付款", "成功", "时间", "許可", "许多", "许可", "段落", "段错误", "钱包",
        "余额", "余下", "周期", "周末", "周一", "周二", "周三", "周四", "周五", "马上", "黄色", "白色", "林业", "田间", "田野", "曾经",
        "游戏", "游標", "游标", "申请", "申請", "齐全", "庄园", "顾客", "顾问", "龙头", "雷同", "熊市", "夏天", "夏季", "孔子", "甘肃",
        "东西", "江苏", "江西", "云南", "武汉", "吴江", "韩国", "韓国", "陆续", "范围", "范例", "范式", "石油", "贺卡", "毛病", "汤圆",
        "欧洲", "歐洲", "纪录", "纪念", "项目", "支持", "连接", "计算", "高可用", "高性能", "田中间", "中野区", "福島県", "千葉県", "石川県",
        "宮崎県", "太田区", "上野駅", "東京", "東西", "東側", "이상", "이하", "이미", "이름", "이번", "이후", "이전", "이유", "정보", "정상",
        "정의", "정책", "정리", "정렬", "정도", "문제", "문서", "문자", "문의", "주소", "주의", "주문", "주기", "주요", "전체", "전송", "전화",
        "전용", "전환", "서버", "서비스", "서울", "조건", "조회", "조정", "장애", "장비", "장치", "안내", "안정", "안녕", "성능", "성공", "유지",
        "유형", "유저", "구성", "구현", "구조", "구간", "하나", "하지만", "하드", "한국", "한글", "한번", "고객", "고정", "고급", "신규", "신청",
        "오류", "오늘", "오픈", "우리", "우선", "노드", "노트", "양식", "임시", "임의", "배포", "배치", "백업", "민감", "권한", "차이", "차단",
        "강제", "손실", "남은", "심각", NULL };

static int by_text(const void *key, const void *item)
{
        return strcmp(key, *(const char *const *)item);
}

static bool is_in(const char *word, const char *const *list, size_t n)
{
        return bsearch(word, list, n, sizeof *list, by_text) != NULL;
}

static bool is_word(const char *w)
{
        char one[WORD_MAX];
        size_t n = strlen(w);
        if (is_in(w, words, sizeof words / sizeof *words))
                return true;
        if (n < 4 || w[n - 1] != 's') /* of many */
                return false;
        memcpy(one, w, n - 1);
        one[n - 1] = 0;
        return is_in(one, words, sizeof words / sizeof *words);
}

bool name_is_dense(const char *p, size_t n)
{
        uint8_t lead = (uint8_t)p[0];
        if (lead == 0xE0) /* Thai and Lao; what is below are India's scripts */
                return n > 1 && (uint8_t)p[1] >= 0xB8 && (uint8_t)p[1] <= 0xBB;
        return lead >= 0xE3 && lead <= 0xEF;
}

/* What a spaced name is made of. */
struct parts {
        size_t all, words, both, letters; /* parts; of them words; names that are words too; longest */
        bool digit, joined;               /* by one of - _ . */
};

static struct parts parts_of(struct slice name)
{
        struct parts k = { 0 };
        for (size_t i = 0; i < name.n;) {
                char word[WORD_MAX];
                size_t n = 0;
                while (i < name.n && (is_alpha(name.p[i]) || is_high(name.p[i]))) {
                        word[n < WORD_MAX - 1 ? n : WORD_MAX - 1] = name.p[i++];
                        n++;
                }
                if (n == 0) {
                        k.digit |= is_digit(name.p[i]);
                        k.joined |= i > 0 && strchr("-_.", name.p[i]) && i + 1 < name.n;
                        i++;
                        continue;
                }
                word[n < WORD_MAX ? n : WORD_MAX - 1] = 0;
                k.all++;
                k.letters = n > k.letters ? n : k.letters;
                k.words += n < WORD_MAX && is_word(word);
                k.both += n < WORD_MAX && !is_word(word) && is_in(word, both, sizeof both / sizeof *both);
        }
        return k;
}

/* The character at s stands in the list of characters. */
static bool one_of(const char *list, const char *s)
{
        for (; *list; list += 3)
                if (memcmp(list, s, 3) == 0)
                        return true;
        return false;
}

/* How much of the name the longest of the list is that it begins with. */
static size_t begins_in(struct slice name, const char *const *list)
{
        size_t longest = 0;
        for (; *list; list++) {
                size_t n = strlen(*list);
                if (n > longest && name.n >= n && memcmp(name.p, *list, n) == 0)
                        longest = n;
        }
        return longest;
}

/* 安全检查; 이상 and 이상한, but 이미경 is somebody. */
static bool is_dense_word(struct slice name)
{
        static const char particles[] = "은는가을를의에만한와과";
        size_t n = begins_in(name, dense_words);
        uint8_t lead = (uint8_t)name.p[0];
        bool hangul = lead >= 0xEA && lead <= 0xED;
        return n && (!hangul || n == name.n || (name.n - n >= 3 && one_of(particles, name.p + n)));
}

/* A family name and a given one. Thai names have a blank between them, and begin with anything. */
static enum name_use use_of_dense(struct slice name)
{
        bool blank = memchr(name.p, ' ', name.n) != NULL;
        uint8_t lead = (uint8_t)name.p[0];
        size_t chars = (name.n - blank) / 3;
        if ((name.n - blank) % 3 || chars < 2 || is_dense_word(name))
                return NAME_NOT;
        if (lead == 0xE0)
                return blank && chars >= 6 ? NAME_ANYWHERE : NAME_NOT;
        if (lead >= 0xEA && lead <= 0xED)
                return (chars == 3 || chars == 4) && one_of(ko, name.p) ? NAME_ANYWHERE : NAME_NOT;
        if (begins_in(name, ja) && chars >= 3 && chars <= 8)
                return NAME_ANYWHERE;
        return chars <= 4 && (one_of(zh, name.p) || (chars >= 3 && begins_in(name, zh_two))) ? NAME_ANYWHERE : NAME_NOT;
}

static enum name_use use_of_handle(struct slice name, const struct parts *k)
{
        if (name.n < HANDLE_LEAST || name.n > HANDLE_MAX || memchr(name.p, ' ', name.n))
                return NAME_NOT;
        if (k->all && k->words == k->all)
                return k->all > 1 || k->digit ? NAME_AT : NAME_NOT;
        bool shaped = (k->joined && k->all > 1) || (k->digit && k->letters >= 2);
        if (shaped && name.n >= 6 && k->words == 0)
                return NAME_ANYWHERE;
        return !k->digit && k->all == 1 && k->letters >= 4 && !k->words && !k->both ? NAME_LED_TO : NAME_AT;
}

enum name_use name_use(struct slice name, enum people_kind kind)
{
        if (kind == PEOPLE_ADDRESS)
                return name.n >= ADDRESS_LEAST && memchr(name.p, '@', name.n) ? NAME_ANYWHERE : NAME_NOT;
        if (name.n < HANDLE_LEAST)
                return NAME_NOT;
        if (name_is_dense(name.p, name.n))
                return use_of_dense(name);
        struct parts k = parts_of(name);
        if (kind == PEOPLE_HANDLE)
                return use_of_handle(name, &k);
        if (memchr(name.p, '@', name.n) || k.letters < 2 || (k.words && k.words + k.both == k.all))
                return NAME_NOT;
        if (k.all == 1 || !memchr(name.p, ' ', name.n)) {
                enum name_use use = use_of_handle(name, &k);
                return use == NAME_AT ? NAME_NOT : use;
        }
        return k.words || k.both ? NAME_CAPITALS : NAME_ANYWHERE;
}
