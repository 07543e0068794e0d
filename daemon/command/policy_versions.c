/* policy_versions.c - versions against git's HEAD, for `policy check`: a version that went down, and the
 * same version with other contents. An agent refuses the one and warns of the other; here it is said
 * before. Without git there is nothing to compare with, and nothing is said. */
#include "policy_versions.h"

#include <inttypes.h>
#include <string.h>

#include "base/conf.h"
#include "base/file.h"
#include "base/text.h"
#include "git.h"

enum { VERSIONS_ARENA = 96 << 20, FILE_BYTES_MAX = 4 << 20 };

static bool is_versioned(const char *path)
{
        size_t n = strlen(path);
        return !strchr(path, '/') && n > 4 && strcmp(path + n - 4, ".cfg") == 0 && strcmp(path, "topics.cfg") != 0;
}

/* 0: the text has none, or is none. */
static int64_t version_of(struct slice text, int *line)
{
        struct conf *conf = NULL;
        struct report *quiet = report_new();
        int64_t version = 0;
        if (conf_parse(&conf, "before", text, quiet)) {
                const struct conf_node *n = conf_get(conf_root(conf), "version");
                version = n && conf_type(n) == CONF_INT ? conf_int(n) : 0;
                *line = n ? conf_line(n) : 1;
        }
        conf_free(conf);
        report_free(quiet);
        return version;
}

static void compare(const char *path, struct slice before, struct slice now, struct report *report)
{
        int line = 1, unused;
        char hint[80];
        int64_t old = version_of(before, &unused), new = version_of(now, &line);
        if (!old || !new || new > old || slice_eq(before, now))
                return;
        snprintf(hint, sizeof hint, "Raise it: version = %" PRId64 ".", old + 1);
        if (new < old)
                report_add(report, REPORT_ERROR, path, line, 0, hint,
                           "version %" PRId64 " is below version %" PRId64 " of git's HEAD: agents refuse it", new, old);
        else
                report_add(report, REPORT_WARNING, path, line, 0, hint,
                           "version %" PRId64 " has other contents at git's HEAD", new);
}

static bool is_wanted(const char *file, const char *const *names, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                size_t length = strlen(names[i]);
                if (strncmp(file, names[i], length) == 0 && (!file[length] || strcmp(file + length, ".cfg") == 0))
                        return true;
        }
        return n == 0;
}

void policy_versions(const char *policies_dir, const char *const *names, size_t n, struct report *report)
{
        struct arena *a = arena_new(VERSIONS_ARENA);
        struct git_tree tree;
        struct err quiet = ERR_INIT;
        bool ok = a && git_read(&tree, policies_dir, "HEAD", is_versioned, a, &quiet);
        for (size_t i = 0; ok && i < tree.n; i++) {
                const struct git_file *f = &tree.files[i];
                char path[4096];
                struct buf now;
                snprintf(path, sizeof path, "%s/%s", policies_dir, f->path);
                buf_init(&now, FILE_BYTES_MAX);
                if (is_wanted(f->path, names, n) && file_exists(path) && file_read(&now, path, &quiet))
                        compare(path, f->bytes, buf_slice(&now), report);
                buf_clear(&now);
        }
        arena_free(a);
}
