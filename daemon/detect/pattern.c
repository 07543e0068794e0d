/* pattern.c - officers' patterns by Vectorscan.
 *
 * Compiled with the leftmost start of each match, so that all of it can be masked, and for UTF-8,
 * so that no character is cut. Not with UCP: the normal form has folded every script's digits and
 * styled letters already, \w of all scripts takes seconds and a hundred megabytes to compile, and
 * \b would not exist. A pattern's size is reckoned before it is compiled: Vectorscan takes half a
 * minute to refuse some.                                                                   */
#include "detect/pattern.h"

#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "seek.h"

enum {
        DEPTH_MAX = 32, /* of brackets */
        SIZE_MAX_SUM = 1000,
        SIZE_WIDE = 4,      /* a class with characters of several bytes */
        SIZE_PROPERTY = 30, /* \p{L} */
        ZEROS = 128, /* bytes behind a copied text */
        EVENTS_MAX = 1 << 20 /* ends of matches in one text; a megabyte of letters and [a-z]+ has as many */
};

struct patterns {
        hs_database_t *db; /* NULL: none */
        size_t n;
};

struct seeker {
        hs_scratch_t *scratch;
        char *copy; /* of the text, with zeros behind */
        size_t cap;
};

/* ---- How large a pattern is -------------------------------------------------- */

struct sizing {
        const char *p;
        long sum[DEPTH_MAX]; /* of the pieces of each open bracket; [0]: of the whole */
        long last;           /* of the piece before, which a repeat multiplies */
        int depth;
};

static void put_piece(struct sizing *s, long size)
{
        s->sum[s->depth] += size;
        s->last = size;
}

/* [ ... ]: wide if it is negated, or has characters beyond ASCII. */
static void skip_class(struct sizing *s)
{
        const char *p = s->p + 1;
        long size = *p == '^' ? SIZE_WIDE : 1;
        p += *p == '^';
        for (bool first = true; *p && (first || *p != ']'); p++, first = false) {
                bool escape = p[0] == '\\' && p[1];
                if (escape && (p[1] == 'p' || p[1] == 'P'))
                        size = SIZE_PROPERTY;
                else if (size < SIZE_WIDE && ((unsigned char)*p >= 0x80 || (escape && strchr("xWDS", p[1]))))
                        size = SIZE_WIDE;
                p += escape;
        }
        s->p = *p ? p + 1 : p;
        put_piece(s, size);
}

static void skip_escape(struct sizing *s)
{
        char c = s->p[1];
        s->p += c ? 2 : 1;
        if (c == 'Q') { /* as it stands, up to \E */
                const char *end = strstr(s->p, "\\E");
                size_t n = end ? (size_t)(end - s->p) : strlen(s->p);
                s->p += end ? n + 2 : n;
                put_piece(s, (long)n);
                return;
        }
        put_piece(s, c == 'p' || c == 'P' ? SIZE_PROPERTY : c == 'W' || c == 'D' || c == 'S' ? SIZE_WIDE : 1);
        if ((c == 'p' || c == 'P' || c == 'x') && *s->p == '{')
                s->p += strcspn(s->p, "}") + (strchr(s->p, '}') != NULL);
}

/* {n}, {n,}, {n,m}: how often at most, at least 1; 0 if it is none of them. */
static long repeat_at(const char *p, const char **after)
{
        char *end;
        long n = strtol(p + 1, &end, 10), m = n;
        if (end == p + 1 || n < 0)
                return 0;
        if (*end == ',') {
                const char *second = end + 1;
                m = strtol(second, &end, 10);
                if (end == second)
                        m = n;
        }
        if (*end != '}')
                return 0;
        *after = end + 1;
        m = m > n ? m : n;
        return m > SIZE_MAX_SUM ? SIZE_MAX_SUM + 1 : m > 0 ? m : 1;
}

static void skip_repeat(struct sizing *s)
{
        const char *after = s->p + 1;
        long times = repeat_at(s->p, &after);
        s->p = after;
        if (!times) {
                put_piece(s, 1);
                return;
        }
        s->sum[s->depth] += s->last * (times - 1);
        s->last *= times;
}

static void open_bracket(struct sizing *s)
{
        if (strncmp(s->p, "(?#", 3) == 0) { /* a comment: a repeat after it means the piece before */
                s->p += strcspn(s->p, ")") + (strchr(s->p, ')') != NULL);
                return;
        }
        s->p++;
        s->sum[++s->depth] = s->last = 0;
}

static void close_bracket(struct sizing *s)
{
        s->p++;
        if (s->depth == 0)
                return; /* Vectorscan says what is wrong with it */
        long size = s->sum[s->depth--];
        put_piece(s, size);
}

/* What has no width of its own leaves the piece before to its repeat. */
static void put_character(struct sizing *s)
{
        if (!strchr("*+?|^$", *s->p))
                put_piece(s, *s->p == '.' ? SIZE_WIDE : 1);
        s->p++;
}

/* The positions that the pattern unrolls into, about; beyond the ceiling, some number above it. */
static long size_of(const char *match)
{
        struct sizing s = { .p = match };
        long sum = 0;
        while (*s.p && s.sum[s.depth] <= SIZE_MAX_SUM && s.last <= SIZE_MAX_SUM) {
                if (*s.p == '(' && s.depth + 1 == DEPTH_MAX)
                        return SIZE_MAX_SUM + 1;
                if (*s.p == '(')
                        open_bracket(&s);
                else if (*s.p == ')')
                        close_bracket(&s);
                else if (*s.p == '[')
                        skip_class(&s);
                else if (*s.p == '\\')
                        skip_escape(&s);
                else if (*s.p == '{')
                        skip_repeat(&s);
                else
                        put_character(&s);
        }
        for (int i = 0; i <= s.depth; i++)
                sum += s.sum[i];
        return sum > s.last ? sum : s.last;
}

/* (?x): what a repeat means could then not be told without reading comments. */
static bool is_free_spaced(const char *match)
{
        for (const char *p = match; (p = strstr(p, "(?"));) {
                p += 2;
                size_t n = strspn(p, "imsxUXJ-");
                if (memchr(p, 'x', n))
                        return true;
        }
        return false;
}

/* ---- Compiling ---------------------------------------------------------------- */

static const char *hint_of(const char *message)
{
        static const struct {
                const char *says, *hint;
        } rows[] = {
                { "empty", "Write at least one character that must be there: \"a+\" for \"a*\"." },
                { "Zero-width", "Look-around is not bounded: match what stands around it, too." },
                { "Back-ref", "What was matched before cannot be asked for again: write it out." },
                { "large", "Bound fewer repeats, name the letters ([a-z]) instead of \".\" or \\p{L}, or write + for {1,64}." },
                { "parenthesis", "Close every bracket; \\( is a bracket of the text." },
        };
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                if (strstr(message, rows[i].says))
                        return rows[i].hint;
        return "Perl's syntax without look-around and back-references; \\d \\w \\s \\b are those of ASCII.";
}

static bool refuse(struct err *err, const char *why)
{
        size_t n = strlen(why);
        if (n && why[n - 1] == '.')
                n--;
        const char *more = strchr(why, ';'); /* what follows are the library's own switches */
        n = more ? (size_t)(more - why) : n;
        err_set(err, ERR_CONFIG, 0, "%.*s", (int)n, why);
        return err_hint(err, "%s", hint_of(why));
}

static bool check_text(const char *match, struct err *err)
{
        size_t n = strlen(match);
        if (n > PATTERN_BYTES_MAX) {
                err_set(err, ERR_CONFIG, 0, "it is longer than %d bytes", PATTERN_BYTES_MAX);
                return err_hint(err, "Write two patterns.");
        }
        if (!utf8_valid(slice_make(match, n), NULL))
                return refuse(err, "it is not UTF-8");
        if (is_free_spaced(match)) {
                err_set(err, ERR_CONFIG, 0, "free spacing, (?x), is not read");
                return err_hint(err, "Write the pattern without blanks and comments.");
        }
        return size_of(match) <= SIZE_MAX_SUM || refuse(err, "its repeats make it too large");
}

static bool compile(hs_database_t **out, const char *const *match, size_t n, struct err *err)
{
        unsigned flags[PATTERNS_MAX], ids[PATTERNS_MAX];
        hs_compile_error_t *why = NULL;
        for (size_t i = 0; i < n; i++) {
                flags[i] = HS_FLAG_UTF8 | HS_FLAG_SOM_LEFTMOST;
                ids[i] = (unsigned)i;
        }
        hs_error_t rc = hs_compile_multi(match, flags, ids, (unsigned)n, HS_MODE_BLOCK, NULL, out, &why);
        if (rc == HS_SUCCESS)
                return true;
        refuse(err, why ? why->message : "Vectorscan does not say why");
        hs_free_compile_error(why);
        return false;
}

bool patterns_new(struct patterns **out, const char *const *match, size_t n, size_t *bad, struct err *err)
{
        *out = NULL;
        *bad = n;
        if (n > PATTERNS_MAX)
                return err_set(err, ERR_CONFIG, 0, "%zu patterns, at most %d are searched for", n, PATTERNS_MAX);
        if (n && hs_valid_platform() != HS_SUCCESS)
                return err_set(err, ERR_CONFIG, 0, "this processor cannot run Vectorscan: patterns cannot be searched for");
        for (size_t i = 0; i < n; i++) {
                hs_database_t *one = NULL;
                bool ok = check_text(match[i], err) && (n == 1 || compile(&one, &match[i], 1, err));
                hs_free_database(one);
                *bad = i;
                if (!ok)
                        return false;
        }
        struct patterns *p = calloc(1, sizeof *p);
        if (!p)
                return err_set(err, ERR_SYSTEM, 0, "no memory for patterns");
        p->n = n;
        *bad = n == 1 ? 0 : n;
        if (n && !compile(&p->db, match, n, err)) {
                patterns_free(p);
                return false;
        }
        *out = p;
        return true;
}

void patterns_free(struct patterns *p)
{
        if (!p)
                return;
        hs_free_database(p->db);
        free(p);
}

size_t patterns_count(const struct patterns *p)
{
        return p ? p->n : 0;
}

/* ---- Seeking ------------------------------------------------------------------ */

struct seeker *seeker_new(const struct patterns *p)
{
        struct seeker *s = calloc(1, sizeof *s);
        if (s && (!p->db || hs_alloc_scratch(p->db, &s->scratch) == HS_SUCCESS))
                return s;
        free(s);
        return NULL;
}

void seeker_free(struct seeker *s)
{
        if (!s)
                return;
        hs_free_scratch(s->scratch);
        free(s->copy);
        free(s);
}

/* A match is told once for each of its ends, which only grow: overlapping ones are one. */
struct spans {
        struct {
                size_t start, end;
        } of[PATTERNS_MAX];
        long events;
        uint64_t which;
        bool (*found)(void *ctx, int number, size_t start, size_t end);
        void *ctx;
        bool stopped;
};

static bool pass_on(struct spans *s, unsigned i)
{
        return s->of[i].end == s->of[i].start || s->found(s->ctx, (int)i, s->of[i].start, s->of[i].end);
}

static int on_match(unsigned i, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
        struct spans *s = ctx;
        (void)flags;
        if (!(s->which >> i & 1) || from >= to)
                return 0;
        s->stopped = s->stopped || ++s->events > EVENTS_MAX;
        if (from < s->of[i].end) {
                s->of[i].end = to;
                if (from < s->of[i].start)
                        s->of[i].start = from;
        } else {
                s->stopped = s->stopped || !pass_on(s, i);
                s->of[i].start = from;
                s->of[i].end = to;
        }
        return s->stopped;
}

/* Vectorscan 5.4 reads beyond the end: up to a NUL where it prints the text for nobody, and whole
 * vectors. So it gets a copy, the zeros behind which are longer than any of them. NULL: no memory. */
static const char *with_zeros(struct seeker *k, struct slice text)
{
        size_t need = text.n + ZEROS, cap = k->cap ? k->cap : 4096;
        while (cap < need)
                cap *= 2;
        if (cap > k->cap) {
                free(k->copy);
                k->copy = malloc(cap);
                k->cap = k->copy ? cap : 0;
        }
        if (!k->copy)
                return NULL;
        memcpy(k->copy, text.p, text.n);
        memset(k->copy + text.n, 0, ZEROS);
        return k->copy;
}

bool seek(struct seeker *k, const struct patterns *p, uint64_t which, struct slice text,
          bool (*found)(void *ctx, int number, size_t start, size_t end), void *ctx)
{
        struct spans s = { .which = which, .found = found, .ctx = ctx };
        if (!p->db || !which || text.n == 0)
                return true;
        const char *copy = text.n <= UINT32_MAX ? with_zeros(k, text) : NULL;
        if (!copy || hs_scan(p->db, copy, (unsigned)text.n, 0, k->scratch, on_match, &s) != HS_SUCCESS)
                return false;
        for (unsigned i = 0; i < p->n; i++)
                if (!pass_on(&s, i))
                        return false;
        return !s.stopped;
}
