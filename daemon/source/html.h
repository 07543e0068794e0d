/* html.h - HTML as forums send it -> the words that people see. */
#ifndef SOURCE_HTML_H
#define SOURCE_HTML_H

#include "base/arena.h"

/* Words and code, with a line for a paragraph and a dash for an item; entities decoded, nothing of any
 * attribute, comment, script or style. `own_only`: without <aside>, in which Discourse puts what others
 * said. Never longer than `html` by more than two bytes. p is NULL when the arena is full. */
struct slice html_text(struct arena *a, struct slice html, bool own_only);

#endif
