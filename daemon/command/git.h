/* git.h - a folder as a revision of git has it. git is run with arguments, never through a shell. */
#ifndef COMMAND_GIT_H
#define COMMAND_GIT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum { GIT_FILES_MAX = 4096, GIT_BYTES_MAX = 64 << 20 };
struct git_file {
        const char *path; /* from the folder on: "eea.cfg", "lists/health.txt" */
        struct slice bytes;
};
struct git_tree {
        char commit[65]; /* in full */
        const struct git_file *files;
        size_t n;
};
/* Files of `folder` (no links, nothing whose path `wanted` refuses) at the revision. All lives in the
 * arena. ERR_CONFIG: no such revision, or the folder was not in it, or is in no repository;
 * ERR_SYSTEM: git is not there, or fails. */
bool git_read(struct git_tree *out, const char *folder, const char *revision, bool (*wanted)(const char *path),
              struct arena *a, struct err *err);

/* ---- What git answers, read (git_answers.c) ---- */
enum { GIT_ASKED_MAX = 60 << 10 }; /* fits a pipe */
/* "MODE TYPE HASH\tPATH", each ended by a zero: those wanted into t->n of files, their hashes a line each
 * into names. */
bool git_list(struct git_tree *t, struct git_file *files, struct slice listed, bool (*wanted)(const char *), struct arena *a,
              struct buf *names, struct err *err);
/* For each hash of names "HASH blob SIZE\n", the bytes, "\n"; nothing else. */
bool git_cut(struct git_file *files, size_t n, struct slice names, struct slice bytes, struct err *err);

#endif
