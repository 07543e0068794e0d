/* source_sample.h - the beginning of a file, guessed at: shared by `source try` and `source add`. */
#ifndef COMMAND_SOURCE_SAMPLE_H
#define COMMAND_SOURCE_SAMPLE_H

#include "model/region.h"
#include "source/guess.h"
#include "source/source.h"

struct sample_spec {
        const char *file;              /* "-": standard input */
        const char *name, *kind, *time_format; /* each may be NULL */
        const struct region *region;   /* NULL: unknown */
        const struct source *as;       /* it is configured: nothing is guessed */
};
struct sample {
        struct buf bytes;    /* uncompressed; at most GUESS_BYTES_MAX */
        bool whole;          /* nothing follows */
        const char *format;  /* "csv", "ndjson" */
        char name[33];
        struct arena *arena;
        struct guess *guess;
        struct buf configuration;
        struct conf *conf;   /* the same, read back */
        struct source source;
};
/* ERR_DATA: no guess can be made of it; else it could not be read. Clear it in any case. */
bool sample_read(struct sample *out, const struct sample_spec *spec, struct err *err);
void sample_clear(struct sample *s);

#endif
