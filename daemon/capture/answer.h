/* answer.h - what a sender is told: counts, and per refused line a reason without values. */
#ifndef CAPTURE_ANSWER_H
#define CAPTURE_ANSWER_H

#include "base/json.h"
#include "door.h"

enum { REASONS_MAX = 1000 };

struct answer {
        uint32_t accepted, refused, unchanged;
        uint32_t reasons;      /* written to `list`; <= REASONS_MAX */
        struct buf list;       /* JSON objects, with commas between */
};
void answer_init(struct answer *a);
void answer_clear(struct answer *a);
void answer_refuse(struct answer *a, int64_t line, const char *reason);
/* A batch came back durable: counts its records, and those that were erased before. */
void answer_take(struct answer *a, const struct batch *b);
/* "accepted", "refused", "refusals" and, beyond REASONS_MAX, "refusals_left_out". */
void answer_put(const struct answer *a, struct json_out *o);

#endif
