/* pointer.h - JSON pointers (RFC 6901): "/ticket/labels/0/name", with ~1 for / and ~0 for ~ in a name. */
#ifndef SOURCE_POINTER_H
#define SOURCE_POINTER_H

#include "base/json.h"

/* NULL if it can point at something; else why it cannot. "" is the whole. */
const char *pointer_wrong(const char *pointer);
/* What it points at; NULL if that is not there. `pointer` is not wrong; NULL finds nothing. */
const struct json *pointer_find(const struct json *root, const char *pointer);

#endif
