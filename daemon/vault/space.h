/* space.h - when it will be full: growth over the last hour, against both ceilings.
 *
 * Pure: times, bytes and ceilings are arguments. One sample a minute; the window is an hour, or
 * as long as there are samples (at least a minute).                                        */
#ifndef VAULT_SPACE_H
#define VAULT_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SPACE_SAMPLES = 61 };

struct space_sample {
        int64_t at_us;       /* monotonic */
        uint64_t bytes;      /* of the vault */
        uint64_t free_bytes; /* of its file system */
};
struct space {
        struct space_sample ring[SPACE_SAMPLES];
        size_t n, next;
};
/* What is measured against: bytes of the vault, and free bytes that must remain. */
struct space_ceilings {
        uint64_t max_bytes, keep_free;
};
struct space_said {
        uint64_t bytes_per_hour; /* the vault's growth; 0: unknown, or it does not grow */
        int64_t full_in_us;      /* 0: unknown, or never at this rate */
        bool disk_first;         /* the file system is full before the vault is */
};

/* Those that come less than a minute after the last one are left out. */
void space_note(struct space *s, const struct space_sample *now);
void space_say(const struct space *s, const struct space_sample *now, const struct space_ceilings *c,
               struct space_said *out);

#endif
