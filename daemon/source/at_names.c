/* at_names.c - "@name" in the words of forums and trackers: ASCII letters, digits, '_', '-', '.'. */
#include "at_names.h"

enum { NAME_BYTES_MAX = 60 };

static bool is_name_char(char c)
{
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
               c == '-' || c == '.';
}

bool at_name_next(struct slice text, size_t *at, struct slice *name)
{
        for (size_t i = *at; i + 1 < text.n; i++) {
                if (text.p[i] != '@' || (i && is_name_char(text.p[i - 1])))
                        continue;
                size_t end = i + 1;
                while (end < text.n && is_name_char(text.p[end]) && end - i <= NAME_BYTES_MAX)
                        end++;
                *at = end;
                while (end > i + 1 && (text.p[end - 1] == '.' || text.p[end - 1] == '-'))
                        end--;
                if (end == i + 1)
                        continue;
                *name = slice_make(text.p + i + 1, end - i - 1);
                return true;
        }
        return false;
}
