/* http_head.h - the head of a request: found in bytes, and judged before any parser
 * sees it. Pure: no socket, no clock, no allocation.                         */
#ifndef LINK_HTTP_HEAD_H
#define LINK_HTTP_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define HTTP_HEAD_MAX (16 << 10) /* bytes, from the request line to the empty line */
#define HTTP_LINES_MAX 100       /* header lines */

/* What is wrong, as status and a sentence for the sender; status 0: nothing. */
struct http_fault {
        int status;
        const char *text;
};

struct http_head {
        struct slice method;      /* all slices lie in the bytes that were checked */
        struct slice path, query; /* query without '?'; "" if none */
        struct slice lines;       /* the header lines, each ended by CRLF */
        int64_t length;           /* Content-Length, or -1 */
        bool chunked;
        bool expects;             /* Expect: 100-continue */
        bool old;                 /* HTTP/1.0 */
};

/* Looks for the end of a head. *scanned (0 at first) is where to go on when more bytes
 * have come. *out_n: its bytes, the empty line included; 0 while it is not whole. */
struct http_fault http_head_find(struct slice bytes, size_t *scanned, size_t *out_n);
/* Reads a whole head strictly by RFC 9112. Fault: 400, 417, 431, 501 or 505. */
struct http_fault http_head_read(struct http_head *out, struct slice bytes);
/* First header of that name, case folded, trimmed; SLICE_NONE if absent. */
struct slice http_head_get(const struct http_head *h, const char *name);

#endif
