/* github_push.c - a push: a record of each commit. */
#include "github.h"

/* The first line is the title, what follows the blank line the body. */
static bool commit_words(struct hook *h, struct record *r, struct slice message)
{
        if (!message.n)
                return true;
        const char *end = memchr(message.p, '\n', message.n);
        struct slice title = { message.p, end ? (size_t)(end - message.p) : message.n };
        struct slice body = { message.p + title.n, message.n - title.n };
        return github_put(h, r, FIELD_TITLE, slice_trim(title)) &&
               github_put(h, r, FIELD_BODY, slice_trim(body));
}

static bool read_commit(struct hook *h, struct record *r, const struct json *commit)
{
        const struct json *who = json_get(commit, "author");
        struct slice sha = json_string(json_get(commit, "id"));
        if (sha.n < 7 || sha.n > 64)
                return github_missing(h, "commits.id");
        if (!github_time(commit, "timestamp", &r->occurred_at_us))
                return github_missing(h, "commits.timestamp");
        r->kind = KIND_CONTRIBUTION;
        r->first = json_true(json_get(commit, "distinct"));
        return github_put_id(h, r, FIELD_ID, "commit", sha) &&
               commit_words(h, r, json_string(json_get(commit, "message"))) &&
               github_put(h, r, FIELD_URL, json_string(json_get(commit, "url"))) &&
               github_put(h, r, FIELD_AUTHOR_HANDLE, json_string(json_get(who, "username"))) &&
               github_put(h, r, FIELD_AUTHOR_NAME, json_string(json_get(who, "name"))) &&
               github_put(h, r, FIELD_AUTHOR_EMAIL, json_string(json_get(who, "email"))) &&
               github_mentions(h, r, commit) &&
               github_attribute(h, r, "repository",
                                json_string(json_at(h->root, "repository", "full_name", NULL))) &&
               github_attribute(h, r, "ref", json_string(json_get(h->root, "ref"))) && github_one(h, r);
}

bool github_push(struct hook *h, struct record *r, size_t *n)
{
        const struct json *commits = json_get(h->root, "commits");
        for (const struct json *j = commits->first; j; j = j->next)
                if (!read_commit(h, &r[(*n)++], j))
                        return err_add(h->err, "commit %zu", *n);
        return true;
}
