/* guess_write.c - a guess as a member of `sources`, as a person would write it. */
#include <string.h>

#include "base/conf.h"
#include "guess_parts.h"

static void option(struct buf *out, const char *name, const char *value, const char *end)
{
        if (!value)
                return;
        buf_printf(out, "%s = ", name);
        conf_quote(out, slice_of(value));
        buf_printf(out, ";%s", end);
}

/* U+2028 to U+202E, U+2066 to U+2069. */
bool guess_turns_text(struct slice s, size_t at)
{
        const unsigned char *p = (const unsigned char *)s.p + at;
        if (s.n - at < 3 || p[0] != 0xe2)
                return false;
        return (p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae) || (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9);
}

/* A comment ends with its line, and holds no byte that a terminal or a parser would take amiss. */
static void in_comment(struct buf *out, struct slice s)
{
        for (size_t i = 0; i < s.n; i++) {
                if (guess_turns_text(s, i))
                        i += 2;
                else
                        buf_putc(out, (unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f ? ' ' : s.p[i]);
        }
}

static void put_columns(const struct guess *g, struct buf *out)
{
        size_t n = 0;
        for (size_t i = 0; i < g->n_columns; i++) {
                if (g->columns[i].use != GUESS_FIELD)
                        continue;
                buf_printf(out, "%s{ column = ", n++ ? ",\n                      " : "          columns = ( ");
                conf_quote(out, g->columns[i].name);
                buf_printf(out, ";  field = \"%s\"; }", field_name(g->columns[i].field));
        }
        if (n)
                buf_puts(out, " );\n");
}

static void put_id(const struct guess *g, struct buf *out)
{
        size_t n = 0;
        if (g->id_is_row)
                buf_puts(out, "          id = \"row\";\n");
        for (size_t i = 0; i < g->n_columns; i++) {
                if (!g->columns[i].tells)
                        continue;
                buf_puts(out, n++ ? ", " : "          id_from = [");
                conf_quote(out, g->columns[i].name);
        }
        if (n)
                buf_puts(out, "];\n");
}

/* What people agree to is for a person to say. */
static void put_consent(const struct guess *g, struct buf *out)
{
        for (size_t i = 0; i < g->n_columns; i++) {
                const struct guess_column *c = &g->columns[i];
                if (c->use != GUESS_CONSENT)
                        continue;
                buf_puts(out, "          # To what do they agree? Name the purpose as the policy does:\n          # consent = { column = \"");
                in_comment(out, c->name);
                buf_puts(out, "\";  yes = [\"");
                in_comment(out, slice_of(c->yes));
                buf_puts(out, "\"];  purpose = \"research\"; };\n");
        }
}

static void put_left_out(const struct guess *g, struct buf *out)
{
        for (size_t i = 0; i < g->n_columns; i++) {
                if (g->columns[i].use != GUESS_LEFT_OUT || !g->columns[i].name.n)
                        continue;
                buf_puts(out, "          # left out: ");
                in_comment(out, g->columns[i].name);
                buf_putc(out, '\n');
        }
}

/* What marks or zero bytes tell for sure need not be named: the next export may be in another. */
static bool is_unicode(enum charset c)
{
        return c == CHARSET_UTF_8 || c == CHARSET_UTF_16LE || c == CHARSET_UTF_16BE;
}

void guess_configuration(const struct guess *g, const char *name, struct buf *out)
{
        char delimiter[2] = { g->delimiter, 0 };
        buf_printf(out, "        { name = \"%s\";  type = \"folder\";%s", name, g->kind || g->lang ? "  " : "");
        option(out, "kind", g->kind, g->lang ? "  " : "");
        option(out, "lang", g->lang, "");
        buf_putc(out, '\n');
        bool named = !is_unicode(g->encoding.charset);
        if (named)
                option(out, "          encoding", charset_name(g->encoding.charset), g->ndjson ? "\n" : "");
        if (!g->ndjson) {
                option(out, named ? "  delimiter" : "          delimiter",
                       g->delimiter == '\t' ? "tab" : delimiter, "\n");
                put_columns(g, out);
                put_id(g, out);
                option(out, "          time_format", g->time_format, "\n");
                option(out, "          timezone", g->timezone, "\n");
                put_consent(g, out);
                put_left_out(g, out);
        }
        buf_puts(out, "        }\n");
}
