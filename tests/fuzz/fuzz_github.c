/* Webhooks: the first byte is the event, the rest its payload. Records that come out are whole. */
#include "fuzz.h"
#include "source/source.h"

/* The corpus counts on their order: add at the end. */
static const char *const events[] = { "issues", "issue_comment", "pull_request", "push", "star", "ping", "fork",
                                      "pull_request_review", "pull_request_review_comment", "discussion",
                                      "discussion_comment", "release", "member", "membership", "organization",
                                      "workflow_run" };
static const struct source source = { .name = "github", .type = SOURCE_GITHUB, .kind = -1, .product = "db",
                                      .lang = "en", .name_space = "github" };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        struct slice in = { (const char *)bytes, n };
        const char *event = events[take_byte(&in) % (sizeof events / sizeof *events)];
        struct arena *a = arena_new(32 << 20);
        enum github_outcome outcome;
        struct record *records, again;
        struct err err = ERR_INIT;
        struct buf flat;
        size_t many = 0;
        buf_init(&flat, 8 << 20);
        if (github_read(event, in, &source, a, &outcome, &records, &many, &err)) {
                must(outcome == GITHUB_RECORDS ? many > 0 : many == 0);
                for (size_t i = 0; i < many; i++) {
                        must(record_check(&records[i], &err));
                        buf_reset(&flat);
                        record_flatten(&records[i], &flat);
                        must(buf_ok(&flat) && record_unflatten(&again, a, buf_slice(&flat), &err));
                }
        } else {
                must(err.kind == ERR_DATA || err.kind == ERR_FULL);
        }
        buf_clear(&flat);
        arena_free(a);
        return 0;
}
