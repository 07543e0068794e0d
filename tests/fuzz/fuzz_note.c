/* POST /v1/note: it is refused with a reason, or becomes an entry that is signed, says what was asked and
 * nothing else, and that a changed byte spoils. */
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "fuzz.h"
#include "notes.h"

enum { UID = 1007 };

static struct keyer *keyer;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        char root[] = "/tmp/fuzz_note.XXXXXX", state[64], recovery[64], command[64];
        struct err err = ERR_INIT;
        (void)argc, (void)argv;
        must(mkdtemp(root));
        snprintf(state, sizeof state, "%s/state", root);
        snprintf(recovery, sizeof recovery, "%s/recovery", root);
        must(dir_make(state, 0700, &err) && keys_generate(state, recovery, &err) && keyer_open(&keyer, state, &err));
        snprintf(command, sizeof command, "rm -r %s", root);
        must(system(command) == 0); /* a keyer has its keys in memory */
        return 0;
}

static void is_what_was_asked(const struct note *asked, struct slice said, struct arena *a)
{
        struct json *j;
        int64_t uid;
        char place[48];
        must(json_read(&j, a, said, 2, NULL) && utf8_valid(said, NULL));
        must(slice_is(json_string(json_get(j, "what")), asked->what) && slice_eq(json_string(json_get(j, "by")), asked->by));
        snprintf(place, sizeof place, "%llu-%llu", (unsigned long long)asked->record.epoch, (unsigned long long)asked->record.seq);
        must(slice_is(json_string(json_get(j, "record")), place));
        must(json_int(json_get(j, "uid"), &uid) && uid == UID);
        size_t keys = 0;
        for (const struct json *k = j->first; k; k = k->next)
                keys++;
        must(keys == 5);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        struct err err = ERR_INIT;
        struct arena *a = arena_new(1 << 16), *mine = arena_new(1 << 20);
        size_t length;
        char *body = own_piece(slice_make((const char *)data, n), 0, n, &length);
        struct note note;
        struct slice said;
        struct buf b;
        buf_init(&b, 4096);
        if (!note_asked(slice_make(body, length), a, &note, &err)) {
                must(err.text[0] && utf8_valid(slice_of(err.text), NULL));
        } else {
                must(note.record.epoch > 0 && note.record.seq > 0 && note.what);
                note.uid = UID;
                if (!note_format(keyer, &note, INT64_C(1795431720000000), &b, &err)) {
                        must(err.kind == ERR_DATA && err.text[0] && b.n == 0);
                } else {
                        must(note.by.n > 0 && note.by.n <= 64 && note_read(keyer, buf_slice(&b), &said));
                        is_what_was_asked(&note, said, mine);
                        b.p[data[0] % b.n] ^= 1;
                        must(!note_read(keyer, buf_slice(&b), &said));
                }
        }
        buf_clear(&b);
        free(body);
        arena_free(mine);
        arena_free(a);
        return 0;
}
