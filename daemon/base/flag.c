/* flag.c - command lines of verbs. */
#include <stdio.h>
#include <string.h>

#include "base/option.h"
#include "base/text.h"

enum { FLAGS_MAX = 64 };

static const struct flag *by_name(const struct flag *flags, struct slice name)
{
        for (; flags->name; flags++)
                if (slice_is(name, flags->name))
                        return flags;
        return NULL;
}

static const struct flag *by_letter(const struct flag *flags, char letter)
{
        for (; flags->name; flags++)
                if (flags->letter && flags->letter == letter)
                        return flags;
        return NULL;
}

static bool unknown(const struct flag *flags, const char *arg, struct err *err)
{
        const char *names[FLAGS_MAX];
        char bare[64];
        size_t n = 0;
        for (; flags->name && n < FLAGS_MAX; flags++)
                names[n++] = flags->name;
        snprintf(bare, sizeof bare, "%.*s", (int)strcspn(arg, "="), arg);
        const char *nearest = text_nearest(bare + strspn(bare, "-"), names, n);
        err_set(err, ERR_CONFIG, 0, "unknown option \"%s\"", bare);
        return nearest ? err_hint(err, "Did you mean --%s?", nearest)
                       : err_hint(err, "--help lists the options.");
}

/* The option at argv[*i]; a value may be the next argument. */
static bool read_one(const struct flag *flags, int argc, char **argv, int *i, struct err *err)
{
        const char *arg = argv[*i], *value = NULL;
        const struct flag *f;
        if (arg[1] == '-') {
                size_t n = strcspn(arg + 2, "=");
                f = by_name(flags, slice_make(arg + 2, n));
                if (arg[2 + n] == '=')
                        value = arg + 2 + n + 1;
        } else {
                f = by_letter(flags, arg[1]);
                if (f && arg[2]) {
                        if (!f->value)
                                return unknown(flags, arg, err);
                        value = arg + 2;
                }
        }
        if (!f)
                return unknown(flags, arg, err);
        if (!f->value && value)
                return err_set(err, ERR_CONFIG, 0, "option --%s takes no value", f->name);
        if (!f->value) {
                *(bool *)f->at = true;
                return true;
        }
        if (!value && *i + 1 < argc)
                value = argv[++*i];
        if (!value)
                return err_set(err, ERR_CONFIG, 0, "option --%s needs a value: %s", f->name, f->value);
        *(const char **)f->at = value;
        return true;
}

int flag_read(const struct flag *flags, int argc, char **argv, struct err *err)
{
        int positionals = 0;
        bool options = true; /* until "--" */
        for (int i = 0; i < argc; i++) {
                char *arg = argv[i];
                if (options && strcmp(arg, "--") == 0)
                        options = false;
                else if (!options || arg[0] != '-' || !arg[1]) /* "-" alone is a positional */
                        argv[positionals++] = arg;
                else if (!read_one(flags, argc, argv, &i, err))
                        return -1;
        }
        return positionals;
}

void flag_help(const struct flag *flags, struct buf *out)
{
        char left[64];
        for (; flags->name; flags++) {
                int n = snprintf(left, sizeof left, "--%s%s%s", flags->name, flags->value ? " " : "",
                                 flags->value ? flags->value : "");
                if (flags->letter && n > 0 && (size_t)n < sizeof left)
                        snprintf(left + n, sizeof left - (size_t)n, ", -%c", flags->letter);
                buf_printf(out, "  %-26s %s\n", left, flags->help);
        }
}
