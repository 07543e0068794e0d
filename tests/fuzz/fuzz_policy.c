/* A policy file: read with its parent, spoken, packed and unpacked to the same set; a record
 * that it lets go can be written. */
#include "base/file.h"
#include "desk.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        static struct buf base, list;
        struct buf packed;
        if (!base.p) {
                buf_init(&base, 1 << 20);
                buf_init(&list, 1 << 20);
                must(file_read(&base, PROJECT_DIR "/policies/base.cfg", NULL) &&
                     file_read(&list, PROJECT_DIR "/policies/lists/health.txt", NULL));
        }
        buf_init(&packed, 8 << 20);
        buf_puts(&packed, "TPOL\x01");
        buf_put_u32(&packed, 3);
        put_file(&packed, "base.cfg", buf_slice(&base));
        put_file(&packed, "lists/health.txt", buf_slice(&list));
        put_file(&packed, "p.cfg", slice_make(bytes, n));
        use_set(buf_slice(&packed));
        buf_clear(&packed);
        return 0;
}
