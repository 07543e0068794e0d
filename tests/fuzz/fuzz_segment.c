/* A segment file after a crash: whatever lies in it, what is served is whole and in order, and
 * opening twice finds the same. Checksums are put right first (but for those that the first
 * byte's bits leave wrong), or nothing would ever be an entry. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "fuzz.h"
#include "recover.h"
#include "scan.h"
#include "segment.h"
#include "vault/keys.h"

#define NAME "0000000000000001-0000000000000001-000102030405060708090a0b0c0d0e0f.seg"

static char state[64], path[200];
static struct keyring *keys;

/* Damage is reported by the thousand: the log is not wanted here. */
void log_write(enum log_level level, const char *area, const char *event, const char *fmt, ...)
{
        (void)level, (void)area, (void)event, (void)fmt;
}

static void clean_up(void)
{
        char command[96];
        keyring_close(keys);
        snprintf(command, sizeof command, "rm -r %s", state);
        must(system(command) == 0);
}

static void prepare(void)
{
        char outside[80], folder[80];
        struct err err = ERR_INIT;
        snprintf(state, sizeof state, "/dev/shm/fuzz-segment-XXXXXX");
        must(mkdtemp(state));
        snprintf(outside, sizeof outside, "%s/recovery", state);
        snprintf(folder, sizeof folder, "%s/state", state);
        snprintf(path, sizeof path, "%s/state/vault", state);
        must(dir_make(path, 0700, &err) && keys_generate(folder, outside, &err) &&
             keyring_open(&keys, folder, "jp-tokyo", false, &err));
        strcat(path, "/" NAME);
        atexit(clean_up);
}

static void put_u32(char *at, uint32_t v)
{
        for (int i = 0; i < 4; i++)
                at[i] = (char)(v >> (24 - 8 * i));
}

static void put_right(char *p, size_t n, uint8_t leave)
{
        size_t at = n > 12 ? (size_t)((uint8_t)p[10] << 8 | (uint8_t)p[11]) : 0;
        if (at < SEGMENT_HEADER_MIN || at > n)
                at = 0;
        else if (!(leave & 1))
                put_u32(p + at - 4, crc32c(0, slice_make(p, at - 4)));
        for (int i = 1; at + ENTRY_HEADER <= n; i++) {
                size_t length = entry_length(p + at);
                if (length == 0 || length > n - at)
                        return;
                if (i > 7 || !(leave >> i & 1))
                        put_u32(p + at + 4, crc32c(crc32c(0, slice_make(p + at, 4)),
                                                   slice_make(p + at + 8, length - 8)));
                at += length;
        }
}

static void walk(size_t n)
{
        struct scan s;
        uint64_t last = 0, end = 0;
        struct entry_header head;
        bool found = true, empty;
        must(scan_open(&s, path, 1, 1, 0, n, NULL));
        while (scan_next(&s, &found, NULL) && found) {
                must(s.head.epoch == 1 && s.head.seq > last && s.at > end && s.at <= n);
                must(entry_decode(&head, s.bytes) && head.length == s.bytes.n);
                last = s.head.seq;
                end = s.at;
        }
        must(!found && scan_rest_is_empty(&s, &empty, NULL));
        scan_close(&s);
}

static bool open_once(struct vault_found *found)
{
        struct catalog c;
        struct err err = ERR_INIT;
        struct stat st;
        uint64_t epoch = 0;
        char folder[80];
        snprintf(folder, sizeof folder, "%s/state", state);
        must(catalog_init(&c, folder, &err));
        bool ok = recover(&c, keys, found, &epoch, &err);
        for (size_t i = 0; ok && i < c.n; i++)
                must(c.list[i]->entries > 0 && c.list[i]->closed && c.list[i]->last >= c.list[i]->first &&
                     stat(path, &st) == 0 && c.list[i]->bytes <= (uint64_t)st.st_size);
        must(!ok || epoch > found->last.epoch);
        catalog_clear(&c);
        return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        struct slice in = { (const char *)bytes, n };
        struct vault_found first, second;
        struct err err = ERR_INIT;
        if (!keys)
                prepare();
        uint8_t leave = take_byte(&in);
        char *copy = own_piece(in, 0, in.n, &n);
        put_right(copy, n, leave);
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        must(fd >= 0 && fd_write_all(fd, slice_make(copy, n), &err));
        close(fd);
        walk(n);
        if (open_once(&first))
                must(open_once(&second) && second.entries == first.entries &&
                     second.segments == first.segments && second.torn_entries == 0);
        must(db_run(keys->db, "DELETE FROM segment; DELETE FROM epoch; DELETE FROM class WHERE number > 0", &err));
        keyring_forget(keys);
        unlink(path);
        free(copy);
        return 0;
}
