/* policy_sides.c - OLD and NEW of `policy diff`: a policy, a file, a folder, or a revision of git's. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "git.h"
#include "policy_diff.h"

enum { SET_BYTES_MAX = 48 << 20 };

static bool is_folder(const char *path)
{
        struct stat st;
        return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool ends_in_cfg(const char *s, size_t n)
{
        return n > 4 && memcmp(s + n - 4, ".cfg", 4) == 0;
}

/* ---- A revision ------------------------------------------------------------------------ */

/* What a set is made of: policies, and their lists. */
static bool of_a_set(const char *path)
{
        const char *slash = strchr(path, '/');
        if (slash)
                return strncmp(path, "lists/", 6) == 0 && !strchr(slash + 1, '/');
        return ends_in_cfg(path, strlen(path));
}

static bool take_tree(struct diff_side *s, const struct git_tree *tree, struct arena *a, struct err *err)
{
        struct policy_file *files = arena_array(a, tree->n, sizeof *files);
        if (!files)
                return err_set(err, ERR_FULL, 0, "out of memory");
        for (size_t i = 0; i < tree->n; i++)
                files[i] = (struct policy_file){ tree->files[i].path, tree->files[i].bytes };
        buf_init(&s->packed, SET_BYTES_MAX);
        policy_pack(files, tree->n, &s->packed);
        return buf_ok(&s->packed) || err_set(err, ERR_FULL, 0, "the policies of that revision are too large");
}

/* "HEAD~1" or "HEAD~1:eea". */
static bool set_revision(struct diff_side *s, const char *word, struct arena *a, struct err *err)
{
        const char *colon = strchr(word, ':');
        char revision[256];
        struct git_tree tree;
        snprintf(revision, sizeof revision, "%.*s", (int)(colon ? colon - word : 250), word);
        snprintf(s->folder, sizeof s->folder, "%s", s->d.policies);
        snprintf(s->name, sizeof s->name, "%s", colon ? colon + 1 : "");
        size_t n = strlen(s->name);
        if (ends_in_cfg(s->name, n))
                s->name[n - 4] = 0;
        if (*s->name && !text_is_name(slice_of(s->name)))
                return err_set(err, ERR_SYSTEM, 0, "\"%.60s\" is no policy's name", s->name);
        if (!git_read(&tree, s->folder, revision, of_a_set, a, err) || !take_tree(s, &tree, a, err))
                return false;
        snprintf(s->label, sizeof s->label, "%.250s (git %.12s)", revision, tree.commit);
        return true;
}

/* ---- What else a word may be --------------------------------------------------------------- */

static bool set_folder(struct diff_side *s, const char *word)
{
        snprintf(s->folder, sizeof s->folder, "%s", word);
        return true;
}

/* "draft/eea.cfg": that file, among what lies beside it, and what does not from the policies in force:
 * else a draft of one file would seem to take all other laws away. */
static bool set_file(struct diff_side *s, const char *word)
{
        const char *slash = strrchr(word, '/');
        s->below = slash ? s->d.policies : NULL;
        if (slash)
                snprintf(s->folder, sizeof s->folder, "%.*s", slash == word ? 1 : (int)(slash - word), word);
        else
                snprintf(s->folder, sizeof s->folder, "%s", s->d.policies);
        snprintf(s->name, sizeof s->name, "%s", slash ? slash + 1 : word);
        size_t n = strlen(s->name);
        if (ends_in_cfg(s->name, n))
                s->name[n - 4] = 0;
        return text_is_name(slice_of(s->name));
}

static bool file_is_there(const struct diff_side *s, const char *word)
{
        struct diff_side probe = { .d = s->d };
        char path[DIFF_PATH + 300];
        if (!set_file(&probe, word))
                return false;
        snprintf(path, sizeof path, "%s/%s.cfg", probe.folder, probe.name);
        return file_exists(path);
}

static bool resolve(struct diff_side *s, const char *word, struct arena *a, struct err *err)
{
        struct err git = ERR_INIT;
        if (strncmp(word, "git:", 4) == 0)
                return set_revision(s, word + 4, a, err);
        if (file_is_there(s, word) || ends_in_cfg(word, strlen(word)))
                return set_file(s, word) || err_set(err, ERR_SYSTEM, 0, "\"%.60s\" is no policy", word);
        if (is_folder(word))
                return set_folder(s, word);
        if (set_revision(s, word, a, &git))
                return true;
        if (set_file(s, word) && !strchr(word, '/'))
                return true; /* not there: whoever reads it names the nearest */
        err_set(err, ERR_SYSTEM, 0, "\"%.60s\" is no policy, no folder and no revision (%.300s)", word, git.text);
        return err_hint(err, "Write its name, as eea, its file, as draft/eea.cfg, or a revision of git's, as HEAD~1 or git:HEAD~1:eea.");
}

bool diff_side_set(struct diff_side *s, const struct deployment *d, const char *word, struct arena *a, struct err *err)
{
        s->d = *d;
        if (!resolve(s, word, a, err))
                return false;
        if (!*s->label)
                snprintf(s->label, sizeof s->label, "%s", s->folder);
        s->d.policies = s->folder;
        return true;
}

void diff_side_clear(struct diff_side *s)
{
        policy_book_close(&s->book);
        buf_clear(&s->packed);
}

bool diff_side_open(struct diff_side *s, const char *region, const struct hub *places, struct report *report)
{
        const struct book_wanted wanted = { .policy = s->name, .region = region, .places = places, .below = s->below,
                                            .packed = s->packed.max ? buf_slice(&s->packed) : SLICE_NONE };
        return policy_book_open(&s->book, &s->d, &wanted, report);
}

/* ---- Which policies it has ------------------------------------------------------------------ */

struct naming {
        struct diff_names *out;
        struct arena *arena;
        bool full;
};

static bool put_name(const char *file, void *ctx)
{
        struct naming *n = ctx;
        size_t length = strlen(file), at = 0;
        if (!ends_in_cfg(file, length) || strcmp(file, "officers.cfg") == 0 || strcmp(file, "topics.cfg") == 0 ||
            !text_is_name(slice_make(file, length - 4)))
                return true;
        char *name = arena_string(n->arena, slice_make(file, length - 4));
        n->full = !name || n->out->n == DIFF_POLICIES_MAX;
        if (n->full)
                return false;
        while (at < n->out->n && strcmp(n->out->at[at], name) < 0)
                at++;
        if (at < n->out->n && strcmp(n->out->at[at], name) == 0)
                return true;
        memmove(n->out->at + at + 1, n->out->at + at, (n->out->n - at) * sizeof *n->out->at);
        n->out->at[at] = name;
        n->out->n++;
        return true;
}

static void packed_names(const struct diff_side *s, struct naming *n)
{
        struct cut c = { .rest = buf_slice(&s->packed) };
        cut_bytes(&c, 5);
        for (uint32_t left = cut_u32(&c); left && !c.bad && !n->full; left--) {
                struct slice name = cut_bytes(&c, cut_u32(&c));
                cut_bytes(&c, cut_u32(&c));
                char *file = c.bad || memchr(name.p, '/', name.n) ? NULL : arena_string(n->arena, name);
                if (file)
                        put_name(file, n);
        }
}

bool diff_side_names(const struct diff_side *s, struct diff_names *out, struct arena *a, struct err *err)
{
        struct naming n = { out, a, false };
        if (s->packed.max)
                packed_names(s, &n);
        else if (!dir_each_linked(s->folder, "*.cfg", put_name, &n, err))
                return false;
        return !n.full || err_set(err, ERR_FULL, 0, "over %d policies", DIFF_POLICIES_MAX);
}

bool diff_side_has(const struct diff_side *s, const char *name, struct arena *a)
{
        struct diff_names names = { .n = 0 };
        if (!diff_side_names(s, &names, a, NULL))
                return true; /* whoever reads it says what is wrong */
        for (size_t i = 0; i < names.n; i++)
                if (strcmp(names.at[i], name) == 0)
                        return true;
        return false;
}
