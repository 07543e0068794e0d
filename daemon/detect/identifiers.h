/* identifiers.h - the rows: what there is to find, and what each needs to be believed.
 *
 * A new national identifier is one id, one row here and one validator in ids_*.c. */
#ifndef DETECT_IDENTIFIERS_H
#define DETECT_IDENTIFIERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order of the rows; part of nothing that is stored. */
enum id {
        ID_EMAIL,
        ID_PHONE,
        ID_IPV4,
        ID_IPV6,
        ID_MAC,
        ID_CREDIT_CARD,
        ID_IBAN,
        ID_BIC,
        ID_BTC,
        ID_ETH,
        /* credentials */
        ID_AWS_KEY,
        ID_GITHUB_TOKEN,
        ID_GOOGLE_KEY,
        ID_JWT,
        ID_PASSWORD,
        ID_PRIVATE_KEY,
        ID_SLACK_TOKEN,
        ID_URL_CREDENTIALS,
        /* numbers that a state gives */
        ID_AE_EID,
        ID_AU_MEDICARE,
        ID_AU_TFN,
        ID_BE_NN,
        ID_BR_CNPJ,
        ID_BR_CPF,
        ID_CA_SIN,
        ID_CH_AHV,
        ID_CN_PASSPORT,
        ID_CN_RIC,
        ID_DE_STEUERID,
        ID_DK_CPR,
        ID_ES_DNI,
        ID_ES_NIE,
        ID_FI_HETU,
        ID_FR_NIR,
        ID_HK_ID,
        ID_ID_NIK,
        ID_ID_NPWP,
        ID_IN_AADHAAR,
        ID_IN_GSTIN,
        ID_IN_PAN,
        ID_IT_CF,
        ID_JP_MYNUMBER,
        ID_KR_RRN,
        ID_MY_MYKAD,
        ID_NL_BSN,
        ID_PH_PHILSYS,
        ID_PH_TIN,
        ID_PL_PESEL,
        ID_PT_NIF,
        ID_SA_NID,
        ID_SE_PNR,
        ID_SG_NRIC,
        ID_TH_ID,
        ID_TR_TCKN,
        ID_UK_NHS,
        ID_UK_NINO,
        ID_US_ITIN,
        ID_US_SSN,
        ID_VN_CCCD,
        ID_AT_SVNR,
        ID_BG_EGN,
        ID_CZ_RC,
        ID_EE_IK,
        ID_GR_AMKA,
        ID_HR_OIB,
        ID_HU_TAJ,
        ID_IE_PPSN,
        ID_IS_KT,
        ID_LT_AK,
        ID_LU_MATRICULE,
        ID_LV_PK,
        ID_NO_FNR,
        ID_RO_CNP,
        ID_SI_EMSO,
        /* known to the language; found by later means */
        ID_ADDRESS,
        ID_DOB,
        ID_GPS,
        ID_HANDLE,
        ID_PERSON,
        IDS
};

enum group { GROUP_NATIONAL = 1, GROUP_CREDENTIAL = 2, GROUP_IP = 4, GROUP_FLOOR = 8 };

/* When a candidate that fits its form and check needs a word of its kind beside it. */
enum need {
        NEED_NONE,   /* the check is strong, or the form is nothing else's */
        NEED_BARE,   /* written without separators; with them it needs none */
        NEED_ALWAYS, /* any number of that length would do */
};

/* Form: '9' digit, 'A' letter, 'X' either, '~' a separator (' ', '-', '.', a line break; all of a
 * form alike), other characters stand for themselves, '|' begins another form. The validator gets the letters (upper case) and
 * digits without the rest. */
struct row {
        const char *name;  /* in lower case, as labelled */
        const char *mask;  /* the word of its mask */
        unsigned groups;   /* of enum group */
        bool enforced;     /* found today */
        enum need need;
        uint8_t confidence; /* without a word beside it; with one: 90 and more */
        const char *forms;  /* NULL: a finder of its own */
        bool (*valid)(const char *text, size_t n);
        const char *words; /* that stand beside it, '|' between, lower case */
};

extern const struct row rows[IDS];

enum { FORM_MAX = 32 }; /* characters of a candidate, separators included */

/* ids_*.c: n letters and digits that fit the row's form. */
bool valid_ae_eid(const char *s, size_t n);
bool valid_at_svnr(const char *s, size_t n);
bool valid_bg_egn(const char *s, size_t n);
bool valid_cz_rc(const char *s, size_t n);
bool valid_ee_ik(const char *s, size_t n);
bool valid_gr_amka(const char *s, size_t n);
bool valid_hr_oib(const char *s, size_t n);
bool valid_hu_taj(const char *s, size_t n);
bool valid_ie_ppsn(const char *s, size_t n);
bool valid_is_kt(const char *s, size_t n);
bool valid_lu_matricule(const char *s, size_t n);
bool valid_lv_pk(const char *s, size_t n);
bool valid_no_fnr(const char *s, size_t n);
bool valid_ro_cnp(const char *s, size_t n);
bool valid_si_emso(const char *s, size_t n);
bool valid_au_medicare(const char *s, size_t n);
bool valid_au_tfn(const char *s, size_t n);
bool valid_be_nn(const char *s, size_t n);
bool valid_br_cnpj(const char *s, size_t n);
bool valid_br_cpf(const char *s, size_t n);
bool valid_ca_sin(const char *s, size_t n);
bool valid_card(const char *s, size_t n);
bool valid_ch_ahv(const char *s, size_t n);
bool valid_cn_passport(const char *s, size_t n);
bool valid_cn_ric(const char *s, size_t n);
bool valid_de_steuerid(const char *s, size_t n);
bool valid_dk_cpr(const char *s, size_t n);
bool valid_es_dni(const char *s, size_t n);
bool valid_es_nie(const char *s, size_t n);
bool valid_fi_hetu(const char *s, size_t n);
bool valid_fr_nir(const char *s, size_t n);
bool valid_hk_id(const char *s, size_t n);
bool valid_iban(const char *s, size_t n);
bool valid_id_nik(const char *s, size_t n);
bool valid_id_npwp(const char *s, size_t n);
bool valid_in_aadhaar(const char *s, size_t n);
bool valid_in_gstin(const char *s, size_t n);
bool valid_in_pan(const char *s, size_t n);
bool valid_it_cf(const char *s, size_t n);
bool valid_jp_mynumber(const char *s, size_t n);
bool valid_kr_rrn(const char *s, size_t n);
bool valid_my_mykad(const char *s, size_t n);
bool valid_nl_bsn(const char *s, size_t n);
bool valid_ph_philsys(const char *s, size_t n);
bool valid_ph_tin(const char *s, size_t n);
bool valid_pl_pesel(const char *s, size_t n);
bool valid_pt_nif(const char *s, size_t n);
bool valid_sa_nid(const char *s, size_t n);
bool valid_se_pnr(const char *s, size_t n);
bool valid_sg_nric(const char *s, size_t n);
bool valid_th_id(const char *s, size_t n);
bool valid_tr_tckn(const char *s, size_t n);
bool valid_uk_nhs(const char *s, size_t n);
bool valid_uk_nino(const char *s, size_t n);
bool valid_us_itin(const char *s, size_t n);
bool valid_us_ssn(const char *s, size_t n);
bool valid_vn_cccd(const char *s, size_t n);

#endif
