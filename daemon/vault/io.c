/* io.c - the real calls. */
#include "io.h"

#include <unistd.h>

struct vault_io vault_io = { pwrite, fdatasync };
