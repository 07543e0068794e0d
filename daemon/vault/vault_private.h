/* vault_private.h - what a vault is made of, for its reader and its tests. */
#ifndef VAULT_PRIVATE_H
#define VAULT_PRIVATE_H

#include "catalog.h"
#include "keyring.h"
#include "keeper.h"
#include "log.h"
#include "vault/vault.h"

struct vault {
        char state_dir[PATH_MAX];
        int lock_fd; /* -1: not held */
        struct catalog catalog;
        struct log log;
        struct timekeeper time;
        struct reserve reserve;
        struct keeper keeper;
};

#endif
