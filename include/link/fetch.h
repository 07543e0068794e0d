/* fetch.h - HTTPS to elsewhere: one request, one answer, both sides known by certificate.
 *
 * Blocking; for verbs and for threads that may wait. TLS 1.2 or later only, the server verified
 * by name against `ca_file` (or the system's authorities), no redirects, no proxies but the
 * environment's, nothing kept between calls. Ceilings of the body and of the whole time are the
 * caller's.                                                                             */
#ifndef LINK_FETCH_H
#define LINK_FETCH_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct fetch {
        const char *url;                  /* "https://host:port/path" */
        const char *ca_file;              /* PEM; NULL: the system's */
        const char *cert_file, *key_file; /* this side's, PEM; NULL: none */
        const char *content_type;         /* of the body */
        struct slice body;                /* absent: GET, else POST */
        int64_t timeout_us;               /* of everything */
};
/* Appends the answer to out, whose ceiling holds. ERR_CONFIG: no https, or a file or the URL cannot
 * be used; ERR_RETRY: not reached, or not in time; ERR_DENIED: a certificate was refused, by either
 * side; ERR_DATA: the answer is too large. */
bool fetch_run(const struct fetch *f, int *out_status, struct buf *out, struct err *err);

#endif
