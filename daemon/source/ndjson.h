/* ndjson.h - lines of canonical JSON -> records. */
#ifndef SOURCE_NDJSON_H
#define SOURCE_NDJSON_H

#include "source/source.h"

struct ndjson_reader;
struct ndjson_reader *ndjson_reader_new(const struct source *s, source_each *each, void *ctx);
void ndjson_reader_free(struct ndjson_reader *r);
/* ERR_BUSY: `each` asked to stop. */
bool ndjson_reader_put(struct ndjson_reader *r, struct slice piece, struct err *err);
bool ndjson_reader_finish(struct ndjson_reader *r, struct err *err);
uint64_t ndjson_reader_unmapped(const struct ndjson_reader *r);

#endif
