/* years.h - a vault that keeps to a law, and a clock that the test sets forward. */
#ifndef TESTS_UNIT_VAULT_YEARS_H
#define TESTS_UNIT_VAULT_YEARS_H

#include "help.h"

#include "io.h"

#define H US_PER_HOUR

/* ---- years pass -------------------------------------------------------------- */

static _Atomic int64_t shift, wall_shift; /* what passed; what somebody set the clock by beside */
static struct vault_io real;

static inline int64_t shifted_wall(void)
{
        return real.wall_us() + shift + wall_shift;
}

static inline int64_t shifted_boot(void)
{
        return real.boot_us() + shift;
}

static inline int begin(void **state)
{
        shift = wall_shift = 0;
        real = vault_io;
        vault_io.wall_us = shifted_wall;
        vault_io.boot_us = shifted_boot;
        return make_state(state);
}

static inline int end(void **state)
{
        vault_io = real;
        return drop_state(state);
}

static inline void tidy(struct vault *v)
{
        struct err err = ERR_INIT;

        if (!vault_tidy(v, &err))
                fail_msg("%s", err.text);
}

static inline void cover_all(struct vault *v)
{
        vault_cover(v, vault_mark(v));
}

static struct {
        _Atomic int64_t raw_us, at_least_us;
} law = { 24 * H, -1 };

static inline bool keep(void *ctx, const char *class, int64_t *raw_us, int64_t *at_least_us)
{
        (void)ctx;
        if (strcmp(class, "eea") != 0)
                return false;
        *raw_us = law.raw_us;
        *at_least_us = law.at_least_us;
        return true;
}

static inline void set_law(struct vault *v, int64_t raw_us, int64_t at_least_us)
{
        law.raw_us = raw_us;
        law.at_least_us = at_least_us;
        vault_set_law(v, &(struct vault_law){ .class = "eea", .keep = keep });
        tidy(v); /* asked in this round at the latest */
        tidy(v);
}

static inline struct vault *open_keeping(struct vault_settings *s)
{
        struct vault_settings long_lived = small_settings();
        struct vault *v;

        long_lived.segment_age_us = 30 * 24 * H; /* one segment, unless a test says otherwise */
        v = open_vault_with(s ? s : &long_lived, NULL);
        set_law(v, 24 * H, -1);
        return v;
}

/* What a reader from the beginning meets: E entry, x expired, D damaged. */
static inline const char *met(struct vault *v, char out[256])
{
        struct vault_reader *r = open_reader(v, (struct position){ 0, 0 });
        struct vault_entry e;
        enum vault_read what;
        size_t n = 0;

        while ((what = read_one(r, &e)) != VAULT_END && n < 255)
                out[n++] = what == VAULT_ENTRY ? 'E' : what == VAULT_EXPIRED ? 'x' : 'D';
        out[n] = 0;
        vault_reader_close(r);
        return out;
}

#define expect_met(v, text) assert_string_equal(met(v, (char[256]){ 0 }), text)

/* So much later, tidied, a reader meets that. */
#define after(v, us, text)                \
        do {                              \
                shift += (us);            \
                tidy(v);                  \
                expect_met(v, text);      \
        } while (0)

static inline struct vault_status status_of(struct vault *v)
{
        struct vault_status s;

        vault_status(v, &s);
        return s;
}

#define K(f) cmocka_unit_test_setup_teardown(f, begin, end)

#endif
