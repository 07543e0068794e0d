/* strangers.c - a small table behind a lock; hot only where a source sends such a thing. */
#include "capture/strangers.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"
#include "model/record.h"

enum { DIGITS_SHOWN = 3 };

struct strangers {
        pthread_mutex_t lock;
        struct hmac *hash;
        struct stranger rows[STRANGERS_MAX];
        size_t n;
        uint64_t others;
        int64_t day; /* told last; 0: not yet */
};

struct strangers *strangers_new(void)
{
        uint8_t key[32];
        struct strangers *t = calloc(1, sizeof *t);
        if (!t)
                return NULL;
        random_bytes(key, sizeof key);
        t->hash = hmac_new(slice_make(key, sizeof key));
        if (!t->hash) {
                free(t);
                return NULL;
        }
        pthread_mutex_init(&t->lock, NULL);
        return t;
}

void strangers_free(struct strangers *t)
{
        if (!t)
                return;
        hmac_free(t->hash);
        pthread_mutex_destroy(&t->lock);
        free(t);
}

static bool is_letter(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* A field's name, as programmers write them; not a number, an address, a sentence. */
static bool is_showable(struct slice name, size_t most)
{
        size_t digits = 0;
        if (name.n == 0 || name.n > most || !is_letter(name.p[0]))
                return false;
        for (size_t i = 0; i < name.n; i++) {
                bool digit = name.p[i] >= '0' && name.p[i] <= '9';
                digits = digit ? digits + 1 : 0;
                if (digits > DIGITS_SHOWN || (!digit && !is_letter(name.p[i]) && name.p[i] != '.' && name.p[i] != '-'))
                        return false;
        }
        return true;
}

static void put_name(struct strangers *t, struct stranger *s, bool attribute, struct slice name)
{
        uint8_t hash[32];
        const char *within = attribute ? "attributes." : "";
        s->named = is_showable(name, STRANGER_NAME - 1 - strlen(within));
        if (s->named) {
                snprintf(s->name, sizeof s->name, "%s%.*s", within, SLICE_ARG(name));
                return;
        }
        hmac_put(t->hash, name);
        hmac_finish(t->hash, hash);
        snprintf(s->name, sizeof s->name, "%s#%02x%02x%02x%02x", within, hash[0], hash[1], hash[2], hash[3]);
}

static struct stranger *row_of(struct strangers *t, const struct stranger *s)
{
        for (size_t i = 0; i < t->n; i++)
                if (strcmp(t->rows[i].name, s->name) == 0 && strcmp(t->rows[i].source, s->source) == 0)
                        return &t->rows[i];
        if (t->n == STRANGERS_MAX)
                return NULL;
        t->rows[t->n] = *s;
        return &t->rows[t->n++];
}

void strangers_saw(struct strangers *t, const char *source, bool attribute, struct slice name, int64_t now_us)
{
        struct stranger s = { .source = source, .first_us = now_us };
        pthread_mutex_lock(&t->lock);
        put_name(t, &s, attribute, name);
        struct stranger *row = row_of(t, &s);
        if (row) {
                row->records++;
                row->untold++;
                row->last_us = now_us;
        } else {
                t->others++;
        }
        pthread_mutex_unlock(&t->lock);
}

size_t strangers_list(struct strangers *t, struct stranger *out, size_t max, uint64_t *others)
{
        pthread_mutex_lock(&t->lock);
        size_t n = t->n < max ? t->n : max;
        memcpy(out, t->rows, n * sizeof *out);
        *others = t->others;
        pthread_mutex_unlock(&t->lock);
        return n;
}

/* A field of records that is written so, but for a slip of the pen. */
static const char *nearest_field(const char *name)
{
        const char *all[FIELDS];
        for (int f = 0; f < FIELDS; f++)
                all[f] = field_name((enum field)f);
        return text_nearest(name, all, FIELDS);
}

void stranger_line(const struct stranger *s, char out[STRANGER_LINE])
{
        const char *near = s->named ? nearest_field(s->name) : NULL;
        if (!s->named)
                out[0] = 0;
        else if (strncmp(s->name, "attributes.", 11) == 0)
                snprintf(out, STRANGER_LINE, "fields: { field = \"%s\"; do = \"clean\"; }, or do = \"drop\"", s->name);
        else if (near)
                snprintf(out, STRANGER_LINE, "send it as \"%s\", if that is meant", near);
        else
                snprintf(out, STRANGER_LINE,
                         "send it as \"attributes.%s\"; fields: { field = \"attributes.%s\"; do = \"clean\"; }", s->name,
                         s->name);
}

/* Forgets what was not seen for a day; what is left begins a new one. */
static size_t turn(struct strangers *t, int64_t now_us, struct stranger told[STRANGERS_MAX], uint64_t *others)
{
        size_t n = 0, kept = 0;
        for (size_t i = 0; i < t->n; i++) {
                struct stranger s = t->rows[i];
                if (s.untold)
                        told[n++] = s;
                s.untold = 0;
                if (now_us - s.last_us < US_PER_DAY)
                        t->rows[kept++] = s;
        }
        t->n = kept;
        *others = t->others;
        t->others = 0;
        return n;
}

bool strangers_tell(struct strangers *t, int64_t now_us)
{
        struct stranger told[STRANGERS_MAX];
        char line[STRANGER_LINE];
        uint64_t others = 0;
        size_t n = 0;
        pthread_mutex_lock(&t->lock);
        bool first = t->day == 0, due = now_us / US_PER_DAY != t->day;
        t->day = now_us / US_PER_DAY;
        if (due && !first)
                n = turn(t, now_us, told, &others);
        pthread_mutex_unlock(&t->lock);
        for (size_t i = 0; i < n; i++) {
                stranger_line(&told[i], line);
                for (char *c = line; *c; c++)
                        *c = *c == '"' ? '\'' : *c; /* it stands in quotes */
                log_warning("capture", "a field that nobody decided about is dropped",
                            "source=%s field=%s records=%llu write=\"%s\"", told[i].source, told[i].name,
                            (unsigned long long)told[i].untold, line);
        }
        if (others)
                log_warning("capture", "more fields that nobody decided about are dropped", "records=%llu",
                            (unsigned long long)others);
        return due && !first;
}
