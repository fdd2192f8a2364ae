// SPDX-License-Identifier: GPL-3.0-only
// Requests to begin with, when looking for some that break the properties of subjects.
#pragma once

#include <array>
#include <string_view>

namespace weir::test {

/// As brokenSubjectKeyProperty() takes them.
inline constexpr std::array<std::string_view, 12> kSubjectKeySeeds{
    "abc",
    "",
    "abc\ns=1\nt=2\n/api/x",
    "(none)\ns=(none)\nt=(empty)\n/%61pi/%2fx",
    "a,b\ns=\"q\"; s=2\nt=a%20b&t=c\n/%7euser/%C3%a9",
    "{LIMIT:SUBJECT}\na=b; s= x ;c\nx&t&y=1\n/a//b/../c",
    "a\ns=%73%3D%3b\n%74=%26%3d\n/%%36%31",
    "a\n\n\n/\nb",
    "\xc3\xa9\xff\x01\ns=a=b==\nt==&=t\n/*/*.png",
    "#0123456789abcdef0123456789abcdef\ns=#\nt=%23\n/%2A",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAA"
    "AAAAAAAAAAAAAAAA\ns=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nt=%41%41%41%41%41%41%41%41%41%41%41%41",
    "                                                                                                    "
    "\ns=%20%20\nt=++",
};

} // namespace weir::test
