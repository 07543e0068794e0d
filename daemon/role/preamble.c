/* preamble.c - what a daemon gives up before it reads its first byte. */
#include "preamble.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/clock.h"

bool preamble(struct err *err)
{
        umask(077);
        signal(SIGPIPE, SIG_IGN);
        struct rlimit none = { 0, 0 };
        if (setrlimit(RLIMIT_CORE, &none) != 0)
                return err_errno(err, errno, "could not switch off core dumps");
        if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
                return err_errno(err, errno, "could not make the process undumpable");
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
                return err_errno(err, errno, "could not give up new privileges");
        struct rlimit files;
        if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
                files.rlim_cur = files.rlim_max < 65536 ? files.rlim_max : 65536;
                setrlimit(RLIMIT_NOFILE, &files); /* fewer connections if refused */
        }
        return true;
}

enum { UP, STARTED };

struct metric process_metrics[] = {
        [UP] = { "tributary_up", METRIC_GAUGE, NULL, "1 while the agent or the loader runs.", 0 },
        [STARTED] = { "tributary_start_time_seconds", METRIC_GAUGE, NULL,
                      "When it started, in seconds since 1970.", 0 },
        METRIC_END
};

void process_metrics_begin(void)
{
        metric_set(&process_metrics[UP], 1);
        metric_set(&process_metrics[STARTED], clock_now_us() / US_PER_SECOND);
        metric_register(process_metrics);
}
