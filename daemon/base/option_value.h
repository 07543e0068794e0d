/* option_value.h - one value of a row, whatever its type (private to base). */
#ifndef BASE_PRIVATE_OPTION_VALUE_H
#define BASE_PRIVATE_OPTION_VALUE_H

#include "base/option.h"

struct option_value {
        const char *text;
        int64_t i;  /* int, time in microseconds, index of a choice */
        uint64_t u; /* size in bytes */
        double f;
        bool b;
        const struct conf_node *node; /* group, list, texts */
        size_t count;                 /* of texts */
};

/* A row's own syntax, as in its default and limits; `s` is NUL-terminated. */
bool option_value_of_text(const struct option *row, struct slice s, struct option_value *v);
bool option_in_range(const struct option *row, const struct option_value *v);
bool option_count_in_range(const struct option *row, size_t n);
void option_load(const struct option *row, const void *src, struct option_value *v);
struct slice option_choice(const struct option *row, int index);

/* For people: "a size", "64 KiB to 1 GiB", "\"10 GiB\"". */
const char *option_type_name(const struct option *row);
void option_range(const struct option *row, char *out, size_t n);
const char *option_sample(const struct option *row);

#endif
