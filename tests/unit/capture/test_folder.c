/* Inboxes: files captured once, reported, removed; refused lines sealed. */
#include "capture_fixture.h"

#include <fcntl.h>
#include <limits.h>

#include "capture/folder.h"
#include "capture/inbox.h"
#include "dropped.h"
#include "failed_file.h"

static struct dropbox box;
static atomic_bool stopping;
static char notes[128], survey[128];

static int start(void **state)
{
        struct err err = ERR_INIT;
        begin_capture(state);
        atomic_store(&stopping, false);
        box = (struct dropbox){ .intake = intake, .door = door_open(intake), .stop = &stopping };
        must(keyer_open(&box.keyer, state_dir, &err), &err);
        must(seen_open(&box.seen, state_dir, box.keyer, &err), &err);
        snprintf(notes, sizeof notes, "%s/inbox/notes", state_dir);
        snprintf(survey, sizeof survey, "%s/inbox/survey", state_dir);
        const char *both[] = { notes, survey };
        for (int i = 0; i < 2; i++)
                must(inbox_make(both[i], &err), &err);
        return 0;
}

static int stop(void **state)
{
        seen_close(box.seen);
        keyer_close(box.keyer);
        door_close(box.door);
        return end_capture(state);
}

static const char *in_folder(const char *folder, const char *name)
{
        static char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, name);
        return path;
}

static void drop(const char *folder, const char *name, const char *text)
{
        struct err err = ERR_INIT;
        must(file_save(in_folder(folder, name), slice_of(text), 0600, &err), &err);
}

static enum dropped_outcome take_in(const char *folder, const char *name, bool again)
{
        struct err err = ERR_INIT;
        struct intake_source *s = intake_named(intake, slice_of(folder == notes ? "notes" : "survey"), SOURCE_FOLDER);
        assert_non_null(s);
        return dropped_take(&box, s, folder, name, again, &err);
}

static enum dropped_outcome take(const char *folder, const char *name)
{
        return take_in(folder, name, false);
}

struct latest {
        const char *folder, *sub;
        char path[600];
        int n;
};

static bool note_latest(const char *name, void *ctx)
{
        struct latest *l = ctx;
        snprintf(l->path, sizeof l->path, "%s/%s/%.200s", l->folder, l->sub, name);
        l->n++;
        return true;
}

/* The latest file of done/ or failed/ (names of one file sort by time); how many there are. */
static struct latest latest(const char *folder, const char *sub)
{
        struct latest l = { .folder = folder, .sub = sub };
        struct err err = ERR_INIT;
        must(dir_each(in_folder(folder, sub), "*", note_latest, &l, &err), &err);
        return l;
}

static const char *report(const char *folder)
{
        static struct buf b;
        struct err err = ERR_INIT;
        buf_clear(&b);
        buf_init(&b, 1 << 20);
        must(file_read(&b, latest(folder, "done").path, &err), &err);
        return b.p;
}

static void expect(const char *text, const char *part)
{
        if (!strstr(text, part))
                fail_msg("%s is not in: %.2000s", part, text);
}

static const char *sealed(const char *folder)
{
        static struct buf b;
        struct err err = ERR_INIT;
        buf_clear(&b);
        buf_init(&b, 1 << 20);
        must(failed_read(&b, latest(folder, "failed").path, box.keyer, &err), &err);
        return buf_slice(&b).p;
}

#define LINE(id, body) "{\"id\":\"" id "\",\"kind\":\"feedback\",\"occurred_at\":\"2026-01-02T03:04:05Z\",\"body\":\"" body "\"}\n"

static void a_file__is_captured_reported_and_removed(void **state)
{
        (void)state;
        size_t n;
        drop(notes, "a.ndjson", LINE("1", "one") LINE("2", "two"));
        assert_int_equal(take(notes, "a.ndjson"), DROPPED_DONE);
        assert_string_equal(bodies(&n), "one\ntwo\n");
        assert_false(file_exists(in_folder(notes, "a.ndjson")));
        expect(report(notes), "\"outcome\":\"captured\"");
        expect(report(notes), "\"rows\":2,\"unchanged\":0,\"accepted\":2,\"refused\":0");
        assert_null(strstr(report(notes), "one"));
        assert_int_equal(latest(notes, "failed").n, 0);
}

static void the_same_file_again__brings_nothing_and_says_so(void **state)
{
        (void)state;
        drop(notes, "a.ndjson", LINE("1", "one") LINE("2", "two"));
        assert_int_equal(take(notes, "a.ndjson"), DROPPED_DONE);
        drop(notes, "other-name.ndjson", LINE("1", "one") LINE("2", "two"));
        assert_int_equal(take(notes, "other-name.ndjson"), DROPPED_DONE);
        assert_int_equal(in_vault(), 2);
        expect(report(notes), "\"outcome\":\"same\"");
        expect(report(notes), "\"same_file_before\":");
        expect(report(notes), "\"rows\":2,\"unchanged\":2,\"accepted\":0");
}

static void a_grown_sheet__brings_what_is_new_or_changed(void **state)
{
        (void)state;
        size_t n;
        drop(survey, "s.csv", "nr,when,text\n1,2026-01-02,good\n2,2026-01-02,bad\n");
        assert_int_equal(take(survey, "s.csv"), DROPPED_DONE);
        drop(survey, "s.csv", "nr,when,text\n1,2026-01-02,good\n2,2026-01-02,better\n3,2026-01-03,new\n");
        assert_int_equal(take(survey, "s.csv"), DROPPED_DONE);
        assert_string_equal(bodies(&n), "good\nbad\nbetter\nnew\n");
        expect(report(survey), "\"rows\":3,\"unchanged\":1,\"accepted\":2");
        struct intake_source_status all[8];
        intake_status(intake, all, 8);
        assert_int_equal(all[4].accepted, 4);
}

static void refused_lines__are_sealed_and_the_good_are_kept(void **state)
{
        (void)state;
        drop(notes, "a.ndjson", LINE("1", "one") "{\"id\":\"secret words\n" "[]\n" LINE("2", "two") "last bad");
        assert_int_equal(take(notes, "a.ndjson"), DROPPED_DONE);
        assert_int_equal(in_vault(), 2);
        expect(report(notes), "\"accepted\":2,\"refused\":3");
        expect(report(notes), "\"refused_lines\":\"failed/a.ndjson.");
        expect(report(notes), "{\"line\":2,\"reason\":");
        assert_null(strstr(report(notes), "secret words"));
        assert_string_equal(sealed(notes), "{\"id\":\"secret words\n[]\nlast bad");
        struct buf raw;
        struct err err = ERR_INIT;
        buf_init(&raw, 1 << 20);
        must(file_read(&raw, latest(notes, "failed").path, &err), &err);
        assert_null(memmem(raw.p, raw.n, "secret", 6));
        buf_clear(&raw);
        assert_int_equal(refused_lines, 3);
}

static void a_refused_row_over_lines__is_sealed_whole(void **state)
{
        (void)state;
        drop(survey, "s.csv", "nr,when,text\n1,2026-01-02,good\n2,someday,\"over\ntwo lines\"\n3,2026-01-03,new\n");
        assert_int_equal(take(survey, "s.csv"), DROPPED_DONE);
        assert_string_equal(sealed(survey), "2,someday,\"over\ntwo lines\"\n");
        assert_int_equal(in_vault(), 2);
}

static void sealed_lines__that_were_touched_are_not_read(void **state)
{
        (void)state;
        struct buf b, out;
        struct err err = ERR_INIT;
        drop(notes, "a.ndjson", "bad\n");
        assert_int_equal(take(notes, "a.ndjson"), DROPPED_ASIDE);
        struct latest l = latest(notes, "failed");
        buf_init(&b, 1 << 20);
        buf_init(&out, 1 << 20);
        must(file_read(&b, l.path, &err), &err);
        for (size_t at = 0; at < b.n; at++) { /* any bit of any byte, and any torn end */
                b.p[at] ^= 1;
                must(file_save(l.path, buf_slice(&b), 0600, &err), &err);
                buf_reset(&out);
                assert_false(failed_read(&out, l.path, box.keyer, NULL));
                b.p[at] ^= 1;
                must(file_save(l.path, slice_make(b.p, at), 0600, &err), &err);
                buf_reset(&out);
                assert_false(failed_read(&out, l.path, box.keyer, NULL));
        }
        buf_clear(&b);
        buf_clear(&out);
}

static void packed(const char *folder, const char *name, const char *text)
{
        char command[1200];
        drop(folder, name, text);
        snprintf(command, sizeof command, "gzip %s", in_folder(folder, name));
        assert_int_equal(system(command), 0);
}

static void packed_files__are_read_as_what_they_hold(void **state)
{
        (void)state;
        packed(notes, "a.ndjson", LINE("1", "one") LINE("2", "two") "bad\n");
        assert_int_equal(take(notes, "a.ndjson.gz"), DROPPED_DONE);
        packed(survey, "s.csv", "nr,when,text\n1,2026-01-02,good\n");
        assert_int_equal(take(survey, "s.csv.gz"), DROPPED_DONE);
        assert_int_equal(in_vault(), 3);
        assert_string_equal(sealed(notes), "bad\n");
}

static void a_large_packed_file__comes_whole(void **state)
{
        (void)state;
        struct buf b;
        buf_init(&b, 8 << 20);
        for (int i = 0; i < 20000; i++)
                buf_printf(&b, "{\"id\":\"%d\",\"kind\":\"feedback\",\"occurred_at\":\"2026-01-02T03:04:05Z\",\"body\":\"%0120d\"}\n", i, 7);
        packed(notes, "a.ndjson", b.p);
        buf_clear(&b);
        assert_int_equal(take(notes, "a.ndjson.gz"), DROPPED_DONE);
        assert_int_equal(in_vault(), 20000);
        expect(report(notes), "\"accepted\":20000,\"refused\":0");
}

static void a_torn_archive__is_set_aside_and_what_it_held_is_kept(void **state)
{
        (void)state;
        char command[1500];
        packed(notes, "a.ndjson", LINE("1", "one") LINE("2", "two"));
        snprintf(command, sizeof command, "truncate -s -4 %s", in_folder(notes, "a.ndjson.gz"));
        assert_int_equal(system(command), 0);
        assert_int_equal(take(notes, "a.ndjson.gz"), DROPPED_ASIDE);
        expect(report(notes), "\"outcome\":\"failed\"");
        expect(report(notes), "\"reason\":");
        assert_false(file_exists(in_folder(notes, "a.ndjson.gz")));
        assert_int_equal(latest(notes, "failed").n, 1);
        assert_int_equal(in_vault(), 2);
}

static void a_sheet_without_its_id_column__is_set_aside_whole(void **state)
{
        (void)state;
        drop(survey, "s.csv", "when,text\n2026-01-02,good\n");
        assert_int_equal(take(survey, "s.csv"), DROPPED_ASIDE);
        assert_string_equal(sealed(survey), "when,text\n2026-01-02,good\n");
        assert_int_equal(in_vault(), 0);
}

static bool count_one(const char *name, void *n)
{
        (void)name;
        ++*(size_t *)n;
        return true;
}

static void a_file_beyond_max_file__stays_under_another_name(void **state)
{
        (void)state;
        capture_settings.max_file = 100;
        drop(notes, "a.ndjson", LINE("1", "one") LINE("2", "two"));
        assert_int_equal(take(notes, "a.ndjson"), DROPPED_ASIDE);
        assert_false(file_exists(in_folder(notes, "a.ndjson")));
        assert_true(file_exists(in_folder(notes, "a.ndjson.refused")));
        expect(report(notes), "\"outcome\":\"too large\"");
        /* Another of that name, and one whose name leaves no room for more. */
        char name[NAME_MAX + 1];
        memset(name, 'n', NAME_MAX);
        snprintf(name + NAME_MAX - 7, 8, ".ndjson");
        const char *const names[] = { "a.ndjson", name };
        for (size_t i = 0; i < 2; i++) {
                char made[512];
                drop(notes, "made", LINE("3", "three") LINE("4", "four"));
                snprintf(made, sizeof made, "%s", in_folder(notes, "made"));
                assert_int_equal(rename(made, in_folder(notes, names[i])), 0);
                assert_int_equal(take(notes, names[i]), DROPPED_ASIDE);
                assert_false(file_exists(in_folder(notes, names[i])));
        }
        size_t aside = 0;
        assert_true(dir_each(in_folder(notes, ""), "*.refused", count_one, &aside, NULL));
        assert_int_equal(aside, 3);
}

static void a_file_that_is_open_for_writing__waits(void **state)
{
        (void)state;
        drop(notes, "a.ndjson", LINE("1", "one"));
        int fd = open(in_folder(notes, "a.ndjson"), O_WRONLY | O_APPEND);
        assert_int_equal(take(notes, "a.ndjson"), DROPPED_LATER);
        assert_int_equal(in_vault(), 0);
        assert_true(write(fd, LINE("2", "two"), strlen(LINE("2", "two"))) > 0);
        close(fd);
        assert_int_equal(take(notes, "a.ndjson"), DROPPED_DONE);
        assert_int_equal(in_vault(), 2);
}

static void a_file__waits_while_the_vault_is_full(void **state)
{
        (void)state;
        drop(notes, "a.ndjson", LINE("1", "one") "bad\n");
        vault_close(vault);
        uint64_t min_free = vault_settings.min_free_bytes;
        vault_settings.min_free_bytes = UINT64_MAX / 2;
        open_vault();
        intake->spec.vault = vault;
        assert_int_equal(take(notes, "a.ndjson"), DROPPED_LATER);
        assert_true(file_exists(in_folder(notes, "a.ndjson")));
        assert_int_equal(latest(notes, "done").n, 0);
        assert_int_equal(refused_lines, 0);
        vault_close(vault);
        vault_settings.min_free_bytes = min_free;
        open_vault();
        intake->spec.vault = vault;
        assert_int_equal(take(notes, "a.ndjson"), DROPPED_DONE);
        assert_int_equal(in_vault(), 1);
        assert_int_equal(refused_lines, 1);
}

static void a_file_half_done__is_taken_up_again(void **state)
{
        (void)state;
        drop(notes, "a.ndjson", LINE("1", "one") LINE("2", "two"));
        atomic_store(&stopping, true);
        assert_int_equal(take(notes, "a.ndjson"), DROPPED_LATER);
        atomic_store(&stopping, false);
        assert_int_equal(take(notes, "a.ndjson"), DROPPED_DONE);
        assert_int_equal(in_vault(), 2);
}

static void drop_again(const char *folder, const char *name, const char *text)
{
        char sub[160];
        snprintf(sub, sizeof sub, "%s/again", folder);
        drop(sub, name, text);
}

static void a_forced_file__is_captured_though_nothing_in_it_is_new(void **state)
{
        (void)state;
        drop(notes, "a.ndjson", LINE("1", "one") LINE("2", "two"));
        assert_int_equal(take(notes, "a.ndjson"), DROPPED_DONE);
        drop_again(notes, "a.ndjson", LINE("1", "one") LINE("2", "two") "bad\n");
        assert_int_equal(take_in(notes, "a.ndjson", true), DROPPED_DONE);
        assert_int_equal(in_vault(), 4);
        expect(report(notes), "\"outcome\":\"captured\",\"again\":true");
        expect(report(notes), "\"rows\":3,\"unchanged\":0,\"accepted\":2,\"refused\":1");
        assert_false(file_exists(in_folder(notes, "again/a.ndjson")));
        assert_string_equal(sealed(notes), "bad\n");
        /* What was forced is remembered: the same file as ever brings nothing. */
        drop(notes, "a.ndjson", LINE("1", "one") LINE("2", "two"));
        assert_int_equal(take(notes, "a.ndjson"), DROPPED_DONE);
        assert_int_equal(in_vault(), 4);
        /* And forced once more it is captured once more. */
        drop_again(notes, "a.ndjson", LINE("1", "one") LINE("1", "one"));
        assert_int_equal(take_in(notes, "a.ndjson", true), DROPPED_DONE);
        assert_int_equal(in_vault(), 5);
}

/* What a kill -9 between capture and removal leaves: the file as it was, its rows captured. */
static void a_forced_file_half_done__forces_no_row_twice(void **state)
{
        (void)state;
        drop_again(notes, "a.ndjson", LINE("1", "one") LINE("2", "two"));
        char from[512];
        snprintf(from, sizeof from, "%s", in_folder(notes, "done"));
        assert_int_equal(rename(from, in_folder(notes, "gone")), 0); /* the report cannot be written */
        assert_int_equal(take_in(notes, "a.ndjson", true), DROPPED_LATER);
        assert_int_equal(in_vault(), 2);
        snprintf(from, sizeof from, "%s", in_folder(notes, "gone"));
        assert_int_equal(rename(from, in_folder(notes, "done")), 0);
        assert_int_equal(take_in(notes, "a.ndjson", true), DROPPED_DONE);
        assert_int_equal(in_vault(), 2);
        expect(report(notes), "\"rows\":2,\"unchanged\":2,\"accepted\":0");
}

static void names__say_what_a_file_is(void **state)
{
        (void)state;
        bool gz;
        assert_string_equal(dropped_format("A.CSV", &gz), "csv");
        assert_false(gz);
        assert_string_equal(dropped_format("a.ndjson.gz", &gz), "ndjson");
        assert_true(gz);
        assert_null(dropped_format("a.xlsx", &gz));
        assert_null(dropped_format(".a.csv", &gz));
        assert_null(dropped_format(".csv", &gz));
        assert_null(dropped_format("a.csv.part", &gz));
        assert_null(dropped_format("a.csv.refused", &gz));
}

static void the_thread__takes_files_as_they_are_moved_in(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        struct folders *f;
        char from[512];
        seen_close(box.seen); /* the thread has its own */
        box.seen = NULL;
        capture_settings.scan_every_us = 60 * US_PER_SECOND; /* so that inotify has to do it */
        drop(notes, "before.ndjson", LINE("0", "zero"));
        must(folders_start(&f, intake, &err), &err);
        snprintf(from, sizeof from, "%s/a.csv", state_dir);
        must(file_save(from, SLICE("nr,when,text\n1,2026-01-02,good\n"), 0600, &err), &err);
        assert_int_equal(rename(from, in_folder(survey, "a.csv")), 0);
        int64_t deadline = clock_mono_us() + 10 * US_PER_SECOND;
        while (latest(survey, "done").n + latest(notes, "done").n < 2 && clock_mono_us() < deadline)
                usleep(2000);
        folders_stop(f);
        assert_int_equal(in_vault(), 2);
        assert_true(clock_mono_us() < deadline);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(a_file__is_captured_reported_and_removed),
                TEST(the_same_file_again__brings_nothing_and_says_so),
                TEST(a_grown_sheet__brings_what_is_new_or_changed),
                TEST(refused_lines__are_sealed_and_the_good_are_kept),
                TEST(a_refused_row_over_lines__is_sealed_whole),
                TEST(sealed_lines__that_were_touched_are_not_read),
                TEST(packed_files__are_read_as_what_they_hold),
                TEST(a_large_packed_file__comes_whole),
                TEST(a_torn_archive__is_set_aside_and_what_it_held_is_kept),
                TEST(a_sheet_without_its_id_column__is_set_aside_whole),
                TEST(a_file_beyond_max_file__stays_under_another_name),
                TEST(a_file_that_is_open_for_writing__waits),
                TEST(a_file__waits_while_the_vault_is_full),
                TEST(a_file_half_done__is_taken_up_again),
                TEST(a_forced_file__is_captured_though_nothing_in_it_is_new),
                TEST(a_forced_file_half_done__forces_no_row_twice),
                TEST(names__say_what_a_file_is),
                TEST(the_thread__takes_files_as_they_are_moved_in),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
