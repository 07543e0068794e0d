/* notes.h - the account of what was done with people's data, as far as verbs do it: what is noted is an
 * entry of the vault (ENTRY_LEDGER) before it is done.
 *
 * Its plain form: Ed25519 signature of the region's signing key (64 bytes) over the rest; JSON,
 * {"what":"reveal","record":"EPOCH-SEQ","by":"...","uid":N,"at":"..."}. It names who did it and which
 * record, never a value nor the subject.
 *
 * All calls belong to the loop's thread; the vault's writer answers by mail.                 */
#ifndef ROLE_NOTES_H
#define ROLE_NOTES_H

#include "base/arena.h"
#include "link/loop.h"
#include "model/message.h"
#include "vault/keys.h"
#include "vault/vault.h"

struct notes;
/* Borrows loop, vault and keyer. */
bool notes_open(struct notes **out, struct loop *l, struct vault *v, struct keyer *k, struct err *err);
/* After the vault was closed: whoever waits is told that nothing was noted, unless it was. NULL is allowed. */
void notes_close(struct notes *n);

struct note {
        const char *what;       /* "reveal" */
        struct position record;
        struct slice by;        /* a login's name, as the verb says; a-z A-Z 0-9 . _ - @, at most 64 */
        uint32_t uid;           /* as the kernel says */
};
/* {"what":"reveal","epoch":1,"seq":17,"by":"ann"}, as a verb asks; uid is the caller's to set. Lives in the
 * body and the arena. Whether `by` is a login's name shows when it is noted. */
bool note_asked(struct slice body, struct arena *a, struct note *out, struct err *err);
/* ERR_DATA: not a note; ERR_FULL, ERR_RETRY: not now. Else done() is called once, from the loop. */
bool notes_add(struct notes *n, const struct note *what, void (*done)(void *ctx, struct position at, const struct err *failed),
               void *ctx, struct err *err);

/* The bytes of an entry; and whether they are such an entry, signed: *json is what it says. */
bool note_format(struct keyer *k, const struct note *n, int64_t now_us, struct buf *out, struct err *err);
bool note_read(struct keyer *k, struct slice plain, struct slice *json);

#endif
