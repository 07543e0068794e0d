/* flags.c - a reader at the hub says that a mask covers nobody's data: kept for the officers' desk.
 *
 * STATE/flags/ID.json as `policy flag` writes and reads them; ID.done beside it: an officer has dealt
 * with it. The topic is read anew at each start, so what is there already is passed by. A flag that
 * cannot be kept is told once more at the next start. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "pump_private.h"

enum { FLAG_MAX = 4096, FLAGS_MAX = 2000, PATH_LONG = 4096 };

/* "RECORD_KEY-phone-1". */
static void id_of(char out[100], const struct receipt *r)
{
        size_t n;
        uuid_format(out, r->record_key);
        n = strlen(out);
        for (size_t i = 0; i < r->mask.n && n < 90; i++) {
                char c = r->mask.p[i];
                if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
                        out[n++] = c;
                else if (c != ']' && out[n - 1] != '-')
                        out[n++] = '-';
        }
        out[n] = 0;
}

static bool count_one(const char *name, void *ctx)
{
        (void)name;
        return ++*(size_t *)ctx < FLAGS_MAX;
}

static bool format(struct buf *b, const struct receipt *r)
{
        struct json_out o;
        char key[37], by[100];
        uuid_format(key, r->record_key);
        snprintf(by, sizeof by, "%.*s (hub)", SLICE_ARG(r->by));
        json_out_init(&o, b);
        json_open(&o, NULL, '{');
        json_put_int(&o, "version", 1);
        json_put_text(&o, "record", key);
        json_put_string(&o, "mask", r->mask);
        json_put_string(&o, "note", r->note);
        json_put_text(&o, "by", by);
        json_put_time(&o, "at", clock_now_us());
        json_close(&o, '}');
        return buf_ok(b);
}

void flag_take(const struct pump *p, const struct receipt *r)
{
        char id[100], folder[PATH_LONG - 128], path[PATH_LONG], done[PATH_LONG];
        struct err err = ERR_INIT;
        size_t n = 0;
        struct buf b;

        id_of(id, r);
        snprintf(folder, sizeof folder, "%s/flags", p->spec.state_dir);
        snprintf(path, sizeof path, "%s/%s.json", folder, id);
        snprintf(done, sizeof done, "%s/%s.done", folder, id);
        if (file_exists(path) || file_exists(done))
                return;
        buf_init(&b, FLAG_MAX);
        bool ok = dir_make(folder, 0700, &err) && dir_each(folder, "*.json", count_one, &n, &err);
        if (ok && n >= FLAGS_MAX)
                ok = err_set(&err, ERR_FULL, 0, "%d flags wait already", FLAGS_MAX) ||
                     err_hint(&err, "`tributary policy flag list` has them.");
        ok = ok && (format(&b, r) || err_set(&err, ERR_DATA, 0, "flag is too long")) &&
             file_create(path, buf_slice(&b), 0600, &err);
        buf_clear(&b);
        if (ok)
                log_info("pump", "a mask is flagged", "flag=%s", id);
        else
                log_err(LOG_LEVEL_WARNING, "pump", "a flag of the hub's could not be kept", &err);
}
