/* doctor_judge.c - how grave a measure is, and what to do. Pure. */
#include <inttypes.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "doctor.h"

enum {
        NOT_SYNCING_US = 20,      /* no device that keeps what it was given answers faster */
        SLOW_SYNC_US = 50000,
        STALLED_SYNC_US = 1000000,
        CERTIFICATE_DAYS = 30,
        SKEW_NOTE_US = 1000000,
        SKEW_WRONG_US = 60000000, /* an hour stops destroying; a minute is already no accident */
        APPENDED_LATELY_US = 60000000,
        OPEN_FILES_LEAST = 1024,
        MEMORY_LEAST = 256 << 20,
};

const char *const verdict_names[VERDICTS] = { "well", "worth knowing", "wrong" };

void tell(struct checkup *c, enum verdict v, const char *next, const char *fmt, ...)
{
        va_list ap;
        c->counts[v]++;
        if (c->n == FINDINGS_MAX) {
                c->beyond++;
                return;
        }
        struct finding *f = &c->all[c->n++];
        *f = (struct finding){ .check = c->check, .about = c->about, .verdict = v };
        snprintf(f->where, sizeof f->where, "%s", c->where);
        snprintf(f->next, sizeof f->next, "%s", next ? next : "");
        va_start(ap, fmt);
        vsnprintf(f->value, sizeof f->value, fmt, ap);
        va_end(ap);
        size_t bad;
        if (strlen(f->value) == sizeof f->value - 1 && !utf8_valid(slice_of(f->value), &bad))
                f->value[bad] = 0; /* cut within a character */
}

void tell_err(struct checkup *c, enum verdict v, const char *next, const struct err *err)
{
        tell(c, v, err->hint[0] ? err->hint : next, "%s", err->text);
}

static const char *short_time(char out[32], int64_t us)
{
        if (us < 1000)
                snprintf(out, 32, "%" PRId64 " us", us);
        else if (us < 1000000)
                snprintf(out, 32, "%.1f ms", (double)us / 1e3);
        else
                snprintf(out, 32, "%.1f s", (double)us / 1e6);
        return out;
}

static const char *short_size(char out[32], uint64_t bytes)
{
        static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
        double v = (double)bytes / 1024;
        size_t u = 0;
        for (; v >= 1024 && u < 3; u++)
                v /= 1024;
        snprintf(out, 32, v < 10 ? "%.1f %s" : "%.0f %s", v, units[u]);
        return out;
}

static int by_size(const void *a, const void *b)
{
        int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
        return (x > y) - (x < y);
}

void judge_sync(struct checkup *c, const struct sync_facts *s)
{
        char m[32], w[32];
        qsort(s->took_us, s->n, sizeof *s->took_us, by_size);
        int64_t median = s->took_us[s->n / 2], worst = s->took_us[s->n - 1];
        enum verdict v = VERDICT_NOTE;
        const char *next;
        if (median < NOT_SYNCING_US)
                next = "No disk keeps bytes so fast: it is in memory, or its syncs are switched off. What was accepted "
                       "would not survive a power cut.";
        else if (median > SLOW_SYNC_US)
                next = "Every accepted group waits so long; a disk with a protected write cache answers in under 1 ms.";
        else if (worst > STALLED_SYNC_US)
                next = "Senders wait when the disk stalls: look at what else writes to it.";
        else
                v = VERDICT_WELL, next = NULL;
        tell(c, v, next, "a write with fdatasync takes %s (median), %s (worst) of %zu", short_time(m, median),
             short_time(w, worst), s->n);
}

/* ---- Where STATE lies ---------------------------------------------------- */
static const struct filesystem {
        unsigned long magic;
        const char *name;
        enum verdict verdict;
        const char *next;
} filesystems[] = {
        { TMPFS_MAGIC, "tmpfs", VERDICT_WRONG, "It is memory: all keys and records end with the machine. Put STATE on a disk." },
        { RAMFS_MAGIC, "ramfs", VERDICT_WRONG, "It is memory: all keys and records end with the machine. Put STATE on a disk." },
        { OVERLAYFS_SUPER_MAGIC, "overlayfs", VERDICT_NOTE,
          "A container's own layer goes with the container: give STATE a volume." },
        { NFS_SUPER_MAGIC, "NFS", VERDICT_NOTE,
          "Syncs and locks depend on the server and its mount options; a local disk keeps the promises by itself." },
        { 0xff534d42UL, "CIFS", VERDICT_NOTE,
          "Syncs and locks depend on the server and its mount options; a local disk keeps the promises by itself." },
        { 0xfe534d42UL, "SMB2", VERDICT_NOTE,
          "Syncs and locks depend on the server and its mount options; a local disk keeps the promises by itself." },
        { V9FS_MAGIC, "9p", VERDICT_NOTE, "Syncs and locks depend on the host; a local disk keeps the promises by itself." },
        { 0x00c36400UL, "CephFS", VERDICT_NOTE,
          "Snapshots of it keep what was erased; syncs depend on the cluster. A local disk keeps the promises by itself." },
        { FUSE_SUPER_MAGIC, "FUSE", VERDICT_NOTE,
          "Whether a sync reaches a disk depends on the program behind it; a local disk keeps the promises by itself." },
        { BTRFS_SUPER_MAGIC, "btrfs", VERDICT_NOTE,
          "Snapshots of STATE defeat erasure: leave its subvolume out of them." },
        { 0x2fc12fc1UL, "ZFS", VERDICT_NOTE, "Snapshots of STATE defeat erasure: leave its data set out of them." },
        { 0xca451a4eUL, "bcachefs", VERDICT_NOTE, "Snapshots of STATE defeat erasure: leave its subvolume out of them." },
        { EXT4_SUPER_MAGIC, "ext4", VERDICT_WELL, NULL },
        { XFS_SUPER_MAGIC, "XFS", VERDICT_WELL, NULL },
        { F2FS_SUPER_MAGIC, "F2FS", VERDICT_WELL, NULL },
};

void judge_filesystem(struct checkup *c, unsigned long magic)
{
        for (size_t i = 0; i < sizeof filesystems / sizeof *filesystems; i++)
                if (filesystems[i].magic == magic) {
                        tell(c, filesystems[i].verdict, filesystems[i].next, "STATE is on %s", filesystems[i].name);
                        return;
                }
        tell(c, VERDICT_NOTE, "Make sure that a sync there reaches the disk, and that nothing takes snapshots of it.",
             "STATE is on a file system of type %lx, which this release does not know", magic);
}

void judge_space(struct checkup *c, const struct space_facts *s)
{
        char f[32], m[32], l[32];
        uint64_t more = s->max_bytes > s->used ? s->max_bytes - s->used : 0;
        short_size(f, s->free);
        short_size(m, s->max_bytes);
        short_size(l, s->min_free);
        if (s->free < s->min_free)
                tell(c, VERDICT_WRONG, "Make room: below vault.min_free senders get 503.", "%s are free, and vault.min_free is %s", f, l);
        else if (s->free - s->min_free < more)
                tell(c, VERDICT_NOTE, "The disk ends before vault.max_bytes: lower that, or give the disk more room.",
                     "%s are free, and the vault may still grow by %s of its %s", f, short_size(l, more), m);
        else
                tell(c, VERDICT_WELL, NULL, "%s are free; the vault may take %s", f, m);
}

/* ---- Times --------------------------------------------------------------- */
void judge_ends(struct checkup *c, const char *file, const struct cert_file *f, int64_t now_us)
{
        char t[CLOCK_TEXT_MAX];
        int64_t left = f->first_end_us - now_us;
        /* A bundle of authorities always holds some that have ended. */
        if (f->n > 1 && f->ended && f->ended < f->n && f->n > 10) {
                tell(c, VERDICT_WELL, NULL, "\"%s\" holds %zu certificates, %zu of them have ended", file, f->n, f->ended);
                return;
        }
        clock_format_rfc3339(t, f->first_end_us);
        if (f->ended)
                tell(c, VERDICT_WRONG, "Renew it; the agent reads it when it starts.", "\"%s\" (%s) ended at %s", file, f->subject, t);
        else if (f->not_yet)
                tell(c, VERDICT_WRONG, "Is this machine's clock right?", "\"%s\" is not valid yet", file);
        else
                tell(c, left < CERTIFICATE_DAYS * US_PER_DAY ? VERDICT_NOTE : VERDICT_WELL,
                     left < CERTIFICATE_DAYS * US_PER_DAY ? "Renew it; the agent reads it when it starts." : NULL,
                     "\"%s\" (%s) ends in %" PRId64 " days, at %s", file, f->subject, left / US_PER_DAY, t);
}

static const char skew_next[] = "Let both follow a time service (chrony, systemd-timesyncd): ends of bases, periods and "
                                "deadlines go by these clocks.";

void judge_skew(struct checkup *c, const char *whose, int64_t ahead_us, int64_t unsure_us)
{
        char t[32], u[32];
        int64_t off = llabs(ahead_us) - unsure_us; /* at least so much */
        enum verdict v = off > SKEW_WRONG_US ? VERDICT_WRONG : off > SKEW_NOTE_US ? VERDICT_NOTE : VERDICT_WELL;
        tell(c, v, v ? skew_next : NULL, "%s clock is %s %s this one (within %s)", whose, short_time(t, llabs(ahead_us)),
             ahead_us < 0 ? "behind" : "ahead of", short_time(u, unsure_us));
}

void judge_appended(struct checkup *c, int64_t appended_us, int64_t now_us)
{
        char t[CLOCK_TEXT_MAX];
        int64_t ahead = appended_us - now_us;
        duration_format(t, llabs(ahead));
        if (ahead > SKEW_NOTE_US)
                tell(c, ahead > SKEW_WRONG_US ? VERDICT_WRONG : VERDICT_NOTE, skew_next,
                     "Kafka's clock is ahead of this one by %s or more", t);
        else if (-ahead <= APPENDED_LATELY_US)
                tell(c, VERDICT_WELL, NULL, "Kafka's clock is not ahead of this one, and at most %s behind",
                     ahead > -US_PER_SECOND ? "1 s" : t);
        else
                tell(c, VERDICT_NOTE, "A running agent writes at least every 30 s: is it running, and is Kafka's clock right?",
                     "the newest message is %s old by Kafka's clock: whether that clock is behind cannot be told", t);
}

void judge_retention(struct checkup *c, int64_t retention_us, int64_t segment_us, int64_t erasure_us)
{
        char r[CLOCK_TEXT_MAX], e[CLOCK_TEXT_MAX];
        duration_format(r, retention_us + segment_us);
        if (erasure_us == INT64_MAX)
                tell(c, VERDICT_WELL, NULL, "what Kafka holds is gone after %s; no policy in force sets a time for erasure", r);
        else if (retention_us + segment_us > erasure_us)
                tell(c, VERDICT_WRONG, "Shorten \"retention\" in hub.cfg, then: tributary topics apply",
                     "what Kafka holds is gone after %s, and people are promised erasure within %s", r, duration_format(e, erasure_us));
        else
                tell(c, VERDICT_WELL, NULL, "what Kafka holds is gone after %s; erasure is promised within %s", r,
                     duration_format(e, erasure_us));
}

/* ---- The machine --------------------------------------------------------- */
void judge_swap(struct checkup *c, const struct swap_facts *s)
{
        static const char next[] = "Raw words may reach it: encrypt the swap area, or run the agent without one "
                                   "(systemd: MemorySwapMax=0).";
        if (s->plain == 0)
                tell(c, VERDICT_WELL, NULL, s->areas ? "every swap area is encrypted or in memory" : "there is no swap");
        else if (s->agent_swapped_kib > 0)
                tell(c, VERDICT_WRONG, next, "%" PRId64 " KiB of the running agent are on a swap area that is not encrypted",
                     s->agent_swapped_kib);
        else
                tell(c, VERDICT_NOTE, next, "%d of %d swap areas are not encrypted%s", s->plain, s->areas,
                     s->agent_swapped_kib == 0 ? "; nothing of the running agent is there now" : "");
}

void judge_memory(struct checkup *c, uint64_t available, uint64_t limit)
{
        char a[32], l[32];
        uint64_t least = limit && limit < available ? limit : available;
        bool little = least < MEMORY_LEAST;
        short_size(a, available);
        tell(c, little ? VERDICT_NOTE : VERDICT_WELL, little ? "An agent wants some 256 MiB, the size of what is sent at once aside." : NULL,
             limit ? "%s are available, and this group of processes may take %s" : "%s are available", a,
             short_size(l, limit));
}

void judge_open_files(struct checkup *c, uint64_t limit)
{
        bool few = limit < OPEN_FILES_LEAST;
        tell(c, few ? VERDICT_WRONG : VERDICT_WELL, few ? "Raise it (systemd: LimitNOFILE=65536); senders are connections." : NULL,
             "the running agent may have %" PRIu64 " files and connections open", limit);
}
