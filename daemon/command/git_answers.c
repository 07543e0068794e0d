/* git_answers.c - what git says, read: a listing of files, and their bytes.
 *
 * A repository may be anybody's. Whatever is not exactly as git writes it is refused, so that no file is
 * taken for another.                                                                       */
#include <string.h>

#include "base/text.h"
#include "git.h"

enum { TYPE_AT = 7, HASH_AT = 12, HASH_LEAST = 40, HASH_MOST = 64 };

static bool is_hash(struct slice s)
{
        for (size_t i = 0; i < s.n; i++)
                if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
                        return false;
        return s.n == HASH_LEAST || s.n == HASH_MOST;
}

/* A file's own line; links, folders and other repositories are none. */
static bool is_file(struct slice head)
{
        return slice_starts(head, SLICE("100")) && slice_starts(slice_make(head.p + TYPE_AT, head.n - TYPE_AT), SLICE("blob ")) &&
               is_hash(slice_make(head.p + HASH_AT, head.n - HASH_AT));
}

/* What a terminal would obey stands in no name of a file of ours. */
static bool is_plain(const char *path)
{
        for (; *path; path++)
                if ((unsigned char)*path < ' ' || *path == 0x7f)
                        return false;
        return true;
}

bool git_list(struct git_tree *t, struct git_file *files, struct slice listed, bool (*wanted)(const char *), struct arena *a,
              struct buf *names, struct err *err)
{
        while (listed.n) {
                const char *end = memchr(listed.p, 0, listed.n), *tab = end ? memchr(listed.p, '\t', (size_t)(end - listed.p)) : NULL;
                struct slice head = slice_make(listed.p, tab ? (size_t)(tab - listed.p) : 0);
                if (head.n < HASH_AT + HASH_LEAST)
                        return err_set(err, ERR_SYSTEM, 0, "git lists files in a way that is not known");
                if (is_file(head) && is_plain(tab + 1) && wanted(tab + 1)) {
                        char *path = arena_string(a, slice_of(tab + 1));
                        if (t->n == GIT_FILES_MAX || !path)
                                return err_set(err, ERR_FULL, 0, "over %d files in the folder", GIT_FILES_MAX);
                        files[t->n++] = (struct git_file){ .path = path };
                        buf_printf(names, "%.*s\n", (int)(head.n - HASH_AT), head.p + HASH_AT);
                }
                listed = slice_make(end + 1, listed.n - (size_t)(end + 1 - listed.p));
        }
        return buf_ok(names) || err_set(err, ERR_FULL, 0, "too many files in the folder");
}

/* "HASH blob SIZE", of the file that was asked for. */
static bool read_head(struct slice head, struct slice hash, uint64_t *size)
{
        const struct slice blob = SLICE(" blob ");
        return head.n > hash.n + blob.n && memcmp(head.p, hash.p, hash.n) == 0 && memcmp(head.p + hash.n, blob.p, blob.n) == 0 &&
               text_uint(size, slice_make(head.p + hash.n + blob.n, head.n - hash.n - blob.n), GIT_BYTES_MAX);
}

bool git_cut(struct git_file *files, size_t n, struct slice names, struct slice bytes, struct err *err)
{
        for (size_t i = 0; i < n; i++) {
                const char *asked = memchr(names.p, '\n', names.n), *line = bytes.n ? memchr(bytes.p, '\n', bytes.n) : NULL;
                struct slice hash = slice_make(names.p, (size_t)(asked - names.p));
                uint64_t size = 0;
                size_t head = line ? (size_t)(line - bytes.p) : 0;
                if (!line || !read_head(slice_make(bytes.p, head), hash, &size) || bytes.n - head - 1 <= size ||
                    bytes.p[head + 1 + size] != '\n')
                        return err_set(err, ERR_SYSTEM, 0, "git gives files in a way that is not known");
                files[i].bytes = slice_make(line + 1, size);
                names = slice_make(asked + 1, names.n - hash.n - 1);
                bytes = slice_make(bytes.p + head + size + 2, bytes.n - head - size - 2);
        }
        return bytes.n == 0 || err_set(err, ERR_SYSTEM, 0, "git gives files in a way that is not known");
}
