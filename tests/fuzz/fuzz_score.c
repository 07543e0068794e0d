/* A labelled corpus and a list of names for `policy score`: it is counted, or refused with a reason;
 * nothing is found twice, nothing leaks more than there is. */
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "policy_score.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc, (void)argv;
        must(freopen("/dev/null", "w", stdout));
        return 0;
}

static int file_of(struct slice bytes, char path[32])
{
        int fd = memfd_create("corpus", 0);
        must(fd >= 0 && write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n);
        snprintf(path, 32, "/proc/self/fd/%d", fd);
        return fd;
}

/* The gazetteer ends with an empty line. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        char corpus[32], names[32];
        struct slice all = slice_make((const char *)bytes, n), rest = all, line;
        if (n == 0)
                return 0;
        while ((line = take_line(&rest)).n)
                ;
        int a = file_of(rest, corpus), b = file_of(slice_make(all.p, all.n - rest.n), names);
        struct score_asked asked = { .corpus = corpus, .gazetteer = names, .predictions = "/dev/null", .json = n % 2 };
        int status = policy_score(&asked);
        must(status == EXIT_WELL || status == EXIT_COULD_NOT);
        close(a);
        close(b);
        return 0;
}
