/* http_conn.h - what the server's files share: a connection, and the request on it.
 *
 * An idle connection holds this struct and nothing else: all connections read into
 * the server's one window, and only what cannot be used yet (half a head, a pipelined
 * request, a piece while paused) is copied to the connection.               */
#ifndef LINK_HTTP_CONN_H
#define LINK_HTTP_CONN_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <http_parser.h>

#include "http_head.h"
#include "link/http.h"
#include "tls.h"

#define HTTP_WINDOW (64 << 10)       /* bytes read at once */
#define HTTP_REPLY_MAX (64 << 20)    /* bytes of an answer that wait for a slow reader */
#define HTTP_LINGER_US 3000000       /* how long what still comes is dropped */
#define HTTP_LINGER_BYTES (16 << 20) /* and how much of it */
#define HTTP_NEVER INT64_MAX

enum conn_state {
        CONN_HEAD,   /* between requests, or half a head is here */
        CONN_BODY,   /* head() was called; pieces come */
        CONN_WAIT,   /* the request is whole; its reply is owed */
        CONN_SEND,   /* replied; the last bytes wait for a slow reader */
        CONN_LINGER, /* said all we had to say; dropping what still comes */
        CONN_DEAD    /* closed; freed when its calls have returned */
};

struct http_request {
        void *ctx;
        struct buf bytes; /* the head, as long as the request lives */
        struct http_head head;
        http_parser parser;
        uint64_t body_n, wire_n;  /* bytes of the body, and as they came (chunks) */
        struct http_fault refuse; /* found inside the parser */
        bool open;                /* the handler knows it and owes a reply */
        bool complete;            /* its last byte was parsed */
        bool keep;                /* the connection may go on after the reply */
        bool paused;
        bool continue_owed;       /* "100 Continue", if nothing came before */
};

struct conn {
        struct http_request request;
        struct http_server *server;
        struct conn *next, *prev;
        enum conn_state state;
        struct wire wire;
        struct event read_event, write_event;
        bool reading, writing; /* which events are added */
        bool busy;             /* conn_feed() is on the stack */
        struct buf in;         /* cannot be used yet; <= HTTP_WINDOW */
        size_t scanned;        /* of `in`, by http_head_find() */
        struct buf out;
        size_t out_at;
        int64_t deadline_us;   /* monotonic */
        uint64_t drained;
};

struct http_server {
        struct http_settings settings; /* its texts are not kept */
        struct event_base *base;
        struct event *accept_event, *janitor;
        struct tls *tls;
        int fd, port;
        char unlink_path[108]; /* a unix socket's; "" if none */
        struct conn *conns;
        int open_conns, busy;
        bool draining, accepting;
        bool asks_clients;     /* for a certificate */
        time_t date_s;
        char date[40];
        char window[HTTP_WINDOW];
};

/* Takes fd. A refused one only hears "503" and lingers. */
void conn_open(struct http_server *s, int fd, bool refused);
/* Calls gone() if a reply is owed. May free. */
void conn_close(struct conn *c);
/* Parses `fresh` after what waits; may free. */
void conn_feed(struct conn *c, struct slice fresh);
/* The server's own answer, after which the connection closes. */
void conn_refuse(struct conn *c, struct http_fault fault);
/* Queues head and body, writes what the socket takes. May close the connection. */
void conn_send(struct conn *c, struct slice head, struct slice body);
/* For the janitor, when the deadline has passed. May free. */
void conn_expire(struct conn *c);
bool conn_idle(const struct conn *c);
void conn_deadline(struct conn *c, int64_t after_us);
/* Writes status line, headers and body; the request is over. */
void reply_write(struct conn *c, int status, const char *content_type, const char *extra,
                 struct slice body);

#endif
