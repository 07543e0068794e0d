/* books.h - which book is in force, and why: load, weigh, cache, fall back, reload.
 *
 * A set that is in force is kept, signed, in STATE/policy.cache. With a broken or missing file at
 * start the cached set still discards before anything is stored, but nothing leaves until a
 * valid set is read. On a later reload that fails, the set in force stays in force.
 *
 * A set that is not looser than the one in force (policy/looser.h) takes effect at once. A looser
 * one waits until as many officers have signed it as the set in force asks for (policy/officers.h),
 * also over a restart: the one before stays in force, and records leave by it. Where the set in
 * force names no officers, a looser one takes effect and that is said loudly. The first set of a
 * region is looser than none: with officers.cfg it waits, too. A version that went down is refused.
 *
 * Whatever set is not the one in force stands before its own cases first: at a reload, at a restart
 * and at the first start. One that fails is refused like a broken one. */
#ifndef ROLE_BOOKS_H
#define ROLE_BOOKS_H

#include "base/metric.h"
#include "base/report.h"
#include "policy/looser.h"
#include "policy/officers.h"
#include "policy/policy.h"
#include "vault/keys.h"

/* A set that may not be in force yet. */
struct waiting {
        bool is;
        char policy[33];
        int64_t version;
        uint8_t hash[32];
        size_t needed;
        struct signers have;     /* whose signatures count already */
        struct changes *changes; /* NULL: nothing is in force to compare with */
};

struct books {
        const char *state_dir; /* borrowed */
        struct keyer *keyer;   /* borrowed */
        struct book *book;     /* in force for capture's discard pass; NULL: the floor only */
        struct book *base;     /* the same, at the hub's places of when it was put in force: newer sets are
                                * compared with it; NULL: none ever was */
        bool lost;             /* what was in force is not known: policy.cache cannot be used */
        bool open;             /* whether it may let anything out */
        bool stale;            /* the newest files are broken, refused or wait: an older set, or none, is in force */
        bool fails_cases;      /* ... refused: the newest set does not do what its own cases say */
        bool unsigned_loosening; /* the set in force was looser than the one before, and nobody had to sign */
        int64_t since_us;      /* in force since */
        struct waiting waiting;
        /* Asked of a set that is not the one in force, before it is weighed: whether it does what its
         * own cases say (trial.h). False: the report says why not, or that this is being found out.
         * NULL: nobody is asked. */
        bool (*tested)(void *ctx, struct book *fresh, const struct book_spec *spec, struct report *report);
        void *ctx;
        char trouble[512];     /* what is wrong with the newest files, "" if nothing */
};

/* Reads the set; true if it is valid and now in force. All complaints go to the report. */
bool books_load(struct books *b, const struct book_spec *spec, struct report *report);
/* The newest files cannot be used, as the report says: an older set stays in force. */
void books_spoilt(struct books *b, const struct report *report);
/* Nothing is known of them yet: what was said before counts on. */
void books_unspoilt(struct books *b, bool stale, bool fails_cases, const char *trouble);
void books_clear(struct books *b);

extern struct metric books_metrics[];

#endif
