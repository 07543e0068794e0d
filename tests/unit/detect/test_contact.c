/* test_contact.c - bare numbers are somebody's telephone where the words around say so, in
 * the languages of the six regions, and a region's or a row's where they do not. */
#include "helpers.h"

/* The number, and nothing else, is found in each text; written "text|number". */
static void each_finds(const char *const texts[], size_t n)
{
        for (size_t i = 0; i < n; i++) {
                char text[256], expected[64];
                const char *bar = strchr(texts[i], '|');
                assert_non_null(bar);
                snprintf(text, sizeof text, "%.*s", (int)(bar - texts[i]), texts[i]);
                snprintf(expected, sizeof expected, "phone=%s", bar + 1);
                if (!strstr(found(text), expected))
                        fail_msg("\"%s\": \"%s\", not \"%s\"", text, found(text), expected);
        }
}
#define EACH_FINDS(texts) each_finds(texts, sizeof(texts) / sizeof *(texts))

static void contact__leads_to_a_number_in_chinese(void **state)
{
        (void)state;
        static const char *const texts[] = {
                "统计不准,可随时联系 13912345678。|13912345678", "请拨打 13800138000 或 13900139000|13900139000",
                "订单有问题请联系 13912345678|13912345678", "加我微信 13912345678|13912345678",
                "vx：13912345678|13912345678", "微信ID 13912345678|13912345678",
                "13912345678(微信同号)|13912345678", "打给我 13912345678|13912345678",
                "我的号码是 13912345678|13912345678", "王磊（13912345678）|13912345678",
                "聯絡我 0912345678|0912345678", "座机 02162345678|02162345678",
        };
        EACH_FINDS(texts);
}

static void contact__leads_to_a_number_in_japanese_and_korean(void **state)
{
        (void)state;
        static const char *const texts[] = {
                "連絡先: 09012345678|09012345678", "09012345678 までご連絡ください|09012345678",
                "0312345678 にお電話ください|0312345678", "折り返しは 09012345678 に|09012345678",
                "お問い合わせは 0312345678 へ|0312345678", "문의는 01012345678|01012345678",
                "01012345678로 연락 주세요|01012345678", "제 번호는 01012345678 입니다|01012345678",
        };
        EACH_FINDS(texts);
}

static void contact__leads_to_a_number_in_europe(void **state)
{
        (void)state;
        static const char *const texts[] = {
                "Kontakt: 01712345678|01712345678", "Sie können mich unter 01712345678 anrufen|01712345678",
                "Rückruf bitte an 01712345678|01712345678", "Contactez-moi au 0612345678|0612345678",
                "mon numéro est le 0612345678|0612345678", "Contacta conmigo en 612345678|612345678",
                "mi número es 612345678|612345678", "je kan me bereiken op 0612345678|0612345678",
                "mijn nummer is 0612345678|0612345678", "proszę o kontakt: 601234567|601234567",
                "zadzwoń 601234567|601234567", "volejte 601234567|601234567",
                "moje číslo je 601234567|601234567", "meu número é 11987654321|11987654321",
                "scrivimi su 3471234567|3471234567", "Тел. 89161234567|89161234567",
        };
        EACH_FINDS(texts);
}

static void contact__leads_to_a_number_in_south_asia(void **state)
{
        (void)state;
        static const char *const texts[] = {
                "संपर्क करें: 9820012345|9820012345", "मुझे 9820012345 पर कॉल करें|9820012345",
                "मेरा नंबर 9820012345 है|9820012345", "Mera number 9820012345 hai|9820012345",
                "kontak 081234567890|081234567890", "bisa dihubungi di 081234567890|081234567890",
                "WA 081234567890|081234567890", "liên hệ 0912345678|0912345678",
                "sđt 0912345678|0912345678", "ติดต่อ 0812345678|0812345678", "โทรหา 0812345678|0812345678",
        };
        EACH_FINDS(texts);
}

static void contact__leads_to_a_number_in_english(void **state)
{
        (void)state;
        static const char *const texts[] = {
                "contact our DBA on 9820012345|9820012345", "my number is 9820012345|9820012345",
                "text me at 2125550142|2125550142", "you can get me on 07700900183|07700900183",
                "Call me between 9:00 and 18:00 at 01712345678|01712345678", "Call 555-0187|555-0187",
                "https://wa.me/6281234567890|6281234567890", "Yours\nJane Doe\n617 555 0109|617 555 0109",
        };
        EACH_FINDS(texts);
}

static void contact__reaches_over_an_address_or_another_number(void **state)
{
        (void)state;
        static const char *const texts[] = {
                "请联系 zhang1990@example.cn 或 13800138000,谢谢|13800138000",
                "tanaka@example.jp または 09012345678 まで|09012345678",
                "kim@example.kr 또는 01012345678|01012345678",
                "Fragen an k.meier@example.de oder 01712345678.|01712345678",
                "jean@example.fr ou 0612345678|0612345678", "ana@example.es o 612345678|612345678",
                "mail jan@example.nl of bel 0612345678|0612345678",
                "Hubungi saya di sari@example.id atau 081234567890|081234567890",
                "amit@example.in या 9820012345 पर लिखें|9820012345",
                "a@example.vn hoặc 0912345678|0912345678", "som@example.co.th หรือ 0812345678|0812345678",
                "Reach me at jane.doe1990@example.com or 2125550142|2125550142",
                "write to joe@example.com or 9820012345|9820012345",
                "jane@example.com, 13912345678|13912345678",
        };
        EACH_FINDS(texts);
}

static void contact__is_not_what_names_rows_and_regions(void **state)
{
        (void)state;
        finds_nothing("Region 18785537331 一直没有 leader，请联系我");
        finds_nothing("请联系 DBA，region 18785537331 没有 leader");
        finds_nothing("事务 18785537331 失败，请联系管理员");
        finds_nothing("リージョン 18785537331 のリーダーが不在です。連絡ください");
        finds_nothing("we could not contact store 23456789, peer 23456780");
        finds_nothing("the call returned 23456789 rows; 联系后 13812345678 行");
        finds_nothing("contact us, epoch 1700187994; ts 1700187994, call me");
        finds_nothing("please call me. Transaction 18785537331 hangs");
        finds_nothing("Kontakt zum Knoten 23456789 verloren");
        finds_nothing("INSERT INTO contact (id, email) VALUES (18785537331, 'x')");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(contact__leads_to_a_number_in_chinese),
                cmocka_unit_test(contact__leads_to_a_number_in_japanese_and_korean),
                cmocka_unit_test(contact__leads_to_a_number_in_europe),
                cmocka_unit_test(contact__leads_to_a_number_in_south_asia),
                cmocka_unit_test(contact__leads_to_a_number_in_english),
                cmocka_unit_test(contact__reaches_over_an_address_or_another_number),
                cmocka_unit_test(contact__is_not_what_names_rows_and_regions),
        };
        return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
