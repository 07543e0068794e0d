/* listener.h - the public HTTP front: POST /v1/records, POST /v1/hooks/SOURCE, GET /healthz,
 * GET /readyz. On the front loop's thread; never SQLite or fdatasync here.              */
#ifndef CAPTURE_LISTENER_H
#define CAPTURE_LISTENER_H

#include "capture/intake.h"
#include "link/http.h"
#include "link/loop.h"

struct listener;
struct listener_spec {
        struct intake *intake;
        const char *address;
        int port;
        const char *cert_file, *key_file;
        /* /readyz: can accept durably. Called on the loop's thread; false fills why. */
        bool (*ready)(void *ctx, char why[256]);
        void *ctx;
};
bool listener_start(struct listener **out, struct loop *l, const struct listener_spec *spec, struct err *err);
int listener_port(const struct listener *ls);
void listener_drain(struct listener *ls); /* no new requests */
int listener_busy(const struct listener *ls);
void listener_stop(struct listener *ls); /* NULL is allowed */

#endif
