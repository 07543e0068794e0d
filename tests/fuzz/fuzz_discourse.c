/* Discourse's webhooks: the first byte is the event, the rest its payload. What comes out is whole, and
 * nothing of what is deleted or private has words. */
#include "base/text.h"
#include "fuzz.h"
#include "source/hook.h"

/* The corpus counts on their order: add at the end. */
static const char *const events[] = { "post_created", "post_edited", "post_destroyed", "post_recovered", "topic_created",
                                      "topic_edited", "topic_destroyed", "topic_recovered", "topic_closed_status_updated",
                                      "post_liked", "user_created", "user_updated", "user_destroyed", "ping", "other" };
static const struct source source = { .name = "forum", .type = SOURCE_DISCOURSE, .kind = -1, .product = "db", .name_space = "forum" };

static bool check(void *ctx, int64_t line, const struct record *r, const struct err *why)
{
        struct arena *a = ctx;
        struct record again;
        struct err err = ERR_INIT;
        struct buf flat;
        must(line == 1 && r && !why && record_check(r, &err));
        must(!r->deleted || (!r->text[FIELD_BODY].n && !r->text[FIELD_TITLE].n && !r->n_tags && !r->n_attributes));
        must(r->revision >= 0 || r->occurred_at_us < 0);
        buf_init(&flat, 8 << 20);
        record_flatten(r, &flat);
        must(buf_ok(&flat) && record_unflatten(&again, a, buf_slice(&flat), &err));
        buf_clear(&flat);
        return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        struct slice in = { (const char *)bytes, n };
        const char *event = events[take_byte(&in) % (sizeof events / sizeof *events)];
        const struct slice values[HOOK_HEADERS_MAX] = { slice_of(event), SLICE("post") };
        struct arena *a = arena_new(32 << 20);
        struct hook_result result;
        struct err err = ERR_INIT;
        must(hook_read(&source, values, in, a, &result, check, a, &err) || err.kind == ERR_DATA || err.kind == ERR_FULL);
        must(utf8_valid(slice_of(err.text), NULL));
        arena_free(a);
        return 0;
}
