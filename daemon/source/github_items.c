/* github_items.c - issues, pull requests and what is said under them. */
#include "github.h"

static const char *github_item_name(const struct json *issue)
{
        const struct json *pull = json_get(issue, "pull_request");
        return pull && pull->type == JSON_OBJECT ? "pull" : "issue";
}

bool github_issue(struct hook *h, struct record *r, size_t *n)
{
        const struct json *issue = json_get(h->root, "issue");
        const char *what = github_item_name(issue);
        struct slice number = github_digits(json_get(issue, "number"));
        *n = 1;
        if (!number.p)
                return github_missing(h, "issue.number");
        r->kind = what[0] == 'p' ? KIND_CONTRIBUTION : KIND_FEEDBACK;
        return github_put_id(h, r, FIELD_ID, what, number) && github_stamp(h, r, issue) &&
               (r->deleted || github_words(h, r, issue)) && github_one(h, r);
}

bool github_pull(struct hook *h, struct record *r, size_t *n)
{
        const struct json *pull = json_get(h->root, "pull_request");
        struct slice number = github_digits(json_get(pull, "number"));
        *n = 1;
        if (!number.p)
                return github_missing(h, "pull_request.number");
        r->kind = KIND_CONTRIBUTION;
        return github_put_id(h, r, FIELD_ID, "pull", number) && github_stamp(h, r, pull) &&
               github_words(h, r, pull) &&
               github_attribute(h, r, "merged",
                                json_true(json_get(pull, "merged")) ? SLICE("true") : SLICE_NONE) &&
               github_attribute(h, r, "draft",
                                json_true(json_get(pull, "draft")) ? SLICE("true") : SLICE_NONE) &&
               github_one(h, r);
}

bool github_comment(struct hook *h, struct record *r, size_t *n)
{
        const struct json *comment = json_get(h->root, "comment"), *issue = json_get(h->root, "issue");
        struct slice id = github_digits(json_get(comment, "id")),
                     number = github_digits(json_get(issue, "number"));
        *n = 1;
        if (!id.p)
                return github_missing(h, "comment.id");
        if (!number.p)
                return github_missing(h, "issue.number");
        r->kind = KIND_DISCUSSION;
        return github_put_id(h, r, FIELD_ID, "comment", id) &&
               github_put_id(h, r, FIELD_THREAD, github_item_name(issue), number) &&
               github_stamp(h, r, comment) && (r->deleted || github_words(h, r, comment)) && github_one(h, r);
}
