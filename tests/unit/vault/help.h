/* help.h - a vault in a folder of its own, for the tests of this room. */
#ifndef TEST_VAULT_HELP_H
#define TEST_VAULT_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "link/db.h"
#include "vault/keys.h"
#include "vault/vault.h"
#include "vault_private.h"

static char root[64], state_dir[96];

static inline struct vault_settings small_settings(void)
{
        return (struct vault_settings){ .max_bytes = 1 << 30, .segment_bytes = 1 << 20,
                                        .segment_age_us = US_PER_HOUR, .group_bytes = 1 << 20,
                                        .min_free_bytes = 0, .period_us = 30 * US_PER_DAY };
}

static inline void remove_tree(const char *path)
{
        DIR *d = opendir(path);
        struct dirent *e;

        while (d && (e = readdir(d))) {
                char child[4096];
                if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
                    snprintf(child, sizeof child, "%s/%s", path, e->d_name) >= (int)sizeof child)
                        continue;
                if (unlink(child) != 0)
                        remove_tree(child);
        }
        if (d)
                closedir(d);
        rmdir(path);
}

/* Where thousands of openings would wait for as many syncs, a memory disk will do: what
 * is tested is what a file says, not that it stays. */
static bool in_memory;

static inline int make_state(void **state)
{
        struct err err = ERR_INIT;
        char recovery[96];

        (void)state;
        log_setup(LOG_LEVEL_ERROR, false);
        snprintf(root, sizeof root, "%s/test_vault.XXXXXX",
                 in_memory && access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        assert_non_null(mkdtemp(root));
        snprintf(state_dir, sizeof state_dir, "%s/state", root);
        snprintf(recovery, sizeof recovery, "%s/recovery", root);
        if (!dir_make(state_dir, 0700, &err) || !keys_generate(state_dir, recovery, &err))
                fail_msg("%s", err.text);
        return 0;
}

static inline int drop_state(void **state)
{
        (void)state;
        remove_tree(root);
        return 0;
}

static inline struct vault *open_vault_with(const struct vault_settings *s, struct vault_found *found)
{
        struct vault *v;
        struct err err = ERR_INIT;

        if (!vault_open(&v, state_dir, "jp-tokyo", s, found, &err))
                fail_msg("%s", err.text);
        return v;
}

static inline struct vault *open_vault(struct vault_found *found)
{
        struct vault_settings s = small_settings();

        return open_vault_with(&s, found);
}

static inline struct vault_item item_of(const char *id, const char *who, const char *class,
                                        const char *plain)
{
        struct vault_item item = { .kind = ENTRY_RECORD, .source = SLICE("forum"),
                                   .id = slice_of(id), .class = class, .plain = slice_of(plain) };

        if (who) {
                item.identities[0] = slice_of(who);
                item.n_identities = 1;
        }
        return item;
}

static inline struct position append(struct vault *v, const char *who, const char *class,
                                     const char *plain)
{
        struct vault_item item = item_of(plain, who, class, plain);
        struct err err = ERR_INIT;

        if (!vault_append(v, &item, 1, &err))
                fail_msg("%s", err.text);
        assert_int_equal(item.outcome, ITEM_DURABLE);
        return item.at;
}

static inline struct vault_reader *open_reader(struct vault *v, struct position from)
{
        struct vault_reader *r;
        struct err err = ERR_INIT;

        if (!vault_reader_open(&r, v, from, &err))
                fail_msg("%s", err.text);
        return r;
}

static inline enum vault_read read_one(struct vault_reader *r, struct vault_entry *out)
{
        struct err err = ERR_INIT;
        enum vault_read what;

        if (!vault_read(r, &what, out, &err))
                fail_msg("%s", err.text);
        return what;
}

static inline void expect_entry(struct vault_reader *r, const char *plain)
{
        struct vault_entry e;

        assert_int_equal(read_one(r, &e), VAULT_ENTRY);
        assert_int_equal(e.plain.n, strlen(plain));
        assert_memory_equal(e.plain.p, plain, e.plain.n);
}

static inline void expect(struct vault_reader *r, enum vault_read what)
{
        struct vault_entry e;

        assert_int_equal(read_one(r, &e), what);
}

/* Paths of all segments, sorted; the caller frees nothing: they lie in a static array. */
static char segment_paths[64][512];

static inline bool note_segment(const char *name, void *ctx)
{
        size_t *n = ctx;

        snprintf(segment_paths[*n], sizeof segment_paths[0], "%s/vault/%s", state_dir, name);
        return ++*n < 64;
}

static inline size_t list_segments(void)
{
        char dir[128];
        size_t n = 0;

        snprintf(dir, sizeof dir, "%s/vault", state_dir);
        assert_true(dir_each(dir, "*.seg", note_segment, &n, NULL));
        return n;
}

/* As a crash leaves it: no segment has its row, the epoch no end. */
static inline void forget_closing(void)
{
        char path[128];
        struct db *d;

        snprintf(path, sizeof path, "%s/keys.db", state_dir);
        assert_true(db_open(&d, path, NULL, NULL));
        assert_true(db_run(d, "DELETE FROM segment; UPDATE epoch SET durable_to = 0", NULL));
        db_close(d);
}

static inline void run_in_keys_db(const char *sql)
{
        char path[128];
        struct db *d;
        struct err err = ERR_INIT;

        snprintf(path, sizeof path, "%s/keys.db", state_dir);
        assert_true(db_open(&d, path, NULL, NULL));
        if (!db_run(d, "PRAGMA foreign_keys=OFF", &err) || !db_run(d, sql, &err))
                fail_msg("%s", err.text);
        db_close(d);
}

#define T(f) cmocka_unit_test_setup_teardown(f, make_state, drop_state)

#endif
