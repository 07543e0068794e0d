/* pointer.c - a path of names and numbers from a JSON value down to one of its parts. */
#include "pointer.h"

#include "base/text.h"

const char *pointer_wrong(const char *pointer)
{
        if (*pointer == 0)
                return NULL;
        if (*pointer != '/')
                return "a pointer begins with \"/\"";
        for (const char *p = pointer; *p; p++) {
                if (*p == '~' && p[1] != '0' && p[1] != '1')
                        return "after \"~\" comes 0 (for \"~\") or 1 (for \"/\")";
                if (*p == '/' && p[1] == '-' && (p[2] == '/' || p[2] == 0))
                        return "\"-\" is the place after a list's last element: nothing is ever there";
        }
        return NULL;
}

static bool is_named(struct slice key, struct slice token)
{
        size_t k = 0;
        for (size_t i = 0; i < token.n; i++, k++) {
                char c = token.p[i];
                if (c == '~' && i + 1 < token.n)
                        c = token.p[++i] == '1' ? '/' : '~';
                if (k >= key.n || key.p[k] != c)
                        return false;
        }
        return k == key.n;
}

static const struct json *member(const struct json *object, struct slice token)
{
        for (const struct json *j = object->first; j; j = j->next)
                if (is_named(j->key, token))
                        return j;
        return NULL;
}

static const struct json *element(const struct json *array, struct slice token)
{
        uint64_t at;
        if ((token.n > 1 && token.p[0] == '0') || !text_uint(&at, token, UINT32_MAX) || at >= array->count)
                return NULL;
        const struct json *j = array->first;
        while (at-- && j)
                j = j->next;
        return j;
}

const struct json *pointer_find(const struct json *root, const char *pointer)
{
        if (!pointer)
                return NULL;
        while (root && *pointer == '/') {
                struct slice token = { pointer + 1, strcspn(pointer + 1, "/") };
                if (root->type == JSON_OBJECT)
                        root = member(root, token);
                else
                        root = root->type == JSON_ARRAY ? element(root, token) : NULL;
                pointer = token.p + token.n;
        }
        return root;
}
