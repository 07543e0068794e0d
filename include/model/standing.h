/* standing.h - how a region stands, in its own words: what `status --hub` tells of it.
 *
 * Rides in a hello as its optional "status". Everything in it may leave any region: numbers,
 * operators' names (sources, policy), hours, and words of fixed lists; never free text, which
 * could carry a value. Counts of people's records are as base/count.h shows them.
 * The JSON is specified, with an example, at the top of standing.c.                       */
#ifndef MODEL_STANDING_H
#define MODEL_STANDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"

/* Senders met a closed door from..to: what they had to say then may be lost. */
enum downtime_why {
        DOWNTIME_STOPPED, /* no agent ran */
        DOWNTIME_FULL,    /* it ran, and its vault was full: 503 */
        DOWNTIME_WHYS
};
/* Did what was said then come all the same? From good to bad. */
enum downtime_filled {
        FILLED_YES,     /* nothing could be lost: only files wait here, and files waited */
        FILLED_PARTLY,  /* records of that time came since; whether all, only the sender knows */
        FILLED_UNKNOWN, /* none came since; senders that repeat (your own programs) may have none */
        FILLED_NO,      /* none came since from a sender that does not repeat (a webhook) */
        FILLEDS
};
const char *downtime_why_name(enum downtime_why w);       /* "stopped", "full" */
const char *downtime_filled_name(enum downtime_filled f); /* "yes", "partly", "unknown", "no" */

struct downtime {
        int64_t from_us, to_us; /* from < to */
        enum downtime_why why;
        enum downtime_filled filled; /* of its sources, the worst */
};

/* What is wrong, worst first. A word that is not known here reads as TROUBLE_OTHER. */
enum trouble {
        TROUBLE_VAULT_FAILED, TROUBLE_VAULT_FULL, TROUBLE_POLICY_CLOSED, TROUBLE_POLICY_STALE, TROUBLE_PUMP,
        TROUBLE_DAMAGED, TROUBLE_OTHER,
        TROUBLES
};
const char *trouble_name(enum trouble t); /* "vault_full" */

struct standing_source {
        char name[33], type[17];
        int64_t last_hour_us; /* hour of the last capture; 0: none since the agent started */
};
enum { STANDING_SOURCES_MAX = 64, STANDING_DOWNTIMES_MAX = 32 };

struct standing {
        char release[32], policy[65]; /* "": none in force */
        int64_t policy_version;
        int64_t policy_since_us;  /* in force since; 0: not said */
        char policy_signed_by[128]; /* "jana,ken": officers; "": nobody had to */
        int64_t policy_waits;     /* the version that is looser and waits for signatures; 0: none */
        uint64_t policy_missing;  /* so many of them */
        bool policy_unsigned;     /* looser than the one before, and nobody had to sign */
        bool open, stale;
        int64_t since_us;         /* the agent started */
        uint64_t hello_every_s;   /* silent for much longer: gone */
        uint64_t backlog, in_flight, lag_s, gaps;
        uint64_t held, stayed, rejected, damaged; /* as shown */
        uint64_t vault_bytes, vault_max_bytes;
        int64_t full_in_s;        /* -1: not at this rate */
        int64_t basis_ends_us;    /* the next end of a transfer's basis; 0: none */
        unsigned troubles;        /* bits: 1 << enum trouble */
        struct standing_source sources[STANDING_SOURCES_MAX];
        size_t n_sources;
        struct downtime downtimes[STANDING_DOWNTIMES_MAX]; /* oldest first */
        size_t n_downtimes;
};

void standing_put(struct json_out *o, const char *key, const struct standing *s);
/* ERR_DATA with a code word first ("field", "range"), as message_parse() has them. */
bool standing_read(struct standing *out, const struct json *j, struct err *err);

#endif
