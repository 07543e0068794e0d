/* doctor_host.c - the machine: its clock, time zones, swap, memory; the running agent's process. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "doctor.h"

/* First line of a small file of /proc or /sys, without its newline; false if it is not there. */
static bool first_line(char *out, size_t n, const char *path)
{
        FILE *f = fopen(path, "re");
        bool ok = f && fgets(out, (int)n, f);
        if (f)
                fclose(f);
        if (ok)
                out[strcspn(out, "\n")] = 0;
        return ok;
}

void look_clock(struct checkup *c, const struct patient *p)
{
        struct timex t = { .modes = 0 };
        (void)p;
        if (adjtimex(&t) < 0)
                tell(c, VERDICT_NOTE, NULL, "the kernel does not say whether its clock is synchronised");
        else if (t.status & STA_UNSYNC)
                tell(c, VERDICT_NOTE, "Run a time service (chrony, systemd-timesyncd): ends of bases, periods and deadlines go "
                                      "by this clock.",
                     "the kernel says that its clock is not synchronised");
        else
                tell(c, VERDICT_WELL, NULL, "synchronised, within %.1f ms", (double)t.maxerror / 1e3);
}

void look_zones(struct checkup *c, const struct patient *p)
{
        char line[80];
        struct err err = ERR_INIT;
        struct zone *z = NULL;
        (void)p;
        if (!zone_open(&z, "Asia/Jakarta", &err))
                tell(c, VERDICT_WRONG, "Install tzdata: days end by the region's time zone.", "%s", err.text);
        else if (first_line(line, sizeof line, "/usr/share/zoneinfo/tzdata.zi") && strncmp(line, "# version ", 10) == 0)
                tell(c, VERDICT_WELL, NULL, "installed, version %s", line + 10);
        else
                tell(c, VERDICT_WELL, NULL, "installed");
        zone_free(z);
}

/* Swap in memory, or on a device that dm-crypt encrypts. */
static bool is_kept_secret(const char *area)
{
        char path[128], uuid[160];
        struct stat st;
        if (strncmp(area, "/dev/zram", 9) == 0)
                return true;
        if (stat(area, &st) != 0 || !S_ISBLK(st.st_mode))
                return false;
        snprintf(path, sizeof path, "/sys/dev/block/%u:%u/dm/uuid", major(st.st_rdev), minor(st.st_rdev));
        return first_line(uuid, sizeof uuid, path) && strncmp(uuid, "CRYPT-", 6) == 0;
}

void look_swap(struct checkup *c, const struct patient *p)
{
        struct swap_facts s = { .agent_swapped_kib = -1 };
        char line[512];
        FILE *f = fopen("/proc/swaps", "re");
        int pid = p->state ? agent_pid(p->state) : 0;
        if (!f) {
                tell(c, VERDICT_NOTE, NULL, "the kernel does not say where it swaps");
                return;
        }
        for (bool head = true; fgets(line, sizeof line, f); head = false) {
                if (head)
                        continue;
                line[strcspn(line, " \t")] = 0;
                s.areas++;
                s.plain += !is_kept_secret(line);
        }
        fclose(f);
        if (pid)
                s.agent_swapped_kib = proc_status_kib(pid, "VmSwap");
        judge_swap(c, &s);
}

void look_memory(struct checkup *c, const struct patient *p)
{
        char line[160];
        uint64_t available = 0, limit = 0;
        (void)p;
        FILE *f = fopen("/proc/meminfo", "re");
        while (f && fgets(line, sizeof line, f))
                if (sscanf(line, "MemAvailable: %" SCNu64, &available) == 1)
                        break;
        if (f)
                fclose(f);
        if (first_line(line, sizeof line, "/sys/fs/cgroup/memory.max") ||
            first_line(line, sizeof line, "/sys/fs/cgroup/memory/memory.limit_in_bytes"))
                limit = strtoull(line, NULL, 10); /* "max" is 0 */
        available <<= 10;
        judge_memory(c, available, limit < available ? limit : 0);
}

/* ---- The running agent --------------------------------------------------- */
int agent_pid(const char *state)
{
        char path[4200], line[256], id[64];
        struct stat st;
        int found = 0;
        snprintf(path, sizeof path, "%s/lock", state);
        if (stat(path, &st) != 0)
                return 0;
        snprintf(id, sizeof id, "%02x:%02x:%ju", major(st.st_dev), minor(st.st_dev), (uintmax_t)st.st_ino);
        FILE *f = fopen("/proc/locks", "re");
        while (f && !found && fgets(line, sizeof line, f)) {
                int pid;
                char at[64];
                if (sscanf(line, "%*s FLOCK %*s WRITE %d %63s", &pid, at) == 2 && pid > 0 && strcmp(at, id) == 0)
                        found = pid;
        }
        if (f)
                fclose(f);
        return found;
}

/* The rest of the line of /proc/PID/`file` that begins with `key`. */
static bool proc_line(char *out, size_t n, int pid, const char *file, const char *key)
{
        char path[64], line[256];
        bool found = false;
        snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
        FILE *f = fopen(path, "re");
        while (f && !found && fgets(line, sizeof line, f)) {
                found = strncmp(line, key, strlen(key)) == 0;
                if (found)
                        snprintf(out, n, "%s", line + strlen(key));
        }
        if (f)
                fclose(f);
        return found;
}

int64_t proc_status_kib(int pid, const char *key)
{
        char rest[256];
        int64_t kib;
        if (!proc_line(rest, sizeof rest, pid, "status", key) || sscanf(rest, ":%" SCNd64, &kib) != 1)
                return -1;
        return kib;
}

void look_agent(struct checkup *c, const struct patient *p)
{
        char rest[256];
        uint64_t soft;
        int pid = agent_pid(p->state);
        if (!pid) {
                tell(c, VERDICT_NOTE, "It may run in another container; else: tributary agent --region CODE",
                     "no agent of this state is seen running from here");
                return;
        }
        if (proc_line(rest, sizeof rest, pid, "limits", "Max core file size") && strtoull(rest, NULL, 10) != 0)
                tell(c, VERDICT_WRONG, "The agent switches them off when it starts; who raised its limit afterwards?",
                     "core dumps are possible");
        if (proc_line(rest, sizeof rest, pid, "limits", "Max open files") && sscanf(rest, "%" SCNu64, &soft) == 1)
                judge_open_files(c, soft);
        else
                tell(c, VERDICT_WELL, NULL, "it runs (process %d); its limits are not seen from here", pid);
}
