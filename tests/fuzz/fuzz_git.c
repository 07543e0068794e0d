/* What git says of a revision: two bytes, how long the listing is; the listing; the files. It is refused
 * with a reason, or each file is the one whose hash was asked for, whole, and of a name that a terminal may
 * be shown. */
#include "base/text.h"
#include "fuzz.h"
#include "git.h"

static bool of_a_set(const char *path)
{
        size_t n = strlen(path);
        return (n > 4 && strcmp(path + n - 4, ".cfg") == 0) || strncmp(path, "lists/", 6) == 0;
}

static bool is_hash_line(struct slice s)
{
        for (size_t i = 0; i < s.n; i++)
                if (!strchr("0123456789abcdef", s.p[i]) || !s.p[i])
                        return false;
        return s.n == 40 || s.n == 64;
}

/* Git reads a line a file: one more or less, and every file after it is another. */
static void asks_for_each(struct slice names, size_t n)
{
        size_t lines = 0;
        while (names.n) {
                must(is_hash_line(take_line(&names)));
                lines++;
        }
        must(lines == n);
}

static void have_names(const struct git_file *files, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                must(of_a_set(files[i].path));
                for (const char *p = files[i].path; *p; p++)
                        must((unsigned char)*p >= ' ' && *p != 0x7f);
        }
}

/* In order, whole, and each behind a head of its own. */
static void are_whole(const struct git_file *files, size_t n, struct slice names, struct slice all)
{
        const char *at = all.p;
        for (size_t i = 0; i < n; i++) {
                struct slice hash = take_line(&names), b = files[i].bytes;
                must(b.p >= at + hash.n && b.p + b.n < all.p + all.n && b.p[b.n] == '\n' && b.p[-1] == '\n');
                must(memcmp(at, hash.p, hash.n) == 0);
                at = b.p + b.n + 1;
        }
        must(at == all.p + all.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        struct slice in = slice_make((const char *)data, n);
        size_t first = take_byte(&in) * 256u, listed_n, bytes_n;
        first += take_byte(&in);
        char *listed = own_piece(in, 0, first, &listed_n), *bytes = own_piece(in, listed_n, n, &bytes_n);
        struct arena *a = arena_new(1 << 20);
        struct git_file *files = calloc(GIT_FILES_MAX, sizeof *files);
        struct git_tree t = { .files = files };
        struct err err = ERR_INIT;
        struct buf names;
        must(files && a);
        buf_init(&names, GIT_ASKED_MAX);
        if (git_list(&t, files, slice_make(listed, listed_n), of_a_set, a, &names, &err)) {
                must(t.n <= GIT_FILES_MAX);
                asks_for_each(buf_slice(&names), t.n);
                have_names(files, t.n);
                if (git_cut(files, t.n, buf_slice(&names), slice_make(bytes, bytes_n), &err))
                        are_whole(files, t.n, buf_slice(&names), slice_make(bytes, bytes_n));
                else
                        must(err.text[0]);
        } else {
                must(err.text[0]);
        }
        buf_clear(&names);
        free(files);
        free(listed);
        free(bytes);
        arena_free(a);
        return 0;
}
