/* doctor.h - what `doctor` looked at, what it found, how grave that is, what to do.
 *
 * Probes (doctor_host.c, doctor_state.c, doctor_hub.c) measure; judges (doctor_judge.c) are pure
 * and turn a measure into a finding. Nothing is changed anywhere: the one file written, for the
 * disk's time, has no name and is gone with its descriptor.                               */
#ifndef COMMAND_DOCTOR_H
#define COMMAND_DOCTOR_H

#include "link/cert.h"
#include "role/settings.h"
#include "verb.h"

enum verdict {
        VERDICT_WELL,
        VERDICT_NOTE, /* worth knowing: works, and may not be what was meant */
        VERDICT_WRONG,
        VERDICTS
};
extern const char *const verdict_names[VERDICTS]; /* "well", "worth knowing", "wrong" */

struct finding {
        const char *check; /* "state.fdatasync": stable, for programs */
        const char *about; /* what was looked at */
        char where[80];    /* region code, "hub" or "this machine" */
        enum verdict verdict;
        char value[480];   /* what was measured or met, one line */
        char next[480];    /* a sentence; "" when there is nothing to do */
};

enum { FINDINGS_MAX = 512 };
struct checkup {
        struct finding *all; /* FINDINGS_MAX */
        size_t n, beyond;    /* findings that no longer fitted: they count as wrong */
        size_t counts[VERDICTS];
        const char *check, *about, *where; /* of the row that looks now */
        bool kafka_away; /* the hub's brokers did not answer: nobody waits for them again */
};
/* next may be NULL. The texts are cut to their room. */
void tell(struct checkup *c, enum verdict v, const char *next, const char *fmt, ...)
        __attribute__((format(printf, 4, 5)));
/* The error with its own hint, or else this one. */
void tell_err(struct checkup *c, enum verdict v, const char *next, const struct err *err);

/* What is looked at: the machine; one region's agent; the hub. */
struct patient {
        const struct deployment *d;
        const struct hub_settings *hub;
        const struct agent_settings *agent; /* NULL while the hub or the machine is looked at */
        const char *code, *state;           /* of the agent */
        char *const *codes;                 /* regions whose topics are looked at */
        size_t n_codes;
        int64_t now_us;
};

/* ---- Judges ------------------------------------------------------------- */
struct sync_facts {
        int64_t *took_us; /* sorted by the judge */
        size_t n;
};
void judge_sync(struct checkup *c, const struct sync_facts *s);
/* magic as statfs(2) has it. */
void judge_filesystem(struct checkup *c, unsigned long magic);
struct space_facts {
        uint64_t free, min_free, max_bytes, used;
};
void judge_space(struct checkup *c, const struct space_facts *s);
void judge_ends(struct checkup *c, const char *file, const struct cert_file *f, int64_t now_us);
/* ahead_us: the other's clock less ours, known to within unsure_us. */
void judge_skew(struct checkup *c, const char *whose, int64_t ahead_us, int64_t unsure_us);
/* A message appended at appended_us by the broker's clock was there at now_us by ours. */
void judge_appended(struct checkup *c, int64_t appended_us, int64_t now_us);
struct swap_facts {
        int areas, plain;        /* swap areas; of them neither encrypted nor in memory */
        int64_t agent_swapped_kib; /* of the running agent; -1 unknown */
};
void judge_swap(struct checkup *c, const struct swap_facts *s);
void judge_memory(struct checkup *c, uint64_t available, uint64_t limit);
void judge_open_files(struct checkup *c, uint64_t limit);
/* erasure_us: the shortest that a policy sets, INT64_MAX if none does. */
void judge_retention(struct checkup *c, int64_t retention_us, int64_t segment_us, int64_t erasure_us);

/* ---- Probes ------------------------------------------------------------- */
typedef void look_fn(struct checkup *c, const struct patient *p);
look_fn look_clock, look_zones, look_swap, look_memory;
look_fn look_state, look_modes, look_agent, look_filesystem, look_snapshots, look_sync, look_space, look_secrets,
        look_listen_certificate, look_officers;
look_fn look_kafka_certificates, look_topics, look_kafka_clock, look_retention, look_warehouse, look_grants;

/* The process that holds STATE/lock; 0 if none does or it cannot be seen from here. */
int agent_pid(const char *state);
/* "VmSwap" of /proc/PID/status in KiB; -1 if unknown. */
int64_t proc_status_kib(int pid, const char *key);

#endif
