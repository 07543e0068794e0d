/* control.h - STATE/control.sock and the internal listener: /metrics, /v1/status, /v1/reload, /v1/note,
 * /v1/reapply.
 *
 * Handlers run on the role's loop. The socket's folder is 0700 and the peer must be this user
 * or root.                                                                               */
#ifndef ROLE_CONTROL_H
#define ROLE_CONTROL_H

#include "link/http.h"
#include "link/loop.h"
#include "role/settings.h"

struct control;
/* A request of the socket's that is answered later, once. Its peer may be gone by then. */
struct control_ask;
struct slice control_ask_body(const struct control_ask *a);
/* Who asks, as the kernel has it. */
bool control_ask_uid(const struct control_ask *a, uint32_t *uid);
/* Frees the ask. text: plain, or JSON that begins with {. */
void control_answer(struct control_ask *a, int status, struct slice text);

struct control_spec {
        const char *socket;                /* "unix:PATH", or NULL: no control socket */
        const struct listen_settings *internal;
        /* JSON. exact: who asks may see small counts as they are (base/count.h): the socket. */
        void (*status)(void *ctx, bool exact, struct buf *out);
        /* Re-reads; true if all is well; text for people. NULL: not offered. */
        bool (*reload)(void *ctx, struct buf *out);
        /* Takes the ask: something is to be written into the account (notes.h). NULL: not offered. */
        void (*note)(void *ctx, struct control_ask *a);
        /* Takes the ask: what is in the vault is to be judged again (agent_reapply.c). NULL: not offered. */
        void (*reapply)(void *ctx, struct control_ask *a);
        void *ctx;
};
bool control_start(struct control **out, struct loop *l, const struct control_spec *spec, struct err *err);
int control_port(const struct control *c); /* of the internal listener */
void control_stop(struct control *c);

#endif
