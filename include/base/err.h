/* err.h - an error is a value that says what to do next.
 *
 * Every call that may fail returns bool and takes `struct err *` last. The
 * struct lives on the caller's stack; nothing is allocated on the way. The
 * place that fails states the fact (err_set); each floor that knows more adds
 * where (err_add); advice goes into the hint. Messages follow PostgreSQL's
 * manners: lower case, no full stop, names in quotes. Personal data never
 * enters an error text: name record keys, sources, lines, never values.
 *
 *      struct err err = ERR_INIT;
 *      if (!file_read(&buf, path, &err))
 *              return err_add(&err, "region \"%s\"", code);               */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

enum err_kind {
        ERR_NONE,
        ERR_RETRY,  /* wait and try again (backoff) */
        ERR_FULL,   /* push back on whoever sends */
        ERR_DATA,   /* set this record aside, go on */
        ERR_DENIED, /* policy or permission says no; note it, go on */
        ERR_CONFIG, /* tell the operator, do not start */
        ERR_BUSY,   /* someone else holds it */
        ERR_SYSTEM, /* stop this role cleanly, let the supervisor restart it */
        ERR_BUG,    /* stop at once, keep the evidence */
        ERR_KINDS
};

/* Exit statuses of every verb (the design, section 5). */
enum exit_status {
        EXIT_WELL = 0,       /* done and well */
        EXIT_FINDING = 1,    /* done, and something is wrong */
        EXIT_COULD_NOT = 2,  /* usage, no connection */
        EXIT_DIFFERENT = 3,  /* a difference was found */
        EXIT_BAD_CONFIG = 78 /* configuration is wrong (sysexits EX_CONFIG) */
};

struct err {
        enum err_kind kind;
        int code; /* errno, SQLite, Kafka or TLS code; 0 if none */
        char text[768];
        char hint[320];
};

#define ERR_INIT { .kind = ERR_NONE }

/* States the fact. Replaces whatever was there. Always returns false, so that
 * a function can end with `return err_set(...)`. A NULL `err` is allowed. */
bool err_set(struct err *err, enum err_kind kind, int code, const char *fmt, ...)
        __attribute__((format(printf, 4, 5)));

/* err_set() with ": strerror(errno_value)" appended and the kind chosen from
 * errno: ENOSPC, EDQUOT -> ERR_FULL; EAGAIN, EINTR -> ERR_RETRY; else ERR_SYSTEM. */
bool err_errno(struct err *err, int errno_value, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));

/* Appends ": CONTEXT", once per floor. Always returns false. */
bool err_add(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Sets the advice: a sentence with capital and full stop. Always returns false. */
bool err_hint(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void err_clear(struct err *err);

/* One table in err.c: name ("config"), exit status, the caller's move. */
const char *err_kind_name(enum err_kind kind);
int err_exit_status(enum err_kind kind);
const char *err_kind_move(enum err_kind kind);

#endif
