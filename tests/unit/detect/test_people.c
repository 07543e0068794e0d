/* test_people.c - known people in other people's words, and words that are nobody. */
#include "helpers.h"

#define KNOW(p, ...) know(p, (const char *const[]){ __VA_ARGS__, NULL })

/* "@joe": a handle, "joe@example.com": an address, else a name. */
static void add(struct people *p, const char *name)
{
        const char *at = strchr(name, '@');
        assert_true(people_add(p, slice_of(name), !at ? PEOPLE_NAME : at == name ? PEOPLE_HANDLE : PEOPLE_ADDRESS));
}

static void know(struct people **p, const char *const *names)
{
        *p = people_new(100);
        assert_non_null(*p);
        for (; *names; names++)
                add(*p, *names);
        scanner_know(scanner, *p);
}

static void forget(struct people *p)
{
        scanner_know(scanner, NULL);
        people_free(p);
}

static void people__are_found_as_they_are_written(void **state)
{
        (void)state;
        struct people *p;
        KNOW(&p, "Hannah Porter", "Ana Silva", "Ana Silva Costa", "小林 美咲", "王伟", "Đỗ Thị Hà", "ชัยวัฒน์ ศรีสุข", "Jo");
        assert_int_equal(people_count(p), 7); /* "Jo" would be found anywhere */
        finds("thanks Hannah Porter, and HANNAH PORTER's patch", "known_person=Hannah Porter|known_person=HANNAH PORTER");
        finds("Porter, Hannah / Porter Hannah", "known_person=Porter, Hannah|known_person=Porter Hannah");
        finds("Hannah\nPorter", "known_person=Hannah\nPorter");
        finds("Ana Silva Costa and Ana Silva", "known_person=Ana Silva Costa|known_person=Ana Silva");
        finds("同僚の小林美咲さん、小林 美咲様", "known_person=小林美咲|known_person=小林 美咲");
        finds("我同事王伟也遇到了", "known_person=王伟");
        finds("anh Đỗ Thị Hà và คุณชัยวัฒน์ ศรีสุข", "known_person=Đỗ Thị Hà|known_person=ชัยวัฒน์ ศรีสุข");
        finds_nothing("Johannah Porter; Hannah Porterfield, Mariana Silva, hannah_porter, Jo");
        forget(p);
        finds_nothing("Hannah Porter");
}

static void people__are_found_inflected(void **state)
{
        (void)state;
        struct people *p;
        KNOW(&p, "Jan Kowalski", "Petr Novák", "Émilie Dupont", "김민수", "Иван Петров", "Ayşe Yılmaz", "O'Brien Pat");
        finds("Jan Kowalskiego nie ma; s Petr Novákem", "known_person=Jan Kowalskiego|known_person=Petr Novákem");
        finds("merci à émilie dupont", "known_person=émilie dupont");
        finds("김민수님이 고쳤고 김민수가", "known_person=김민수|known_person=김민수");
        finds("от Иван Петрова, Ayşe Yılmaz'ın", "known_person=Иван Петрова|known_person=Ayşe Yılmaz");
        finds("Petr\xC2\xA0Novák, Ｊａｎ Ｋｏｗａｌｓｋｉ", "known_person=Petr\xC2\xA0Novák|known_person=Ｊａｎ Ｋｏｗａｌｓｋｉ");
        finds_nothing("가김민수는 아무도, Jan Kowalskistrasse");
        forget(p);
}

static void people__are_found_by_handle(void **state)
{
        (void)state;
        struct people *p;
        KNOW(&p, "@li-wei", "@wl1990", "@alicetan", "li.wei@example.com");
        finds("thanks @li-wei, mail me at", "known_person=@li-wei");
        finds("li-wei and wl1990 wrote it", "known_person=li-wei|known_person=wl1990");
        finds("see https://github.com/li-wei/tool", "known_person=li-wei");
        finds("https://github.com/alicetan", "known_person=alicetan");
        finds("thanks alicetan, works", "known_person=alicetan");
        finds_nothing("the alicetan option; li-wei-2, tikv-li-wei, xwl1990, wl19901");
        forget(p);
}

static void people__who_are_words_are_nobody(void **state)
{
        (void)state;
        struct people *p;
        KNOW(&p, "@root", "@admin", "@mysql", "@test", "@param", "Admin", "Data Team", "Database Administrator", "Mark Long",
             "Rose Will", "安全", "测试 用户", "文件系统", "数据库", "이상한", "さくら", "Will", "@stale-read", "@tikv-server");
        assert_int_equal(people_count(p), 4); /* in capitals: two; after '@': two */
        finds_nothing("'root'@'%' and admin, mysql test; the data team's database administrator; mark long queries");
        finds_nothing("@param id @Override; 安全地连接数据库, 文件系统, 测试 用户, 이상한 오류, さくら; rose will; will it?");
        finds_nothing("stale-read on tikv-server");
        finds("asked Mark Long and Rose Will; @stale-read", "known_person=Mark Long|known_person=Rose Will|known_person=@stale-read");
        forget(p);
}

static void people__beyond_the_ceiling_are_forgotten_oldest_first(void **state)
{
        (void)state;
        struct people *p = people_new(10);
        char name[64];
        for (int i = 0; i < 1000; i++) {
                snprintf(name, sizeof name, "Hannah Portera%c%c%c", 'a' + i / 100, 'a' + i / 10 % 10, 'a' + i % 10);
                add(p, name);
                add(p, "Ana Silva");
                assert_true(people_count(p) <= 10);
        }
        scanner_know(scanner, p);
        finds("Ana Silva and Hannah Porteraaaa, then Hannah Porterajjj", "known_person=Ana Silva|known_person=Hannah Porterajjj");
        forget(p);
        p = people_new(0);
        scanner_know(scanner, p);
        finds_nothing("nobody is known");
        forget(p);
}

/* A crowd with one first name costs no more than a few comparisons a word. */
static void people__of_one_name_do_not_slow_a_text(void **state)
{
        (void)state;
        enum { BYTES = 1 << 15 };
        struct people *p = people_new(100000);
        char name[64], *text = malloc(BYTES);
        for (int i = 0; i < 2000; i++) {
                snprintf(name, sizeof name, "Maria Maria %d", i);
                add(p, name);
        }
        for (size_t at = 0; at < BYTES; at++)
                text[at] = "Maria "[at % 6];
        scanner_know(scanner, p);
        const struct finding *f;
        size_t n;
        struct err err = ERR_INIT;
        assert_true(scan(scanner, slice_make(text, BYTES), &f, &n, &err));
        free(text);
        forget(p);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(people__are_found_as_they_are_written),
                cmocka_unit_test(people__are_found_inflected),
                cmocka_unit_test(people__are_found_by_handle),
                cmocka_unit_test(people__who_are_words_are_nobody),
                cmocka_unit_test(people__beyond_the_ceiling_are_forgotten_oldest_first),
                cmocka_unit_test(people__of_one_name_do_not_slow_a_text),
        };
        return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
