/* test_scan.c - what is found in running text, kind by kind, and what is left alone. */
#include "helpers.h"

static void email__is_found_bare_and_without_its_wrapping(void **state)
{
        (void)state;
        finds("write to joe.tan+x@mail.example.com.", "email=joe.tan+x@mail.example.com");
        finds("<joe@example.com>, \"kim@example.org\";", "email=joe@example.com|email=kim@example.org");
        finds("mailto:joe@example.com?subject=x", "email=joe@example.com");
        finds("(joe@example.com)", "email=joe@example.com");
}

static void email__is_found_in_other_scripts(void **state)
{
        (void)state;
        finds("邮箱user@example.com谢谢", "email=user@example.com");
        finds("你好，邮箱user@example.com谢谢", "email=user@example.com");
        finds("ａ，ｂ joe@example.com ü", "email=joe@example.com");
        finds("我是 用户38@example.com。", "email=用户38@example.com");
        finds("josé@example.com und müller@exämple.de", "email=josé@example.com|email=müller@exämple.de");
        finds("メールは joe＠ｅxample．com です", "email=joe＠ｅxample．com");
}

static void email__is_found_in_disguise(void **state)
{
        (void)state;
        finds("joe%40example.com", "email=joe%40example.com");
        finds("joe&#64;example.com", "email=joe&#64;example.com");
        finds("joe [at] example [dot] com", "email=joe [at] example [dot] com");
        finds("joe [dot] tan [at] example [dot] com", "email=joe [dot] tan [at] example [dot] com");
        finds("joe[.]tan@example[.]com", "email=joe[.]tan@example[.]com");
        finds("joe@example.com dot the i", "email=joe@example.com");
        finds("joe(at)example.com now", "email=joe(at)example.com");
        finds("joe at mail dot example dot com now", "email=joe at mail dot example dot com");
        finds("joe@exam\u200Bple.com", "email=joe@exam\u200Bple.com");
        finds("joe@\nexample.com", "email=joe@\nexample.com");
}

static void email__is_found_under_the_names_of_its_signs(void **state)
{
        (void)state;
        static const char *const whole[] = {
                "joe dot smith at example dot com",
                "joe.smith AT example DOT org",
                "joe (at) example (dot) com",
                "joe {at} example {dot} com",
                "joe _at_ example _dot_ com",
                "joe -at- example -dot- com",
                "joe[@]example[.]com",
                "joe @ example . com",
                "joe@example . com",
                "joe[a]example[d]com",
                "joe [ät] example [punkt] de",
                "joe (ät) example.de",
                "hans.meier (klammeraffe) example.de",
                "hans.meier klammeraffe example punkt de",
                "petr.novak zavináč example tečka com",
                "joe[arroba]ejemplo[punto]com",
                "joe arroba example punto com",
                "joe (arroba) example.com",
                "joao arroba exemplo ponto com",
                "joe [arobase] example [point] fr",
                "joe arobase example point fr",
                "joe chiocciola esempio punto it",
                "joe [chiocciola] esempio.it",
                "joe【at】example【dot】com",
                "joe艾特example点com",
                "joe AT example点com",
                "joe@example点com",
                "joe（@）example.com",
                "joe＠example．com",
                "joe(アット)example.com",
                "joe【アット】example.com",
                "joe あっと example どっと com",
                "joe アットマーク example ドット com",
                "joe 골뱅이 example 점 com",
                "joe(골뱅이)example.com",
                "joe 골뱅이 example.com",
                "joe @ example 닷 컴",
                "joe [dấu @] example.com",
                "joe(a còng)example.com",
                "joe at example titik com",
                "joe [at] example titik com",
                "joe แอท example ดอท คอม",
                "joe(แอท)example.com",
                "joe ऐट example डॉट कॉम",
                "joe [ऐट] example.com",
                "joe [malpa] example.pl",
                "joe małpa example kropka pl",
                "joe (zavinac) example.cz",
                "joe собака example точка ru",
                "joe (собака) example.ru",
                "joe [snabel-a] example.dk",
                "joe apenstaartje example punt nl",
                "joe (apenstaartje) example.nl",
                "joe[at]example.com",
                "joe[AT]mail[DOT]example[DOT]co[DOT]uk",
                "joe at gmail dot com",
                "joe.smith at gmail.com",
                "joeNOSPAM@example.com",
                "joe@exampleREMOVETHIS.com",
                "joe=40example.com",
                "joe&commat;example&period;com",
                "joe&#x40;example&#46;com",
        };
        for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
                char text[256];
                snprintf(text, sizeof text, "email=%s", whole[i]);
                finds(whole[i], text);
        }
}

static void email__is_not_prose_with_its_signs_names(void **state)
{
        (void)state;
        finds_nothing("arrived at this point in time, at some point it fails; look at example.com for docs");
        finds_nothing("el punto com de la arroba; 点 com; una arroba de trigo; le point fr; titik com");
        finds_nothing("server at db.example.com failed; f(a) example.com; x[a] y.com; call f (at) once");
        finds_nothing("price 5 @ 3.50; meet @ noon; 골뱅이 무침 맛집; アットマーク は記号; собака лает. точка");
        finds_nothing("charging at maximum change, a map at a chapel; apart at char; 艾特我 一下");
}

static void email__is_not_a_host_a_package_or_a_unit(void **state)
{
        (void)state;
        finds_nothing("git clone git@github.com:org/repo.git; scp joe@host.example.com:/tmp .");
        finds_nothing("'root'@'%' tidb@tikv-118 getty@tty1.service icon@2x.png pkg@1.2.3 @Override");
        finds_nothing("npm i lodash@4.17.21 react@18.2.0-rc.1 @babel/core");
        finds_nothing("look at the dot matrix, stare at that dot there");
}

static void phone__is_found_in_international_form(void **state)
{
        (void)state;
        finds("+49 (0)30 2312 5123", "phone=+49 (0)30 2312 5123");
        finds("tel:+1-512-555-0148;ext=99", "phone=+1-512-555-0148;ext=99");
        finds("+44 7700 900183 ext. 12", "phone=+44 7700 900183 ext. 12");
        finds("0049 30 23125123", "phone=0049 30 23125123");
        finds("+8613833774895。", "phone=+8613833774895");
        finds("+852 5123 4567 and +7 912 345 67 89", "phone=+852 5123 4567|phone=+7 912 345 67 89");
        finds_nothing("+68 64-058-1595 +44917348524 1+2345678901 +00:00");
}

static void phone__is_found_in_national_form(void **state)
{
        (void)state;
        finds("Call me on 617-555-0109", "phone=617-555-0109");
        finds("(512) 555-0148 or 303.555.0159", "phone=(512) 555-0148|phone=303.555.0159");
        finds("手机号:18741715628", "phone=18741715628");
        finds("187 4134 8510", "phone=187 4134 8510");
        finds("携帯は 090-3596-4440 です", "phone=090-3596-4440");
        finds("０９０ー１２３４ー５６７８", "phone=０９０ー１２３４ー５６７８");
        finds("HP: 081234567890", "phone=081234567890");
        finds("मोबाइल: 06315649469", "phone=06315649469");
        finds("Telefon: 0151 8443 0632", "phone=0151 8443 0632");
        finds("06 12 34 56 78 / 01.99.00.41.89", "phone=06 12 34 56 78|phone=01.99.00.41.89");
        finds("(id, email, phone) VALUES (3691382141, 'x', '965420282')", "phone=965420282");
}

static void phone__is_not_a_number_of_something_else(void **state)
{
        (void)state;
        finds_nothing("Region 18785537331 has no leader, region_id 70053431");
        finds_nothing("ts=1721659954 batch 1700187994 part no 936-00-2152");
        finds_nothing("order 512-555-0148; Boston, MA 02110-1301; Mobile 2017-2022");
        finds_nothing("2024-07-04 19:01:06.286 2026/11/25 08:00-17:30 0-00-2729");
        finds_nothing("67 ab f9 09 76 90 68 01 d1 f8");
        finds_nothing("0000020 0812 3456 7890 0a64 f00d");
        finds_nothing("reach me\n[2026/11/25 09:19:45.207 +00:00] [INFO]");
}

static void ip__is_found_and_private_ones_left(void **state)
{
        (void)state;
        finds("from 203.0.113.7:443 and [2001:db8::1:2]:80", "ipv4=203.0.113.7|ipv6=2001:db8::1:2");
        finds("203[.]0[.]113[.]7", "ipv4=203[.]0[.]113[.]7");
        finds("接続元は 198.51.100.8 です", "ipv4=198.51.100.8");
        finds("203.0.113.0/24.", "ipv4=203.0.113.0");
        finds("2001:db8:c998:cd9:1e97:c3b1:4735:cfd9", "ipv6=2001:db8:c998:cd9:1e97:c3b1:4735:cfd9");
        finds("NIC 7629.d338.9030, CE-C3-72-9E-7D-2C", "mac=7629.d338.9030|mac=CE-C3-72-9E-7D-2C");
        finds_nothing("10.2.3.4 127.0.0.1 192.168.0.1 172.16.9.9 255.255.255.0 0.0.0.0 ::1 fe80::1");
}

static void ip__is_found_where_nothing_says_release(void **state)
{
        (void)state;
        finds("Node 49.36.12.8, region id 12345678901.", "ipv4=49.36.12.8");
        finds("version 8.5.0 on 49.36.12.8", "ipv4=49.36.12.8");
        finds("after the upgrade 36.110.12.77 fails", "ipv4=36.110.12.77");
        finds("MySQL 8.135.20.7 连不上", "ipv4=8.135.20.7");
        finds("节点 14.18.23.7 与 ノード 14.18.23.8", "ipv4=14.18.23.7|ipv4=14.18.23.8");
        finds("Knoten 14.18.23.7, serveur 14.18.23.8, nodo 14.18.23.9", "ipv4=14.18.23.7|ipv4=14.18.23.8|ipv4=14.18.23.9");
        finds("tikv-36.110.12.77:20160, tikv_36.110.12.78_20160", "ipv4=36.110.12.77|ipv4=36.110.12.78");
        finds("db.example.com/36.110.12.77, Db/36.110.12.77:3306", "ipv4=36.110.12.77|ipv4=36.110.12.77");
        finds("http://8.12.20.7/x root@8.12.20.8", "ipv4=8.12.20.7|ipv4=8.12.20.8");
        finds("mysql -h 8.12.20.7; telnet 8.12.20.8 4000", "ipv4=8.12.20.7|ipv4=8.12.20.8");
        finds("8.12.20.7/24", "ipv4=8.12.20.7");
        finds("8.135.20.7-8.135.20.9", "ipv4=8.135.20.7|ipv4=8.135.20.9");
        finds("IP 36.110.12.77.52344 > x", "ipv4=36.110.12.77");
        finds_nothing("Version: 8.0.33.60, 版本 8.0.33.61, バージョン 8.0.33.62, firmware 45.12.7.3");
        finds_nothing("upgrade from 8.0.33.60 to 8.0.34.61; ClickHouse 22.8.21.38; mysql-8.0.33.119.jar");
        finds_nothing("8.0.11.4 Chrome/120.0.0.0 Safari, OID 2.5.29.17");
}

static void ip__is_not_a_release_a_time_or_a_fingerprint(void **state)
{
        (void)state;
        finds_nothing("v8.0.11.4 driver 8.0.33.60 and agent 1.4.0.15, OID 1.3.6.1.4.1.311");
        finds_nothing("ClickHouse 23.8.2.7, Java 11.0.20.1, Chrome/120.0.99.109");
        finds_nothing("std::vector<a::b> 12:34:56 dead::beef");
        finds_nothing("TLS BD:25:2D:75:D1:D5:F0:A8:BE:37:6E:80:44:A2:0E:36:48:E2:80:22");
        finds_nothing("ff:ff:ff:ff:ff:ff 958b0e88-5966-4123-8abc-0123456789ab");
}

static void card__is_found_in_groups_or_beside_its_word(void **state)
{
        (void)state;
        finds("4111 1111 1111 1111", "credit_card=4111 1111 1111 1111");
        finds("3782-822463-10005", "credit_card=3782-822463-10005");
        finds("4111\u00A01111\u00A01111\u00A01111", "credit_card=4111\u00A01111\u00A01111\u00A01111");
        finds("4111 1111\n> 1111 1111", "credit_card=4111 1111\n> 1111 1111");
        finds("卡号:6249190261054410563", "credit_card=6249190261054410563");
        finds_nothing("serial 4111111111111111 asset 5555555555554444");
        finds_nothing("card 4111 1111 1111 1112");
        finds_nothing("ts 445342044249490109, 1720541276637390");
}

static void iban__is_found_in_one_run_or_in_groups(void **state)
{
        (void)state;
        finds("GB82 WEST 1234 5698 7654 32.", "iban=GB82 WEST 1234 5698 7654 32");
        finds("IBAN: DE89370400440532013000, BIC", "iban=DE89370400440532013000");
        finds("iban de89 3704 0044 0532 0130 00", "iban=de89 3704 0044 0532 0130 00");
        finds_nothing("GB82WEST12345698765433 de89370400440532013000 DE8937040044053201300");
}

static void floor__finds_what_no_law_lets_be_kept(void **state)
{
        (void)state;
        finds("주민등록번호: 771119-2980971", "kr_rrn=771119-2980971");
        finds("주민번호 7711192980971", "kr_rrn=7711192980971");
        finds("マイナンバー：８１２５　９０４２　８２３４", "jp_mynumber=８１２５　９０４２　８２３４");
        finds("マイナンバーは 812590428234 です", "jp_mynumber=812590428234");
        finds("My Aadhaar number is 4031 0544 7850", "in_aadhaar=4031 0544 7850");
        finds("आधार ४०३१०५४४७८५०", "in_aadhaar=४०३१०५४४७८५०");
        finds_nothing("0000010 6f57 4031 0544 7850 0a64 8125 9042 8234 20ff");
        finds_nothing("771399-2980971 7711192980971 403105447850 812590428234");
}

static void secret__is_found_by_its_own_form(void **state)
{
        (void)state;
        finds("Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
              "jwt=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln");
        finds("redis://:hunter2@db:6379/0, ok", "url_credentials=redis://:hunter2@db:6379/0");
        finds("dsn root:p@ss!w@tcp(10.0.0.1:4000)/test?x=y now",
              "url_credentials=root:p@ss!w@tcp(10.0.0.1:4000)/test?x=y");
        finds("-----BEGIN EC PRIVATE " "KEY-----\nabc+/=\n-----END EC PRIVATE " "KEY-----\nnext",
              "private_key=-----BEGIN EC PRIVATE " "KEY-----\nabc+/=\n-----END EC PRIVATE " "KEY-----");
        finds("-----BEGIN PRIVATE " "KEY-----\nabcd\nef\n\nText after.",
              "private_key=-----BEGIN PRIVATE " "KEY-----\nabcd\nef");
        finds("id AKIA" "QWERTYUIOPASDFGH", "aws_key=AKIA" "QWERTYUIOPASDFGH");
        finds("xoxb-" "359683172617-1100995125050-a9gwRzrvTSY072ijwaVyVFYb",
              "slack_token=xoxb-" "359683172617-1100995125050-a9gwRzrvTSY072ijwaVyVFYb");
}

static void secret__is_found_by_the_name_beside_it(void **state)
{
        (void)state;
        finds("password=hunter22; db", "password=hunter22");
        finds("\"password\": \"s3cr3t!!\"", "password=s3cr3t!!");
        finds("密码：Passw0rd9", "password=Passw0rd9");
        finds("CREATE USER 'a'@'%' IDENTIFIED BY 'tr0ub4dor&3';", "password=tr0ub4dor&3");
        finds("alter user app IDENTIFIED WITH 'caching_sha2_password' BY '*x.Y-z';", "password=*x.Y-z");
        finds("mysql -h db -u root -pS3cret99 test", "password=S3cret99");
        finds("api_key = 'abcdEFGH12345678ijkl'", "password=abcdEFGH12345678ijkl");
}

static void secret__is_not_a_placeholder(void **state)
{
        (void)state;
        finds_nothing("password=**** password=${DB_PASS} password=<password> PASSWORD=$PW");
        finds_nothing("password required; password policy LOW; Password: must be long");
        finds_nothing("postgres://user:****@host/db mysql://user:<password>@host/db");
        finds_nothing("mysql -h db -P 4000 -u root -p");
        finds_nothing("password = getpass.getpass() pwd=$(pwd) PWD=/home/x password = user.secret");
        finds_nothing("commands identified by \"code\"; f(key_password=self.key_password, p=certs[0])");
        finds_nothing("doc sample key AKIA" "IOSFODNN7EXAMPLE");
        finds_nothing("https://host:8080/@path -----BEGIN CERTIFICATE-----\nMIIE");
        finds_nothing("ghp_" "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}

static void scan__leaves_what_database_people_write(void **state)
{
        (void)state;
        finds_nothing("key: 74800000000000CC715F724A93FB656B83080A");
        finds_nothing("plan digest 15b385c7c82a0c9969ed1c9bde6f12aae135c402d30f552843aeaf9020d76ef1");
        finds_nothing("goroutine 13965 [running]: /go/src/x.go:2198 +0x7f91e00fe335");
        finds_nothing("trace id 958b0e88-5966-4123-8abc-0123456789ab, git checkout 37a60db8c9");
        finds_nothing("SELECT * FROM orders_29 WHERE id > 40555488267 AND t < '2024-07-04 19:01:06.286'");
        finds_nothing("checksum total_kvs=822283853728 total_bytes=855673348754 crc64=9224378966650428452");
        finds_nothing("Order SO-35140571, PO2024-07126, #20203, job 202610011347542299");
        finds_nothing("restore of 6241 GB took 15h54m10s, matrix row: 36.9152, 199.778421");
        finds_nothing("start_ts=452982080795557640 conn=2864064390098642926");
}

static void scan__looks_only_for_what_is_wanted(void **state)
{
        (void)state;
        struct scanner *s = scanner_new(detect_one(detect_id("phone")), 4096);
        const struct finding *f;
        size_t n;
        struct err err = ERR_INIT;
        assert_true(scan(s, SLICE("joe@example.com +8613833774895"), &f, &n, &err));
        assert_int_equal(n, 1);
        assert_int_equal(f[0].id, detect_id("phone"));
        scanner_free(s);
}

static void scan__lets_the_longest_win(void **state)
{
        (void)state;
        finds("mysql://root:pw99@203.0.113.9:4000/app", "url_credentials=mysql://root:pw99@203.0.113.9:4000/app");
        finds("NHS number: 936 701 1318", "uk_nhs=936 701 1318");
}

static void scan__says_when_text_is_too_long(void **state)
{
        (void)state;
        struct scanner *s = scanner_new(ALL, 16);
        const struct finding *f;
        size_t n;
        struct err err = ERR_INIT;
        assert_false(scan(s, SLICE("seventeen bytes.."), &f, &n, &err));
        assert_int_equal(err.kind, ERR_FULL);
        assert_true(scan(s, SLICE(""), &f, &n, &err));
        assert_int_equal(n, 0);
        scanner_free(s);
}

static void scan__says_when_there_are_too_many_findings(void **state)
{
        (void)state;
        enum { TIMES = 70000, ONE = 8 };
        struct scanner *s = scanner_new(ALL, TIMES * ONE);
        char *text = malloc(TIMES * ONE);
        const struct finding *f;
        size_t n;
        struct err err = ERR_INIT;
        for (size_t i = 0; i < TIMES; i++)
                memcpy(text + i * ONE, "a@bc.de ", ONE);
        assert_false(scan(s, slice_make(text, TIMES * ONE), &f, &n, &err));
        assert_int_equal(err.kind, ERR_FULL);
        assert_true(scan(s, slice_make(text, 60000 * ONE), &f, &n, &err));
        assert_int_equal(n, 60000);
        free(text);
        scanner_free(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(email__is_found_bare_and_without_its_wrapping),
                cmocka_unit_test(email__is_found_in_other_scripts),
                cmocka_unit_test(email__is_found_in_disguise),
                cmocka_unit_test(email__is_found_under_the_names_of_its_signs),
                cmocka_unit_test(email__is_not_prose_with_its_signs_names),
                cmocka_unit_test(email__is_not_a_host_a_package_or_a_unit),
                cmocka_unit_test(phone__is_found_in_international_form),
                cmocka_unit_test(phone__is_found_in_national_form),
                cmocka_unit_test(phone__is_not_a_number_of_something_else),
                cmocka_unit_test(ip__is_found_and_private_ones_left),
                cmocka_unit_test(ip__is_found_where_nothing_says_release),
                cmocka_unit_test(ip__is_not_a_release_a_time_or_a_fingerprint),
                cmocka_unit_test(card__is_found_in_groups_or_beside_its_word),
                cmocka_unit_test(iban__is_found_in_one_run_or_in_groups),
                cmocka_unit_test(floor__finds_what_no_law_lets_be_kept),
                cmocka_unit_test(secret__is_found_by_its_own_form),
                cmocka_unit_test(secret__is_found_by_the_name_beside_it),
                cmocka_unit_test(secret__is_not_a_placeholder),
                cmocka_unit_test(scan__leaves_what_database_people_write),
                cmocka_unit_test(scan__looks_only_for_what_is_wanted),
                cmocka_unit_test(scan__lets_the_longest_win),
                cmocka_unit_test(scan__says_when_text_is_too_long),
                cmocka_unit_test(scan__says_when_there_are_too_many_findings),
        };
        return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
