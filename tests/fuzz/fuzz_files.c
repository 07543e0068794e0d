/* Files in an inbox: the first byte says how they are read and in what pieces. The same lines
 * come out in any; a record that comes out is whole. */
#include "fuzz.h"
#include "source/source.h"

#define COLUMNS                                                                                     \
        "columns = ( { column = \"mail\"; field = \"author.email\"; },"                             \
        "{ column = \"text\"; field = \"body\"; }, { column = \"points\"; field = \"rating\"; },"   \
        "{ column = \"when\"; field = \"occurred_at\"; },"                                          \
        "{ column = \"tags\"; field = \"tags\"; split = \"/\"; },"                                  \
        "{ column = \"plan\"; field = \"attributes.plan\"; optional = true; } );"                   \
        "values = ( { field = \"rating\"; from = \"good\"; to = \"8\"; } );"                        \
        "consent = { column = \"ok\"; yes = [\"yes\"]; purpose = \"contact\"; separate = true; };"

static const char settings[] =
        "sources = ( { name = \"plain\"; type = \"folder\"; kind = \"feedback\"; },"
        "{ name = \"comma\"; type = \"folder\"; kind = \"event\"; id_from = [\"mail\", \"when\"];" COLUMNS "},"
        "{ name = \"row\"; type = \"folder\"; kind = \"lead\"; id = \"row\"; delimiter = \";\";"
        "time_format = \"%d.%m.%Y %H:%M\"; timezone = \"Europe/Berlin\"; product = \"db\"; lang = \"de\";" COLUMNS
        "}, { name = \"auto\"; type = \"folder\"; kind = \"event\"; time_format = [\"auto\", \"excel\", \"%d/%m/%Y\"];"
        "timezone = \"Asia/Tokyo\"; lang = \"ja\"; },"
        "{ name = \"sjis\"; type = \"folder\"; kind = \"event\"; encoding = \"shift_jis\"; delimiter = \"auto\"; },"
        "{ name = \"utf16\"; type = \"folder\"; kind = \"event\"; encoding = \"utf-16\"; delimiter = \"tab\"; } );";

static struct source sources[SOURCES_MAX];

static bool note(void *ctx, int64_t line, const struct record *r, const struct err *why)
{
        struct buf *story = ctx;
        struct err err = ERR_INIT;
        must(line > 0 && (r ? record_check(r, &err) : why && why->kind != ERR_NONE));
        buf_printf(story, "%lld ", (long long)line);
        if (r)
                record_flatten(r, story);
        else
                buf_puts(story, why->text);
        return true;
}

static void read_in(struct buf *story, const struct source *s, const char *format, struct slice in,
                    size_t piece)
{
        struct err err = ERR_INIT;
        struct reader *r = reader_new(s, format, note, story, &err);
        bool ok = r != NULL;
        must(r);
        buf_init(story, 32 << 20);
        for (size_t at = 0, n; at < in.n && ok; at += n) {
                char *copy = own_piece(in, at, piece, &n);
                ok = reader_put(r, slice_make(copy, n), &err);
                free(copy);
        }
        ok = ok && reader_finish(r, &err);
        must(ok || err.kind == ERR_DATA || err.kind == ERR_FULL);
        buf_printf(story, " %d %llu", ok, (unsigned long long)(ok ? reader_unmapped(r) : 0));
        must(buf_ok(story));
        reader_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
        static struct conf *conf;
        struct slice in = { (const char *)bytes, n };
        uint8_t how = take_byte(&in);
        struct buf whole, pieces;
        size_t n_sources;
        if (!conf)
                must(conf_parse(&conf, "r.cfg", slice_of(settings), NULL) &&
                     sources_read(sources, &n_sources, conf_get(conf_root(conf), "sources"), NULL));
        const char *format = how % 8 == 3 || how % 8 == 7 ? "ndjson" : "csv";
        const struct source *s = &sources[how % 8 == 3 ? 0 : how % 8 == 7 ? 3 : how % 8 < 3 ? how % 8 : how % 8 - 1];
        read_in(&whole, s, format, in, in.n);
        read_in(&pieces, s, format, in, 1 + how / 8);
        must(slice_eq(buf_slice(&whole), buf_slice(&pieces)));
        buf_clear(&whole);
        buf_clear(&pieces);
        return 0;
}
