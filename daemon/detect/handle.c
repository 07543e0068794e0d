/* handle.c - @names of people, told from annotations, decorators, packages, variables and
 * users of databases. */
#include "look.h"
#include "texts.h"

enum { NAME_MAX = 39, INDENT = 64, LINE = 120 };

/* What follows an @ in code and in documentation comments. */
static const char *const code[] = { "param", "params", "return", "returns", "throws", "exception", "see", "since",
        "author", "version", "deprecated", "override", "inheritdoc", "link", "code", "value", "todo", "type",
        "typedef", "template", "property", "private", "public", "protected", "internal", "static", "readonly",
        "class", "interface", "enum", "implements", "extends", "import", "include", "media", "font-face",
        "keyframes", "charset", "supports", "layer", "apply", "tailwind", "page", "namespace", "mixin", "use",
        "forward", "function", "if", "else", "for", "each", "while", "end", "try", "catch", "transactional",
        "autowired", "bean", "component", "service", "repository", "controller", "restcontroller", "entity",
        "table", "column", "id", "test", "before", "after", "beforeeach", "aftereach", "beforeall", "afterall",
        "mock", "inject", "nullable", "nonnull", "notnull", "data", "getter", "setter", "builder", "slf4j",
        "query", "update", "delete", "insert", "select", "mapper", "configuration", "async", "scheduled",
        "staticmethod", "classmethod", "dataclass", "pytest", "fixture", "app", "wraps", "contextmanager",
        "functools", "echo", "rem", "abstractmethod", "lru_cache", "cached_property", "main", "latest", "next", "beta", "alpha",
        "canary", "everyone", "channel", "here", "all", "localhost", "types", "babel", "angular", "vue", "nestjs",
        "input", "output", "injectable", "ngmodule", "safevarargs", "suppresswarnings", "functionalinterface",
        "timestamp", "metadata", "context", "graph", "fields", NULL };
_Static_assert(sizeof code / sizeof *code <= TEXTS_MAX + 1, "all of them are indexed");
static struct texts code_words;

void handle_prepare(void)
{
        texts_make(&code_words, code);
}

static bool is_name(char c)
{
        return is_alnum(c) || c == '_' || c == '-' || c == '.';
}

static size_t name_end(const struct look *l, size_t i)
{
        size_t start = i;
        while (i < l->n && i - start <= NAME_MAX && is_name(l->p[i]))
                i++;
        while (i > start && !is_alnum(l->p[i - 1]) && l->p[i - 1] != '_')
                i--;
        return i;
}

/* OnlyCamelCase or CAPITALS, as annotations and constants are written; people rarely are. */
static bool is_camel(const struct look *l, size_t start, size_t end)
{
        bool lower = false, inner = false;
        if (l->p[start] < 'A' || l->p[start] > 'Z')
                return false;
        for (size_t i = start + 1; i < end; i++) {
                if (!is_alpha(l->p[i]))
                        return false;
                inner |= l->p[i] <= 'Z' && lower;
                lower |= l->p[i] >= 'a';
        }
        return inner || !lower;
}

/* "@example.com": the half of an address. */
static bool is_domain(const struct look *l, size_t start, size_t end)
{
        size_t dot = end;
        while (dot > start && l->p[dot - 1] != '.')
                dot--;
        return dot > start && email_common_top(l, dot, end);
}

/* SET @x = 1, SELECT @rank := @rank + 1: a variable of SQL. */
static bool is_variable(const struct look *l, size_t at, size_t end)
{
        static const char *const before[] = { "set ", "select ", "into ", "declare ", "where ", "limit ", "prepare " };
        static const char *const line[] = { "SELECT ", "SET ", "CALL ", "EXECUTE ", "PREPARE ", "DECLARE ", "INTO ",
                "LOAD DATA", "WHERE ", "VALUES", "@@" };
        size_t k = end;
        while (look_at(l, k) == ' ')
                k++;
        if (look_at(l, k) == '=' || (look_at(l, k) == ':' && look_at(l, k + 1) == '='))
                return true;
        for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
                size_t n = strlen(before[i]);
                if (at >= n && look_is_nocase(l, at - n, before[i]) && !is_alnum(look_before(l, at - n)))
                        return true;
        }
        for (size_t i = at; i > 0 && at - i < LINE && l->p[i - 1] != '\n'; i--)
                for (size_t w = 0; w < sizeof line / sizeof *line; w++)
                        if (l->p[i - 1] == line[w][0] && look_is(l, i - 1, line[w]))
                                return true;
        return at >= 2 && l->p[at - 1] == ' ' && l->p[at - 2] == '=';
}

static bool left_is_free(const struct look *l, size_t at)
{
        char c = look_before(l, at);
        if (is_high(c)) /* a script without blanks, or its punctuation */
                return true;
        return c == 0 || c == ' ' || c == '\n' || c == '\t' || c == '(' || c == '[' || c == ',' || c == ':' || c == '*' ||
               c == '>' || c == '"' || c == ';' || c == '~' || c == '!' || c == '?';
}

/* Alone on its line, and code on the next: a decorator, an annotation. */
static bool decorates(const struct look *l, size_t at, size_t end)
{
        static const char *const next[] = { "def ", "class ", "async ", "public ", "private ", "protected ", "static ",
                "export ", "func ", "fn ", "void ", "@" };
        size_t i = at, k = end;
        while (i > 0 && (l->p[i - 1] == ' ' || l->p[i - 1] == '\t') && at - i < INDENT)
                i--;
        if ((i > 0 && l->p[i - 1] != '\n') || look_at(l, k) != '\n')
                return false;
        for (k++; (look_at(l, k) == ' ' || look_at(l, k) == '\t') && k - end < INDENT;)
                k++;
        for (size_t n = 0; n < sizeof next / sizeof *next; n++)
                if (look_is(l, k, next[n]))
                        return true;
        return false;
}

/* Between fences: the lines of ``` before it are odd. Each byte is looked at once a text. */
static bool in_fence(struct look *l, size_t at)
{
        while (l->fence_at < at) {
                const char *p = memchr(l->p + l->fence_at, '`', at - l->fence_at);
                size_t i = p ? (size_t)(p - l->p) : at;
                bool fence = p && look_is(l, i, "```") && (i == 0 || l->p[i - 1] != '`');
                l->in_fence ^= fence;
                l->fence_at = p ? i + (fence ? 3 : 1) : at;
        }
        return l->in_fence;
}

void find_handle(struct look *l, size_t at)
{
        size_t start = at + 1, end = name_end(l, start);
        char c = look_at(l, end);
        if (!is_alnum(look_at(l, start)) || end - start < 2 || end - start > NAME_MAX || !left_is_free(l, at))
                return;
        if (c == '(' || c == '/' || c == '@' || c == '{' || c == '<' || (c == ':' && look_at(l, end + 1) == ':'))
                return;
        bool letter = false;
        for (size_t i = start; i < end; i++)
                letter |= is_alpha(l->p[i]);
        if (!letter || (is_digit(l->p[start]) && look_at(l, start + 1) == 'x' && end - start == 2) ||
            texts_is(&code_words, l, start, end) || is_domain(l, start, end))
                return;
        bool word = look_context(l, ID_HANDLE, at, 24, at, 0);
        if (is_camel(l, start, end) && (!word || l->p[start + 1] <= 'Z' || !look_context(l, ID_HANDLE, at, 12, at, 0) || decorates(l, at, end) || in_fence(l, at)))
                return;
        if (!word && (is_variable(l, at, end) || decorates(l, at, end) || in_fence(l, at)))
                return;
        look_hit(l, at, end, ID_HANDLE, word ? 95 : 80);
}
