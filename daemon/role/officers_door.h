/* officers_door.h - where officers from elsewhere ask this agent: HTTPS with a certificate on either side.
 *
 * A listener of its own, off unless the region file has `officers`. Whoever comes in shows a
 * certificate that `ca_file` signed; it must name an officer: its email or CN stands in `who`, or
 * its Ed25519 key is one that officers.cfg of the set in force names. GET /v1/policy, POST
 * /v1/explain, POST /v1/diff (far.h). One at a time; each is noted in the vault, durably, and logged
 * before it is answered. Whose certificate says (C=) that it is not of the region's space of law, or
 * does not say, is across a border.
 *
 * The loop's thread, but for the work, which has a thread of its own.                      */
#ifndef ROLE_OFFICERS_DOOR_H
#define ROLE_OFFICERS_DOOR_H

#include "base/option.h"
#include "link/http.h"
#include "link/loop.h"
#include "notes.h"
#include "policy/policy.h"
#include "role/settings.h"

struct officers_door;
struct officers_door_spec {
        struct loop *loop;
        const struct officers_settings *settings;
        struct notes *notes;
        struct vault *vault;
        const struct book_spec *book_spec; /* of the region; must live as long as the door */
        /* The book in force, held for the caller; NULL: none. */
        struct book *(*book)(void *ctx);
        /* JSON of how policies stand; exact: see control.h. */
        void (*policy)(void *ctx, bool exact, struct buf *out);
        size_t people; /* names that the pump knows at most */
        /* Since when it knows who wrote. */
        int64_t (*people_since)(void *ctx);
        void *ctx;
};
bool officers_door_open(struct officers_door **out, const struct officers_door_spec *spec, struct err *err);
int officers_door_port(const struct officers_door *d);
/* Nobody is answered any more, and nothing is worked on. Before the vault is closed. NULL is allowed. */
void officers_door_close(struct officers_door *d);
void officers_door_free(struct officers_door *d); /* after the notes are closed. NULL is allowed */

#endif
