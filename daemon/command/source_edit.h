/* source_edit.h - a member more in `sources` of a region file's text; all else stays as it is. Pure. */
#ifndef COMMAND_SOURCE_EDIT_H
#define COMMAND_SOURCE_EDIT_H

#include "base/buf.h"

/* Appends to `out` the file with `block` (lines, without a comma) as the last member of `sources`; where
 * there is no such list, it is made at the end. `line` (1-based): where the block begins. The text is a
 * valid configuration; false where its list cannot be found. */
bool source_insert(struct buf *out, struct slice text, struct slice block, int *line);

#endif
