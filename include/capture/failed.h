/* failed.h - refused lines of files: seen, taken out for repair, forgotten.
 *
 * INBOX/failed/STEM.sealed holds the rows of one file that were refused, sealed (the layout is in
 * daemon/capture/failed_file.h); done/STEM.json says by line why. They are kept for capture's
 * failed_kept (at most 7 days), and an erasure reaches them. All verbs here work whether or not
 * the agent runs, by the keys of its state: so only for its user. They wait for each other.
 *
 * What forgetting promises: once failed_forget() has come back true, no file of failed/ that was
 * there when it began holds a row that names the person. A row goes if it contains, in whatever
 * column,
 *   - an email address, anywhere in the text;
 *   - an id or a handle as a word of its own (letters, digits and '_' make words);
 * ASCII letters in either case, also where JSON (\u0040, \/), URLs (%40), HTML (&#64;) or doubled
 * quotes write them otherwise. Letters beyond ASCII are compared as they are written. A row is a
 * line; in a sheet, with all lines that its quoted cells go over.
 * Where it cannot be told, forgetting wins, and more than the person's goes:
 *   - a short id ("7") takes with it every row that has the same word;
 *   - a row in another encoding goes if the name is not plain ASCII, a row over 16 MiB always;
 *   - a file in UTF-16 that names the person goes whole, and so does one that is no text (an
 *     archive, a workbook), that is torn, damaged or sealed under other keys, or cannot be written
 *     anew (a full disk).
 * A file is written anew under a new id, hence a new key, beside the old one, synced, and renamed
 * over it; then the old one's id is overwritten, without which its bytes cannot be opened. Killed
 * at any step, either the old file or the new one stands there, and forgetting again ends it. Its
 * age stays what it was. What is only half sealed (.tmp) is removed: its file is still in the
 * inbox and taken again. Files that wait in the inbox, and names of files in reports, are not
 * reached from here: the former are captured, and met as later revisions are.              */
#ifndef CAPTURE_FAILED_H
#define CAPTURE_FAILED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "vault/keys.h"

struct failed_forgotten { /* counts, added to what stands there */
        uint32_t files;    /* looked into */
        uint32_t rewritten;
        uint32_t removed;  /* whole: nothing stayed, or it could not be told */
        uint64_t rows;     /* that went from files that were rewritten or of which nothing stayed */
};
/* identities as in model/identity.h: "NS:id:ID", "NS:handle:HANDLE", "email:ADDRESS"; another text
 * is taken as a word. ERR_DATA without any. An inbox that has no failed/ has nothing to forget. */
bool failed_forget(const char *inbox, struct keyer *k, const struct slice *identities, size_t n,
                   struct failed_forgotten *out, struct err *err);

struct failed_entry {
        const char *name;  /* STEM.sealed */
        const char *report; /* its report's name in done/ */
        int64_t sealed_us;
        uint64_t bytes, rows;
        bool readable;     /* false: torn, damaged, or of another state; rows is what could be read */
};
/* Sorted by name; stops when each() gives false. */
bool failed_each(const char *inbox, struct keyer *k, bool (*each)(const struct failed_entry *e, void *ctx),
                 void *ctx, struct err *err);
/* The rows of a file as they stood in theirs. ERR_DATA: not there, or torn: what came before the
 * damage was given. each() gives false to stop, with why in err. */
bool failed_rows(const char *inbox, const char *name, struct keyer *k,
                 bool (*each)(struct slice row, void *ctx, struct err *err), void *ctx, struct err *err);

#endif
