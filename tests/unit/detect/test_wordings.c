/* Wordings, layouts and forms that came up in a corpus which nobody had tuned the rows for. */
#include "helpers.h"

static void wordings__of_passwords_are_known_in_more_tongues(void **state)
{
        (void)state;
        finds("hasło: V3IX-MV4v-jF68", "password=V3IX-MV4v-jF68");
        finds("şifre: 14dbs-R8duz", "password=14dbs-R8duz");
        finds("비번: Mei1980!", "password=Mei1980!");
        finds("kata laluan: yNjUc3KbbjF3", "password=yNjUc3KbbjF3");
        finds_nothing("the password: see below! parola: nouă");
}

static void wordings__of_passwords_in_commands_and_files(void **state)
{
        (void)state;
        finds("ALTER ROLE reporting WITH LOGIN PASSWORD 'Xmre8-9gGWB' VALID UNTIL '2027-01-01';", "password=Xmre8-9gGWB");
        finds("SET PASSWORD FOR 'repl'@'%' = 'WiB29basM';", "password=WiB29basM");
        finds("<property name=\"hibernate.connection.password\">PRKsF4MGbRb</property>", "password=PRKsF4MGbRb");
        finds("curl -u admin:TQ2c12bjO https://grafana.test/api", "password=TQ2c12bjO");
        finds("~/.pgpass: db.test:5432:app:app:P1T4L3aY7vtlYr", "password=P1T4L3aY7vtlYr");
        finds("jdbc:mysql://h:4000/shop?user=app&password=31ctzB4mMtu",
              "url_credentials=jdbc:mysql://h:4000/shop?user=app&password=31ctzB4mMtu");
        finds("* **Passwort**: cu1B-ELqQ-r9kI", "password=cu1B-ELqQ-r9kI");
        finds("DB_PASS: Sx929*BxTsP", "password=Sx929*BxTsP");
        finds("[gh_token: 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]", "github_token=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");
        finds("mdp : zZAz-0BQ6-0kj3", "password=zZAz-0BQ6-0kj3");
        finds("Credential=AKIASVAHXCF2MQM5M7TP/20250301/eu-west-1/s3/aws4_request", "aws_key=AKIASVAHXCF2MQM5M7TP");
        finds_nothing("clave = id, clave: primaria, parola: da");
        finds_nothing("bypass=Xmre8-9gGWB; --no-pass: Xmre8-9gGWB");
        finds_nothing("docker run -u app:staff x; SELECT 'the password' AS a; <a title=\"password\">reset</a>");
        finds_nothing("jdbc:mysql://h:4000/shop?user=app&password=<secret>&ssl=1 12:30:4567:a1b2:c3d4e5f6");
}

static void wordings__of_phones_are_known_in_more_tongues(void **state)
{
        (void)state;
        finds("Telephone number 9540 0427", "phone=9540 0427");
        finds("Telemóvel: 918 305 069", "phone=918 305 069");
        finds("Tfno.: 643 566 897", "phone=643 566 897");
        finds("WA 6281275238212 ya", "phone=6281275238212");
        finds("tel. (+39) 347 8768384", "phone=(+39) 347 8768384");
        finds("手機是 02-2791-6942 #319", "phone=02-2791-6942 #319");
        finds("携帯:06-6317-2238(内線318)", "phone=06-6317-2238(内線318)");
        finds("Mobil +47 961 46 226", "phone=+47 961 46 226");
        finds_nothing("phone like '%55%';\n\nEXPLAIN shows estRows 57738249.34");
        finds_nothing("微信同号\n\nchecksum mismatch: got 9522931483, want 4064349928");
        finds_nothing("we call it a day\nrow 9, storage 74825619358");
        finds_nothing("call stack depth 42037263; the phone column has 631009881 distinct values; 手机端 QPS 91279444");
        finds_nothing("mobile: NULL, fax: NULL\npeer 10.0.0.31, subnet 192.168.0.0/16, gw 172.16.0.1");
        finds_nothing("bytes, not phones\n00000000  b8 72 7d c2");
}

static void wordings__of_numbers_that_states_give(void **state)
{
        (void)state;
        finds("steuer_id: 14725069889", "de_steuerid=14725069889");
        finds("my_number=064569077484", "jp_mynumber=064569077484");
        finds("my social is 330-62-7979", "us_ssn=330-62-7979");
        finds("registre national 92.06.30-659-27", "be_nn=92.06.30-659-27");
        finds("meu CPF é 700574944-87", "br_cpf=700574944-87");
        finds("주민번호: 710622 - 1549798", "kr_rrn=710622 - 1549798");
        finds("パスポート番号(中国):E54726660", "cn_passport=E54726660");
        finds("SWIFT 代码 SMOTINZZ", "bic=SMOTINZZ");
        finds("| BIC/SWIFT | MQJUFIIG017 |", "bic=MQJUFIIG017");
        finds("số CCCD: 064 181 362675", "vn_cccd=064 181 362675");
        finds("SS#: 443-98-0986", "us_ssn=443-98-0986");
        finds("sin_number = 526-647-565", "ca_sin=526-647-565");
        finds("旅券番号: G81728151", "cn_passport=G81728151");
        finds("ID card number:220420194609216749", "cn_ric=220420194609216749");
        finds("kortnummer : 3583805362059132", "credit_card=3583805362059132");
        finds("?a=%41&nif=49339296H&b=2", "es_dni=49339296H");
}

static void wordings__of_addresses_take_dots_in_names(void **state)
{
        (void)state;
        finds("a paulo punto reyes arroba kumquat punto es", "email=paulo punto reyes arroba kumquat punto es");
        finds("mail: wei kropka costa małpa pgfans kropka pl", "email=wei kropka costa małpa pgfans kropka pl");
}

static void wordings__of_addresses_of_machines_without_a_blank(void **state)
{
        (void)state;
        finds("IPv6 address:2604:a880:c762::78e6", "ipv6=2604:a880:c762::78e6");
        finds("mac:7e:e1:15:88:b0:3e", "mac=7e:e1:15:88:b0:3e");
        finds_nothing("fingerprint:7e:e1:15:88:b0:3e:11:22 std::vector:2604:a880");
}

static void wordings__of_what_is_nobodys(void **state)
{
        (void)state;
        finds_nothing("SELECT 0x5BE0AD4ACE427EA039A25E6590B37BF797D079CE");
        finds_nothing("{\"@timestamp\":\"2025-02-02T02:02:02Z\",\"@metadata\":{}}");
        finds_nothing("during office hours\ncpu 12.5274, 45.7444 load average: 1.68, 2.78");
        finds_nothing("ssh git@github.com; date of birth column is DATE, default '1900-01-01'");
        finds_nothing("datacenter dc1: 12.9616, 45.4205 load; location /var, map size 20.71031, 141.94426");
        finds("cc @PriyaReyes could you look", "handle=@PriyaReyes");
        finds_nothing("a bean with @PostConstruct and @EnableCaching");
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(wordings__of_passwords_are_known_in_more_tongues),
                cmocka_unit_test(wordings__of_passwords_in_commands_and_files),
                cmocka_unit_test(wordings__of_phones_are_known_in_more_tongues),
                cmocka_unit_test(wordings__of_numbers_that_states_give),
                cmocka_unit_test(wordings__of_addresses_take_dots_in_names),
                cmocka_unit_test(wordings__of_addresses_of_machines_without_a_blank),
                cmocka_unit_test(wordings__of_what_is_nobodys),
        };
        return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
