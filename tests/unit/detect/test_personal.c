/* test_personal.c - dates of birth, places, handles, banks: found with what says so, and left
 * alone where a database community writes the same shapes. */
#include "helpers.h"

static void birth__is_a_date_with_a_word_of_birth(void **state)
{
        (void)state;
        finds("DOB 3/5/1990", "dob=3/5/1990");
        finds("\"dob\": \"1990-05-01\"", "dob=1990-05-01");
        finds("my birthday is May 5th, 1988", "dob=May 5th, 1988");
        finds("I was born on the 3rd of May 1980 in Oslo", "dob=3rd of May 1980");
        finds("geboren am 12. März 1954 in Wien", "dob=12. März 1954");
        finds("née le 1er janvier 1990", "dob=1er janvier 1990");
        finds("nacida el 3 de mayo de 1980; lahir di Bandung, 17 Agustus 1985",
              "dob=3 de mayo de 1980|dob=17 Agustus 1985");
        finds("Tôi sinh ngày 5 tháng 3 năm 1990", "dob=5 tháng 3 năm 1990");
        finds("เกิดวันที่ 12 พฤษภาคม 2516", "dob=12 พฤษภาคม 2516");
        finds("मेरा जन्म 5 मार्च 1985 को हुआ", "dob=5 मार्च 1985");
        finds("ur. 12 maja 1980", "dob=12 maja 1980");
}

static void birth__is_found_as_east_asia_writes_it(void **state)
{
        (void)state;
        finds("昭和35年3月1日生まれ", "dob=昭和35年3月1日");
        finds("平成元年12月31日生まれです", "dob=平成元年12月31日");
        finds("生年月日：１９９０年５月１日", "dob=１９９０年５月１日");
        finds("1990年5月1日出生于北京", "dob=1990年5月1日");
        finds("1990년 5월 1일생입니다", "dob=1990년 5월 1일");
        finds("1990. 5. 1. 출생", "dob=1990. 5. 1");
        finds("생년월일 900501", "dob=900501");
}

static void birth__is_no_timestamp(void **state)
{
        (void)state;
        finds_nothing("dob DATETIME DEFAULT '1970-01-01 00:00:01', updated 2024-01-05");
        finds_nothing("[2026/12/25 11:07:04.374 +00:00] on 2024-07-04, v8.1.5 of 2024-10-12");
        finds_nothing("born 1990-13-45; The project was born in 2015. born 1850-01-01");
        finds_nothing("20240705 19900501 5th of May 1990");
}

static void place__is_a_pair_of_fine_degrees(void **state)
{
        (void)state;
        finds("Meet at 52.5200, 13.4050.", "gps=52.5200, 13.4050");
        finds("https://maps.example.com/@35.6812,139.7671,17z", "gps=35.6812,139.7671");
        finds("geo:48.8584,2.2945", "gps=48.8584,2.2945");
        finds("{\"lat\": 35.681236, \"lng\": -139.767125}", "gps=35.681236, \"lng\": -139.767125");
        finds("52°31'12.0\"N 13°24'18.0\"E", "gps=52°31'12.0\"N 13°24'18.0\"E");
        finds("52.5200° N, 13.4050° E", "gps=52.5200° N, 13.4050° E");
        finds("52.52001 N, 13.40495 E", "gps=52.52001 N, 13.40495 E");
        finds("位置：31.230416，121.473701", "gps=31.230416，121.473701");
}

static void place__is_no_measurement(void **state)
{
        (void)state;
        finds_nothing("matrix row: 12.3456, 99.1234; qps=78.6310, 99.1234 p99");
        finds_nothing("location 1.25, 3.50; lat=93.12345,10.12345; location 95.53036, 86.82963");
        finds_nothing("VECTOR map [12.3456, 99.1234, 7.5432, 8.1234]; temperature 20° 21°");
}

static void handle__is_a_name_after_an_at(void **state)
{
        (void)state;
        finds("thanks @joe-lee for the fix", "handle=@joe-lee");
        finds("@joe, can you look? (@kim_2): yes", "handle=@joe|handle=@kim_2");
        finds("感谢@zhang3 的帮助，@li_wei 你好", "handle=@zhang3|handle=@li_wei");
        finds("Slow commit - @tan-mia", "handle=@tan-mia");
        finds("@joe\nthanks for the patch", "handle=@joe");
}

static void handle__is_no_code(void **state)
{
        (void)state;
        finds_nothing("See @Override, @SpringBootTest and @Transactional(readOnly) or @param x");
        finds_nothing("SET @x = 1; SELECT @rank := @rank + 1 INTO @out WHERE @x > 1 and a =@y");
        finds_nothing("npm i @babel/core @types/node; 'root'@'%' user@host; @media screen icon@2x");
        finds_nothing("@app.route(\"/x\")\n@retry\ndef f(): pass\n```python\n@cached_it\n```");
        finds_nothing("mail to anybody @example.com; @2024 @@global.x @ home");
}

static void bank__is_found_by_its_label_or_its_account(void **state)
{
        (void)state;
        finds("SWIFT: DEUTDEFF", "bic=DEUTDEFF");
        finds("BIC/SWIFT code DEUTDEFF500, bic: COBADEFFXXX", "bic=DEUTDEFF500|bic=COBADEFFXXX");
        finds("DE89370400440532013000, COBADEFFXXX", "iban=DE89370400440532013000|bic=COBADEFFXXX");
        finds_nothing("DATABASE DEUTDEFF INTERNAL, BIC of the bank, SWIFT: DEUTZZFF; status code: CHASUS33");
}

static void address__is_a_street_a_number_and_a_town(void **state)
{
        (void)state;
        finds("ship to 12 Baker Street, London NW1 6XE please", "address=12 Baker Street, London NW1 6XE");
        finds("Flat 2, 10 High Street, Leeds LS1 4AP", "address=Flat 2, 10 High Street, Leeds LS1 4AP");
        finds("10 rue de Rivoli, 75001 Paris", "address=10 rue de Rivoli, 75001 Paris");
        finds("Musterstr. 12, 10115 Berlin", "address=Musterstr. 12, 10115 Berlin");
        finds("Kerkstraat 12, 1017 GL Amsterdam.", "address=Kerkstraat 12, 1017 GL Amsterdam");
        finds("ul. Marszałkowska 10, 00-590 Warszawa", "address=ul. Marszałkowska 10, 00-590 Warszawa");
        finds("Jalan Sudirman No. 12, Jakarta 10220", "address=Jalan Sudirman No. 12, Jakarta 10220");
        finds("请寄到上海市浦东新区世纪大道385号569室", "address=上海市浦东新区世纪大道385号569室");
        finds("住所は東京都千代田区千代田1-1です", "address=東京都千代田区千代田1-1");
        finds("주소: 서울특별시 강남구 테헤란로 34 입니다", "address=서울특별시 강남구 테헤란로 34");
}

static void address__is_not_where_only_one_of_them_stands(void **state)
{
        (void)state;
        finds_nothing("the 3 Way join, Region 5 Road map 2024, Section 5 Street view, 8 Drive failures");
        finds_nothing("Via HTTP 8080, 2379 Peers; row 5 Square, 10000 Rows; place 3, 10000 rows");
        finds_nothing("集群 3 号节点，机房 2 号楼，区 5 路 12 条；在北京市区 3 号机房部署");
        finds_nothing("東京リージョン 3番ノード、都度 5号; 서버 3호기");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(birth__is_a_date_with_a_word_of_birth),
                cmocka_unit_test(birth__is_found_as_east_asia_writes_it),
                cmocka_unit_test(birth__is_no_timestamp),
                cmocka_unit_test(place__is_a_pair_of_fine_degrees),
                cmocka_unit_test(place__is_no_measurement),
                cmocka_unit_test(handle__is_a_name_after_an_at),
                cmocka_unit_test(handle__is_no_code),
                cmocka_unit_test(address__is_a_street_a_number_and_a_town),
                cmocka_unit_test(address__is_not_where_only_one_of_them_stands),
                cmocka_unit_test(bank__is_found_by_its_label_or_its_account),
        };
        return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
