/* region_plan.h - what may flow where, by which line of which policy: for `region plan` and `check`. */
#ifndef COMMAND_REGION_PLAN_H
#define COMMAND_REGION_PLAN_H

#include "policy/policy.h"
#include "role/act.h"
#include "role/settings.h"

/* Prints a row a region and place or reader of the hub; only d->region if given. EXIT_WELL when all
 * places are open, EXIT_DIFFERENT when one is not; what a reader may not see is hidden, not wrong. */
int region_plan(const struct deployment *d);

/* What a law judges: the hub itself (its loaders hold what they write into the warehouse, so it needs
 * the same permission), then each of its places, then its readers. */
struct planned {
        const char *what, *name, *jurisdiction; /* "hub", "kafka" ...; never NULL */
        enum place_what as;
        const struct conf_node *node;
        bool reader;    /* what it may not read is hidden from it */
        bool somewhere; /* has coordinates; the hub itself has none */
        double latitude, longitude;
};
bool plan_place(const struct hub_settings *hub, size_t i, struct planned *out); /* false past the last */
/* "open", "held", "closed" of a place; "reads", "hidden" of a reader. */
const char *plan_verdict(const struct planned *p, const struct transfer_said *said);
/* How many places are open, and how many readers see what this region lets out. */
struct plan_counts {
        size_t places, open, readers, reading;
};
struct plan_counts plan_count(const struct hub_settings *hub, const struct book *book, int64_t now_us);
/* In words: the basis, that it has ended, or that no line allows it, with the policy's law. */
const char *plan_reason(const struct transfer_said *said, char *out, size_t size);

#endif
