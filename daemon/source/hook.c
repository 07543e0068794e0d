/* hook.c - the senders that we know, a row each; others have a mapping file. */
#include "source/hook.h"

#include "discourse.h"
#include "source/mapping.h"

static const struct hook_sender github = {
        .signature = { "X-Hub-Signature-256", NULL },
        .prefix = "sha256=",
        .before = "",
        .between = "",
        .headers = { "X-GitHub-Event" },
        .n_headers = 1,
        .event_first = true,
};

static const struct hook_sender discourse = {
        .signature = { "X-Discourse-Event-Signature", NULL },
        .prefix = "sha256=",
        .before = "",
        .between = "",
        .headers = { "X-Discourse-Event", "X-Discourse-Event-Type" }, /* a ping has only the second */
        .n_headers = 2,
        .event_first = true,
};

const struct hook_sender *hook_sender(const struct source *s)
{
        switch ((enum source_type)s->type) {
        case SOURCE_GITHUB:
                return &github;
        case SOURCE_DISCOURSE:
                return &discourse;
        case SOURCE_WEBHOOK:
                return mapping_sender(s->mapping);
        case SOURCE_API:
        case SOURCE_FOLDER:
                break;
        }
        return NULL;
}

static bool read_github(const struct source *s, struct slice event, struct slice payload, struct arena *a,
                        enum hook_outcome *outcome, source_each *each, void *ctx, struct err *err)
{
        enum github_outcome what;
        struct record *records;
        char name[HOOK_VALUE_MAX] = "";
        size_t n;
        if (event.n < sizeof name && event.n)
                memcpy(name, event.p, event.n);
        if (!github_read(name, payload, s, a, &what, &records, &n, err))
                return false;
        *outcome = what == GITHUB_RECORDS ? HOOK_RECORDS : what == GITHUB_PING ? HOOK_PING : HOOK_COUNTED;
        for (size_t i = 0; i < n; i++)
                if (!each(ctx, (int64_t)i + 1, &records[i], NULL))
                        break;
        return true;
}

static bool read_discourse(const struct source *s, const struct slice *values, struct slice payload,
                           struct arena *a, enum hook_outcome *outcome, source_each *each, void *ctx,
                           struct err *err)
{
        struct record *r;
        if (!discourse_read(values[0].p ? values[0] : values[1], payload, s, a, outcome, &r, err))
                return false;
        if (r)
                each(ctx, 1, r, NULL);
        return true;
}

bool hook_read(const struct source *s, const struct slice *values, struct slice payload, struct arena *a,
               struct hook_result *result, source_each *each, void *ctx, struct err *err)
{
        *result = (struct hook_result){ .outcome = HOOK_COUNTED };
        switch ((enum source_type)s->type) {
        case SOURCE_GITHUB:
                return read_github(s, values[0], payload, a, &result->outcome, each, ctx, err);
        case SOURCE_DISCOURSE:
                return read_discourse(s, values, payload, a, &result->outcome, each, ctx, err);
        case SOURCE_WEBHOOK:
                return mapping_read(s->mapping, s, values, payload, a, result, each, ctx, NULL, err);
        case SOURCE_API:
        case SOURCE_FOLDER:
                break;
        }
        return err_set(err, ERR_BUG, 0, "source \"%s\" has no webhooks", s->name);
}
