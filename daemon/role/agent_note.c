/* agent_note.c - POST /v1/note on the control socket: {"what":"reveal","epoch":1,"seq":17,"by":"ann"}.
 * Answered when it is durable: {"noted":"EPOCH-SEQ"}. */
#include "agent_status.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/log.h"
#include "notes.h"

static const char *const kinds[] = { "reveal" };

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

static bool read_note(const struct control_ask *a, struct arena *arena, struct note *out, struct err *err)
{
        struct json *j;
        int64_t epoch, seq;
        if (!json_read(&j, arena, control_ask_body(a), 2, err))
                return false;
        struct slice what = json_string(json_get(j, "what"));
        if (!json_int(json_get(j, "epoch"), &epoch) || !json_int(json_get(j, "seq"), &seq) || epoch < 1 || seq < 1)
                return err_set(err, ERR_DATA, 0, "\"epoch\" and \"seq\" say which record");
        *out = (struct note){ .record = { (uint64_t)epoch, (uint64_t)seq }, .by = json_string(json_get(j, "by")) };
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
                if (slice_is(what, kinds[i]))
                        out->what = kinds[i];
        return out->what || err_set(err, ERR_DATA, 0, "\"what\" is not what is noted");
}

void agent_note(void *agent, struct control_ask *a)
{
        struct agent *self = agent;
        struct err err = ERR_INIT;
        struct note note;
        struct arena *arena = arena_new(1 << 16);
        if (!arena || !read_note(a, arena, &note, &err) || !control_ask_uid(a, &note.uid)) {
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
