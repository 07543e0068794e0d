/* url.c - credentials in URLs and data source names, Slack's webhook URLs. */
#include "look.h"

enum { AUTHORITY_MAX = 512, URL_MAX = 2048 };

static bool is_url(char c)
{
        return c > ' ' && !is_high(c) && c != 0x7F && !strchr("\"'`<>|\\^{}", c);
}

/* Where the URL at i ends, closing punctuation of the sentence left out. */
static size_t url_end(const struct look *l, size_t i)
{
        size_t start = i;
        while (i < l->n && i - start < URL_MAX && is_url(l->p[i]))
                i++;
        while (i > start && strchr(".,;:!?)]*", l->p[i - 1]))
                i--;
        return i;
}

/* What documentation writes instead of a password. */
static bool is_placeholder(const char *s, size_t n)
{
        size_t same = 1;
        while (same < n && s[same] == s[0])
                same++;
        if (n == 0 || (same == n && (n > 2 || !is_alnum(s[0]))))
                return true;
        return strchr("<$%{[", s[0]) && strchr(">}%])", s[n - 1]);
}

static size_t scheme_start(const struct look *l, size_t colon)
{
        size_t i = colon;
        while (i > 0 && colon - i < 32 && (is_alnum(l->p[i - 1]) || strchr("+-.", l->p[i - 1])))
                i--;
        while (i < colon && !is_alpha(l->p[i]))
                i++;
        return i;
}

static bool slack_part(const struct look *l, size_t *i, char lead, size_t min, size_t max)
{
        size_t n = 0;
        while (is_alnum(look_at(l, *i + n)) && n <= max)
                n++;
        if (n < min || n > max || (lead && l->p[*i] != lead))
                return false;
        *i += n;
        return true;
}

/* https://hooks.slack.com/services/T…/B…/24 letters */
static bool find_slack_hook(struct look *l, size_t start, size_t host)
{
        size_t i = host + strlen("hooks.slack.com/services/");
        if (!look_is(l, host, "hooks.slack.com/services/"))
                return false;
        if (!slack_part(l, &i, 'T', 9, 13) || look_at(l, i++) != '/' ||
            !slack_part(l, &i, 'B', 9, 13) || look_at(l, i++) != '/' || !slack_part(l, &i, 0, 24, 24))
                return false;
        look_hit(l, start, i, ID_SLACK_TOKEN, 99);
        return true;
}

/* jdbc:mysql://host/db?user=x&password=SECRET */
static bool find_jdbc_secret(struct look *l, size_t start, size_t host)
{
        static const char name[] = "password=";
        if (start < 5 || !look_is_nocase(l, start - 5, "jdbc:"))
                return false;
        size_t end = url_end(l, host);
        for (size_t i = host; i + sizeof name <= end; i++) {
                size_t value = i + sizeof name - 1, stop = value;
                if (!strchr("?&;", look_before(l, i)) || !look_is_nocase(l, i, name))
                        continue;
                while (stop < end && l->p[stop] != '&' && l->p[stop] != ';')
                        stop++;
                if (is_placeholder(l->p + value, stop - value))
                        return false;
                look_hit(l, start - 5, end, ID_URL_CREDENTIALS, 97);
                return true;
        }
        return false;
}

void find_url_secret(struct look *l, size_t at)
{
        size_t start = scheme_start(l, at), host = at + 3, colon = 0, sign = 0;
        if (start == at || find_slack_hook(l, start, host) || find_jdbc_secret(l, start, host))
                return;
        for (size_t i = host; i < l->n && i - host < AUTHORITY_MAX; i++) {
                char c = l->p[i];
                if (c <= ' ' || strchr("/\"'`|\\", c) || c == '?')
                        break;
                if (c == ':' && !colon)
                        colon = i;
                if (c == '@')
                        sign = i;
        }
        if (!colon || !sign || colon > sign || !is_alnum(look_at(l, sign + 1)))
                if (!(colon && sign > colon && look_at(l, sign + 1) == '['))
                        return;
        if (!is_placeholder(l->p + colon + 1, sign - colon - 1))
                look_hit(l, start, url_end(l, sign), ID_URL_CREDENTIALS, 97);
}

static bool is_user(char c)
{
        return is_alnum(c) || c == '_' || c == '.' || c == '-';
}

/* user:password@tcp(host:port)/database, as Go's drivers have it. */
void find_dsn_secret(struct look *l, size_t at)
{
        size_t from = at, colon = at;
        if (!look_is(l, at, "@tcp(") && !look_is(l, at, "@unix("))
                return;
        while (from > 0 && at - from < AUTHORITY_MAX && l->p[from - 1] > ' ' &&
               !strchr("\"'`", l->p[from - 1])) {
                from--;
                if (l->p[from] == ':')
                        colon = from;
        }
        if (colon == at || is_placeholder(l->p + colon + 1, at - colon - 1))
                return;
        size_t start = colon;
        while (start > from && is_user(l->p[start - 1]))
                start--;
        size_t close = at;
        while (close < l->n && close - at < AUTHORITY_MAX && l->p[close] > ' ' && l->p[close] != ')')
                close++;
        if (look_at(l, close) == ')')
                look_hit(l, start, look_at(l, close + 1) == '/' ? url_end(l, close + 1) : close + 1,
                         ID_URL_CREDENTIALS, 97);
}
