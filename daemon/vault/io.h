/* io.h - the system calls on which the promise rests, as a seam for tests.
 *
 * Segments are written, synced and searched for entries through these pointers only. They are the real calls
 * unless a unit test puts its own there (before vault_open(), put back after vault_close()):
 * there is no other way to see what happens when a disk fails a sync, or when years pass. */
#ifndef VAULT_IO_H
#define VAULT_IO_H

#include <stdint.h>
#include <sys/types.h>

struct vault_io {
        ssize_t (*pwrite)(int fd, const void *bytes, size_t n, off_t at);
        int (*fdatasync)(int fd);
        int64_t (*wall_us)(void); /* see guard.h */
        int64_t (*boot_us)(void);
        ssize_t (*pread)(int fd, void *bytes, size_t n, off_t at); /* of entries */
};
extern struct vault_io vault_io;

#endif
