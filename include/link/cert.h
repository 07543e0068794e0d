/* cert.h - how long the certificates of a PEM file hold, and whether a key fits.
 *
 * For whoever must say so before somebody meets it: nothing is connected to, no chain is
 * verified.                                                                            */
#ifndef LINK_CERT_H
#define LINK_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cert_file {
        size_t n;            /* certificates in the file, >= 1; reading stops at 10,000 */
        size_t ended;        /* of them past their end at `now` */
        size_t not_yet;      /* of them before their beginning */
        int64_t first_end_us;/* the soonest end of all */
        char subject[160];   /* of the one that ends first; printable ASCII only */
};
/* ERR_CONFIG when the file cannot be read or holds no certificate. */
bool cert_read(struct cert_file *out, const char *file, int64_t now_us, struct err *err);
/* Whether the private key belongs to the first certificate; ERR_CONFIG says why not. A key that
 * needs a pass phrase cannot be told: ERR_DENIED. */
bool cert_fits(const char *cert_file, const char *key_file, struct err *err);

#endif
