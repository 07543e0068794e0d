/* github_events.c - what is done with a repository: stars, forks, releases. */
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

/* Whoever forked; the fork's own address and owner say no more than that. */
bool github_fork(struct hook *h, struct record *r, size_t *n)
{
        const struct json *fork = json_get(h->root, "forkee");
        struct slice id = github_digits(json_get(fork, "id"));
        *n = 1;
        if (!id.p)
                return github_missing(h, "forkee.id");
        if (!github_time(fork, "created_at", &r->occurred_at_us))
                return github_missing(h, "forkee.created_at");
        r->kind = KIND_EVENT;
        r->first = true;
        return github_put_id(h, r, FIELD_ID, "fork", id) &&
               github_author(h, r, json_get(h->root, "sender")) &&
               github_attribute(h, r, "event", SLICE("fork")) &&
               github_attribute(h, r, "repository",
                                json_string(json_at(h->root, "repository", "full_name", NULL))) &&
               github_one(h, r);
}

/* A release that became a draft again may have lost published_at, and older servers send no
 * updated_at: then the repository's comes nearest to when that was. */
static bool release_stamp(struct hook *h, struct record *r, const struct json *release)
{
        if (!github_time(release, "created_at", &r->occurred_at_us))
                return github_missing(h, "release.created_at");
        r->revision = r->occurred_at_us;
        if (github_time(release, "published_at", &r->occurred_at_us))
                r->revision = r->occurred_at_us;
        else
                github_time(json_get(h->root, "repository"), "updated_at", &r->revision);
        github_time(release, "updated_at", &r->revision);
        r->first = slice_is(h->action, "created");
        return github_author(h, r, json_get(release, "author"));
}

static bool release_words(struct hook *h, struct record *r, const struct json *release)
{
        struct slice name = json_string(json_get(release, "name"));
        struct slice tag = json_string(json_get(release, "tag_name"));
        bool early = json_true(json_get(release, "prerelease"));
        return github_put(h, r, FIELD_TITLE, name.n ? name : tag) && github_put(h, r, FIELD_VERSION, tag) &&
               github_put(h, r, FIELD_BODY, json_string(json_get(release, "body"))) &&
               github_put(h, r, FIELD_URL, json_string(json_get(release, "html_url"))) &&
               github_mentions(h, r, release) && github_attribute(h, r, "event", SLICE("release")) &&
               github_attribute(h, r, "repository",
                                json_string(json_at(h->root, "repository", "full_name", NULL))) &&
               github_attribute(h, r, "prerelease", early ? SLICE("true") : SLICE_NONE);
}

/* A draft is nobody's to read yet: counted. What is unpublished is gone like what is deleted. */
bool github_release(struct hook *h, struct record *r, size_t *n)
{
        const struct json *release = json_get(h->root, "release");
        struct slice id = github_digits(json_get(release, "id"));
        if (!id.p)
                return github_missing(h, "release.id");
        r->deleted = slice_is(h->action, "deleted") || slice_is(h->action, "unpublished");
        if (!r->deleted && json_true(json_get(release, "draft")))
                return true;
        *n = 1;
        r->kind = KIND_EVENT;
        return github_put_id(h, r, FIELD_ID, "release", id) && release_stamp(h, r, release) &&
               (r->deleted || release_words(h, r, release)) && github_one(h, r);
}
