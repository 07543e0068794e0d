/* checksum.h - check digits. All take digits as ASCII text without separators. */
#ifndef DETECT_CHECKSUM_H
#define DETECT_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ISO/IEC 7812: the last digit checks those before it. */
bool check_luhn(const char *digits, size_t n);
/* Dihedral group D5, last digit checks (Aadhaar). */
bool check_verhoeff(const char *digits, size_t n);
/* ISO 7064 MOD 11,10: the check digit for `n` digits before it. */
int check_iso7064_11_10(const char *digits, size_t n);
/* ISO 7064 MOD 97-10 of letters (A = 10) and digits: the remainder of the whole number. */
unsigned check_mod97(unsigned so_far, const char *alnum, size_t n);
/* Sum of digit times weight. */
int check_weigh(const char *digits, const int8_t *weights, size_t n);
/* The number that n <= 18 digits write. */
uint64_t check_number(const char *digits, size_t n);
/* All characters the same. */
bool check_monotone(const char *text, size_t n);
/* CRC-32 as in gzip (GitHub's tokens). */
uint32_t check_crc32(const char *text, size_t n);
/* Keccak-256 as Ethereum has it (not SHA3-256). */
void check_keccak256(uint8_t out[32], const char *text, size_t n);

/* A day that was: 1..12, 1..31, leap years in the Gregorian calendar. */
bool check_date(int year, int month, int day);

#endif
