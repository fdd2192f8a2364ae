// SPDX-License-Identifier: GPL-3.0-only
// Why a text that somebody wrote is not the value that is asked for.
#pragma once

#include <string>

namespace weir {

struct ValueFault {
    std::string problem; ///< one sentence without the final stop; of an address or a network it goes on after the text
    std::string hint;    ///< what would be right, or what was probably meant
};

} // namespace weir
