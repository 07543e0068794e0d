/* http_head.c - finds and judges the head of a request.
 *
 * http-parser lets through what two parsers in a row may understand differently: bare
 * LF, obs-fold, blanks before the colon, Content-Length twice or beside
 * Transfer-Encoding. All of it is refused here, so that what it parses is what any
 * other implementation of RFC 9112 would read.                              */
#include "http_head.h"

#include "base/text.h"

#define GOOD ((struct http_fault){ 0, NULL })
#define BAD(why) ((struct http_fault){ 400, (why) })

static const char *const bare = "lines of the head must end with CR LF";

struct http_fault http_head_find(struct slice bytes, size_t *scanned, size_t *out_n)
{
        *out_n = 0;
        while (*scanned < bytes.n) {
                const char *line = bytes.p + *scanned;
                const char *end = memchr(line, '\n', bytes.n - *scanned);
                if (!end)
                        break;
                if (end == line || end[-1] != '\r')
                        return BAD(bare);
                *scanned = (size_t)(end + 1 - bytes.p);
                if (*scanned > HTTP_HEAD_MAX)
                        break;
                if (end == bytes.p + 1) /* callers pass over empty lines before a request */
                        return BAD("the request line is empty");
                if (end - line == 1) {
                        *out_n = *scanned;
                        return GOOD;
                }
        }
        if (bytes.n > HTTP_HEAD_MAX)
                return (struct http_fault){ 431, "the head is larger than 16 KiB" };
        return GOOD;
}

/* Cuts the next line, without its CRLF. */
static struct slice cut_line(struct slice *rest)
{
        const char *end = memchr(rest->p, '\n', rest->n);
        struct slice line = { rest->p, (size_t)(end - rest->p) - 1 };
        rest->p += line.n + 2;
        rest->n -= line.n + 2;
        return line;
}

/* Visible characters, blank, tab and bytes beyond ASCII (obs-text). */
static bool field_text(struct slice s)
{
        for (size_t i = 0; i < s.n; i++) {
                unsigned char c = (unsigned char)s.p[i];
                if ((c < 0x20 && c != '\t') || c == 0x7f)
                        return false;
        }
        return true;
}

static bool is_token(struct slice s)
{
        for (size_t i = 0; i < s.n; i++) {
                char c = s.p[i];
                bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
                if (!letter && c != '-' && (c == 0 || !strchr("!#$%&'*+.^_`|~", c)))
                        return false;
        }
        return s.n > 0;
}

/* A target is visible ASCII: "/path?query", or the absolute form that proxies send. */
static bool read_target(struct http_head *h, struct slice target)
{
        for (size_t i = 0; i < target.n; i++)
                if (target.p[i] <= 0x20 || target.p[i] >= 0x7f)
                        return false;
        if (slice_starts(target, SLICE("http://")) || slice_starts(target, SLICE("https://"))) {
                const char *host = memchr(target.p, ':', target.n);
                size_t skip = (size_t)(host + 3 - target.p);
                const char *path = memchr(target.p + skip, '/', target.n - skip);
                if (!path)
                        return false;
                target = (struct slice){ path, target.n - (size_t)(path - target.p) };
        }
        if (target.n == 0 || target.p[0] != '/')
                return false;
        const char *mark = memchr(target.p, '?', target.n);
        h->path = target;
        h->query = SLICE("");
        if (mark) {
                h->path.n = (size_t)(mark - target.p);
                h->query = (struct slice){ mark + 1, target.n - h->path.n - 1 };
        }
        return true;
}

static struct http_fault read_request_line(struct http_head *h, struct slice line)
{
        const char *first = memchr(line.p, ' ', line.n);
        const char *last = memrchr(line.p, ' ', line.n);
        if (!first || first == last)
                return BAD("the request line is not METHOD TARGET VERSION");
        h->method = (struct slice){ line.p, (size_t)(first - line.p) };
        struct slice target = { first + 1, (size_t)(last - first) - 1 };
        struct slice version = { last + 1, line.n - (size_t)(last + 1 - line.p) };
        if (!is_token(h->method))
                return BAD("the request line is not METHOD TARGET VERSION");
        h->old = slice_is(version, "HTTP/1.0");
        if (!h->old && !slice_is(version, "HTTP/1.1")) {
                if (slice_starts(version, SLICE("HTTP/")))
                        return (struct http_fault){ 505, "only HTTP/1.1 and HTTP/1.0 are spoken here" };
                return BAD("the request line is not METHOD TARGET VERSION");
        }
        if (!read_target(h, target))
                return BAD("the target is not a path");
        return GOOD;
}

static struct http_fault take_length(struct http_head *h, struct slice value)
{
        uint64_t n;
        if (h->length >= 0)
                return BAD("Content-Length stands there twice");
        if (!text_uint(&n, value, INT64_MAX)) /* digits only, no sign */
                return BAD("Content-Length is not a number");
        h->length = (int64_t)n;
        return GOOD;
}

static struct http_fault take_encoding(struct http_head *h, struct slice value)
{
        if (h->chunked || h->old)
                return BAD("Transfer-Encoding stands there twice, or in HTTP/1.0");
        if (!slice_eq_nocase(value, SLICE("chunked")))
                return (struct http_fault){ 501, "the only Transfer-Encoding understood is chunked" };
        h->chunked = true;
        return GOOD;
}

static struct http_fault take_expect(struct http_head *h, struct slice value)
{
        if (!slice_eq_nocase(value, SLICE("100-continue")))
                return (struct http_fault){ 417, "the only expectation met is 100-continue" };
        h->expects = !h->old;
        return GOOD;
}

static struct http_fault read_line(struct http_head *h, struct slice line, int *hosts)
{
        if (line.p[0] == ' ' || line.p[0] == '\t')
                return BAD("a header line begins with a blank");
        const char *colon = memchr(line.p, ':', line.n);
        struct slice name = { line.p, colon ? (size_t)(colon - line.p) : 0 };
        if (!is_token(name))
                return BAD("a header line is not NAME: VALUE");
        struct slice value = slice_trim((struct slice){ colon + 1, line.n - name.n - 1 });
        if (!field_text(value))
                return BAD("a header value has control characters");
        switch (name.n) {
        case 4:
                *hosts += slice_eq_nocase(name, SLICE("host"));
                break;
        case 6:
                if (slice_eq_nocase(name, SLICE("expect")))
                        return take_expect(h, value);
                break;
        case 14:
                if (slice_eq_nocase(name, SLICE("content-length")))
                        return take_length(h, value);
                break;
        case 17:
                if (slice_eq_nocase(name, SLICE("transfer-encoding")))
                        return take_encoding(h, value);
                break;
        default:
                break;
        }
        return GOOD;
}

struct http_fault http_head_read(struct http_head *h, struct slice bytes)
{
        *h = (struct http_head){ .length = -1 };
        struct slice rest = { bytes.p, bytes.n - 2 }; /* without the empty line */
        int hosts = 0, lines = 0;
        struct slice line = cut_line(&rest);
        if (memchr(line.p, '\r', line.n))
                return BAD(bare);
        struct http_fault fault = read_request_line(h, line);
        h->lines = rest;
        while (!fault.status && rest.n) {
                if (++lines > HTTP_LINES_MAX)
                        return (struct http_fault){ 431, "there are more than 100 header lines" };
                line = cut_line(&rest);
                fault = memchr(line.p, '\r', line.n) ? BAD(bare) : read_line(h, line, &hosts);
        }
        if (fault.status)
                return fault;
        if (h->chunked && h->length >= 0)
                return BAD("Content-Length and Transfer-Encoding stand there together");
        if (hosts > 1 || (hosts == 0 && !h->old))
                return BAD("exactly one Host header is needed");
        return GOOD;
}

struct slice http_head_get(const struct http_head *h, const char *name)
{
        struct slice wanted = slice_of(name), rest = h->lines;
        while (rest.n) {
                struct slice line = cut_line(&rest);
                if (line.n > wanted.n && line.p[wanted.n] == ':' &&
                    slice_eq_nocase((struct slice){ line.p, wanted.n }, wanted))
                        return slice_trim((struct slice){ line.p + wanted.n + 1, line.n - wanted.n - 1 });
        }
        return SLICE_NONE;
}
