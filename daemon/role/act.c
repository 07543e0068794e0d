/* act.c - where things are, how to ask a running agent, how to say what went wrong. */
#include "role/act.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "link/http.h"

static const char *first_folder(const char *given, const char *here, const char *system)
{
        if (given)
                return given;
        return file_exists(here) ? here : system;
}

void deployment_resolve(struct deployment *d, struct buf *keep)
{
        d->regions = first_folder(d->regions, "regions", "/etc/tributary/regions");
        d->policies = first_folder(d->policies, "policies", "/etc/tributary/policies");
        if (!d->state && d->region) {
                buf_printf(keep, "/var/lib/tributary/%s", d->region);
                d->state = keep->p;
        }
}

bool agent_ask(const char *state_dir, const char *path, const char *post, struct buf *out,
               struct err *err)
{
        char address[4096];
        snprintf(address, sizeof address, "unix:%s/control.sock", state_dir);
        int status = 0;
        struct slice body = post ? slice_of(post) : SLICE_NONE;
        if (!http_ask(address, 0, path, body, 10 * 1000000, &status, out, err)) {
                err_hint(err, "Is the agent running? Its state folder is named by --state.");
                return err_add(err, "agent at \"%s\"", state_dir);
        }
        if (status != 200)
                return err_set(err, ERR_SYSTEM, status, "the agent answered %d: %.200s", status,
                               out->p ? out->p : "");
        return true;
}

int act_fail(const struct err *err, bool json)
{
        if (!json) {
                fprintf(stderr, "tributary: %s\n", err->text);
                if (err->hint[0])
                        fprintf(stderr, "hint: %s\n", err->hint);
                return err_exit_status(err->kind);
        }
        struct buf b;
        struct json_out o;
        buf_init(&b, 1 << 16);
        json_out_init(&o, &b);
        json_open(&o, NULL, '{');
        json_put_int(&o, "version", 1);
        json_open(&o, "error", '{');
        json_put_text(&o, "kind", err_kind_name(err->kind));
        json_put_text(&o, "text", err->text);
        json_put_text(&o, "hint", err->hint[0] ? err->hint : NULL);
        json_close(&o, '}');
        json_close(&o, '}');
        printf("%s\n", b.p ? b.p : "");
        buf_clear(&b);
        return err_exit_status(err->kind);
}

int act_report(const struct report *r, bool json)
{
        size_t errors = report_count(r, REPORT_ERROR);
        if (json) {
                struct buf b;
                buf_init(&b, 4 << 20);
                report_json(r, &b);
                printf("{\"version\":1,\"ok\":%s,\"findings\":%s}\n", errors ? "false" : "true",
                       b.p ? b.p : "[]");
                buf_clear(&b);
        } else {
                /* Beside what is wrong, what is merely worth knowing would bury it. */
                report_print_from(r, errors ? REPORT_WARNING : REPORT_NOTE, errors ? stderr : stdout);
        }
        return errors ? EXIT_BAD_CONFIG : EXIT_WELL;
}
