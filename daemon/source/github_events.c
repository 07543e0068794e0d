/* github_events.c - what is done and not said: stars. */
#include "github.h"

bool github_star(struct hook *h, struct record *r, size_t *n)
{
        const struct json *repository = json_get(h->root, "repository"),
                          *sender = json_get(h->root, "sender");
        struct slice user = github_digits(json_get(sender, "id"));
        *n = 1;
        if (!user.p)
                return github_missing(h, "sender.id");
        if (!github_time(h->root, "starred_at", &r->revision) &&
            !github_time(repository, "updated_at", &r->revision))
                return github_missing(h, "starred_at");
        r->kind = KIND_EVENT;
        r->occurred_at_us = r->revision;
        r->first = slice_is(h->action, "created");
        r->deleted = slice_is(h->action, "deleted");
        return github_put_id(h, r, FIELD_ID, "star", user) && github_author(h, r, sender) &&
               (r->deleted ||
                (github_attribute(h, r, "event", SLICE("star")) &&
                 github_attribute(h, r, "repository", json_string(json_get(repository, "full_name"))))) &&
               github_one(h, r);
}
