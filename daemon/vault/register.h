/* register.h - what keys.db knows of epochs and of segments that are closed. */
#ifndef VAULT_REGISTER_H
#define VAULT_REGISTER_H

#include "catalog.h"
#include "keyring.h"

/* All epochs so far go into the catalog. */
bool register_load_epochs(struct keyring *k, struct catalog *c, struct err *err);
/* Ranges of removed segments, likewise. */
bool register_load_retired(struct keyring *k, struct catalog *c, struct err *err);
/* Makes the row of this start durable: before its first entry. Rows of earlier starts that
 * left nothing behind go. */
bool register_start(struct keyring *k, uint64_t epoch, struct err *err);

/* Both join the keyring's transaction; the caller commits. */
bool register_durable_to(struct keyring *k, uint64_t epoch, uint64_t durable_to, struct err *err);
/* `bytes`, `last`, `entries` as the info has them. A later row replaces an earlier. */
bool register_segment(struct keyring *k, const struct segment_info *s, int64_t now_us,
                      struct err *err);
/* Fills class, last, entries, bytes; *found false: no row. */
bool register_find(struct keyring *k, struct segment_info *s, bool *found, struct err *err);

#endif
