/* Encodings -> UTF-8, and which one it is. The vectors were written by Python's codecs. */
#include "base/charset.h"
#include "unit.h"

/* SLICE() is no constant. */
#define TEXT(literal) { "" literal "", sizeof(literal) - 1 }

static const struct vector {
        enum charset charset;
        struct slice bytes, text;
} vectors[] = {
        { CHARSET_SHIFT_JIS,
          TEXT("\x94\xd4\x8d\x86\x2c\x93\xfa\x8e\x9e\x2c\x82\xb2\x88\xd3\x8c\xa9\x0d\x0a\x82\x50\x2c\x32\x30\x32\x36\x94\x4e\x31\x31\x8c\x8e\x32\x33\x93"
          "\xfa\x2c\x93\xb1\x93\xfc\x82\xaa\x92\x78\x82\xa2\x81\x42\xb6\xc5\x82\xe0\x87\x40\x82\xe0\x81\x60\x82\xe0\x8e\x67\x82\xa2\x82\xdc\x82\xb7"
          "\x0d\x0a"),
          TEXT("番号,日時,ご意見\r\n１,2026年11月23日,導入が遅い。ｶﾅも①も～も使います\r\n") },
        { CHARSET_EUC_JP,
          TEXT("\xc8\xd6\xb9\xe6\x2c\xc6\xfc\xbb\xfe\x2c\xa4\xb4\xb0\xd5\xb8\xab\x0d\x0a\xa3\xb1\x2c\x32\x30\x32\x36\xc7\xaf\x31\x31\xb7\xee\x32\x33\xc6"
          "\xfc\x2c\xc6\xb3\xc6\xfe\xa4\xac\xc3\xd9\xa4\xa4\xa1\xa3\x8e\xb6\x8e\xc5\xa4\xe2\xa4\xe2\xa1\xc1\xa4\xe2\xbb\xc8\xa4\xa4\xa4\xde\xa4\xb9"
          "\x0d\x0a"),
          TEXT("番号,日時,ご意見\r\n１,2026年11月23日,導入が遅い。ｶﾅもも〜も使います\r\n") },
        { CHARSET_GB18030,
          TEXT("\xb1\xe0\xba\xc5\x2c\xd2\xe2\xbc\xfb\x0d\x0a\x31\x2c\xb5\xbc\xc8\xeb\xba\xdc\xc2\xfd\xa3\xac\x95\x34\xb2\x35\xe9\x46\xa2\xe3\x0d\x0a"),
          TEXT("编号,意见\r\n1,导入很慢，𠮷镕€\r\n") },
        { CHARSET_WINDOWS_1252,
          TEXT("\x4e\x72\x2e\x3b\x57\x61\x6e\x6e\x3b\x57\x61\x73\x20\x66\xe4\x6c\x6c\x74\x20\x49\x68\x6e\x65\x6e\x20\x61\x75\x66\x3f\x0d\x0a\x31\x3b\x32"
          "\x33\x2e\x31\x31\x2e\x32\x30\x32\x36\x20\x31\x34\x3a\x30\x35\x3b\x47\x72\xf6\xdf\x65\x72\x65\x20\x44\x61\x74\x65\x69\x65\x6e\x20\x96\x20"
          "\x66\xfc\x72\x20\x31\x30\x20\x80\x20\x96\x20\x62\x72\x61\x75\x63\x68\x65\x6e\x20\x6c\xe4\x6e\x67\x65\x72\x0d\x0a"),
          TEXT("Nr.;Wann;Was fällt Ihnen auf?\r\n1;23.11.2026 14:05;Größere Dateien – für 10 € – brauchen länger\r\n") },
        { CHARSET_UTF_16LE,
          TEXT("\x6a\x75\xf7\x53\x2c\x00\x0f\x61\xc1\x89\x2c\x00\x67\x00\x72\x00\xf6\x00\xdf\x00\x65\x00\x72\x00\x2c\x00\x3d\xd8\x00\xde\x0d\x00\x0a\x00"),
          TEXT("番号,意见,größer,😀\r\n") },
        { CHARSET_UTF_16BE,
          TEXT("\x75\x6a\x53\xf7\x00\x2c\x61\x0f\x89\xc1\x00\x2c\x00\x67\x00\x72\x00\xf6\x00\xdf\x00\x65\x00\x72\x00\x2c\xd8\x3d\xde\x00\x00\x0d\x00\x0a"),
          TEXT("番号,意见,größer,😀\r\n") },
        { CHARSET_BIG5,
          TEXT("\xbd\x73\xb8\xb9\x2c\xb7\x4e\xa8\xa3\x0d\x0a\x31\x2c\xb6\xd7\xa4\x4a\xab\xdc\xba\x43\xa1\x41\xa7\xc6\xb1\xe6\xa7\xf3\xa7\xd6\x0d\x0a"),
          TEXT("編號,意見\r\n1,匯入很慢，希望更快\r\n") },
        { CHARSET_EUC_KR,
          TEXT("\xb9\xf8\xc8\xa3\x2c\xc0\xc7\xb0\xdf\x0d\x0a\x31\x2c\xb0\xa1\xc1\xae\xbf\xc0\xb1\xe2\xb0\xa1\x20\xb4\xc0\xb8\xb3\xb4\xcf\xb4\xd9\x0d\x0a"),
          TEXT("번호,의견\r\n1,가져오기가 느립니다\r\n") },
        { CHARSET_ISO_8859_15,
          TEXT("\x4e\x72\x2e\x3b\x57\x61\x6e\x6e\x3b\x57\x61\x73\x20\x66\xe4\x6c\x6c\x74\x20\x49\x68\x6e\x65\x6e\x20\x61\x75\x66\x3f\x0d\x0a\x31\x3b\x32"
          "\x33\x2e\x31\x31\x2e\x32\x30\x32\x36\x20\x31\x34\x3a\x30\x35\x3b\x47\x72\xf6\xdf\x65\x72\x65\x20\x44\x61\x74\x65\x69\x65\x6e\x20\x2d\x20"
          "\x66\xfc\x72\x20\x31\x30\x20\xa4\x20\x2d\x20\x62\x72\x61\x75\x63\x68\x65\x6e\x20\x6c\xe4\x6e\x67\x65\x72\x0d\x0a"),
          TEXT("Nr.;Wann;Was fällt Ihnen auf?\r\n1;23.11.2026 14:05;Größere Dateien - für 10 € - brauchen länger\r\n") },
        { CHARSET_UTF_8,
          TEXT("\xe7\x95\xaa\xe5\x8f\xb7\x2c\xe6\x84\x8f\xe8\xa7\x81\x2c\x67\x72\xc3\xb6\xc3\x9f\x65\x72\x2c\xf0\x9f\x98\x80\x0d\x0a"),
          TEXT("番号,意见,größer,😀\r\n") },
};
enum { VECTORS = sizeof vectors / sizeof *vectors };

/* In pieces of `step` bytes, each in memory of its own, through a window of `window`. */
static bool decode(enum charset c, struct slice in, size_t step, size_t window, struct buf *all, struct err *err)
{
        struct charset_reader *r;
        struct buf out;
        buf_init(&out, window);
        assert_true(charset_open(&r, c, err));
        bool ok = true;
        while (ok && in.n) {
                size_t n = in.n < step ? in.n : step;
                char *copy = malloc(n);
                memcpy(copy, in.p, n);
                struct slice piece = { copy, n };
                while (ok && piece.n) {
                        ok = charset_put(r, &piece, &out, err);
                        buf_put(all, buf_slice(&out));
                        buf_reset(&out);
                }
                free(copy);
                in = slice_make(in.p + n, in.n - n);
        }
        ok = ok && charset_finish(r, err);
        charset_close(r);
        buf_clear(&out);
        return ok;
}

static void charset__reads_every_encoding_in_any_pieces(void **state)
{
        (void)state;
        for (size_t i = 0; i < VECTORS; i++) {
                for (size_t step = 1; step <= vectors[i].bytes.n; step++) {
                        struct err err = ERR_INIT;
                        struct buf all;
                        buf_init(&all, 1 << 16);
                        if (!decode(vectors[i].charset, vectors[i].bytes, step, step % 2 ? 16 : 4096, &all, &err))
                                fail_msg("%s: %s", charset_name(vectors[i].charset), err.text);
                        assert_true(slice_eq(buf_slice(&all), vectors[i].text));
                        buf_clear(&all);
                }
        }
}

static void charset__refuses_what_is_no_character_and_names_the_byte(void **state)
{
        static const struct {
                enum charset charset;
                struct slice bytes;
                const char *says;
        } bad[] = {
                { CHARSET_SHIFT_JIS, TEXT("ab\x82\xa0\x81\x20z"), "byte 5 is not Shift-JIS" },
                { CHARSET_SHIFT_JIS, TEXT("ab\xff"), "byte 3 is not Shift-JIS" },
                { CHARSET_GB18030, TEXT("a\xb1\xe0\xff\xff"), "byte 4 is not GB18030" },
                { CHARSET_GB18030, TEXT("a\x81\x30\x81\x20"), "byte 2 is not GB18030" },
                { CHARSET_WINDOWS_1252, TEXT("a\x81"), "byte 2 is not Windows-1252" },
                { CHARSET_UTF_16LE, TEXT("a\0\x00\xd8z\0z\0"), "byte 3 is not UTF-16 (little-endian)" },
                { CHARSET_UTF_8, TEXT("ab\xc0\x80"), "byte 3 is not UTF-8" },
                { CHARSET_SHIFT_JIS, TEXT("ab\x82"), "text ends within a character of Shift-JIS" },
                { CHARSET_UTF_16BE, TEXT("\0a\0"), "text ends within a character of UTF-16 (big-endian)" },
        };
        (void)state;
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                for (size_t step = 1; step <= bad[i].bytes.n; step++) {
                        struct err err = ERR_INIT;
                        struct buf all;
                        buf_init(&all, 1 << 16);
                        assert_false(decode(bad[i].charset, bad[i].bytes, step, 64, &all, &err));
                        assert_int_equal(err.kind, ERR_DATA);
                        assert_string_equal(err.text, bad[i].says);
                        buf_clear(&all);
                }
        }
}

static void charset__goes_by_the_names_people_use(void **state)
{
        (void)state;
        assert_int_equal(charset_of_name("Shift-JIS"), CHARSET_SHIFT_JIS);
        assert_int_equal(charset_of_name("sjis"), CHARSET_SHIFT_JIS);
        assert_int_equal(charset_of_name("GBK"), CHARSET_GB18030);
        assert_int_equal(charset_of_name("UTF8"), CHARSET_UTF_8);
        assert_int_equal(charset_of_name("Windows 1252"), CHARSET_WINDOWS_1252);
        assert_int_equal(charset_of_name("UTF-16 LE"), CHARSET_UTF_16LE);
        assert_int_equal(charset_of_name("shift_jsi"), -1);
        assert_int_equal(charset_of_name(""), -1);
        assert_int_equal(charset_of_name("a name that is much longer than any encoding's"), -1);
        assert_string_equal(charset_nearest("shift_jsi"), "shift_jis");
        for (int c = 0; c < CHARSETS; c++)
                assert_int_equal(charset_of_name(charset_name((enum charset)c)), c);
}

static bool is_guessed(enum charset c)
{
        return c != CHARSET_BIG5 && c != CHARSET_EUC_KR && c != CHARSET_ISO_8859_15;
}

static void guess__knows_what_each_is_written_in(void **state)
{
        (void)state;
        for (size_t i = 0; i < VECTORS; i++) {
                struct charset_said said;
                struct err err = ERR_INIT;
                if (!is_guessed(vectors[i].charset))
                        continue;
                if (!charset_guess(&said, vectors[i].bytes, CHARSET_BEGINS | CHARSET_ENDS, NULL, &err))
                        fail_msg("%s: %s", charset_name(vectors[i].charset), err.text);
                assert_string_equal(charset_name(said.charset), charset_name(vectors[i].charset));
                assert_true(said.why[0]);
        }
}

static void guess__goes_by_the_byte_order_mark(void **state)
{
        struct charset_said said;
        (void)state;
        assert_true(charset_guess(&said, SLICE("\xff\xfe" "a\0"), 3, NULL, NULL));
        assert_int_equal(said.charset, CHARSET_UTF_16LE);
        assert_true(charset_guess(&said, SLICE("\xfe\xff\0a"), 3, NULL, NULL));
        assert_int_equal(said.charset, CHARSET_UTF_16BE);
        assert_true(charset_guess(&said, SLICE("\xef\xbb\xbf" "a\0"), 3, NULL, NULL));
        assert_int_equal(said.charset, CHARSET_UTF_8);
}

static void guess__takes_a_torn_end_and_a_damaged_row_for_utf_8(void **state)
{
        struct charset_said said;
        (void)state;
        assert_true(charset_guess(&said, SLICE("n\xc3\xbc\xc3\xa4\xe7\xbc"), CHARSET_BEGINS, NULL, NULL));
        assert_int_equal(said.charset, CHARSET_UTF_8);
        assert_true(charset_guess(&said, SLICE("n\xe7\xbc\x96\xe5\x8f\xb7\xff\xe6\x84\x8f"), 3, NULL, NULL));
        assert_int_equal(said.charset, CHARSET_UTF_8);
        assert_true(charset_guess(&said, SLICE("plain\0text\n"), 3, NULL, NULL));
        assert_int_equal(said.charset, CHARSET_UTF_8);
}

/* Better no row than a row that nobody can read. */
static void guess__refuses_what_it_cannot_tell(void **state)
{
        static const struct slice hard[] = {
                TEXT("\xa3\xa3\xa3"), TEXT("a,b\n1,\xff\xfe\xfd\xfc\n"), TEXT("\xc4\xe3\xba\xc3\xff"),
                TEXT("id\n\xb3\xa1\x80\x81\x8d\n"),
        };
        (void)state;
        for (size_t i = 0; i < sizeof hard / sizeof *hard; i++) {
                struct charset_said said;
                struct err err = ERR_INIT;
                if (charset_guess(&said, hard[i], CHARSET_ENDS, NULL, &err))
                        fail_msg("%zu: %s, %s", i, charset_name(said.charset), said.why);
                assert_int_equal(err.kind, ERR_DATA);
                assert_non_null(strstr(err.text, "cannot tell"));
                assert_non_null(strstr(err.hint, "encoding = "));
        }
        /* Two words of GB18030 that happen to be valid UTF-8. */
        struct err err = ERR_INIT;
        struct charset_said said;
        assert_false(charset_guess(&said, SLICE("\xd2\xbb\xcf\xb5"), CHARSET_ENDS, "zh", &err));
        assert_non_null(strstr(err.text, "utf-8"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(charset__reads_every_encoding_in_any_pieces),
                cmocka_unit_test(charset__refuses_what_is_no_character_and_names_the_byte),
                cmocka_unit_test(charset__goes_by_the_names_people_use),
                cmocka_unit_test(guess__knows_what_each_is_written_in),
                cmocka_unit_test(guess__goes_by_the_byte_order_mark),
                cmocka_unit_test(guess__takes_a_torn_end_and_a_damaged_row_for_utf_8),
                cmocka_unit_test(guess__refuses_what_it_cannot_tell),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
