# Turns IN, a text file, into OUT: its bytes as a comma list for a C initialiser,
#   static const char x[] = {
#   #include "sql/x.sql.h"
#   , 0 };
file(READ "${IN}" hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE ",$" "" bytes "${bytes}")
string(REGEX REPLACE "((0x..,){16})" "\\1\n" bytes "${bytes}")
file(WRITE "${OUT}" "${bytes}\n")
