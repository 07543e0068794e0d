/* segment.h - one file of the vault while it is written, and its header.
 *
 * Calling sequence, by the writer alone: create -> (append* -> flush -> sync -> settle, or
 * cut)* -> close. Bytes become the segment's only by segment_settle(), after the sync. */
#ifndef VAULT_SEGMENT_H
#define VAULT_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "catalog.h"
#include "entry.h"

enum { SEGMENT_HEADER_MIN = 60, SEGMENT_HEADER_MAX = SEGMENT_HEADER_MIN + 255 + 255 };

struct segment {
        int fd;
        struct segment_info *info; /* ours until `published` */
        bool published;            /* the catalog has it, and frees it */
        bool fresh;                /* its name in the folder is not durable yet */
        bool dirty;                /* has entries beyond info->bytes */
        uint64_t written;          /* bytes handed to the kernel */
        uint64_t allocated;        /* zeros lie ahead up to here */
        uint64_t last, entries;    /* with what is not durable yet */
        struct buf pending;        /* encoded, not yet written */
};

/* The file, with its header pending. first: seq of the entry that comes. */
bool segment_create(struct segment **out, const char *dir, const char *region, const char *class,
                    uint32_t class_number, struct position first, int64_t now_us, struct err *err);
/* Encodes; writes what has piled up. */
bool segment_append(struct segment *s, const struct entry_header *h, struct seal *seal,
                    const uint8_t key[SEAL_KEY], struct slice plain, struct err *err);
bool segment_flush(struct segment *s, struct err *err);
/* fdatasync, and the folder's if the file is new. After a failure the file is not to be
 * synced again: what it covered may be gone. */
bool segment_sync(struct segment *s, const char *dir, struct err *err);
/* What was synced is the segment's. The catalog's lock is held. */
void segment_settle(struct segment *s);
/* Durably back to info->bytes; a file with nothing durable in it is removed and `s` is of no
 * further use but to be closed. False: neither is certain. */
bool segment_cut(struct segment *s, const char *dir, struct err *err);
uint64_t segment_size(const struct segment *s); /* with what is pending */
/* Drops the zeros ahead, closes, frees. NULL is allowed. */
void segment_close(struct segment *s);

/* ---- the header, for readers ------------------------------------------- */
struct segment_header {
        uint8_t id[SEGMENT_ID];
        uint64_t epoch, first;
        int64_t created_us;
        uint32_t class;
        uint32_t length; /* of the header: offset of the first entry */
        struct slice region, class_name; /* borrow from the bytes */
};
/* `bytes`: the file's first ones. False when it is not a header or does not fit its checksum. */
bool segment_header_decode(struct segment_header *out, struct slice bytes);
/* What the file's name repeats: id, epoch, first. */
bool segment_name_parse(struct segment_header *out, const char *name);

#endif
