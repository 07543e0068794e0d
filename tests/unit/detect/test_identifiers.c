/* test_identifiers.c - names and groups; every validator against an independent one. */
#include "helpers.h"
#include "identifiers.h"

/* The labels of the corpus, as policies write them, hk_id, and the smaller states of the EEA. */
static const char *const labels[] = { "address", "ae_eid", "au_medicare", "au_tfn", "aws_key",
        "be_nn", "bic", "br_cnpj", "br_cpf", "btc", "ca_sin", "ch_ahv", "cn_passport", "cn_ric",
        "credit_card", "de_steuerid", "dk_cpr", "dob", "email", "es_dni", "es_nie", "eth", "fi_hetu",
        "fr_nir", "github_token", "google_key", "gps", "handle", "hk_id", "iban", "id_nik", "id_npwp",
        "in_aadhaar", "in_gstin", "in_pan", "ipv4", "ipv6", "it_cf", "jp_mynumber", "jwt", "kr_rrn",
        "mac", "my_mykad", "nl_bsn", "password", "known_person", "phone", "ph_philsys", "ph_tin", "pl_pesel",
        "private_key", "pt_nif", "sa_nid", "se_pnr", "sg_nric", "slack_token", "th_id", "tr_tckn",
        "uk_nhs", "uk_nino", "url_credentials", "us_itin", "us_ssn", "vn_cccd", "aut_svnr", "bg_egn", "cz_rc", "ee_ik",
        "gr_amka", "hr_oib", "hu_taj", "ie_ppsn", "isl_kt", "lt_ak", "lu_matricule", "lv_pk", "nor_fnr", "ro_cnp", "si_emso" };

static void identifiers__are_all_that_the_corpus_labels(void **state)
{
        (void)state;
        size_t n = sizeof labels / sizeof *labels;
        assert_int_equal(detect_count(), n);
        assert_true(detect_count() <= DETECT_MAX);
        for (size_t i = 0; i < n; i++) {
                int id = detect_id(labels[i]);
                assert_true(id >= 0);
                assert_string_equal(detect_name(id), labels[i]);
        }
        assert_int_equal(detect_id("nobody"), -1);
        assert_int_equal(detect_id("payment_card"), detect_id("credit_card"));
        assert_null(detect_name(-1));
        assert_null(detect_name(DETECT_MAX));
}

static bool in(detect_set set, const char *name)
{
        return detect_has(set, detect_id(name));
}

static void identifiers__gather_in_groups(void **state)
{
        (void)state;
        detect_set national = detect_group("national_id"), secret = detect_group("credential");
        assert_true(in(national, "kr_rrn") && in(national, "us_ssn") && in(national, "cn_passport"));
        assert_false(in(national, "phone") || in(national, "credit_card"));
        assert_true(in(secret, "password") && in(secret, "jwt") && in(secret, "url_credentials"));
        assert_true(detect_group("ip_address") ==
                    (detect_one(detect_id("ipv4")) | detect_one(detect_id("ipv6"))));
        assert_true(detect_group("planets") == 0);
        assert_true(detect_floor() == (detect_one(detect_id("kr_rrn")) | detect_one(detect_id("jp_mynumber")) |
                                       detect_one(detect_id("in_aadhaar"))));
}

static void identifiers__say_what_is_found_today(void **state)
{
        (void)state;
        assert_int_equal(detect_id("person"), detect_id("known_person"));
        assert_false(detect_enforced(-1) || detect_enforced(IDS));
        for (int id = 0; id < IDS; id++) {
                assert_non_null(detect_mask_word(id));
                if (rows[id].forms)
                        assert_true(rows[id].valid && rows[id].enforced && rows[id].confidence);
                if (rows[id].need == NEED_ALWAYS)
                        assert_non_null(rows[id].words);
        }
}

/* "word: value" with the row's first word; gives the value's place. */
static size_t beside_word(char *text, size_t max, int id, const char *value)
{
        char word[64] = "";
        const char *words = rows[id].words ? rows[id].words : "is";
        size_t n = strcspn(words, "|*:");
        memcpy(word, words, n);
        snprintf(text, max, "my %s: %s, thanks", word, value);
        return strlen(text) - strlen(value) - strlen(", thanks");
}

static void identifiers__agree_with_an_independent_implementation(void **state)
{
        (void)state;
        char line[512], text[600];
        int valid = 0, missed = 0, invalid = 0, wrong = 0;
        FILE *f = fopen(TEST_DATA "/identifiers.txt", "r");
        assert_non_null(f);
        while (fgets(line, sizeof line, f)) {
                char *kind = strchr(line, '\t'), *value = kind ? strchr(kind + 1, '\t') : NULL;
                if (line[0] == '#' || !value)
                        continue;
                *kind++ = 0;
                *value++ = 0;
                value[strcspn(value, "\n")] = 0;
                size_t at = beside_word(text, sizeof text, detect_id(line), value);
                bool hit = found_exactly(text, line, at, strlen(value));
                bool good = strcmp(kind, "valid") == 0;
                if (hit != good)
                        print_message("%s: %s %s\n", good ? "missed" : "wrong", line, text);
                valid += good;
                invalid += !good;
                missed += good && !hit;
                wrong += !good && hit;
        }
        fclose(f);
        assert_true(valid > 2500 && invalid > 2500);
        assert_int_equal(missed, 0);
        assert_int_equal(wrong, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(identifiers__are_all_that_the_corpus_labels),
                cmocka_unit_test(identifiers__gather_in_groups),
                cmocka_unit_test(identifiers__say_what_is_found_today),
                cmocka_unit_test(identifiers__agree_with_an_independent_implementation),
        };
        return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
