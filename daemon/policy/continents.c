/* continents.c - countries by the regions and continents of the United Nations' M49. */
#include <string.h>

#include "law.h"

/* Codes of two letters, no blanks between. */
static const struct {
        const char *continent, *region, *countries;
} rows[] = {
        { "Africa", "Northern Africa", "DZEGEHLYMASDTN" },
        { "Africa", "Eastern Africa", "BIDJERETIOKEKMMGMUMWMZRERWSCSOSSTFTZUGYTZMZW" },
        { "Africa", "Middle Africa", "AOCDCFCGCMGAGQSTTD" },
        { "Africa", "Southern Africa", "BWLSNASZZA" },
        { "Africa", "Western Africa", "BFBJCICVGHGMGNGWLRMLMRNENGSHSLSNTG" },
        { "Americas", "Caribbean", "AGAIAWBBBLBQBSCUCWDMDOGDGPHTJMKNKYLCMFMQMSPRSXTCTTVCVGVI" },
        { "Americas", "Central America", "BZCRGTHNMXNIPASV" },
        { "Americas", "South America", "ARBOBRBVCLCOECFKGFGSGYPEPYSRUYVE" },
        { "Americas", "Northern America", "BMCAGLPMUS" },
        { "Antarctica", "Antarctica", "AQ" },
        { "Asia", "Central Asia", "KGKZTJTMUZ" },
        { "Asia", "Eastern Asia", "CNHKJPKPKRMNMOTW" },
        { "Asia", "South-eastern Asia", "BNIDKHLAMMMYPHSGTHTLVN" },
        { "Asia", "Southern Asia", "AFBDBTINIRLKMVNPPK" },
        { "Asia", "Western Asia", "AEAMAZBHCYGEILIQJOKWLBOMPSQASASYTRYE" },
        { "Europe", "Eastern Europe", "BGBYCZHUMDPLRORUSKUA" },
        { "Europe", "Northern Europe", "AXDKEEFIFOGBGGIEIMISJELTLVNOSESJ" },
        { "Europe", "Southern Europe", "ADALBAESGIGRHRITMEMKMTPTRSSISMVA" },
        { "Europe", "Western Europe", "ATBECHDEFRLILUMCNL" },
        { "Oceania", "Australia and New Zealand", "AUCCCXHMNFNZ" },
        { "Oceania", "Melanesia", "FJNCPGSBVU" },
        { "Oceania", "Micronesia", "FMGUKIMHMPNRPWUM" },
        { "Oceania", "Polynesia", "ASCKNUPFPNTKTOTVWFWS" },
};

/* US-CA lies where US does. EEA is no place on that map, though all but all of it is in Europe. */
const char *continent_of(const char *country, bool region)
{
        if (strcmp(country, "EEA") == 0)
                return region ? NULL : "Europe";
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                for (const char *p = rows[i].countries; *p; p += 2)
                        if (strncmp(p, country, 2) == 0 && (country[2] == 0 || country[2] == '-'))
                                return region ? rows[i].region : rows[i].continent;
        return NULL;
}
