/* receipt.h - the hub's word, through the compacted topic tributary.receipts.REGION.
 *
 * Keys: "w/PARTITION" watermark, "x/EPOCH-SEQ" rejected, "e/REQUEST" erasure done,
 * "c/GENERATION" claim, "f/FLAG" a reader flags a mask. A null value settles the key. JSON specified
 * in receipt.c.                                                                      */
#ifndef MODEL_RECEIPT_H
#define MODEL_RECEIPT_H

#include "model/message.h"

enum receipt_type { RECEIPT_WATERMARK, RECEIPT_REJECTED, RECEIPT_ERASED, RECEIPT_CLAIM, RECEIPT_FLAG };

struct receipt {
        enum receipt_type type;
        bool settled; /* null value */
        /* watermark: last out that is durably in the warehouse on this partition */
        int32_t partition;
        uint8_t warehouse[16];     /* the warehouse's id; made by the first migration */
        uint64_t warehouse_generation;
        struct position out;       /* epoch 0, seq 0: nothing yet, send all */
        bool gap;                  /* prev > last out was seen after `out` */
        struct position gap_prev;  /* the out that is missing */
        uint64_t loaded, superseded, rejected, retracted, erased; /* cumulative */
        /* rejected */
        struct position at;
        uint8_t record_key[16];
        struct slice code;
        /* erased; flag: its id */
        uint8_t request[16];
        /* flag, with record_key */
        struct slice mask, note, by;
        /* claim */
        uint32_t generation;
        bool granted;
};

bool receipt_format(const struct receipt *r, struct buf *key, struct buf *value, struct err *err);
bool receipt_parse(struct receipt *out, struct arena *a, struct slice key, struct slice value,
                   struct err *err);

#endif
