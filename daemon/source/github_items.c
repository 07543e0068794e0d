/* github_items.c - issues, pull requests, discussions, and what is said under them. */
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

/* A comment, and the thread that it stands in. */
static bool said_under(struct hook *h, struct record *r, size_t *n, const char *what, const char *thread,
                       struct slice number)
{
        const struct json *comment = json_get(h->root, "comment");
        struct slice id = github_digits(json_get(comment, "id"));
        *n = 1;
        if (!id.p)
                return github_missing(h, "comment.id");
        r->kind = KIND_DISCUSSION;
        return github_put_id(h, r, FIELD_ID, what, id) && github_put_id(h, r, FIELD_THREAD, thread, number) &&
               github_stamp(h, r, comment) && (r->deleted || github_words(h, r, comment)) && github_one(h, r);
}

bool github_comment(struct hook *h, struct record *r, size_t *n)
{
        const struct json *issue = json_get(h->root, "issue");
        struct slice number = github_digits(json_get(issue, "number"));
        if (!number.p)
                return github_missing(h, "issue.number");
        return said_under(h, r, n, "comment", github_item_name(issue), number);
}

bool github_review_comment(struct hook *h, struct record *r, size_t *n)
{
        struct slice number = github_digits(json_at(h->root, "pull_request", "number", NULL));
        if (!number.p)
                return github_missing(h, "pull_request.number");
        return said_under(h, r, n, "review-comment", "pull", number);
}

bool github_discussion_comment(struct hook *h, struct record *r, size_t *n)
{
        struct slice number = github_digits(json_at(h->root, "discussion", "number", NULL));
        if (!number.p)
                return github_missing(h, "discussion.number");
        return said_under(h, r, n, "discussion-comment", "discussion", number);
}

bool github_discussion(struct hook *h, struct record *r, size_t *n)
{
        const struct json *discussion = json_get(h->root, "discussion");
        struct slice number = github_digits(json_get(discussion, "number"));
        bool answered = json_string(json_get(discussion, "answer_chosen_at")).n > 0;
        *n = 1;
        if (!number.p)
                return github_missing(h, "discussion.number");
        r->kind = KIND_DISCUSSION;
        return github_put_id(h, r, FIELD_ID, "discussion", number) && github_stamp(h, r, discussion) &&
               (r->deleted || (github_words(h, r, discussion) &&
                               github_attribute(h, r, "category",
                                                json_string(json_at(discussion, "category", "name", NULL))) &&
                               github_attribute(h, r, "answered", answered ? SLICE("true") : SLICE_NONE))) &&
               github_one(h, r);
}

/* Reviews have no created_at; one that was never submitted has the time of its pull request. */
static bool review_stamp(struct hook *h, struct record *r, const struct json *review)
{
        if (!github_time(review, "submitted_at", &r->occurred_at_us) &&
            !github_time(json_get(h->root, "pull_request"), "updated_at", &r->occurred_at_us))
                return github_missing(h, "review.submitted_at");
        if (!github_time(review, "updated_at", &r->revision))
                r->revision = r->occurred_at_us;
        r->first = slice_is(h->action, "submitted");
        return github_author(h, r, json_get(review, "user"));
}

bool github_review(struct hook *h, struct record *r, size_t *n)
{
        const struct json *review = json_get(h->root, "review");
        struct slice id = github_digits(json_get(review, "id"));
        struct slice number = github_digits(json_at(h->root, "pull_request", "number", NULL));
        *n = 1;
        if (!id.p)
                return github_missing(h, "review.id");
        if (!number.p)
                return github_missing(h, "pull_request.number");
        r->kind = KIND_DISCUSSION;
        return github_put_id(h, r, FIELD_ID, "review", id) &&
               github_put_id(h, r, FIELD_THREAD, "pull", number) && review_stamp(h, r, review) &&
               github_words(h, r, review) && github_one(h, r);
}
