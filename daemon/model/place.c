/* place.c - the rows of spaces of law, and kilometres.
 *
 * Codes are ISO 3166-1 alpha-2, and ISO 3166-2 for the states of the US and the provinces of
 * Canada, whose laws differ. A country without a space of its own is its own. EEA stands for
 * the 27 members of the EU with Iceland, Liechtenstein and Norway, and for the territories to
 * which EU law applies as to its members (TFEU, article 355(1) and (4): AX GF GP MF MQ RE YT).
 * HK, MO and TW are spaces apart from CN; territories of the US keep their own codes.      */
#include "model/place.h"

#include <math.h>
#include <stdlib.h>

/* The formatter would write blanks around "-" and so change the names. */
/* clang-format off */
/* Sorted; X(code, the same in lower case, as policies are named by default). */
#define PLACES(X) \
        X(AD, ad) X(AE, ae) X(AF, af) X(AG, ag) X(AI, ai) X(AL, al) X(AM, am) X(AO, ao) X(AQ, aq) \
        X(AR, ar) X(AS, as) X(AT, at) X(AU, au) X(AW, aw) X(AX, ax) X(AZ, az) X(BA, ba) X(BB, bb) \
        X(BD, bd) X(BE, be) X(BF, bf) X(BG, bg) X(BH, bh) X(BI, bi) X(BJ, bj) X(BL, bl) X(BM, bm) \
        X(BN, bn) X(BO, bo) X(BQ, bq) X(BR, br) X(BS, bs) X(BT, bt) X(BV, bv) X(BW, bw) X(BY, by) \
        X(BZ, bz) X(CA, ca) X(CA-AB, ca-ab) X(CA-BC, ca-bc) X(CA-MB, ca-mb) X(CA-NB, ca-nb)       \
        X(CA-NL, ca-nl) X(CA-NS, ca-ns) X(CA-NT, ca-nt) X(CA-NU, ca-nu) X(CA-ON, ca-on)           \
        X(CA-PE, ca-pe) X(CA-QC, ca-qc) X(CA-SK, ca-sk) X(CA-YT, ca-yt) X(CC, cc) X(CD, cd)       \
        X(CF, cf) X(CG, cg) X(CH, ch) X(CI, ci) X(CK, ck) X(CL, cl) X(CM, cm) X(CN, cn) X(CO, co) \
        X(CR, cr) X(CU, cu) X(CV, cv) X(CW, cw) X(CX, cx) X(CY, cy) X(CZ, cz) X(DE, de) X(DJ, dj) \
        X(DK, dk) X(DM, dm) X(DO, do) X(DZ, dz) X(EC, ec) X(EE, ee) X(EEA, eea) X(EG, eg)         \
        X(EH, eh) X(ER, er) X(ES, es) X(ET, et) X(FI, fi) X(FJ, fj) X(FK, fk) X(FM, fm) X(FO, fo) \
        X(FR, fr) X(GA, ga) X(GB, gb) X(GD, gd) X(GE, ge) X(GF, gf) X(GG, gg) X(GH, gh) X(GI, gi) \
        X(GL, gl) X(GM, gm) X(GN, gn) X(GP, gp) X(GQ, gq) X(GR, gr) X(GS, gs) X(GT, gt) X(GU, gu) \
        X(GW, gw) X(GY, gy) X(HK, hk) X(HM, hm) X(HN, hn) X(HR, hr) X(HT, ht) X(HU, hu) X(ID, id) \
        X(IE, ie) X(IL, il) X(IM, im) X(IN, in) X(IO, io) X(IQ, iq) X(IR, ir) X(IS, is) X(IT, it) \
        X(JE, je) X(JM, jm) X(JO, jo) X(JP, jp) X(KE, ke) X(KG, kg) X(KH, kh) X(KI, ki) X(KM, km) \
        X(KN, kn) X(KP, kp) X(KR, kr) X(KW, kw) X(KY, ky) X(KZ, kz) X(LA, la) X(LB, lb) X(LC, lc) \
        X(LI, li) X(LK, lk) X(LR, lr) X(LS, ls) X(LT, lt) X(LU, lu) X(LV, lv) X(LY, ly) X(MA, ma) \
        X(MC, mc) X(MD, md) X(ME, me) X(MF, mf) X(MG, mg) X(MH, mh) X(MK, mk) X(ML, ml) X(MM, mm) \
        X(MN, mn) X(MO, mo) X(MP, mp) X(MQ, mq) X(MR, mr) X(MS, ms) X(MT, mt) X(MU, mu) X(MV, mv) \
        X(MW, mw) X(MX, mx) X(MY, my) X(MZ, mz) X(NA, na) X(NC, nc) X(NE, ne) X(NF, nf) X(NG, ng) \
        X(NI, ni) X(NL, nl) X(NO, no) X(NP, np) X(NR, nr) X(NU, nu) X(NZ, nz) X(OM, om) X(PA, pa) \
        X(PE, pe) X(PF, pf) X(PG, pg) X(PH, ph) X(PK, pk) X(PL, pl) X(PM, pm) X(PN, pn) X(PR, pr) \
        X(PS, ps) X(PT, pt) X(PW, pw) X(PY, py) X(QA, qa) X(RE, re) X(RO, ro) X(RS, rs) X(RU, ru) \
        X(RW, rw) X(SA, sa) X(SB, sb) X(SC, sc) X(SD, sd) X(SE, se) X(SG, sg) X(SH, sh) X(SI, si) \
        X(SJ, sj) X(SK, sk) X(SL, sl) X(SM, sm) X(SN, sn) X(SO, so) X(SR, sr) X(SS, ss) X(ST, st) \
        X(SV, sv) X(SX, sx) X(SY, sy) X(SZ, sz) X(TC, tc) X(TD, td) X(TF, tf) X(TG, tg) X(TH, th) \
        X(TJ, tj) X(TK, tk) X(TL, tl) X(TM, tm) X(TN, tn) X(TO, to) X(TR, tr) X(TT, tt) X(TV, tv) \
        X(TW, tw) X(TZ, tz) X(UA, ua) X(UG, ug) X(UM, um) X(US, us) X(US-AK, us-ak)               \
        X(US-AL, us-al) X(US-AR, us-ar) X(US-AZ, us-az) X(US-CA, us-ca) X(US-CO, us-co)           \
        X(US-CT, us-ct) X(US-DC, us-dc) X(US-DE, us-de) X(US-FL, us-fl) X(US-GA, us-ga)           \
        X(US-HI, us-hi) X(US-IA, us-ia) X(US-ID, us-id) X(US-IL, us-il) X(US-IN, us-in)           \
        X(US-KS, us-ks) X(US-KY, us-ky) X(US-LA, us-la) X(US-MA, us-ma) X(US-MD, us-md)           \
        X(US-ME, us-me) X(US-MI, us-mi) X(US-MN, us-mn) X(US-MO, us-mo) X(US-MS, us-ms)           \
        X(US-MT, us-mt) X(US-NC, us-nc) X(US-ND, us-nd) X(US-NE, us-ne) X(US-NH, us-nh)           \
        X(US-NJ, us-nj) X(US-NM, us-nm) X(US-NV, us-nv) X(US-NY, us-ny) X(US-OH, us-oh)           \
        X(US-OK, us-ok) X(US-OR, us-or) X(US-PA, us-pa) X(US-RI, us-ri) X(US-SC, us-sc)           \
        X(US-SD, us-sd) X(US-TN, us-tn) X(US-TX, us-tx) X(US-UT, us-ut) X(US-VA, us-va)           \
        X(US-VT, us-vt) X(US-WA, us-wa) X(US-WI, us-wi) X(US-WV, us-wv) X(US-WY, us-wy) X(UY, uy) \
        X(UZ, uz) X(VA, va) X(VC, vc) X(VE, ve) X(VG, vg) X(VI, vi) X(VN, vn) X(VU, vu) X(WF, wf) \
        X(WS, ws) X(YE, ye) X(YT, yt) X(ZA, za) X(ZM, zm) X(ZW, zw)

/* clang-format on */
#define CODE(code, lower) #code,
#define LOWER(code, lower) #lower,
static const char *const codes[] = { PLACES(CODE) };
static const char *const lowers[] = { PLACES(LOWER) };

static const char *const eea[] = {
        /* sorted */
        "AT", "AX", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GF",
        "GP", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MF", "MQ",
        "MT", "NL", "NO", "PL", "PT", "RE", "RO", "SE", "SI", "SK", "YT",
};

enum { N_CODES = sizeof codes / sizeof *codes, N_EEA = sizeof eea / sizeof *eea };

static int by_code(const void *key, const void *row)
{
        return slice_compare(*(const struct slice *)key, slice_of(*(const char *const *)row));
}

/* The place's row, or NULL. */
static const char *const *find(struct slice code, const char *const *rows, size_t n)
{
        if (code.n < 2 || code.n > 6)
                return NULL;
        return bsearch(&code, rows, n, sizeof *rows, by_code);
}

bool place_is_known(struct slice code)
{
        return find(code, codes, N_CODES) != NULL;
}

const char *place_jurisdiction(struct slice code)
{
        const char *const *row = find(code, codes, N_CODES);
        if (row && code.n > 3) /* a part of a country */
                row = find((struct slice){ code.p, 2 }, codes, N_CODES);
        if (!row)
                return NULL;
        return find(slice_of(*row), eea, N_EEA) ? "EEA" : *row;
}

bool place_within(struct slice code, struct slice space)
{
        const char *own = place_jurisdiction(code);
        return own && (slice_eq(code, space) || slice_is(space, own));
}

const char *place_lower(struct slice code)
{
        const char *const *row = find(code, codes, N_CODES);
        return row ? lowers[row - codes] : NULL;
}

const char *const *place_codes(size_t *n)
{
        *n = N_CODES;
        return codes;
}

double place_km(double lat1, double lon1, double lat2, double lon2)
{
        const double radius_km = 6371.0088, degree = 3.14159265358979323846 / 180;
        double half_lat = sin((lat2 - lat1) * degree / 2), half_lon = sin((lon2 - lon1) * degree / 2);
        double h = half_lat * half_lat + cos(lat1 * degree) * cos(lat2 * degree) * half_lon * half_lon;
        return 2 * radius_km * asin(sqrt(h > 1 ? 1 : h));
}
