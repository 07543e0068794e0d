/* github.c - GitHub's webhooks: issues, comments, pull requests, pushes, stars.
 *
 * Ids are made of GitHub's numbers, which renames, edits and new owners leave alone:
 *      issue/REPO/NUMBER    pull/REPO/NUMBER    comment/REPO/ID    commit/REPO/SHA
 *      star/REPO/USER
 * A pull request is an issue too, and `issues` tells of its milestones and labels: that is a
 * revision of the pull request, not a new piece of feedback.
 *
 * revision is updated_at in µs; GitHub's has whole seconds, so that two edits within one
 * second are ordered by capture. A commit never changes and has none. A star has starred_at,
 * its removal the repository's updated_at, which the removal has just set. What is deleted
 * keeps who and when, no words.                                                        */
#include "github.h"

enum { PAYLOAD_DEPTH_MAX = 24, COMMITS_MAX = 4096 };

static const struct event {
        const char *name;
        github_reader *read;
} events[] = {
        { "issues", github_issue },      { "issue_comment", github_comment },
        { "pull_request", github_pull }, { "push", github_push },
        { "star", github_star },         { "ping", NULL },
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
        h->repo = github_digits(json_at(h->root, "repository", "id", NULL));
        h->action = json_string(json_get(h->root, "action"));
        if (!h->repo.p)
                return github_missing(h, "repository.id");
        if (!h->action.p && e->read != github_push)
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
