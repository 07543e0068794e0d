/* post.h - one request that carries records, from its head to its answer.
 *
 * Records go into batches, batches to the vault's mailbox, letters come back by the
 * listener's mailbox. A post lives until it was answered (or its sender left) and its
 * last batch came back. All on the front loop's thread.
 *
 * Back-pressure: with POST_AHEAD batches under way the body is not read. A vault whose
 * mailbox is full stalls the post (its batch waits in `stuck`), and the listener turns
 * new requests away with 503 meanwhile; after the timeout of requests it is 503 too. */
#ifndef CAPTURE_POST_H
#define CAPTURE_POST_H

#include "answer.h"
#include "capture/listener.h"
#include "door.h"
#include "lines.h"

enum { POST_AHEAD = 2 };

struct post;
struct listener {
        struct listener_spec spec;
        struct intake *intake;
        struct loop *loop;
        struct http_server *server;
        struct door *door;
        struct mailbox *mailbox; /* batches that come back */
        struct watch *mail_watch, *retry;
        struct post *posts;      /* all that live */
        struct post *stalled;
        int flying;              /* batches at the vault */
};

struct hook; /* what a webhook needs beside */

struct post {
        struct post *next, *prev;
        struct post *next_stalled;
        struct listener *listener;
        struct http_request *request; /* NULL: answered, or the sender left */
        struct intake_source *source;
        struct hook *hook;            /* NULL for POST /v1/records */
        struct lines lines;
        struct answer answer;
        struct batch *batch;          /* being filled */
        struct batch *stuck;          /* the vault's mailbox was full; in order */
        int flying, waiting;          /* batches at the vault; in `stuck` */
        int busy;                     /* callbacks on the stack: not to be freed */
        uint64_t bytes, held;         /* of the body; against the budget */
        bool stalled, ended, counted_only;
        bool unread; /* some of a webhook could not be: its sender is told, whatever was taken */
        int64_t stalled_us;           /* since when (monotonic) */
};

/* NULL when memory is out; then the request was answered. */
struct post *post_begin(struct listener *ls, struct http_request *r, struct intake_source *s);
/* Into the batch, which goes to the vault when full. False: memory is out, and the request was
 * answered 503. A record that is refused is told in the answer. */
bool post_put(struct post *p, struct record *record, int64_t line);
void post_refuse(struct post *p, int64_t line, const char *reason);
void post_body(struct post *p, struct slice piece);
void post_end(struct post *p);
void post_gone(struct post *p);
/* Answers now, whatever is under way. May free the post. */
void post_reply(struct post *p, int status, const char *why);
/* A letter came back. */
void post_settled(struct batch *b);
/* Stalled posts try again. */
void posts_retry(struct listener *ls);
void post_free(struct post *p);

/* Whether the source keeps to its records a second; if not, it was answered 429. What came in
 * a running request is not cut off: it is a debt, and the next one waits until it is paid. */
bool may_send(struct http_request *r, struct intake_source *s);
/* Answers of the front: {"error": why}; 503 says when to come back. */
void reply_error(struct http_request *r, int status, const char *why);
/* 401, without a hint which part was wrong. */
void reply_unauthorised(struct http_request *r);

/* hook.c: decides on the head, hashes as it comes, judges at the end. */
void hook_head(struct listener *ls, struct http_request *r, struct slice name);
void hook_body(struct post *p, struct slice piece);
void hook_end(struct post *p);
void hook_free(struct hook *h);

#endif
