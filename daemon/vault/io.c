/* io.c - the real calls. */
#include "io.h"

#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* Goes on while the machine is suspended; nobody sets it. */
static int64_t boot_us(void)
{
        struct timespec t;

        clock_gettime(CLOCK_BOOTTIME, &t);
        return (int64_t)t.tv_sec * US_PER_SECOND + t.tv_nsec / 1000;
}

struct vault_io vault_io = { pwrite, fdatasync, clock_now_us, boot_us, pread };
