/* test_damage.c - torn writes, flipped bits, lost files: what is whole is served, what is
 * not is named, and nothing wrong ever comes out. */
#include "help.h"

#include <errno.h>
#include <fcntl.h>

#include "base/hash.h"
#include "entry.h"
#include "io.h"
#include "sanitized.h"
#include "scan.h"
#include "segment.h"

enum { ENTRIES = 5, BITS = SANITIZED > 1 ? 61 : 7 }; /* each so many bits one flips: of all places in a byte */

static void plain_of(char out[32], int i)
{
        snprintf(out, 32, "plain text number %d", i);
}

/* A small segment as kill -9 leaves it: one commit an entry, no row, no end. */
static void make_segment(struct buf *bytes)
{
        struct vault *v = open_vault(NULL);
        char plain[32];

        for (int i = 0; i < ENTRIES; i++) {
                plain_of(plain, i);
                append(v, "github:1", "", plain);
        }
        vault_close(v);
        forget_closing();
        assert_int_equal(list_segments(), 1);
        buf_init(bytes, 1 << 20);
        assert_true(file_read(bytes, segment_paths[0], NULL));
}

static void put_file(const char *path, const void *bytes, size_t n)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, bytes, n), n);
        close(fd);
}

/* Reads the epoch `make_segment` wrote; checks every plaintext; says what was met. */
struct met {
        int entries, damaged;
        bool has[ENTRIES + 1], lost[ENTRIES + 1];
};

static void read_all(struct vault *v, struct met *m)
{
        struct vault_reader *r = open_reader(v, (struct position){ 0, 0 });
        struct vault_entry e;
        enum vault_read what;
        uint64_t last = 0;
        char plain[32];

        memset(m, 0, sizeof *m);
        while ((what = read_one(r, &e)) != VAULT_END) {
                assert_true(what == VAULT_ENTRY || what == VAULT_DAMAGED);
                assert_int_equal(e.at.epoch, 1);
                assert_true(e.at.seq > last && e.at.seq <= ENTRIES);
                last = e.at.seq;
                if (what == VAULT_DAMAGED) {
                        m->damaged++;
                        m->lost[e.at.seq] = true;
                        continue;
                }
                plain_of(plain, (int)e.at.seq - 1);
                assert_true(slice_is(e.plain, plain));
                assert_true(slice_is(e.source, "forum"));
                m->entries++;
                m->has[e.at.seq] = true;
        }
        vault_reader_close(r);
}

static struct vault *open_quiet(struct vault_found *found)
{
        struct vault *v;
        struct vault_settings s = small_settings();
        struct err err = ERR_INIT;

        if (!vault_open(&v, state_dir, "jp-tokyo", &s, found, &err))
                fail_msg("%s", err.text);
        return v;
}

/* log_write() has no level below error: its lines go where nobody reads. */
static int silence(void)
{
        int saved = dup(2), null = open("/dev/null", O_WRONLY);

        dup2(null, 2);
        close(null);
        return saved;
}

static void speak(int saved)
{
        dup2(saved, 2);
        close(saved);
}

static void segment__recovers_at_every_length(void **state)
{
        struct buf bytes;
        struct vault_found found;
        struct met m;
        struct vault *v;
        size_t entry, header;
        int saved;

        (void)state;
        make_segment(&bytes);
        entry = ENTRY_MIN + strlen("plain text number 0");
        header = bytes.n - ENTRIES * entry;
        for (size_t n = 0; n <= bytes.n; n++) {
                int whole = n < header ? 0 : (int)((n - header) / entry);
                put_file(segment_paths[0], bytes.p, n);
                saved = silence();
                v = open_quiet(&found);
                read_all(v, &m);
                append(v, "github:1", "", "life goes on");
                vault_close(v);
                speak(saved);
                assert_int_equal(m.entries, whole);
                assert_int_equal(m.damaged, 0);
                assert_int_equal(found.entries, whole);
                /* an entry's first three bytes are zeros, like room made ahead */
                assert_int_equal(found.torn_entries, n > header && n > header + (size_t)whole * entry + 3);
                assert_true(found.last.seq == (uint64_t)whole);
                forget_closing();
                for (size_t i = list_segments(); i-- > 0;)
                        unlink(segment_paths[i]);
                run_in_keys_db("DELETE FROM epoch");
                list_segments();
        }
        buf_clear(&bytes);
}

/* The same with room made ahead behind the torn entry. */
static void segment__recovers_a_torn_entry_before_zeros(void **state)
{
        struct buf bytes, padded;
        struct vault_found found;
        struct met m;
        struct vault *v;
        int saved;

        (void)state;
        make_segment(&bytes);
        buf_init(&padded, 1 << 20);
        buf_put(&padded, slice_make(bytes.p, bytes.n - 10));
        memset(buf_reserve(&padded, 5000), 0, 5000);
        padded.n += 5000;
        put_file(segment_paths[0], padded.p, padded.n);
        saved = silence();
        v = open_quiet(&found);
        speak(saved);
        read_all(v, &m);
        assert_int_equal(m.entries, ENTRIES - 1);
        assert_int_equal(m.damaged, 0);
        assert_int_equal(found.torn_entries, 1);
        vault_close(v);
        v = open_quiet(&found); /* told once */
        assert_int_equal(found.torn_entries, 0);
        read_all(v, &m);
        assert_int_equal(m.entries, ENTRIES - 1);
        vault_close(v);
        buf_clear(&bytes);
        buf_clear(&padded);
}

/* A closed segment: its end is written down, so every loss has a name. */
static void segment__names_what_any_flipped_bit_cost(void **state)
{
        struct buf bytes;
        struct vault_found found;
        struct met m;
        struct vault *v;
        int saved;

        (void)state;
        make_segment(&bytes);
        v = open_quiet(&found); /* recovers: a row */
        vault_close(v);
        run_in_keys_db("UPDATE epoch SET durable_to = 5 WHERE epoch = 1");
        for (size_t bit = 0; bit < bytes.n * 8; bit += BITS) {
                bytes.p[bit / 8] ^= (char)(1 << bit % 8);
                put_file(segment_paths[0], bytes.p, bytes.n);
                bytes.p[bit / 8] ^= (char)(1 << bit % 8);
                saved = silence();
                v = open_quiet(&found);
                read_all(v, &m);
                vault_close(v);
                speak(saved);
                if (m.entries + m.damaged != ENTRIES || m.damaged > 1)
                        fail_msg("bit %zu: %d read, %d damaged", bit, m.entries, m.damaged);
        }
        buf_clear(&bytes);
}

/* One nobody closed: found by reading through. The last entry's loss cannot be told from a
 * torn write; that of any other can. */
static void segment__recovers_from_any_flipped_bit_after_a_crash(void **state)
{
        struct buf bytes;
        struct vault_found found;
        struct met m;
        struct vault *v;
        size_t last;
        int saved;

        (void)state;
        make_segment(&bytes);
        last = bytes.n - ENTRY_MIN - strlen("plain text number 0");
        for (size_t bit = 0; bit < bytes.n * 8; bit += BITS) {
                bytes.p[bit / 8] ^= (char)(1 << bit % 8);
                put_file(segment_paths[0], bytes.p, bytes.n);
                bytes.p[bit / 8] ^= (char)(1 << bit % 8);
                forget_closing();
                run_in_keys_db("DELETE FROM epoch");
                saved = silence();
                v = open_quiet(&found);
                read_all(v, &m);
                vault_close(v);
                speak(saved);
                if (m.entries < ENTRIES - 1)
                        fail_msg("bit %zu: only %d read", bit, m.entries);
                if (bit / 8 < last && m.entries + m.damaged != ENTRIES)
                        fail_msg("bit %zu: %d read, %d damaged", bit, m.entries, m.damaged);
                if (bit / 8 >= last && m.entries + (int)found.torn_entries != ENTRIES)
                        fail_msg("bit %zu: %d read, not torn", bit, m.entries);
        }
        buf_clear(&bytes);
}

/* Every bit, straight through scan and entry: what opens is what was written. */
static void scan__gives_nothing_wrong_whatever_bit_flips(void **state)
{
        struct buf bytes, plain;
        struct keyring *keys;
        struct seal *seal = seal_new();
        struct segment_header h;
        int fd;

        (void)state;
        make_segment(&bytes);
        buf_init(&plain, 1 << 16);
        assert_true(keyring_open_reader(&keys, state_dir, NULL));
        assert_true(segment_header_decode(&h, buf_slice(&bytes)));
        fd = open(segment_paths[0], O_WRONLY);
        for (size_t bit = 0; bit < bytes.n * 8; bit++) {
                char flipped = (char)(bytes.p[bit / 8] ^ (1 << bit % 8));
                struct scan s;
                bool found;
                int opened = 0;

                assert_int_equal(pwrite(fd, &flipped, 1, (off_t)(bit / 8)), 1);
                assert_true(scan_open(&s, segment_paths[0], h.epoch, h.first, h.length, bytes.n, NULL));
                while (scan_next(&s, &found, NULL) && found) {
                        enum key_found key_found;
                        const uint8_t *key;
                        uint32_t times;
                        char want[32];

                        plain_of(want, (int)s.head.seq - 1);
                        assert_true(keyring_entry_key(keys, s.head.subject, s.head.period, &key_found,
                                                      &key, &times, NULL));
                        assert_int_equal(key_found, KEY_THERE);
                        buf_reset(&plain);
                        assert_true(entry_open(&s.head, s.bytes, h.id, seal, key, &plain, NULL));
                        assert_true(slice_is(buf_slice(&plain), want));
                        opened++;
                }
                scan_close(&s);
                assert_int_equal(opened, bit / 8 < h.length ? ENTRIES : ENTRIES - 1);
                assert_int_equal(pwrite(fd, bytes.p + bit / 8, 1, (off_t)(bit / 8)), 1);
        }
        close(fd);
        keyring_close(keys);
        seal_free(seal);
        buf_clear(&bytes);
        buf_clear(&plain);
}

static void segment__survives_a_hole_of_garbage(void **state)
{
        struct buf bytes;
        struct vault_found found;
        struct met m;
        struct vault *v;
        size_t entry;
        int saved;

        (void)state;
        make_segment(&bytes);
        entry = ENTRY_MIN + strlen("plain text number 0");
        /* from the middle of the second entry to the middle of the fourth */
        memset(bytes.p + bytes.n - 4 * entry + entry / 2, 0xff, 2 * entry);
        put_file(segment_paths[0], bytes.p, bytes.n);
        saved = silence();
        v = open_quiet(&found);
        read_all(v, &m);
        speak(saved);
        assert_int_equal(found.damaged_entries, 1); /* places */
        assert_int_equal(m.entries, 2);
        assert_true(m.has[1] && m.lost[2] && m.lost[3] && m.lost[4] && m.has[5]);
        vault_close(v);
        buf_clear(&bytes);
}

static void vault__names_the_entries_of_a_segment_that_is_gone(void **state)
{
        struct vault *v = open_vault(NULL);
        struct vault_reader *r;
        struct vault_entry e;
        enum vault_read what;
        struct vault_status status;
        int saved;

        (void)state;
        append(v, NULL, "a", "1");
        append(v, NULL, "b", "2");
        append(v, NULL, "a", "3");
        append(v, NULL, "b", "4");
        vault_close(v);
        assert_int_equal(list_segments(), 2);
        assert_int_equal(unlink(segment_paths[0]), 0);
        saved = silence();
        v = open_vault(NULL);
        append(v, NULL, "", "5");
        r = open_reader(v, (struct position){ 0, 0 });
        assert_int_equal(read_one(r, &e), VAULT_DAMAGED);
        assert_true(e.at.epoch == 1 && e.at.seq == 1);
        expect_entry(r, "2");
        assert_int_equal(read_one(r, &e), VAULT_DAMAGED);
        assert_true(e.at.epoch == 1 && e.at.seq == 3);
        expect_entry(r, "4");
        expect_entry(r, "5");
        expect(r, VAULT_END);
        assert_true(vault_fetch(r, (struct position){ 1, 3 }, &what, &e, NULL));
        assert_int_equal(what, VAULT_DAMAGED);
        vault_reader_close(r);
        r = open_reader(v, (struct position){ 1, 3 }); /* a cursor kept at the damage */
        expect_entry(r, "4");
        vault_reader_close(r);
        vault_status(v, &status);
        assert_int_equal(status.damaged, 3);
        vault_close(v);
        speak(saved);
}

/* One commit over two files; class b's part of it never reached the disk. */
static void lose_part_of_a_commit(bool another_after_it)
{
        struct vault *v = open_vault(NULL);
        struct vault_item items[3] = { item_of("1", NULL, "a", "1"), item_of("2", NULL, "b", "2"),
                                       item_of("3", NULL, "a", "3") };

        assert_true(vault_append(v, items, 3, NULL));
        if (another_after_it)
                append(v, NULL, "a", "4");
        vault_close(v);
        forget_closing();
        assert_int_equal(list_segments(), 2);
        assert_int_equal(truncate(segment_paths[1], 0), 0);
}

static void vault__calls_no_entry_damaged_that_was_never_acknowledged(void **state)
{
        struct vault *v;
        struct vault_reader *r;

        (void)state;
        lose_part_of_a_commit(false);
        for (int i = 0; i < 2; i++) {
                v = open_vault(NULL);
                r = open_reader(v, (struct position){ 0, 0 });
                expect_entry(r, "1");
                expect_entry(r, "3");
                expect(r, VAULT_END);
                vault_reader_close(r);
                vault_close(v);
        }
}

static void vault__calls_an_entry_damaged_that_a_later_commit_proves(void **state)
{
        struct vault *v;
        struct vault_reader *r;

        (void)state;
        lose_part_of_a_commit(true);
        v = open_vault(NULL);
        r = open_reader(v, (struct position){ 0, 0 });
        expect_entry(r, "1");
        expect(r, VAULT_DAMAGED);
        expect_entry(r, "3");
        expect_entry(r, "4");
        expect(r, VAULT_END);
        vault_reader_close(r);
        vault_close(v);
}

static void vault__names_the_end_of_a_segment_that_was_cut_short(void **state)
{
        struct vault *v = open_vault(NULL);
        struct vault_found found;
        struct vault_reader *r;
        struct stat st;
        int saved;

        (void)state;
        append(v, NULL, "", "1");
        append(v, NULL, "", "2");
        vault_close(v);
        assert_int_equal(list_segments(), 1);
        assert_int_equal(stat(segment_paths[0], &st), 0);
        assert_int_equal(truncate(segment_paths[0], st.st_size - 5), 0);
        saved = silence();
        v = open_vault(&found);
        assert_int_equal(found.damaged_segments, 1);
        r = open_reader(v, (struct position){ 0, 0 });
        expect_entry(r, "1");
        expect(r, VAULT_DAMAGED);
        expect(r, VAULT_END);
        vault_reader_close(r);
        vault_close(v);
        speak(saved);
}

static void vault__does_not_open_an_entry_under_another_header(void **state)
{
        struct vault *v = open_vault(NULL);
        struct vault_reader *r;
        struct buf bytes;
        size_t entry = ENTRY_MIN + 1;
        char *second;
        int saved;
        uint32_t crc;

        (void)state;
        append(v, "github:1", "", "1");
        append(v, "github:1", "", "2");
        vault_close(v);
        list_segments();
        buf_init(&bytes, 1 << 20);
        assert_true(file_read(&bytes, segment_paths[0], NULL));
        /* Somebody with the disk, but no keys, gives it another subject and a fitting CRC. */
        second = bytes.p + bytes.n - entry;
        second[63] ^= 2;
        crc = crc32c(crc32c(0, slice_make(second, 4)), slice_make(second + 8, entry - 8));
        for (int i = 0; i < 4; i++)
                second[4 + i] = (char)(crc >> (24 - 8 * i));
        put_file(segment_paths[0], bytes.p, bytes.n);
        run_in_keys_db("INSERT INTO subject SELECT 3, wrapped, 0, 0 FROM subject WHERE number = 1");
        saved = silence();
        v = open_vault(NULL);
        r = open_reader(v, (struct position){ 0, 0 });
        expect_entry(r, "1");
        expect(r, VAULT_DAMAGED);
        expect(r, VAULT_END);
        vault_reader_close(r);
        vault_close(v);
        speak(saved);
        buf_clear(&bytes);
}

static void vault__sets_aside_what_is_no_segment(void **state)
{
        struct vault *v = open_vault(NULL);
        struct vault_found found;
        char path[160];
        int saved;

        (void)state;
        append(v, NULL, "", "1");
        vault_close(v);
        snprintf(path, sizeof path, "%s/vault/strange.seg", state_dir);
        put_file(path, "not a segment", 13);
        saved = silence();
        v = open_vault(&found);
        speak(saved);
        assert_int_equal(found.damaged_segments, 1);
        assert_int_equal(found.entries, 1);
        assert_true(file_exists(path));
        vault_close(v);
}

static ssize_t broken_pread(int fd, void *bytes, size_t n, off_t at)
{
        (void)fd;
        (void)bytes;
        (void)n;
        (void)at;
        errno = EIO;
        return -1;
}

/* So that nobody takes the file for one without entries: it would be removed. */
static void scan__says_that_a_disk_could_not_be_read(void **state)
{
        struct segment_header h;
        struct buf bytes;
        struct scan s;
        bool found = true;

        (void)state;
        make_segment(&bytes);
        assert_true(segment_header_decode(&h, buf_slice(&bytes)));
        assert_true(scan_open(&s, segment_paths[0], h.epoch, h.first, h.length, bytes.n, NULL));
        while (scan_next(&s, &found, NULL) && found)
                ;
        assert_false(s.unread);
        scan_close(&s);
        const struct vault_io real = vault_io;
        vault_io.pread = broken_pread;
        assert_true(scan_open(&s, segment_paths[0], h.epoch, h.first, h.length, bytes.n, NULL));
        assert_true(scan_next(&s, &found, NULL) && !found);
        assert_true(s.unread);
        scan_close(&s);
        vault_io = real;
        buf_clear(&bytes);
}

static void segment__outlives_a_start_on_a_failing_disk(void **state)
{
        struct vault_found found;
        struct buf bytes;
        const struct vault_io real = vault_io;

        (void)state;
        make_segment(&bytes);
        buf_clear(&bytes);
        vault_io.pread = broken_pread;
        vault_close(open_vault(&found));
        assert_int_equal(found.entries, 0);
        assert_int_equal(found.damaged_segments, 1);
        vault_io = real;
        vault_close(open_vault(&found));
        assert_int_equal(found.entries, ENTRIES);
}

int main(void)
{
        in_memory = true;
        const struct CMUnitTest tests[] = {
                T(segment__recovers_at_every_length),
                T(segment__recovers_a_torn_entry_before_zeros),
                T(segment__names_what_any_flipped_bit_cost),
                T(segment__recovers_from_any_flipped_bit_after_a_crash),
                T(scan__gives_nothing_wrong_whatever_bit_flips),
                T(scan__says_that_a_disk_could_not_be_read),
                T(segment__outlives_a_start_on_a_failing_disk),
                T(segment__survives_a_hole_of_garbage),
                T(vault__names_the_entries_of_a_segment_that_is_gone),
                T(vault__calls_no_entry_damaged_that_was_never_acknowledged),
                T(vault__calls_an_entry_damaged_that_a_later_commit_proves),
                T(vault__names_the_end_of_a_segment_that_was_cut_short),
                T(vault__does_not_open_an_entry_under_another_header),
                T(vault__sets_aside_what_is_no_segment),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
