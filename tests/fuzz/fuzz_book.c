/* A set of policies packed in the state's database: any bytes, refused or whole. */
#include "desk.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        use_set(slice_make(bytes, n));
        return 0;
}
