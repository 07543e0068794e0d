/* metrics.h - which row of vault_metrics is which. */
#ifndef VAULT_METRICS_H
#define VAULT_METRICS_H

#include "vault/vault.h"

enum {
        M_APPENDED, M_GROUPS, M_REFUSED, M_ERASED, M_SYNCS, M_SYNC_FAILURES, M_DAMAGED, M_BYTES,
        M_SEGMENTS
};

#endif
