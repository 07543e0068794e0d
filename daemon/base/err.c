/* err.c - the error value and the one table of its kinds. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
        const char *name;
        int exit_status;
        const char *move;
} kinds[ERR_KINDS] = {
        [ERR_NONE] = { "none", EXIT_WELL, "nothing is wrong" },
        [ERR_RETRY] = { "retry", EXIT_COULD_NOT, "wait and try again" },
        [ERR_FULL] = { "full", EXIT_COULD_NOT, "push back on whoever sends" },
        [ERR_DATA] = { "data", EXIT_FINDING, "set this record aside, go on" },
        [ERR_DENIED] = { "denied", EXIT_FINDING, "policy or permission says no" },
        [ERR_CONFIG] = { "config", EXIT_BAD_CONFIG, "tell the operator, do not start" },
        [ERR_BUSY] = { "busy", EXIT_COULD_NOT, "someone else holds it" },
        [ERR_SYSTEM] = { "system", EXIT_COULD_NOT, "stop this role, let the supervisor restart it" },
        [ERR_BUG] = { "bug", EXIT_COULD_NOT, "stop at once, keep the evidence" },
};

static bool valid(enum err_kind kind)
{
        return (unsigned)kind < ERR_KINDS;
}

const char *err_kind_name(enum err_kind kind)
{
        return valid(kind) ? kinds[kind].name : "unknown";
}

int err_exit_status(enum err_kind kind)
{
        return valid(kind) ? kinds[kind].exit_status : EXIT_COULD_NOT;
}

const char *err_kind_move(enum err_kind kind)
{
        return valid(kind) ? kinds[kind].move : "unknown";
}

void err_clear(struct err *err)
{
        if (err)
                *err = (struct err)ERR_INIT;
}

bool err_set(struct err *err, enum err_kind kind, int code, const char *fmt, ...)
{
        if (!err)
                return false;
        /* Formatted aside: an argument may be the old text of this very error. */
        struct err fresh = { .kind = kind, .code = code };
        va_list args;
        va_start(args, fmt);
        vsnprintf(fresh.text, sizeof fresh.text, fmt, args);
        va_end(args);
        *err = fresh;
        return false;
}

static enum err_kind kind_of_errno(int e)
{
        switch (e) {
        case ENOSPC:
        case EDQUOT:
                return ERR_FULL;
        case EAGAIN:
        case EINTR:
                return ERR_RETRY;
        default:
                return ERR_SYSTEM;
        }
}

/* What whoever reads it can do about it, where that is the same wherever it happens; a caller that
 * knows more says so instead. */
static void hint_of_errno(struct err *err, int e)
{
        if (e == EACCES || e == EPERM)
                err_hint(err, "This user may not: `ls -l` says whose it is; run it as that user, or give this one the right.");
        else if (e == ENOSPC || e == EDQUOT)
                err_hint(err, "Make room on that disk, then do it again.");
        else if (e == EROFS)
                err_hint(err, "That disk is mounted to be read only.");
}

bool err_errno(struct err *err, int errno_value, const char *fmt, ...)
{
        if (!err)
                return false;
        struct err fresh = { .kind = kind_of_errno(errno_value), .code = errno_value };
        va_list args;
        va_start(args, fmt);
        vsnprintf(fresh.text, sizeof fresh.text, fmt, args);
        va_end(args);
        *err = fresh;
        hint_of_errno(err, errno_value);
        return err_add(err, "%s", strerrordesc_np(errno_value) ? strerrordesc_np(errno_value)
                                                               : "unknown error");
}

bool err_add(struct err *err, const char *fmt, ...)
{
        if (!err)
                return false;
        size_t n = strlen(err->text);
        if (n + 3 >= sizeof err->text)
                return false;
        memcpy(err->text + n, ": ", 3);
        va_list args;
        va_start(args, fmt);
        vsnprintf(err->text + n + 2, sizeof err->text - n - 2, fmt, args);
        va_end(args);
        return false;
}

bool err_hint(struct err *err, const char *fmt, ...)
{
        if (!err)
                return false;
        va_list args;
        va_start(args, fmt);
        vsnprintf(err->hint, sizeof err->hint, fmt, args);
        va_end(args);
        return false;
}
