/* github.h - what the files of GitHub's webhooks share: one payload, and the parts of records. */
#ifndef SOURCE_GITHUB_H
#define SOURCE_GITHUB_H

#include "base/json.h"
#include "source/source.h"

struct hook {
        const struct source *s;
        struct arena *a;
        const struct json *root;
        struct slice action, home; /* home: the number of its repository or organization */
        struct err *err;
};

/* ---- github_parts.c: from GitHub's objects to a record's fields ------------ */

bool github_missing(struct hook *h, const char *what); /* false, with ERR_DATA */
bool github_full(struct hook *h);                      /* false, with ERR_FULL */
/* GitHub's ids and numbers, as text; SLICE_NONE if there is none. */
struct slice github_digits(const struct json *j);
bool github_time(const struct json *j, const char *key, int64_t *out);
/* Sets nothing where there is no value. */
bool github_put(struct hook *h, struct record *r, enum field f, struct slice value);
/* WHAT/HOME/NUMBER */
bool github_put_id(struct hook *h, struct record *r, enum field f, const char *what, struct slice number);
bool github_attribute(struct hook *h, struct record *r, const char *name, struct slice value);
bool github_author(struct hook *h, struct record *r, const struct json *user);
/* Whom it names besides its author: assignees, and logins in title and body. */
bool github_mentions(struct hook *h, struct record *r, const struct json *item);
/* Who and when, of an issue, a pull request or a comment. */
bool github_stamp(struct hook *h, struct record *r, const struct json *item);
bool github_words(struct hook *h, struct record *r, const struct json *item);
/* The last step: the source's defaults, and what every record must meet. */
bool github_one(struct hook *h, struct record *r);

/* ---- The readers: *n is raised with each record; none: the event is only counted ---- */

typedef bool github_reader(struct hook *h, struct record *r, size_t *n);
/* github_items.c */
github_reader github_issue, github_pull, github_comment, github_discussion, github_discussion_comment,
        github_review, github_review_comment;
github_reader github_star, github_fork, github_release;              /* github_events.c */
github_reader github_member, github_membership, github_organization; /* github_members.c */
github_reader github_push;                                           /* github_push.c */

#endif
