/* html.c - what stands between the tags, once through, in memory that the input bounds.
 *
 * Not a browser: what is shown elsewhere than where it is written is told where it is written. A tag,
 * comment or attribute that never ends swallows the rest, as browsers have it: better words too few
 * than an address out of an attribute. */
#include "html.h"

#include "base/text.h"

enum { NAME_MAX_BYTES = 16, ENTITY_MAX = 10 };

struct text {
        char *p;
        size_t n, max;
        int lines;  /* line ends owed before the next word: 0, 1 or 2 */
        bool blank; /* a blank is owed */
        int pre;    /* inside so many <pre> */
};

struct tag {
        char name[NAME_MAX_BYTES]; /* lower case; "" if it is none that we know */
        bool closing, empty;       /* </p>, <br/> */
};

static void put(struct text *t, struct slice s)
{
        if (s.n > t->max - t->n) /* cannot be: each piece is shorter than what it stands for */
                s.n = utf8_cut(s, t->max - t->n);
        memcpy(t->p + t->n, s.p, s.n);
        t->n += s.n;
}

static void put_word(struct text *t, struct slice s)
{
        while (t->lines && t->n && t->p[t->n - 1] == '\n') /* of <pre> */
                t->n--;
        if (t->n && t->lines)
                put(t, t->lines > 1 ? SLICE("\n\n") : SLICE("\n"));
        else if (t->n && t->blank)
                put(t, SLICE(" "));
        t->lines = 0;
        t->blank = false;
        put(t, s);
}

static void owe_lines(struct text *t, int n)
{
        if (t->lines < n)
                t->lines = n;
        t->blank = false;
}

static void put_char(struct text *t, struct slice c)
{
        bool blank = c.n == 1 && strchr(" \t\r\n\f", c.p[0]);
        if (!blank)
                put_word(t, c);
        else if (t->pre && c.p[0] == '\n' && t->lines)
                ; /* the paragraph's end says it already */
        else if (t->pre && c.p[0] != '\r')
                put_word(t, c);
        else
                t->blank = true;
}

/* ---- Entities ------------------------------------------------------------ */

/* The names of U+00A0 to U+00FF in order, then others that editors write. */
static const char *const latin[] = {
        "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",    "copy",
        "ordf",   "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn", "sup2",   "sup3",
        "acute",  "micro",  "para",   "middot", "cedil",  "sup1",   "ordm",   "raquo",  "frac14", "frac12",
        "frac34", "iquest", "Agrave", "Aacute", "Acirc",  "Atilde", "Auml",   "Aring",  "AElig",  "Ccedil",
        "Egrave", "Eacute", "Ecirc",  "Euml",   "Igrave", "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde",
        "Ograve", "Oacute", "Ocirc",  "Otilde", "Ouml",   "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",
        "Uuml",   "Yacute", "THORN",  "szlig",  "agrave", "aacute", "acirc",  "atilde", "auml",   "aring",
        "aelig",  "ccedil", "egrave", "eacute", "ecirc",  "euml",   "igrave", "iacute", "icirc",  "iuml",
        "eth",    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide", "oslash", "ugrave",
        "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml",
};
static const struct {
        const char *name;
        uint32_t c;
} others[] = {
        { "amp", '&' },      { "lt", '<' },       { "gt", '>' },        { "quot", '"' },
        { "apos", '\'' },    { "ndash", 0x2013 }, { "mdash", 0x2014 },  { "lsquo", 0x2018 },
        { "rsquo", 0x2019 }, { "sbquo", 0x201a }, { "ldquo", 0x201c },  { "rdquo", 0x201d },
        { "bdquo", 0x201e }, { "bull", 0x2022 },  { "hellip", 0x2026 }, { "euro", 0x20ac },
        { "trade", 0x2122 }, { "larr", 0x2190 },  { "uarr", 0x2191 },   { "rarr", 0x2192 },
        { "darr", 0x2193 },  { "le", 0x2264 },    { "ge", 0x2265 },     { "ne", 0x2260 },
        { "check", 0x2713 },
};

static uint32_t named(struct slice name)
{
        for (size_t i = 0; i < sizeof latin / sizeof *latin; i++)
                if (slice_is(name, latin[i]))
                        return i ? 0xa0 + (uint32_t)i : ' '; /* a blank that breaks no line is a blank */
        for (size_t i = 0; i < sizeof others / sizeof *others; i++)
                if (slice_is(name, others[i].name))
                        return others[i].c;
        return 0;
}

static int digit_of(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        c |= 0x20;
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* "228", "xe4"; what is no character becomes the sign for that, as in browsers. 0: not a number. */
static uint32_t numbered(struct slice s)
{
        uint32_t c = 0;
        int base = s.n && (s.p[0] | 0x20) == 'x' ? 16 : 10;
        size_t i = base == 16;
        if (i == s.n)
                return 0;
        for (; i < s.n; i++) {
                int d = digit_of(s.p[i]);
                if (d >= base)
                        return 0;
                if (c <= 0x10ffff)
                        c = c * (uint32_t)base + (uint32_t)d;
        }
        bool character =
                c >= ' ' && c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff) && !(c >= 0x7f && c < 0xa0);
        if (c == '\n' || c == '\r' || c == '\t' || c == 0xa0)
                return ' ';
        return character ? c : 0xfffd;
}

static size_t encode(char out[4], uint32_t c)
{
        if (c < 0x80) {
                out[0] = (char)c;
                return 1;
        }
        size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        for (size_t i = n - 1; i > 0; i--, c >>= 6)
                out[i] = (char)(0x80 | (c & 0x3f));
        out[0] = (char)(c | (n == 2 ? 0xc0u : n == 3 ? 0xe0u : 0xf0u));
        return n;
}

/* At an '&': how many bytes the entity has; 0 if it is none, but an ampersand. */
static size_t entity(struct text *t, struct slice in)
{
        char out[4];
        size_t end = 1;
        while (end < in.n && end <= ENTITY_MAX && in.p[end] != ';')
                end++;
        if (end < 3 || end >= in.n || in.p[end] != ';')
                return 0;
        struct slice name = { in.p + 1, end - 1 };
        uint32_t c = name.p[0] == '#' ? numbered(slice_make(name.p + 1, name.n - 1)) : named(name);
        if (c == 0)
                return 0;
        put_char(t, slice_make(out, encode(out, c)));
        return end + 1;
}

/* ---- Tags ---------------------------------------------------------------- */

static bool starts(struct slice in, const char *with)
{
        return slice_starts(in, slice_of(with));
}

/* Where `in` goes on after the first `end`; its length if there is none. */
static size_t after(struct slice in, const char *end)
{
        const char *p = memmem(in.p, in.n, end, strlen(end));
        return p ? (size_t)(p - in.p) + strlen(end) : in.n;
}

/* At a '<' with a letter, '/', '!' or '?' behind it: how long the tag is. */
static size_t read_tag(struct tag *tag, struct slice in)
{
        size_t i = 1, n = 0;
        *tag = (struct tag){ .closing = in.p[1] == '/' };
        if (starts(in, "<!--"))
                return 4 + after(slice_make(in.p + 4, in.n - 4), "-->");
        if (in.p[1] == '!' || in.p[1] == '?')
                return after(in, ">");
        for (i += tag->closing; i < in.n && in.p[i] != '>' && !strchr(" \t\r\n\f/", in.p[i]); i++)
                if (n + 1 < sizeof tag->name)
                        tag->name[n++] = (char)(in.p[i] >= 'A' && in.p[i] <= 'Z' ? in.p[i] | 0x20 : in.p[i]);
        for (char quote = 0; i < in.n; i++) {
                if (quote)
                        quote = in.p[i] == quote ? 0 : quote;
                else if (in.p[i] == '>')
                        break;
                else if ((in.p[i] == '"' || in.p[i] == '\'') && !tag->closing)
                        quote = in.p[i];
        }
        tag->empty = i < in.n && in.p[i - 1] == '/';
        return i < in.n ? i + 1 : in.n;
}

static bool is_one_of(const char *name, const char *const *list)
{
        for (; *list; list++)
                if (strcmp(name, *list) == 0)
                        return true;
        return false;
}

/* With all that stands within. */
static const char *const hidden[] = {
        "script", "style", "template", "head",   "noscript", "iframe", "object",
        "svg",    "math",  "title",    "select", "textarea", "aside",  NULL
};
static const char *const programs[] = { "script", "style", NULL }; /* in which a < begins no tag */
static const char *const paragraphs[] = { "p",          "h1", "h2", "h3", "h4", "h5",    "h6", "pre",
                                          "blockquote", "hr", "ul", "ol", "dl", "table", NULL };
static const char *const lines[] = { "div",     "li",      "tr",      "dt",      "dd",
                                     "section", "article", "details", "summary", NULL };

static bool is_tag(struct slice in)
{
        char c = in.n > 1 ? in.p[1] : ' ';
        return c == '/' || c == '!' || c == '?' || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* At an opening tag that is not shown: how long it is with all that stands in it. The same may stand
 * within, and does in <aside>. */
static size_t skip(struct slice in, const struct tag *opening, size_t at)
{
        bool raw = is_one_of(opening->name, programs);
        int depth = 1;
        while (at < in.n) {
                struct tag tag;
                const char *next = memchr(in.p + at, '<', in.n - at);
                if (!next)
                        return in.n;
                at = (size_t)(next - in.p);
                struct slice rest = { next, in.n - at };
                if (!is_tag(rest) || (raw && next[1] != '/')) {
                        at++;
                        continue;
                }
                at += read_tag(&tag, rest);
                if (strcmp(tag.name, opening->name) != 0 || tag.empty)
                        continue;
                depth += tag.closing ? -1 : 1;
                if (depth == 0)
                        return at;
        }
        return in.n;
}

static void show_tag(struct text *t, const struct tag *tag)
{
        if (is_one_of(tag->name, paragraphs))
                owe_lines(t, 2);
        else if (is_one_of(tag->name, lines))
                owe_lines(t, 1);
        else if (strcmp(tag->name, "br") == 0)
                owe_lines(t, t->lines ? 2 : 1);
        else if (strcmp(tag->name, "td") == 0 || strcmp(tag->name, "th") == 0)
                t->blank = true;
        if (strcmp(tag->name, "pre") == 0 && !tag->closing)
                t->pre++;
        else if (strcmp(tag->name, "pre") == 0 && t->pre)
                t->pre--;
        if (strcmp(tag->name, "li") == 0 && !tag->closing) {
                put_word(t, SLICE("-"));
                t->blank = true;
        }
}

static size_t element(struct text *t, struct slice in, bool own_only)
{
        struct tag tag;
        size_t n = read_tag(&tag, in);
        bool aside = strcmp(tag.name, "aside") == 0;
        if (is_one_of(tag.name, hidden) && (own_only || !aside)) {
                owe_lines(t, aside ? 2 : 0);
                return tag.closing || tag.empty ? n : skip(in, &tag, n);
        }
        show_tag(t, &tag);
        return n;
}

struct slice html_text(struct arena *a, struct slice html, bool own_only)
{
        struct text t = { .p = arena_alloc(a, html.n + 3), .max = html.n + 2 };
        size_t at = 0;
        if (!t.p)
                return SLICE_NONE;
        while (at < html.n) {
                struct slice rest = { html.p + at, html.n - at };
                size_t used = 0, end = at + 1;
                if (*rest.p == '<' && is_tag(rest))
                        used = element(&t, rest, own_only);
                else if (*rest.p == '&')
                        used = entity(&t, rest);
                if (used == 0) {
                        while (end < html.n && ((unsigned char)html.p[end] & 0xc0) == 0x80)
                                end++;
                        put_char(&t, slice_make(rest.p, end - at));
                        used = end - at;
                }
                at += used;
        }
        return slice_make(t.p, t.n);
}
