/* counts.c - answers to what a record asks, and who is counted before it leaves.
 *
 * `met` spares looking up what was just looked up or written: of a counter, the day that stands in
 * state.db for somebody; of a combination, the day on which enough people to hide each other were
 * noted. It is emptied when a transaction fails, for then it may know too much.              */
#include "counts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/log.h"
#include "tally.h"

enum {
        MET = 16384,         /* a power of two */
        WHO_MAX = 16,
        DUE_DAYS = 14,       /* before which is warned of a filing */
        GRACE_DAYS = 35,     /* what is out of its window stays so long: a clock may have been wrong */
        FORGET_AT_ONCE = 2000,
        SHARING_MAX = 2000000 /* beyond it new combinations are noted no more, and so stay rare */
};

struct met_row {
        int64_t line, day;
        uint64_t enough;     /* of a combination: so many are there; another set may ask for more */
        uint8_t who[WHO_MAX];
        uint8_t n;           /* bytes of who; 0: empty */
};
struct met {
        struct met_row rows[MET];
};
struct who {
        uint8_t bytes[WHO_MAX];
        size_t n;            /* 0: nobody */
};

/* ---- What was met ---------------------------------------------------------------- */

static struct met_row *slot(struct counts *c, int64_t line, const uint8_t *who, size_t n)
{
        uint32_t h = crc32c((uint32_t)line, slice_make(who, n));
        return &c->met->rows[h % MET];
}

/* INT64_MIN: not known. */
static int64_t met_day(struct counts *c, int64_t line, const uint8_t *who, size_t n)
{
        const struct met_row *row = slot(c, line, who, n);
        return row->n == n && row->line == line && memcmp(row->who, who, n) == 0 ? row->day : INT64_MIN;
}

static void meet(struct counts *c, int64_t line, const uint8_t *who, size_t n, int64_t day, uint64_t enough)
{
        struct met_row *row = slot(c, line, who, n);
        *row = (struct met_row){ .line = line, .day = day, .enough = enough, .n = (uint8_t)n };
        memcpy(row->who, who, n);
}

/* Whether as many as this line asks for were noted for the combination today. */
static bool is_common(struct counts *c, int64_t line, const uint8_t combination[16], const struct question *q)
{
        return met_day(c, line, combination, 16) == q->today && slot(c, line, combination, 16)->enough >= q->ceiling;
}

static void doubt(struct counts *c)
{
        memset(c->met, 0, sizeof *c->met);
        for (size_t i = 0; i < c->n; i++)
                c->lines[i].loaded = false;
}

/* ---- Transactions ---------------------------------------------------------------- */

static bool begin(struct counts *c, struct err *err)
{
        if (!c->open && !state_begin(c->state, err))
                return false;
        c->open = true;
        return true;
}

static bool fail(struct counts *c)
{
        if (c->open)
                state_abort(c->state);
        c->open = false;
        doubt(c);
        return false;
}

static bool commit(struct counts *c, struct err *err)
{
        if (!c->open)
                return true;
        if (!state_commit(c->state, err))
                return fail(c);
        c->open = false;
        return true;
}

static bool forget_some(struct counts *c, struct counts_line *line, struct err *err)
{
        uint64_t n = 0;
        if (!begin(c, err))
                return false;
        if (!counted_forget(c->state, line->number, line->since - GRACE_DAYS, FORGET_AT_ONCE, &n, err) || !commit(c, err))
                return fail(c);
        line->prunes = n >= FORGET_AT_ONCE;
        return true;
}

bool counts_flush(struct counts *c, struct err *err)
{
        if (!commit(c, err))
                return false;
        for (size_t i = 0; i < c->n; i++)
                if (c->lines[i].prunes && c->lines[i].number)
                        return forget_some(c, &c->lines[i], err);
        return true;
}

/* ---- Lines ----------------------------------------------------------------------- */

static void say_near(struct counts_line *line)
{
        bool full = line->used >= line->ceiling;
        if (!line->counter || line->used < line->warn_at || (full ? line->full : line->warned))
                return;
        line->warned = true;
        line->full = full;
        log_warning("pump", full ? "as many people are counted as may be: whoever would be one more is kept back"
                                 : "people counted come near their ceiling",
                    "policy=%s line=%d people=%llu ceiling=%llu", line->file, line->at_line,
                    (unsigned long long)line->used, (unsigned long long)line->ceiling);
}

/* Of a line that closes unless it is filed in time: once when it comes near, once when it is closed. */
static void say_due(struct counts_line *line, const struct question *q)
{
        int64_t left = q->day + q->days - q->today;
        bool late = left <= 0;
        if (left > DUE_DAYS || (late ? line->full : line->warned))
                return;
        line->warned = true;
        line->full = late;
        log_warning("pump", late ? "a transfer was not filed in time: what rests on it stays at home"
                                 : "a transfer must be filed soon, or its line closes",
                    "policy=%s line=%d days_left=%lld", line->file, line->at_line, (long long)(late ? 0 : left));
}

static bool load(struct counts *c, struct counts_line *line, const struct question *q, struct err *err)
{
        line->used = 0;
        if (!counted_line(c->state, line->id, &line->number, err))
                return false;
        if (line->number && line->counter && !counted_people(c->state, line->number, q->since, &line->used, err))
                return false;
        line->since = q->since;
        line->prunes = true;
        line->loaded = true;
        if (line->used < line->warn_at) /* a new window */
                line->warned = line->full = false;
        return true;
}

static struct counts_line *find(struct counts *c, const struct question *q)
{
        for (size_t i = 0; i < c->n; i++)
                if (strcmp(c->lines[i].id, q->id) == 0)
                        return &c->lines[i];
        if (c->n == COUNTS_LINES || strlen(q->id) >= sizeof c->lines[0].id)
                return NULL;
        struct counts_line *line = &c->lines[c->n++];
        *line = (struct counts_line){ .counter = q->of != QUESTION_GROUP };
        snprintf(line->id, sizeof line->id, "%s", q->id);
        return line;
}

/* *out NULL: there are too many; the question stays without an answer. */
static bool line_of(struct counts *c, const struct question *q, struct counts_line **out, struct err *err)
{
        struct counts_line *line = *out = find(c, q);
        if (!line)
                return true;
        line->ceiling = q->ceiling;
        line->warn_at = q->warn_at;
        line->today = q->today;
        line->at_line = q->at_line;
        if ((!line->loaded || line->since != q->since) && !load(c, line, q, err))
                return false;
        if (strcmp(line->file, q->file) != 0)
                snprintf(line->file, sizeof line->file, "%s", q->file);
        say_near(line);
        return true;
}

static bool number_of(struct counts *c, struct counts_line *line, struct err *err)
{
        return line->number || counted_new_line(c->state, line->id, &line->number, err);
}

/* ---- Who ------------------------------------------------------------------------- */

static struct who by_key(const struct vault_entry *e)
{
        struct who who = { .n = WHO_MAX };
        memcpy(who.bytes, e->record_key, WHO_MAX);
        return who;
}

static struct who by_number(uint64_t subject)
{
        struct who who = { .n = 8 };
        for (size_t i = 0; i < 8; i++)
                who.bytes[i] = (uint8_t)(subject >> (56 - 8 * i));
        return who;
}

static bool has_author(const struct record *r)
{
        for (int f = FIELD_AUTHOR_ID; f <= FIELD_AUTHOR_STANDING; f++)
                if (r->text[f].n)
                        return true;
        return false;
}

/* An author without an identity is somebody, and nobody can tell whether somebody new. */
static struct who who_is(const struct question *q, const struct vault_entry *e, const struct record *r)
{
        if (q->of == QUESTION_RECORDS)
                return by_key(e);
        if (q->of == QUESTION_FIRST) /* whosever the record is, it was made */
                return (struct who){ .bytes = { 'f' }, .n = 1 };
        if (e->subject)
                return by_number(e->subject);
        return has_author(r) ? by_key(e) : (struct who){ .n = 0 };
}

static void combine(struct counts *c, const struct question *q, uint8_t out[16])
{
        uint8_t digest[32];
        keyer_digest(c->keyer, "small group", q->combination, digest);
        memcpy(out, digest, 16);
}

/* ---- Answers --------------------------------------------------------------------- */

static bool day_of(struct counts *c, const struct counts_line *line, const struct who *who, int64_t *day,
                   struct err *err)
{
        *day = INT64_MIN;
        if (!line->number)
                return true;
        *day = met_day(c, line->number, who->bytes, who->n);
        if (*day != INT64_MIN)
                return true;
        if (!counted_day(c->state, line->number, slice_make(who->bytes, who->n), day, err))
                return false;
        if (*day != INT64_MIN)
                meet(c, line->number, who->bytes, who->n, *day, 0);
        return true;
}

static bool answer_counter(struct counts *c, struct counts_line *line, const struct vault_entry *e,
                           const struct record *r, struct question *q, struct err *err)
{
        struct who who = who_is(q, e, r);
        int64_t day = INT64_MAX; /* nobody is nobody new */
        if (who.n && !day_of(c, line, &who, &day, err))
                return false;
        q->counted = day >= q->since;
        q->day = day;
        if (q->of == QUESTION_FIRST && q->counted)
                say_due(line, q);
        q->people = line->used;
        q->known = true;
        return true;
}

static bool answer_group(struct counts *c, const struct counts_line *line, const struct vault_entry *e,
                         struct question *q, struct err *err)
{
        uint8_t combination[16];
        struct who who = by_number(e->subject);
        uint64_t others = 0;
        combine(c, q, combination);
        q->known = true;
        q->people = q->ceiling;
        if (is_common(c, line->number, combination, q))
                return true;
        if (line->number && !sharing_others(c->state, line->number, combination, slice_make(who.bytes, who.n), q->since,
                                            q->ceiling, &others, err))
                return false;
        q->people = others + (e->subject != 0);
        return true;
}

bool counts_answer(struct counts *c, const struct vault_entry *e, const struct record *r, struct answers *a,
                   struct err *err)
{
        for (size_t i = 0; i < a->n; i++) {
                struct question *q = &a->of[i];
                struct counts_line *line;
                if (!line_of(c, q, &line, err))
                        return fail(c);
                if (line && !(line->counter ? answer_counter(c, line, e, r, q, err) : answer_group(c, line, e, q, err)))
                        return fail(c);
        }
        return true;
}

/* ---- Noting ---------------------------------------------------------------------- */

/* Rows that were only dated anew were counted as more: looked up before it says no. */
static bool has_room(struct counts *c, bool *room, struct err *err)
{
        bool ok = c->rows < SHARING_MAX || sharing_rows(c->state, &c->rows, err);
        *room = c->rows < SHARING_MAX;
        return ok;
}

/* Once enough people were noted today they hide each other until the window has passed. */
static bool note_group(struct counts *c, struct counts_line *line, const struct vault_entry *e,
                       const struct question *q, struct err *err)
{
        uint8_t combination[16];
        struct who who = by_number(e->subject);
        struct slice bytes = slice_make(who.bytes, who.n);
        uint64_t others = 0;
        bool room;
        combine(c, q, combination);
        if (is_common(c, line->number, combination, q))
                return true;
        if (!begin(c, err) || !number_of(c, line, err) ||
            !sharing_others(c->state, line->number, combination, bytes, q->today, q->ceiling, &others, err))
                return false;
        if (others < q->ceiling) {
                if (!has_room(c, &room, err))
                        return false;
                if (!room)
                        return true;
                if (!sharing_put(c->state, line->number, combination, bytes, q->today, err))
                        return false;
                c->rows++;
                others++;
        }
        if (others >= q->ceiling)
                meet(c, line->number, combination, 16, q->today, q->ceiling);
        return true;
}

bool counts_note(struct counts *c, const struct vault_entry *e, struct answers *a, struct err *err)
{
        for (size_t i = 0; i < a->n && e->subject; i++) {
                struct counts_line *line = a->of[i].of == QUESTION_GROUP ? find(c, &a->of[i]) : NULL;
                if (line && !note_group(c, line, e, &a->of[i], err))
                        return fail(c);
        }
        return true;
}

/* ---- Counting -------------------------------------------------------------------- */

static bool admit(struct counts *c, const struct vault_entry *e, const struct record *r, const struct question *q,
                  struct err *err)
{
        struct who who = who_is(q, e, r);
        struct counts_line *line = find(c, q);
        int64_t day;
        if (!who.n || !line)
                return true;
        if (!day_of(c, line, &who, &day, err))
                return false;
        if (day >= q->today || (q->once && day >= q->since))
                return true;
        if (!begin(c, err) || !number_of(c, line, err) ||
            !counted_put(c->state, line->number, slice_make(who.bytes, who.n), q->today, err))
                return false;
        meet(c, line->number, who.bytes, who.n, q->today, 0);
        line->used += day < q->since;
        c->moved = true;
        c->fresh++;
        say_near(line);
        return true;
}

bool counts_admit_later(struct counts *c, const struct vault_entry *e, const struct record *r,
                        const struct answers *a, uint32_t counts, struct err *err)
{
        for (size_t i = 0; i < a->n; i++)
                if (counts >> i & 1 && !admit(c, e, r, &a->of[i], err))
                        return fail(c);
        return true;
}

bool counts_admit(struct counts *c, const struct vault_entry *e, const struct record *r, const struct answers *a,
                  uint32_t counts, struct err *err)
{
        size_t before = c->fresh;
        return counts_admit_later(c, e, r, a, counts, err) && (c->fresh == before || commit(c, err));
}

/* ---- The whole ------------------------------------------------------------------- */

bool counts_open(struct counts *c, struct state *state, struct keyer *keyer, struct err *err)
{
        *c = (struct counts){ .state = state, .keyer = keyer };
        c->met = calloc(1, sizeof *c->met);
        if (!c->met)
                return err_set(err, ERR_SYSTEM, 0, "could not set up counters: out of memory");
        return sharing_rows(state, &c->rows, err);
}

void counts_close(struct counts *c)
{
        free(c->met);
        c->met = NULL;
}

bool counts_day(struct counts *c, const struct book *b, int64_t now_us, struct err *err)
{
        struct answers all;
        struct counts_line *line;
        policy_counters(b, now_us, &all);
        for (size_t i = 0; i < all.n; i++)
                if (!line_of(c, &all.of[i], &line, err))
                        return fail(c);
        return true;
}

bool counts_take_book(struct counts *c, const struct book *b, int64_t now_us, struct err *err)
{
        c->n = 0;
        return counts_day(c, b, now_us, err);
}

size_t counts_shown(const struct counts *c, struct pump_counter *out, size_t max)
{
        size_t n = 0;
        for (size_t i = 0; i < c->n && n < max; i++) {
                const struct counts_line *line = &c->lines[i];
                if (!line->counter || line->ceiling == UINT64_MAX) /* a first transfer is no count */
                        continue;
                out[n] = (struct pump_counter){ .line = line->at_line, .people = line->used, .ceiling = line->ceiling,
                                                .warn_at = line->warn_at };
                snprintf(out[n].id, sizeof out[n].id, "%.95s", line->id);
                snprintf(out[n].file, sizeof out[n].file, "%s", line->file);
                n++;
        }
        return n;
}
