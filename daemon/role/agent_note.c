/* agent_note.c - POST /v1/note on the control socket: {"what":"reveal","epoch":1,"seq":17,"by":"ann"}.
 * Answered when it is durable: {"noted":"EPOCH-SEQ"}. */
#include "agent_status.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "notes.h"

static void refuse(struct control_ask *a, int status, const struct err *err)
{
        control_answer(a, status, slice_of(err->text));
}

static void on_noted(void *ctx, struct position at, const struct err *failed)
{
        struct control_ask *a = ctx;
        char text[96];
        if (failed) {
                refuse(a, 503, failed);
                return;
        }
        snprintf(text, sizeof text, "{\"noted\":\"%" PRIu64 "-%" PRIu64 "\"}", at.epoch, at.seq);
        control_answer(a, 200, slice_of(text));
}

void agent_note(void *agent, struct control_ask *a)
{
        struct agent *self = agent;
        struct err err = ERR_INIT;
        struct note note;
        struct arena *arena = arena_new(1 << 16);
        if (!arena || !note_asked(control_ask_body(a), arena, &note, &err) || !control_ask_uid(a, &note.uid)) {
                if (err.kind == ERR_NONE)
                        err_set(&err, ERR_DATA, 0, "who asks is not known");
                refuse(a, 400, &err);
        } else if (!notes_add(self->notes, &note, on_noted, a, &err)) {
                refuse(a, err.kind == ERR_DATA ? 400 : 503, &err);
        } else {
                log_info("agent", "to be noted", "what=%s uid=%u epoch=%" PRIu64 " seq=%" PRIu64, note.what, note.uid, note.record.epoch,
                         note.record.seq);
        }
        arena_free(arena);
}
