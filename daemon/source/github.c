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
#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "source/source.h"

enum { PAYLOAD_DEPTH_MAX = 24, COMMITS_MAX = 4096, ATTRIBUTES_MAX = 8 };

struct hook {
        const struct source *s;
        struct arena *a;
        const struct json *root;
        struct slice action, repo; /* repo: its number */
        struct err *err;
};

static bool missing(struct hook *h, const char *what)
{
        return err_set(h->err, ERR_DATA, 0, "\"%s\" is missing or not what GitHub sends", what);
}

static bool full(struct hook *h)
{
        return err_set(h->err, ERR_FULL, 0, "payload does not fit into memory's ceiling");
}

/* GitHub's ids and numbers, as text: they outgrow no integer of ours. */
static struct slice digits(const struct json *j)
{
        uint64_t v;
        return j && j->type == JSON_NUMBER && text_uint(&v, j->text, UINT64_MAX) ? j->text : SLICE_NONE;
}

static bool time_at(const struct json *j, const char *key, int64_t *out)
{
        return clock_parse_rfc3339(out, json_string(json_get(j, key)));
}

static bool put(struct hook *h, struct record *r, enum field f, struct slice value)
{
        return value.n == 0 || record_set(r, h->a, f, value, h->err);
}

static bool put_id(struct hook *h, struct record *r, enum field f, const char *what, struct slice number)
{
        const char *id = arena_printf(h->a, "%s/%.*s/%.*s", what, SLICE_ARG(h->repo), SLICE_ARG(number));
        return id ? put(h, r, f, slice_of(id)) : full(h);
}

static bool attribute(struct hook *h, struct record *r, const char *name, struct slice value)
{
        if (!value.n)
                return true;
        struct attribute *list = arena_array(h->a, ATTRIBUTES_MAX, sizeof *list);
        if (!list)
                return full(h);
        if (r->n_attributes)
                memcpy(list, r->attributes, r->n_attributes * sizeof *list);
        list[r->n_attributes++] = (struct attribute){ slice_of(name), value };
        r->attributes = list;
        return true;
}

static bool author(struct hook *h, struct record *r, const struct json *user)
{
        return put(h, r, FIELD_AUTHOR_ID, digits(json_get(user, "id"))) &&
               put(h, r, FIELD_AUTHOR_HANDLE, json_string(json_get(user, "login")));
}

static bool standing(struct hook *h, struct record *r, const struct json *item)
{
        static const struct {
                const char *association, *standing;
        } rows[] = {
                { "OWNER", "maintainer" },        { "MEMBER", "maintainer" },
                { "COLLABORATOR", "maintainer" }, { "CONTRIBUTOR", "active" },
                { "FIRST_TIMER", "first_time" },  { "FIRST_TIME_CONTRIBUTOR", "first_time" },
        };
        struct slice got = json_string(json_get(item, "author_association"));
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                if (slice_is(got, rows[i].association))
                        return put(h, r, FIELD_AUTHOR_STANDING, slice_of(rows[i].standing));
        return true; /* NONE, MANNEQUIN: nothing is known */
}

static bool labels(struct hook *h, struct record *r, const struct json *list)
{
        if (!list || list->type != JSON_ARRAY || list->count == 0)
                return true;
        struct slice *tags = arena_array(h->a, list->count, sizeof *tags);
        if (!tags)
                return full(h);
        for (const struct json *j = list->first; j && r->n_tags < RECORD_LIST_MAX; j = j->next) {
                struct slice name = json_string(json_get(j, "name"));
                if (name.n)
                        tags[r->n_tags++] = name;
        }
        r->tags = tags;
        return true;
}

static bool is_login_char(char c)
{
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
}

static void mention(struct slice *list, size_t *n, struct slice login)
{
        for (size_t i = 0; i < *n; i++)
                if (slice_eq_nocase(list[i], login))
                        return;
        if (login.n && *n < RECORD_LIST_MAX)
                list[(*n)++] = login;
}

/* "@login" where no word or address runs into the @. */
static void mentions_in(struct slice *list, size_t *n, struct slice text)
{
        for (size_t i = 0; i + 1 < text.n; i++) {
                if (text.p[i] != '@' || (i && (is_login_char(text.p[i - 1]) || text.p[i - 1] == '_')))
                        continue;
                size_t end = i + 1;
                while (end < text.n && is_login_char(text.p[end]) && end - i <= 39)
                        end++;
                mention(list, n, (struct slice){ text.p + i + 1, end - i - 1 });
        }
}

/* Whom it names besides its author: assignees, and logins in the words. */
static bool mentions(struct hook *h, struct record *r, const struct json *item)
{
        struct slice *list = arena_array(h->a, RECORD_LIST_MAX, sizeof *list);
        const struct json *assignees = json_get(item, "assignees");
        if (!list)
                return full(h);
        for (const struct json *j = assignees ? assignees->first : NULL; j; j = j->next)
                mention(list, &r->n_mentions, json_string(json_get(j, "login")));
        mentions_in(list, &r->n_mentions, r->text[FIELD_TITLE]);
        mentions_in(list, &r->n_mentions, r->text[FIELD_BODY]);
        r->mentions = list;
        return true;
}

/* Who and when, of an issue, a pull request or a comment. */
static bool item_stamp(struct hook *h, struct record *r, const struct json *item)
{
        if (!time_at(item, "created_at", &r->occurred_at_us))
                return missing(h, "created_at");
        if (!time_at(item, "updated_at", &r->revision))
                return missing(h, "updated_at");
        r->first = slice_is(h->action, "opened") || slice_is(h->action, "created");
        r->deleted = slice_is(h->action, "deleted");
        return author(h, r, json_get(item, "user"));
}

static bool item_words(struct hook *h, struct record *r, const struct json *item)
{
        return put(h, r, FIELD_TITLE, json_string(json_get(item, "title"))) &&
               put(h, r, FIELD_BODY, json_string(json_get(item, "body"))) &&
               put(h, r, FIELD_URL, json_string(json_get(item, "html_url"))) && standing(h, r, item) &&
               labels(h, r, json_get(item, "labels")) && mentions(h, r, item) &&
               attribute(h, r, "repository",
                         json_string(json_at(h->root, "repository", "full_name", NULL))) &&
               attribute(h, r, "state", json_string(json_get(item, "state")));
}

static const char *item_name(const struct json *issue)
{
        const struct json *pull = json_get(issue, "pull_request");
        return pull && pull->type == JSON_OBJECT ? "pull" : "issue";
}

static bool one(struct hook *h, struct record *r)
{
        source_defaults(h->s, r);
        return record_check(r, h->err);
}

static bool read_issue(struct hook *h, struct record *r, size_t *n)
{
        const struct json *issue = json_get(h->root, "issue");
        const char *what = item_name(issue);
        struct slice number = digits(json_get(issue, "number"));
        *n = 1;
        if (!number.p)
                return missing(h, "issue.number");
        r->kind = what[0] == 'p' ? KIND_CONTRIBUTION : KIND_FEEDBACK;
        return put_id(h, r, FIELD_ID, what, number) && item_stamp(h, r, issue) &&
               (r->deleted || item_words(h, r, issue)) && one(h, r);
}

static bool read_pull(struct hook *h, struct record *r, size_t *n)
{
        const struct json *pull = json_get(h->root, "pull_request");
        struct slice number = digits(json_get(pull, "number"));
        *n = 1;
        if (!number.p)
                return missing(h, "pull_request.number");
        r->kind = KIND_CONTRIBUTION;
        return put_id(h, r, FIELD_ID, "pull", number) && item_stamp(h, r, pull) && item_words(h, r, pull) &&
               attribute(h, r, "merged", json_true(json_get(pull, "merged")) ? SLICE("true") : SLICE_NONE) &&
               attribute(h, r, "draft", json_true(json_get(pull, "draft")) ? SLICE("true") : SLICE_NONE) &&
               one(h, r);
}

static bool read_comment(struct hook *h, struct record *r, size_t *n)
{
        const struct json *comment = json_get(h->root, "comment"), *issue = json_get(h->root, "issue");
        struct slice id = digits(json_get(comment, "id")), number = digits(json_get(issue, "number"));
        *n = 1;
        if (!id.p)
                return missing(h, "comment.id");
        if (!number.p)
                return missing(h, "issue.number");
        r->kind = KIND_DISCUSSION;
        return put_id(h, r, FIELD_ID, "comment", id) &&
               put_id(h, r, FIELD_THREAD, item_name(issue), number) && item_stamp(h, r, comment) &&
               (r->deleted || item_words(h, r, comment)) && one(h, r);
}

static bool read_star(struct hook *h, struct record *r, size_t *n)
{
        const struct json *repository = json_get(h->root, "repository"),
                          *sender = json_get(h->root, "sender");
        struct slice user = digits(json_get(sender, "id"));
        *n = 1;
        if (!user.p)
                return missing(h, "sender.id");
        if (!time_at(h->root, "starred_at", &r->revision) && !time_at(repository, "updated_at", &r->revision))
                return missing(h, "starred_at");
        r->kind = KIND_EVENT;
        r->occurred_at_us = r->revision;
        r->first = slice_is(h->action, "created");
        r->deleted = slice_is(h->action, "deleted");
        return put_id(h, r, FIELD_ID, "star", user) && author(h, r, sender) &&
               (r->deleted ||
                (attribute(h, r, "event", SLICE("star")) &&
                 attribute(h, r, "repository", json_string(json_get(repository, "full_name"))))) &&
               one(h, r);
}

/* The first line is the title, what follows the blank line the body. */
static bool commit_words(struct hook *h, struct record *r, struct slice message)
{
        if (!message.n)
                return true;
        const char *end = memchr(message.p, '\n', message.n);
        struct slice title = { message.p, end ? (size_t)(end - message.p) : message.n };
        struct slice body = { message.p + title.n, message.n - title.n };
        return put(h, r, FIELD_TITLE, slice_trim(title)) && put(h, r, FIELD_BODY, slice_trim(body));
}

static bool read_commit(struct hook *h, struct record *r, const struct json *commit)
{
        const struct json *who = json_get(commit, "author");
        struct slice sha = json_string(json_get(commit, "id"));
        if (sha.n < 7 || sha.n > 64)
                return missing(h, "commits.id");
        if (!time_at(commit, "timestamp", &r->occurred_at_us))
                return missing(h, "commits.timestamp");
        r->kind = KIND_CONTRIBUTION;
        r->first = json_true(json_get(commit, "distinct"));
        return put_id(h, r, FIELD_ID, "commit", sha) &&
               commit_words(h, r, json_string(json_get(commit, "message"))) &&
               put(h, r, FIELD_URL, json_string(json_get(commit, "url"))) &&
               put(h, r, FIELD_AUTHOR_HANDLE, json_string(json_get(who, "username"))) &&
               put(h, r, FIELD_AUTHOR_NAME, json_string(json_get(who, "name"))) &&
               put(h, r, FIELD_AUTHOR_EMAIL, json_string(json_get(who, "email"))) && mentions(h, r, commit) &&
               attribute(h, r, "repository",
                         json_string(json_at(h->root, "repository", "full_name", NULL))) &&
               attribute(h, r, "ref", json_string(json_get(h->root, "ref"))) && one(h, r);
}

static bool read_push(struct hook *h, struct record *r, size_t *n)
{
        const struct json *commits = json_get(h->root, "commits");
        for (const struct json *j = commits->first; j; j = j->next)
                if (!read_commit(h, &r[(*n)++], j))
                        return err_add(h->err, "commit %zu", *n);
        return true;
}

static const struct event {
        const char *name;
        bool (*read)(struct hook *h, struct record *r, size_t *n);
} events[] = {
        { "issues", read_issue },      { "issue_comment", read_comment },
        { "pull_request", read_pull }, { "push", read_push },
        { "star", read_star },         { "ping", NULL },
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
        if (e->read != read_push)
                return true;
        if (!commits || commits->type != JSON_ARRAY)
                return missing(h, "commits");
        *n = commits->count;
        return *n <= COMMITS_MAX || err_set(h->err, ERR_DATA, 0, "push has over %d commits", COMMITS_MAX);
}

static bool read_event(struct hook *h, const struct event *e, struct record **out, size_t *n)
{
        size_t most;
        h->repo = digits(json_at(h->root, "repository", "id", NULL));
        h->action = json_string(json_get(h->root, "action"));
        if (!h->repo.p)
                return missing(h, "repository.id");
        if (!h->action.p && e->read != read_push)
                return missing(h, "action");
        if (!room_for(h, e, &most))
                return false;
        *out = arena_array(h->a, most, sizeof **out);
        return *out ? e->read(h, *out, n) : full(h);
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
