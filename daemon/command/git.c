/* git.c - three questions to git: which commit, which files of the folder, their bytes.
 *
 * Its answers are read through a pipe up to a ceiling; what it complains of is shown short. Files
 * come as they were committed: no filter, no attribute of the repository touches them.        */
#include "git.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COMPLAINT_MAX = 300, WORDS_MAX = 12, WAIT_MS = 60000 };

/* ---- One run ------------------------------------------------------------------------- */

struct run {
        pid_t pid;
        int in, out, complaint; /* our ends */
};

static void close_all(const int fds[6])
{
        for (int i = 0; i < 6; i++)
                if (fds[i] >= 0)
                        close(fds[i]);
}

static bool pipes(int fds[6], struct err *err)
{
        for (int i = 0; i < 6; i++)
                fds[i] = -1;
        for (int i = 0; i < 6; i += 2)
                if (pipe2(fds + i, O_CLOEXEC) != 0) {
                        int why = errno;
                        close_all(fds);
                        return err_errno(err, why, "could not open a pipe to git");
                }
        return true;
}

static bool start(struct run *r, char *const argv[], struct err *err)
{
        static char locale[] = "LC_ALL=C", prompt[] = "GIT_TERMINAL_PROMPT=0", locks[] = "GIT_OPTIONAL_LOCKS=0";
        char path[4096], home[4096];
        char *env[] = { locale, prompt, locks, path, home, NULL };
        posix_spawn_file_actions_t actions;
        int fds[6]; /* its stdin, stdout, stderr: read and write end of each */

        snprintf(path, sizeof path, "PATH=%s", getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
        snprintf(home, sizeof home, "HOME=%s", getenv("HOME") ? getenv("HOME") : "/");
        if (!pipes(fds, err))
                return false;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, fds[0], STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, fds[3], STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions, fds[5], STDERR_FILENO);
        int rc = posix_spawnp(&r->pid, argv[0], &actions, NULL, argv, env);
        posix_spawn_file_actions_destroy(&actions);
        if (rc != 0) {
                close_all(fds);
                err_errno(err, rc, "could not run git");
                return err_hint(err, "Install git, or name files and folders instead of revisions.");
        }
        close(fds[0]);
        close(fds[3]);
        close(fds[5]);
        *r = (struct run){ r->pid, fds[1], fds[2], fds[4] };
        return true;
}

/* What there is to read now; false at the end. */
static bool take(int fd, struct buf *out)
{
        char piece[65536];
        ssize_t n = read(fd, piece, sizeof piece);
        if (n < 0 && errno == EINTR)
                return true;
        if (n > 0)
                buf_put(out, slice_make(piece, (size_t)n));
        return n > 0;
}

/* Until git closes both of its ends. False: it says nothing for a minute, or more than there may be. */
static bool drain(const struct run *r, struct buf *out, struct buf *complaint)
{
        struct pollfd ends[2] = { { r->out, POLLIN, 0 }, { r->complaint, POLLIN, 0 } };
        while (ends[0].fd >= 0 || ends[1].fd >= 0) {
                int n = poll(ends, 2, WAIT_MS);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return false;
                if (ends[0].revents && !take(r->out, out))
                        ends[0].fd = -1;
                if (ends[1].revents && !take(r->complaint, complaint))
                        ends[1].fd = -1;
                if (!buf_ok(out))
                        return false;
        }
        return true;
}

/* git's first line of complaint, without what a terminal would obey. */
static void say_complaint(const struct buf *complaint, struct err *err)
{
        char line[COMPLAINT_MAX] = "no reason given";
        size_t n = 0;
        for (; n < complaint->n && n < sizeof line - 1 && complaint->p[n] != '\n'; n++)
                line[n] = (unsigned char)complaint->p[n] < ' ' ? '?' : complaint->p[n];
        if (n)
                line[n] = 0;
        err_set(err, ERR_CONFIG, 0, "git: %s", line);
}

/* `in` must fit a pipe (64 KiB). *status: git's own. */
static bool run(char *const argv[], struct slice in, struct buf *out, int *status, struct err *err)
{
        struct run r = { 0 };
        struct buf complaint;
        int code = 0;

        if (!start(&r, argv, err))
                return false;
        buf_init(&complaint, COMPLAINT_MAX);
        bool ok = in.n == 0 || fcntl(r.in, F_GETPIPE_SZ) >= (int)in.n;
        ok = ok && (in.n == 0 || write(r.in, in.p, in.n) == (ssize_t)in.n);
        close(r.in);
        ok = ok && drain(&r, out, &complaint);
        close(r.out);
        close(r.complaint);
        if (!ok)
                kill(r.pid, SIGKILL);
        while (waitpid(r.pid, &code, 0) < 0 && errno == EINTR)
                ;
        *status = WIFEXITED(code) ? WEXITSTATUS(code) : 255;
        if (!ok)
                err_set(err, ERR_SYSTEM, 0, "git does not answer, or with more than %d MiB", GIT_BYTES_MAX >> 20);
        else if (*status != 0)
                say_complaint(&complaint, err);
        buf_clear(&complaint);
        return ok;
}

/* git WORDS... in the folder. False: err says, as a failure of git's own does. */
static bool ask(const char *folder, const char *const words[], struct slice in, struct buf *out, struct err *err)
{
        char *argv[WORDS_MAX + 4], *own = NULL;
        size_t n = 0, m = 0;
        int status = 0;
        const char *first[] = { "git", "-C", folder };
        size_t bytes = 0;

        while (words[m])
                bytes += strlen(words[m++]) + 1;
        for (size_t i = 0; i < 3; i++)
                bytes += strlen(first[i]) + 1;
        if (m > WORDS_MAX || !(own = malloc(bytes)))
                return err_set(err, ERR_SYSTEM, ENOMEM, "out of memory");
        char *at = own;
        for (; n < m + 3; n++) {
                argv[n] = at;
                at = stpcpy(at, n < 3 ? first[n] : words[n - 3]) + 1;
        }
        argv[n] = NULL;
        bool ok = run(argv, in, out, &status, err);
        free(own);
        return ok && status == 0;
}

/* ---- The three questions ---------------------------------------------------------------- */

static bool which_commit(char out[65], const char *folder, const char *revision, struct err *err)
{
        struct buf b;
        char wanted[300];
        const char *const inside[] = { "rev-parse", "--is-inside-work-tree", NULL };
        const char *const verify[] = { "rev-parse", "--verify", "--quiet", "--end-of-options", wanted, NULL };

        buf_init(&b, 4096);
        snprintf(wanted, sizeof wanted, "%s^{commit}", revision);
        if (!ask(folder, inside, SLICE_NONE, &b, err)) {
                if (err->kind == ERR_CONFIG)
                        err_hint(err, "The folder of policies must stand in git for its revisions to be compared.");
                buf_clear(&b);
                return err_add(err, "folder \"%.200s\"", folder);
        }
        buf_reset(&b);
        bool ok = ask(folder, verify, SLICE_NONE, &b, err);
        struct slice hash = slice_trim(buf_slice(&b));
        if (ok && hash.n >= 40 && hash.n <= 64)
                snprintf(out, 65, "%.*s", SLICE_ARG(hash));
        else if (err->kind != ERR_SYSTEM) {
                ok = err_set(err, ERR_CONFIG, 0, "\"%.100s\" is no revision that git knows here", revision);
                err_hint(err, "`git log --oneline -- %.150s` has them; a tag or branch may have to be fetched first.", folder);
        }
        buf_clear(&b);
        return ok;
}

static bool read_files(struct git_tree *t, const char *folder, bool (*wanted)(const char *), struct arena *a,
                       struct err *err)
{
        const char *const ls[] = { "ls-tree", "-r", "-z", t->commit, "./", NULL }, *const cat[] = { "cat-file", "--batch", NULL };
        struct git_file *files = arena_array(a, GIT_FILES_MAX, sizeof *files);
        struct buf listed, names, bytes;

        buf_init(&listed, 8 << 20);
        buf_init(&names, GIT_ASKED_MAX);
        buf_init(&bytes, GIT_BYTES_MAX);
        t->files = files;
        bool ok = files || err_set(err, ERR_FULL, 0, "out of memory");
        ok = ok && ask(folder, ls, SLICE_NONE, &listed, err) &&
             git_list(t, files, buf_slice(&listed), wanted, a, &names, err);
        if (ok && t->n == 0) {
                ok = err_set(err, ERR_CONFIG, 0, "no policy stood in folder \"%.200s\" then", folder);
                err_hint(err, "It may have had another name; name a revision in which it stands where it does today.");
        }
        ok = ok && ask(folder, cat, buf_slice(&names), &bytes, err);
        struct slice all = ok ? arena_copy(a, buf_slice(&bytes)) : SLICE_NONE;
        ok = ok && (all.p || err_set(err, ERR_FULL, 0, "out of memory")) && git_cut(files, t->n, buf_slice(&names), all, err);
        buf_clear(&listed);
        buf_clear(&names);
        buf_clear(&bytes);
        return ok;
}

bool git_read(struct git_tree *out, const char *folder, const char *revision, bool (*wanted)(const char *path),
              struct arena *a, struct err *err)
{
        signal(SIGPIPE, SIG_IGN); /* git may end before it has read what it is asked */
        *out = (struct git_tree){ 0 };
        if (*revision == '-' || *revision == 0 || strlen(revision) > 200)
                return err_set(err, ERR_CONFIG, 0, "\"%.60s\" is no revision", revision);
        return (which_commit(out->commit, folder, revision, err) && read_files(out, folder, wanted, a, err)) ||
               err_add(err, "revision \"%.100s\"", revision);
}
