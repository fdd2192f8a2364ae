// SPDX-License-Identifier: GPL-3.0-only
// 128-bit whole numbers: exact where the code under test must not overflow.
#pragma once

namespace weir::test {

__extension__ typedef __int128 Wide; // NOLINT(modernize-use-using): __extension__ goes with a typedef only

} // namespace weir::test
