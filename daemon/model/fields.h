/* fields.h - what record.c, record_json.c, flat.c and message.c share: setting one field
 * from text, and the fields of a JSON object as the canonical form writes them.        */
#ifndef MODEL_FIELDS_H
#define MODEL_FIELDS_H

#include "model/record.h"

/* The canonical object's fields into *out, which is cleared first. Nothing is required but
 * that what is there is well formed; *seen gets bit (1 << field) for each that was. */
bool fields_of_json(struct record *out, struct arena *a, const struct json *j, size_t *unknown,
                    uint64_t *seen, struct err *err);
/* The record's fields as members of the object that `o` has open: id and kind to attributes,
 * without occurred_at, revision and deleted, which differ between home and hub. */
void fields_to_json(struct json_out *o, const struct record *r);
/* Ranges, lists and sizes; not the text's UTF-8, which JSON has seen to already. */
bool record_check_shape(const struct record *r, struct err *err);

#endif
