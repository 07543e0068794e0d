/* identifiers.c - the rows, and the names that policies use for them. */
#include "identifiers.h"

#include <string.h>

#include "detect/detect.h"

_Static_assert((int)IDS <= DETECT_MAX, "ids fit their set");

#define NATIONAL .mask = "id", .groups = GROUP_NATIONAL, .enforced = true
#define FLOOR .mask = "id", .groups = GROUP_NATIONAL | GROUP_FLOOR, .enforced = true
#define SECRET .mask = "secret", .groups = GROUP_CREDENTIAL, .enforced = true

const struct row rows[IDS] = {
        [ID_EMAIL] = { "email", .mask = "email", .enforced = true },
        [ID_PHONE] = { "phone", .mask = "phone", .enforced = true,
                .words = "phone*|tel|telef*|telem*|teleph*|tél*|tfno*|fone|telp*|mobile*|movil*|móvil*|cell|cellphone*|cellulare|"
                         "celular*|handy*|whatsapp*|wa|hp|zalo|viber|kakao*|sms|fax|hotline|call|"
                         "dial|ring|mob|festnetz*|fisso|gsm|tlf|tfn|text me|reach me|erreichen|anrufen|ruf*|appeler|appelez|"
                         "joindre|llama*|llám*|chiama*|ligar*|ligue*|hubungi*|telepon*|gọi|"
                         "điện thoại*|电话*|手机*|微信*|致电|联系方式*|电联|電話*|携帯*|휴대폰*|휴대전화*|전화*|핸드폰*|연락처*|"
                         "โทร*|เบอร์*|फ़ोन*|फोन*|मोबाइल*|कॉल*|zap|هاتف*|جوال*|موبايل*|مبايل*" },
        [ID_IPV4] = { "ipv4", .mask = "ip", .groups = GROUP_IP, .enforced = true,
                .words = "ip|ips|ipv4|addr*|client*|remote*|host|peer|from|listen*|server|dst|src|"
                         "ping|x-forwarded-for|login*|subnet|request*|地址|来自|来源|アドレス|接続元|주소|요청*|"
                         "von|desde|vienen|viennent|vengono|vêm|dari|từ|จาก*|से|node|nodes|instance|machine|box|vm|"
                         "proxy|gateway|router|dns|vpn|nameserver|connect|connected|connecting|connection|"
                         "endpoint|ssh|telnet|curl|wget|bind|traceroute|节点*|實例|实例*|机器*|機器*|代理*|服务器*|伺服器*|主机*|主機*|网关*|连接*|登录*|"
                         "サーバ*|ノード*|ホスト*|プロキシ*|接続*|서버*|노드*|호스트*|접속*|주소*|knoten|rechner|adresse*|"
                         "serveur*|nœud*|noeud*|machine|dirección*|direccion*|servidor*|nodo*|endereço*|"
                         "indirizzo*|alamat|peladen|máy chủ|địa chỉ|เซิร์ฟเวอร์*|โหนด*|ที่อยู่*|सर्वर*|नोड*|आईपी*|पता|"
                         "adres*|węz*|serwer*|uzel|uzlu|adresa|adresy" },
        [ID_IPV6] = { "ipv6", .mask = "ip", .groups = GROUP_IP, .enforced = true },
        [ID_MAC] = { "mac", .mask = "mac", .enforced = true },
        [ID_IBAN] = { "iban", .mask = "iban", .enforced = true,
                .words = "iban|bankverbindung*|überweis*|rib|virement*|bonifico|rekeningnummer|rachun*|konto*|konta|kontem|compte|cuenta|conto|conta|rekening|account" },
        [ID_BIC] = { "bic", .mask = "bic", .enforced = true },
        [ID_BTC] = { "btc", .mask = "wallet", .enforced = true },
        [ID_ETH] = { "eth", .mask = "wallet", .enforced = true,
                .words = "eth|ethereum|erc20|erc-20|usdt|metamask|wallet*|钱包*|錢包*" },
        [ID_CREDIT_CARD] = { "credit_card", .mask = "card", .enforced = true,
                .need = NEED_BARE, .confidence = 85, .valid = valid_card,
                .forms = "9999~9999~9999~9999~999|9999~9999~9999~9999~99|9999~9999~9999~9999~9|"
                         "9999~9999~9999~9999|9999~9999~9999~999|9999~9999~9999~99|"
                         "9999~999999~99999|9999~999999~9999|9999999999999999999|"
                         "999999999999999999|99999999999999999|9999999999999999|"
                         "999999999999999|99999999999999|9999999999999|999999999999",
                .words = "card*|cb n°|cc#|cc #|cc no*|cc number*|billing|billed|charged|visa|mastercard|amex|unionpay|jcb|cvv|cvc|pan|银行卡*|卡号|信用卡|用卡|"
                         "刷卡|张卡*|卡:*|カード*|카드*|karte|karten*|kreditkart*|kreditkort*|kortnum*|creditcard*|carte|tarjeta|carta|kartu|kort|kaart|kart|karty|karta|kad kredit*|クレカ*|บัตร|"
                         "thẻ|cartão|cartao|कार्ड" },

        [ID_AWS_KEY] = { "aws_key", SECRET },
        [ID_GITHUB_TOKEN] = { "github_token", SECRET },
        [ID_GOOGLE_KEY] = { "google_key", SECRET },
        [ID_JWT] = { "jwt", SECRET },
        [ID_PASSWORD] = { "password", SECRET },
        [ID_PRIVATE_KEY] = { "private_key", SECRET },
        [ID_SLACK_TOKEN] = { "slack_token", SECRET },
        [ID_URL_CREDENTIALS] = { "url_credentials", SECRET },

        [ID_AE_EID] = { "ae_eid", NATIONAL, .confidence = 95, .valid = valid_ae_eid,
                .need = NEED_BARE, .forms = "999~9999~9999999~9|999999999999999",
                .words = "emirates id*|emirates_id*|eid|هوية*" },
        [ID_AU_MEDICARE] = { "au_medicare", NATIONAL, .confidence = 70, .need = NEED_ALWAYS,
                .valid = valid_au_medicare,
                .forms = "9999 99999 9/9|9999 99999 9-9|9999 99999 9 9|9999 99999 9|"
                         "9999-99999-9|9999999999/9|9999999999-9|99999999999|9999999999",
                .words = "medicare*" },
        [ID_AU_TFN] = { "au_tfn", NATIONAL, .confidence = 70, .need = NEED_ALWAYS,
                .valid = valid_au_tfn, .forms = "999~999~999|999999999|99~999~999|99999999",
                .words = "tfn|tax file*" },
        [ID_BE_NN] = { "be_nn", NATIONAL, .confidence = 90, .need = NEED_BARE,
                .valid = valid_be_nn, .forms = "99.99.99-999.99|99.99.99-999-99|99 99 99 999 99|99999999999",
                .words = "niss|insz|national number*|national no*|registre national|rijksregister*|national register*|"
                         "numéro national|nationaal nummer|rrn" },
        [ID_BR_CNPJ] = { "br_cnpj", NATIONAL, .confidence = 97, .need = NEED_BARE,
                .valid = valid_br_cnpj, .forms = "XX.XXX.XXX/XXXX-99|XXXXXXXXXXXX99",
                .words = "cnpj" },
        [ID_BR_CPF] = { "br_cpf", NATIONAL, .confidence = 95, .need = NEED_BARE,
                .valid = valid_br_cpf, .forms = "999.999.999-99|999999999-99|999 999 999 99|99999999999",
                .words = "cpf" },
        [ID_CA_SIN] = { "ca_sin", NATIONAL, .confidence = 70, .need = NEED_ALWAYS,
                .valid = valid_ca_sin, .forms = "999~999~999|999999999",
                .words = "sin:|sin :|sin #|sin number*|sin_n*|sin no*|sin is|sin=|sin =|sin (|sin -|sin\t*|my sin|nas:|nas :|nas #|nas -|nas\t*|social insurance*|assurance sociale" },
        [ID_CH_AHV] = { "ch_ahv", NATIONAL, .confidence = 95, .need = NEED_BARE,
                .valid = valid_ch_ahv, .forms = "999.9999.9999.99|999 9999 9999 99|9999999999999",
                .words = "ahv*|avs|navs*" },
        [ID_CN_PASSPORT] = { "cn_passport", NATIONAL, .confidence = 60, .need = NEED_ALWAYS,
                .valid = valid_cn_passport, .forms = "A99999999|AA9999999|999999999",
                .words = "护照*|護照*|旅券*|パスポート*|여권*|passport*|passeport*|pasaporte*|reisepass*" },
        [ID_CN_RIC] = { "cn_ric", NATIONAL, .confidence = 95, .valid = valid_cn_ric,
                .forms = "99999999999999999X|999999~99999999~999X",
                .words = "id card*|identity card*|resident id*|身份证*|身分证*|身分證*|身份證*|证件号*|公民身份*|居民身份*" },
        [ID_DE_STEUERID] = { "de_steuerid", NATIONAL, .confidence = 85, .need = NEED_BARE,
                .valid = valid_de_steuerid, .forms = "99~999~999~999|99999999999",
                .words = "steuer-id*|steuerid*|steuer_id*|steuer id*|german tax*|steuer-nr*|steuer-ident*|idnr|identifikationsnummer|"
                         "steueridentifikation*|steuernummer|tin|tax id*" },
        [ID_DK_CPR] = { "dk_cpr", NATIONAL, .confidence = 60, .need = NEED_ALWAYS,
                .valid = valid_dk_cpr, .forms = "999999-9999|999999 9999|9999999999",
                .words = "cpr*|personnummer|cpr-nummer" },
        [ID_ES_DNI] = { "es_dni", NATIONAL, .confidence = 80, .need = NEED_BARE,
                .valid = valid_es_dni, .forms = "99999999~A|99999999A|99.999.999-A|99.999.999A",
                .words = "dni|d.n.i.*|nif|documento*|identidad" },
        [ID_ES_NIE] = { "es_nie", NATIONAL, .confidence = 85, .valid = valid_es_nie,
                .forms = "A9999999A|A~9999999~A|A9999999~A|A~9999999A",
                .words = "nie|extranjer*" },
        [ID_FI_HETU] = { "fi_hetu", NATIONAL, .confidence = 90, .valid = valid_fi_hetu,
                .forms = "999999-999X|999999+999X|999999A999X",
                .words = "henkilötunnu*|hetu*|henkilotunnus" },
        [ID_FR_NIR] = { "fr_nir", NATIONAL, .confidence = 95, .need = NEED_BARE,
                .valid = valid_fr_nir, .forms = "9~99~99~9X~999~999~99|9999999999999~99|"
                                                "999999X99999999",
                .words = "sécurité sociale|securite sociale|social security*|nir|sécu|n° ss|insee" },
        [ID_HK_ID] = { "hk_id", NATIONAL, .confidence = 85, .need = NEED_BARE, .valid = valid_hk_id,
                .forms = "A999999(X)|AA999999(X)|A999999 (X)|AA999999 (X)|A999999X|AA999999X",
                .words = "hkid*|hong kong id*|hong kong identity*|身份證*|身份证*" },
        [ID_ID_NIK] = { "id_nik", NATIONAL, .confidence = 60, .need = NEED_ALWAYS,
                .valid = valid_id_nik, .forms = "9999999999999999|9999~9999~9999~9999|"
                                                "999999~999999~9999",
                .words = "nik|ktp|kependudukan|induk" },
        [ID_ID_NPWP] = { "id_npwp", NATIONAL, .confidence = 85, .need = NEED_BARE,
                .valid = valid_id_npwp, .forms = "99.999.999.9-999.999|999999999999999|"
                                                 "9999999999999999",
                .words = "npwp|pajak" },
        [ID_IN_AADHAAR] = { "in_aadhaar", FLOOR, .confidence = 80, .need = NEED_BARE,
                .valid = valid_in_aadhaar, .forms = "9999~9999~9999|999999999999",
                .words = "aadhaar*|aadhar*|adhaar*|adhar|uidai|uid|आधार" },
        [ID_IN_GSTIN] = { "in_gstin", NATIONAL, .confidence = 97, .valid = valid_in_gstin,
                .forms = "99AAAAA9999AXAX", .words = "gst*|जीएसटी*" },
        [ID_IN_PAN] = { "in_pan", NATIONAL, .confidence = 60, .need = NEED_ALWAYS,
                .valid = valid_in_pan, .forms = "AAAAA9999A",
                .words = "pan|permanent account*|income tax|पैन" },
        [ID_IT_CF] = { "it_cf", NATIONAL, .confidence = 97, .valid = valid_it_cf,
                .forms = "AAAAAAXXAXXAXXXA",
                .words = "codice fiscale|c.f.|cf|fiscale" },
        [ID_JP_MYNUMBER] = { "jp_mynumber", FLOOR, .confidence = 79, .need = NEED_BARE,
                .valid = valid_jp_mynumber, .forms = "9999~9999~9999|999999999999",
                .words = "マイナンバー*|個人番号*|my number|my_number*|mynumber" },
        [ID_KR_RRN] = { "kr_rrn", FLOOR, .confidence = 85, .need = NEED_BARE,
                .valid = valid_kr_rrn, .forms = "999999-9999999|999999 - 9999999|999999 9999999|9999999999999",
                .words = "주민등록*|주민번호*|주민*|외국인등록*|resident registration*|rrn" },
        [ID_MY_MYKAD] = { "my_mykad", NATIONAL, .confidence = 60, .need = NEED_ALWAYS,
                .valid = valid_my_mykad, .forms = "999999~99~9999|999999999999",
                .words = "mykad*|nric|ic|kp|kad pengenalan" },
        [ID_NL_BSN] = { "nl_bsn", NATIONAL, .confidence = 70, .need = NEED_ALWAYS,
                .valid = valid_nl_bsn, .forms = "999999999|999~999~999|9999~99~999|99999999",
                .words = "bsn|burgerservicenummer|sofi*" },
        [ID_PH_PHILSYS] = { "ph_philsys", NATIONAL, .confidence = 60, .need = NEED_ALWAYS,
                .valid = valid_ph_philsys, .forms = "9999~9999~9999~9999|9999999999999999|9999~9999~9999|999999999999",
                .words = "philsys*|philid|pcn|psn|national id" },
        [ID_PH_TIN] = { "ph_tin", NATIONAL, .confidence = 60, .need = NEED_ALWAYS,
                .valid = valid_ph_tin, .forms = "999~999~999~99999|99999999999999|999~999~999~999|999999999999|999~999~999|999999999",
                .words = "tin|bir|taxpayer*" },
        [ID_PL_PESEL] = { "pl_pesel", NATIONAL, .confidence = 75, .need = NEED_ALWAYS,
                .valid = valid_pl_pesel, .forms = "99999999999", .words = "pesel*" },
        [ID_PT_NIF] = { "pt_nif", NATIONAL, .confidence = 70, .need = NEED_ALWAYS,
                .valid = valid_pt_nif, .forms = "999~999~999|999999999",
                .words = "nif|contribuinte|identificação fiscal" },
        [ID_SA_NID] = { "sa_nid", NATIONAL, .confidence = 70, .need = NEED_ALWAYS,
                .valid = valid_sa_nid, .forms = "9999999999",
                .words = "saudi*|national id|iqama|هوية|إقامة|الهوية" },
        [ID_SE_PNR] = { "se_pnr", NATIONAL, .confidence = 80, .need = NEED_BARE,
                .valid = valid_se_pnr, .forms = "99999999-9999|999999-9999|999999+9999|"
                                                "999999999999|9999999999",
                .words = "personnummer|personnr|persnr|pers.nr|personal number*|samordningsnr*|samordningsnummer|pnr" },
        [ID_SG_NRIC] = { "sg_nric", NATIONAL, .confidence = 88, .valid = valid_sg_nric,
                .forms = "A9999999A", .words = "nric|fin|ic" },
        [ID_TH_ID] = { "th_id", NATIONAL, .confidence = 90, .need = NEED_BARE,
                .valid = valid_th_id, .forms = "9~9999~99999~99~9|9999999999999",
                .words = "บัตรประชาชน*|เลขประจำตัว*|บัตรประจำตัว*|เลขบัตร*|thai id|thai national*|citizen id" },
        [ID_TR_TCKN] = { "tr_tckn", NATIONAL, .confidence = 75, .need = NEED_ALWAYS,
                .valid = valid_tr_tckn, .forms = "99999999999",
                .words = "tckn|kimlik*|t.c.|tc" },
        [ID_UK_NHS] = { "uk_nhs", NATIONAL, .confidence = 70, .need = NEED_ALWAYS,
                .valid = valid_uk_nhs, .forms = "999~999~9999|9999999999", .words = "nhs|patient" },
        [ID_UK_NINO] = { "uk_nino", NATIONAL, .confidence = 75, .need = NEED_BARE,
                .valid = valid_uk_nino, .forms = "AA~99~99~99~A|AA999999A|AA~999999~A|"
                                                 "AA~999999A|AA999999~A",
                .words = "ni|nino|national insurance*|nat. ins*|nat ins*" },
        [ID_US_ITIN] = { "us_itin", NATIONAL, .confidence = 75, .need = NEED_BARE,
                .valid = valid_us_itin, .forms = "999-99-9999|999 99 9999|999999999",
                .words = "itin|taxpayer*|w-7" },
        [ID_US_SSN] = { "us_ssn", NATIONAL, .confidence = 60, .need = NEED_ALWAYS,
                .valid = valid_us_ssn, .forms = "999-99-9999|999 99 9999|999.99.9999|999999999",
                .words = "ssn*|ss#|ss #|ss no*|social security*|social sec*|my social|soc sec|soc. sec." },
        [ID_VN_CCCD] = { "vn_cccd", NATIONAL, .confidence = 60, .need = NEED_ALWAYS,
                .valid = valid_vn_cccd, .forms = "999999999999|999~999~999~999|999~999~999999|9999~9999~9999",
                .words = "cccd|căn cước*|định danh*|cmnd" },
        /* Three letters of a country where its two are a word: policies are read aloud. */
        [ID_AT_SVNR] = { "aut_svnr", NATIONAL, .confidence = 70, .need = NEED_ALWAYS, .valid = valid_at_svnr,
                .forms = "9999 999999|9999-999999|9999999999",
                .words = "svnr|sv-nummer|sozialversicherung*|versicherungsnummer*|e-card*" },
        [ID_BG_EGN] = { "bg_egn", NATIONAL, .confidence = 70, .need = NEED_ALWAYS, .valid = valid_bg_egn,
                .forms = "9999999999",
                .words = "егн|ЕГН|egn|граждански номер*" },
        [ID_CZ_RC] = { "cz_rc", NATIONAL, .confidence = 70, .need = NEED_ALWAYS, .valid = valid_cz_rc,
                .forms = "999999/9999|9999999999",
                .words = "rodné číslo*|rodného čísla*|rodne cislo*|rč|r.č." },
        [ID_EE_IK] = { "ee_ik", NATIONAL, .confidence = 70, .need = NEED_ALWAYS, .valid = valid_ee_ik,
                .forms = "99999999999",
                .words = "isikukood*" },
        [ID_GR_AMKA] = { "gr_amka", NATIONAL, .confidence = 70, .need = NEED_ALWAYS, .valid = valid_gr_amka,
                .forms = "99999999999",
                .words = "αμκα|ΑΜΚΑ|α.μ.κ.α.|amka" },
        [ID_HR_OIB] = { "hr_oib", NATIONAL, .confidence = 70, .need = NEED_ALWAYS, .valid = valid_hr_oib,
                .forms = "99999999999",
                .words = "oib|osobni identifikacijski*" },
        [ID_HU_TAJ] = { "hu_taj", NATIONAL, .confidence = 70, .need = NEED_ALWAYS, .valid = valid_hu_taj,
                .forms = "999 999 999|999-999-999|999999999",
                .words = "taj|taj-szám*|társadalombiztosítási*" },
        [ID_IE_PPSN] = { "ie_ppsn", NATIONAL, .confidence = 70, .need = NEED_ALWAYS, .valid = valid_ie_ppsn,
                .forms = "9999999A|9999999AA|9999999 A",
                .words = "pps|ppsn|pps no*|public service number*" },
        [ID_IS_KT] = { "isl_kt", NATIONAL, .confidence = 70, .need = NEED_ALWAYS, .valid = valid_is_kt,
                .forms = "999999-9999|9999999999",
                .words = "kennitala*|kennitölu*|kt." },
        [ID_LT_AK] = { "lt_ak", NATIONAL, .confidence = 70, .need = NEED_ALWAYS, .valid = valid_ee_ik,
                .forms = "99999999999",
                .words = "asmens kod*" },
        [ID_LU_MATRICULE] = { "lu_matricule", NATIONAL, .confidence = 70, .need = NEED_ALWAYS, .valid = valid_lu_matricule,
                .forms = "9999999999999|9999 9999 99999|9999 99 99 99999",
                .words = "matricule*|identification nationale*" },
        [ID_LV_PK] = { "lv_pk", NATIONAL, .confidence = 70, .need = NEED_ALWAYS, .valid = valid_lv_pk,
                .forms = "999999-99999|99999999999",
                .words = "personas kod*" },
        [ID_NO_FNR] = { "nor_fnr", NATIONAL, .confidence = 70, .need = NEED_ALWAYS, .valid = valid_no_fnr,
                .forms = "999999 99999|99999999999",
                .words = "fødselsnummer*|fodselsnummer*|fnr|personnummer|d-nummer*" },
        [ID_RO_CNP] = { "ro_cnp", NATIONAL, .confidence = 70, .need = NEED_ALWAYS, .valid = valid_ro_cnp,
                .forms = "9999999999999",
                .words = "cnp|cod numeric*|codul numeric*" },
        [ID_SI_EMSO] = { "si_emso", NATIONAL, .confidence = 70, .need = NEED_ALWAYS, .valid = valid_si_emso,
                .forms = "9999999999999",
                .words = "emšo|emso|EMŠO|matična*|jmbg" },

        [ID_ADDRESS] = { "address", .mask = "address", .enforced = true },
        [ID_DOB] = { "dob", .mask = "date", .enforced = true,
                .words = "born|birth|birthdate|birthday*|dob|d.o.b.|date of birth|b-day|bday|geboren|geb.|geburtsdatum|"
                         "geburtstag*|né le|née le|né(e) le|naissance|anniversaire|nacido|nacida|nací|naci|nació|nacimiento|f. nac*|fec. nac*|"
                         "cumpleaños|fecha nac*|f. nac*|fec. nac*|nato il|nata il|nato|nata|nascita|compleanno|nasci|nasceu|nascido|nascida|"
                         "nascimento|nasc.|aniversário|lahir|kelahiran|tgl lahir|เกิด*|sinh ngày*|ngày sinh*|sinh năm*|"
                         "sinh nhật*|sinh vào*|sinh:|जन्म*|生年月日*|誕生日*|生まれ*|生于*|生於*|出生*|生日*|출생*|생년월일*|생일*|태어*|"
                         "geboortedatum|geboren op|verjaardag|urodz*|ur.|narozen*|datum narození|született|születési*|"
                         "syntynyt|syntymäaika|född|födelse*|født|fødsels*|doğum*|родил*|рожден*|рождён*|народ*|Дата рожд*|"
                         "γεννή*|ميلاد*|المیلاد*|تاريخ الميلاد*|مواليد*" },
        [ID_GPS] = { "gps", .mask = "place", .enforced = true,
                .words = "dc|cabin|my house|my home|waypoint*|latlon|latlng|datacenter*|data center*|data centre*|rechenzentrum*|hq|office|机房*|機房*|拠点*|lat|latitude|lon|lng|longitude|gps|geo|location*|located|coord*|map|maps|meet*|venue|position|"
                         "坐标*|座標*|位置*|地点*|地點*|经纬度*|緯度*|纬度*|場所*|集合*|위치*|좌표*|장소*|standort*|koordinat*|"
                         "treffpunkt*|ubicación*|ubicacion*|coordenada*|emplacement*|coordonn*|lieu|rendez-vous|posizione|"
                         "coordinat*|luogo|localização|local:|local do*|no local|lokasi*|vị trí*|tọa độ*|toạ độ*|พิกัด*|ตำแหน่ง*|สถานที่*|स्थान*|"
                         "निर्देशांक*|लोकेशन*|konum*|lokalizac*|souřadnic*|координат*|место*|إحداثي*|الموقع*|📍*" },
        [ID_HANDLE] = { "handle", .mask = "handle", .enforced = true,
                .words = "cc|ping|i'm|thanks|thanks to|thx|thank you|hi|hey|hello|slack|github|telegram|twitter|instagram|discord|"
                         "mastodon|weibo|微博*|抄送*|感谢*|感謝*|谢谢*|謝謝*|ありがとう*|reported by|written by|author|username|"
                         "handle|danke|merci|gracias|grazie|obrigad*|terima kasih|cảm ơn|감사*|고마*|ขอบคุณ*|धन्यवाद*|find me|dm" },
        [ID_PERSON] = { "known_person", .mask = "person", .enforced = true },
};

int detect_count(void)
{
        return IDS;
}

const char *detect_name(int id)
{
        return id >= 0 && id < IDS ? rows[id].name : NULL;
}

int detect_id(const char *name)
{
        if (name && strcmp(name, "payment_card") == 0) /* what people call it */
                return ID_CREDIT_CARD;
        if (name && strcmp(name, "person") == 0) /* as labelled: also of people whom nobody knows */
                return ID_PERSON;
        for (int id = 0; name && id < IDS; id++)
                if (strcmp(rows[id].name, name) == 0)
                        return id;
        return -1;
}

bool detect_enforced(int id)
{
        return id >= 0 && id < IDS && rows[id].enforced;
}

static detect_set members(unsigned group)
{
        detect_set set = 0;
        for (int id = 0; id < IDS; id++)
                if (rows[id].groups & group)
                        set |= detect_one(id);
        return set;
}

detect_set detect_group(const char *name)
{
        static const struct {
                const char *name;
                enum group group;
        } groups[] = {
                { "national_id", GROUP_NATIONAL },
                { "credential", GROUP_CREDENTIAL },
                { "ip_address", GROUP_IP },
        };
        for (size_t i = 0; name && i < sizeof groups / sizeof *groups; i++)
                if (strcmp(groups[i].name, name) == 0)
                        return members(groups[i].group);
        return 0;
}

detect_set detect_floor(void)
{
        return members(GROUP_FLOOR);
}

const char *detect_mask_word(int id)
{
        return id >= 0 && id < IDS ? rows[id].mask : "data";
}
