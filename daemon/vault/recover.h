/* recover.h - what opening does before the first append: reads what the last start left. */
#ifndef VAULT_RECOVER_H
#define VAULT_RECOVER_H

#include "catalog.h"
#include "keyring.h"
#include "vault/vault.h"

/* Whether segments lie there (before keys.db is opened, which then must not be made anew). */
bool recover_any_segments(const struct catalog *c, bool *any, struct err *err);
/* Fills the catalog with epochs and segments, settles in keys.db what a crash left open,
 * sets *epoch (this start's, raised durably). */
bool recover(struct catalog *c, struct keyring *k, struct vault_found *found, uint64_t *epoch,
             struct err *err);

#endif
