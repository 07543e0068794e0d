/* github.c - GitHub's webhooks: which events are read, and what all of them have.
 *
 * Ids are made of GitHub's numbers, which renames, edits and new owners leave alone:
 *      issue/REPO/NUMBER         pull/REPO/NUMBER         comment/REPO/ID
 *      discussion/REPO/NUMBER    discussion-comment/REPO/ID
 *      review/REPO/ID            review-comment/REPO/ID   commit/REPO/SHA
 *      star/REPO/USER            fork/REPO/FORK           release/REPO/ID
 *      member/REPO/USER          membership/ORG/TEAM/USER organization/ORG/USER
 * A pull request is an issue too, and `issues` tells of its milestones and labels: that is a
 * revision of the pull request, not a new piece of feedback.
 *
 * revision is updated_at in µs; GitHub's has whole seconds, so that two edits within one
 * second are ordered by capture. Where older servers send none, a review has submitted_at, a
 * release published_at. A commit and a fork never change and have none. A star has starred_at,
 * its removal the repository's updated_at, which the removal has just set. Of members GitHub
 * sends no time at all: they are of the moment they came and in the order they came. What is
 * deleted keeps who and when, no words.                                                     */
#include "github.h"

enum { PAYLOAD_DEPTH_MAX = 24, COMMITS_MAX = 4096 };

static const struct event {
        const char *name;
        github_reader *read;
        const char *home; /* the object whose number its ids begin with */
        bool acts;        /* it has an action */
} events[] = {
        { "issues", github_issue, "repository", true },
        { "issue_comment", github_comment, "repository", true },
        { "pull_request", github_pull, "repository", true },
        { "pull_request_review", github_review, "repository", true },
        { "pull_request_review_comment", github_review_comment, "repository", true },
        { "discussion", github_discussion, "repository", true },
        { "discussion_comment", github_discussion_comment, "repository", true },
        { "push", github_push, "repository", false },
        { "star", github_star, "repository", true },
        { "fork", github_fork, "repository", false },
        { "release", github_release, "repository", true },
        { "member", github_member, "repository", true },
        { "membership", github_membership, "organization", true },
        { "organization", github_organization, "organization", true },
        { "ping", NULL, NULL, false },
};

static const struct event *event_of(const char *name)
{
        for (size_t i = 0; i < sizeof events / sizeof *events; i++)
                if (strcmp(events[i].name, name) == 0)
                        return &events[i];
        return NULL;
}

/* How many records there can be; false when a push has no list of commits. */
static bool room_for(struct hook *h, const struct event *e, size_t *n)
{
        const struct json *commits = json_get(h->root, "commits");
        *n = 1;
        if (e->read != github_push)
                return true;
        if (!commits || commits->type != JSON_ARRAY)
                return github_missing(h, "commits");
        *n = commits->count;
        return *n <= COMMITS_MAX || err_set(h->err, ERR_DATA, 0, "push has over %d commits", COMMITS_MAX);
}

static bool read_event(struct hook *h, const struct event *e, struct record **out, size_t *n)
{
        size_t most;
        h->home = github_digits(json_at(h->root, e->home, "id", NULL));
        h->action = json_string(json_get(h->root, "action"));
        if (!h->home.p)
                return err_set(h->err, ERR_DATA, 0, "\"%s.id\" is missing or not what GitHub sends", e->home);
        if (!h->action.p && e->acts)
                return github_missing(h, "action");
        if (!room_for(h, e, &most))
                return false;
        *out = arena_array(h->a, most, sizeof **out);
        return *out ? e->read(h, *out, n) : github_full(h);
}

bool github_read(const char *event, struct slice payload, const struct source *s, struct arena *a,
                 enum github_outcome *outcome, struct record **out, size_t *n, struct err *err)
{
        const struct event *e = event_of(event);
        struct hook h = { .s = s, .a = a, .err = err };
        struct json *root;
        *out = NULL;
        *n = 0;
        *outcome = GITHUB_COUNTED;
        if (!e)
                return true;
        if (!json_read(&root, a, payload, PAYLOAD_DEPTH_MAX, err))
                return err_add(err, "event \"%s\"", e->name);
        if (root->type != JSON_OBJECT)
                return err_set(err, ERR_DATA, 0, "payload is not a JSON object: event \"%s\"", e->name);
        h.root = root;
        if (!e->read) {
                *outcome = GITHUB_PING;
                return true;
        }
        if (!read_event(&h, e, out, n)) {
                *n = 0;
                return err_add(err, "event \"%s\"", e->name);
        }
        *outcome = *n ? GITHUB_RECORDS : GITHUB_COUNTED;
        return true;
}
