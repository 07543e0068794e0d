/* far.h - what an officer elsewhere may ask of this agent, and what is answered.
 *
 * The judge's word and counts, and words as they would leave: never those of the vault, whoever
 * asks, and for what is taken out never its value. Across a border small counts are merged, and
 * words leave only where the policy in force lets that country read. No sockets here; slow, for a
 * thread that may work.                                                                   */
#ifndef ROLE_FAR_H
#define ROLE_FAR_H

#include <stdatomic.h>

#include "policy/policy.h"
#include "pump/crowd.h"

enum far_kind { FAR_STATUS, FAR_EXPLAIN, FAR_DIFF, FAR_KINDS };
enum { FAR_FILES_MAX = 128, FAR_BODY_MAX = 4 << 20, FAR_ANSWER_MAX = 4 << 20, FAR_ARENA_MAX = 96 << 20 };

struct far_wish {
        bool has_record;          /* explain: this one; else the entry */
        struct record record;
        struct position at;
        struct policy_file files[FAR_FILES_MAX]; /* diff: the new set */
        size_t n_files;
        int64_t since_us, until_us; /* diff: of capture, the first included */
};
/* {"record":{...}} or {"entry":"EPOCH-SEQ"}; {"files":{"eea.cfg":"..."},"since":DATE,"until":DATE}. All
 * lives in body and arena. */
bool far_read(enum far_kind kind, struct slice body, const char *timezone, struct arena *a, struct far_wish *out,
              struct err *err);

struct far_desk {
        struct book *book;             /* in force; held by the caller */
        const struct book_spec *spec;  /* of the region, for the new set */
        struct vault *vault;
        size_t people;                 /* names that are known at most, of whom wrote since then: the */
        int64_t people_since_us;       /* pump's own */
        bool words, exact;             /* whether words may leave at all, and counts as they are */
        int64_t until_us;              /* monotonic: no longer */
        const atomic_bool *stop;
};
/* JSON. Of the vault's records both mask whom the pump masks; a record that is sent along is judged as if
 * nobody were known, and the answer says so: else whoever asks could try out who wrote here. */
bool far_explain(const struct far_desk *d, const struct far_wish *w, struct arena *a, struct buf *out, struct err *err);
bool far_diff(const struct far_desk *d, const struct far_wish *w, struct arena *a, struct buf *out, struct err *err);

/* Who is known; NULL where neither book looks for anybody (b may be NULL). False, too, when the time is
 * over before all is learnt: who does not know all of them says nothing. */
bool far_people(struct crowd **out, const struct far_desk *d, const struct book *a, const struct book *b, struct err *err);

#endif
