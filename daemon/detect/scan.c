/* scan.c - one pass over the normal form: stops at anchors, asks the finder that the
 * anchor belongs to, then settles which of the overlapping findings stand. */
#include <pthread.h>
#include <stdlib.h>

#include "detect/detect.h"
#include "look.h"
#include "normal.h"
#include "seek.h"

enum { FINDINGS_MAX = 65536, HITS_MAX = 2 * FINDINGS_MAX };

struct hits {
        struct finding *list;
        size_t n, cap;
        bool full; /* beyond HITS_MAX, or no memory */
        detect_set wanted;
        const struct normal *view;
        struct slice text;
        scanner_strictness *strictness; /* NULL: all ids are alike */
        const void *strictness_of;
};

struct scanner {
        size_t max;
        struct normaliser *normaliser;
        struct form_index *forms;
        struct map map;
        struct near *near;
        bool others; /* see look.h */
        const struct people *people; /* borrowed; NULL: nobody is known */
        const struct patterns *patterns; /* borrowed; NULL: none */
        struct seeker *seeker;
        uint64_t which; /* of the patterns */
        struct hits hits;
};

static void prepare(void)
{
        look_prepare();
        spoken_prepare();
        address_prepare();
        credential_prepare();
        handle_prepare();
        email_prepare();
}

struct scanner *scanner_new(detect_set wanted, size_t max_bytes)
{
        static pthread_once_t once = PTHREAD_ONCE_INIT;
        struct scanner *s = pthread_once(&once, prepare) == 0 ? calloc(1, sizeof *s) : NULL;
        if (!s)
                return NULL;
        s->max = max_bytes < UINT32_MAX ? max_bytes : UINT32_MAX - 1;
        s->hits.wanted = wanted;
        s->normaliser = normaliser_new(s->max);
        const struct words *words = words_all();
        s->forms = words ? form_index_new(wanted, words) : NULL;
        for (int id = 0; id < IDS; id++)
                s->others |= detect_has(wanted, id) && !rows[id].forms;
        s->near = words ? near_new(words) : NULL;
        if (!s->normaliser || !s->forms || !s->near) {
                scanner_free(s);
                return NULL;
        }
        return s;
}

void scanner_free(struct scanner *s)
{
        if (!s)
                return;
        normaliser_free(s->normaliser);
        form_index_free(s->forms);
        near_free(s->near);
        map_clear(&s->map);
        seeker_free(s->seeker);
        free(s->hits.list);
        free(s);
}

void scanner_know(struct scanner *s, const struct people *people)
{
        s->people = people;
}

bool scanner_seek(struct scanner *s, const struct patterns *patterns, uint64_t which)
{
        if (patterns != s->patterns) {
                struct seeker *seeker = patterns ? seeker_new(patterns) : NULL;
                if (patterns && !seeker)
                        return false;
                seeker_free(s->seeker);
                s->seeker = seeker;
                s->patterns = patterns;
        }
        s->which = which;
        return true;
}

void scanner_prefer(struct scanner *s, scanner_strictness *strictness, const void *ctx)
{
        s->hits.strictness = strictness;
        s->hits.strictness_of = ctx;
}

static bool room(struct hits *h)
{
        if (h->n < h->cap)
                return true;
        size_t cap = h->cap ? h->cap * 2 : 64;
        struct finding *list = cap <= HITS_MAX ? realloc(h->list, cap * sizeof *list) : NULL;
        if (!list) {
                h->full = true;
                return false;
        }
        h->list = list;
        h->cap = cap;
        return true;
}

void look_hit(struct look *l, size_t start, size_t end, enum id id, int confidence)
{
        struct hits *h = l->hits;
        memmove(l->past + 1, l->past, (PAST - 1) * sizeof *l->past);
        l->past[0] = (struct past){ start, end, id };
        if (start >= end || !detect_has(h->wanted, (int)id) || !room(h))
                return;
        normal_span(h->view, h->text, &start, &end);
        h->list[h->n++] = (struct finding){ .start = (uint32_t)start, .end = (uint32_t)end,
                .id = (uint16_t)id, .confidence = (uint16_t)confidence };
}

static bool take_pattern(void *ctx, int number, size_t start, size_t end)
{
        struct hits *h = ctx;
        if (!room(h))
                return false;
        normal_span(h->view, h->text, &start, &end);
        h->list[h->n++] = (struct finding){ .start = (uint32_t)start, .end = (uint32_t)end,
                .id = (uint16_t)(DETECT_MAX + number), .confidence = 100 };
        return true;
}

/* An entity's name or number, and its semicolon. */
static bool is_entity(const struct look *l, size_t i)
{
        size_t k = i;
        while (k < i + 10 && (is_alnum(look_at(l, k)) || look_at(l, k) == '#'))
                k++;
        return k > i && look_at(l, k) == ';';
}

/* What follows makes an escape that the decoded view would undo. Of quoted-printable
 * only what addresses need: "=48" is the value of a key far more often. */
static bool is_escape(const struct look *l, size_t i)
{
        char c = look_at(l, i + 1);
        switch (l->p[i]) {
        case '%':
                return is_hex(c) && is_hex(look_at(l, i + 2));
        case '&':
                return is_entity(l, i + 1);
        case '=':
                return c == '\n' || c == '\r' || look_is(l, i + 1, "40") || look_is(l, i + 1, "2E");
        case '\\':
                return c == 'u' || c == '/';
        default:
                return false;
        }
}

/* Asks the finders of the anchor at i, no digit; returns where to go on. */
static size_t ask(struct look *l, size_t i)
{
        char c = l->p[i];
        if (!l->others)
                return i + 1;
        switch (c) {
        case '@':
                find_email(l, i);
                if (look_at(l, i + 1) == ' ' && look_before(l, i) == ' ')
                        find_spaced_email(l, i);
                if (look_wants(l, ID_HANDLE))
                        find_handle(l, i);
                find_dsn_secret(l, i);
                break;
        case ':':
                if (look_is(l, i, "://"))
                        find_url_secret(l, i);
                else
                        find_assignment(l, i);
                find_bic(l, i);
                if (is_hex(look_at(l, i + 1)) || look_at(l, i + 1) == ':')
                        find_ipv6(l, i);
                if (i >= 2 && is_hex(l->p[i - 1]) && is_hex(l->p[i - 2]))
                        find_mac(l, i - 2);
                break;
        case '=':
                find_assignment(l, i);
                break;
        case '-':
                if (look_is(l, i, "-----BEGIN"))
                        find_key_block(l, i);
                if (look_at(l, i + 1) == 'p')
                        find_option_password(l, i);
                if (i >= 2 && is_hex(l->p[i - 1]) && is_hex(l->p[i - 2]))
                        find_mac(l, i - 2);
                if ((look_at(l, i + 1) | 32) == 'a')
                        find_bracket_email(l, i);
                find_prefixed(l, i);
                break;
        case '_':
                if ((look_at(l, i + 1) | 32) == 'a')
                        find_bracket_email(l, i);
                find_prefixed(l, i);
                break;
        case '+':
                find_international(l, i);
                break;
        case '(':
                if (is_digit(look_at(l, i + 1)))
                        find_phone(l, i);
                find_bracket_email(l, i);
                break;
        case '[':
        case '{':
                find_bracket_email(l, i);
                break;
        case '\'':
        case '"':
                find_quoted_password(l, i);
                break;
        case 'I':
                find_bic(l, i);
                find_prefixed(l, i);
                break;
        default:
                find_prefixed(l, i);
        }
        return i + 1;
}

/* Returns whether escapes were seen. */
static bool pass(struct scanner *s, const struct normal *view)
{
        struct look l = { .forms = s->forms, .words = words_all(), .near = s->near, .map = &s->map,
                .p = view->p, .n = view->n,
                .hits = &s->hits, .wanted = s->hits.wanted, .others = s->others };
        bool escapes = false;
        s->hits.view = view;
        if (!map_read(&s->map, l.p, l.n) || !near_begin(s->near, &s->map)) {
                s->hits.full = true;
                return false;
        }
        l.wide = s->map.wide;
        for (size_t i = map_anchor(&s->map, 0); i < l.n && !s->hits.full;) {
                bool digit = is_digit(l.p[i]);
                escapes = escapes || (!digit && is_escape(&l, i));
                i = map_anchor(&s->map, digit ? find_token(&l, i) : ask(&l, i));
        }
        if (look_wants(&l, ID_EMAIL))
                find_spoken_emails(&l);
        if (s->people && look_wants(&l, ID_PERSON))
                find_people(&l, s->people);
        if (s->patterns && !seek(s->seeker, s->patterns, s->which, slice_make(l.p, l.n), take_pattern, &s->hits))
                s->hits.full = true;
        return escapes;
}

static int by_place(const void *a, const void *b)
{
        const struct finding *x = a, *y = b;
        if (x->start != y->start)
                return x->start < y->start ? -1 : 1;
        if (x->end != y->end)
                return x->end > y->end ? -1 : 1;
        if (x->confidence != y->confidence)
                return x->confidence > y->confidence ? -1 : 1;
        return (x->id > y->id) - (x->id < y->id);
}

static bool beats(const struct hits *h, const struct finding *a, const struct finding *b)
{
        int as = h->strictness ? h->strictness(h->strictness_of, a->id) : 0;
        int bs = h->strictness ? h->strictness(h->strictness_of, b->id) : 0;
        if (as != bs)
                return as > bs;
        uint32_t an = a->end - a->start, bn = b->end - b->start;
        return an != bn ? an > bn : a->confidence > b->confidence;
}

/* What the caller is strictest about, then the longest, then the strongest, wins. What the loser
 * alone covered stays covered: part of an identifier that shows is still a leak. */
static void settle(struct hits *h)
{
        size_t kept = 0;
        if (h->n > 1) /* qsort() may not be given NULL */
                qsort(h->list, h->n, sizeof *h->list, by_place);
        for (size_t i = 0; i < h->n; i++) {
                struct finding f = h->list[i];
                struct finding *last = kept ? &h->list[kept - 1] : NULL;
                if (!last || f.start >= last->end) {
                        h->list[kept++] = f;
                        continue;
                }
                uint32_t end = f.end > last->end ? f.end : last->end;
                if (beats(h, &f, last)) {
                        last->id = f.id;
                        last->confidence = f.confidence;
                }
                last->end = end;
        }
        h->n = kept;
}

bool scan(struct scanner *s, struct slice text, const struct finding **out, size_t *n,
          struct err *err)
{
        struct normal view;
        *out = NULL;
        *n = 0;
        s->hits.n = 0;
        s->hits.full = false;
        s->hits.text = text;
        if (text.n > s->max)
                return err_set(err, ERR_FULL, 0, "text of %zu bytes is longer than the %zu that are scanned",
                               text.n, s->max);
        if (!normalise(s->normaliser, text, false, &view))
                return err_set(err, ERR_FULL, 0, "no memory to scan text");
        if (pass(s, &view) && !s->hits.full) {
                if (!normalise(s->normaliser, text, true, &view))
                        return err_set(err, ERR_FULL, 0, "no memory to scan text");
                pass(s, &view);
        }
        settle(&s->hits);
        if (s->hits.full || s->hits.n > FINDINGS_MAX)
                return err_set(err, ERR_FULL, 0, "text has more than %d findings, or more matches of patterns than are looked at",
                               FINDINGS_MAX);
        *out = s->hits.list;
        *n = s->hits.n;
        return true;
}
