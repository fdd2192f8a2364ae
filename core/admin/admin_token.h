// SPDX-License-Identifier: GPL-3.0-only
// The secret without which nothing is changed through the admin port.
#pragma once

#include <string>

#include "core/base/result.h"

namespace weir::admin {

inline constexpr std::size_t kTokenBytes = 32; ///< of chance; written as twice as many hexadecimal digits

/// Reads files of the machine; any thread.
class AdminToken {
public:
    /// Return the token in the file admin-token of `folder`, which is made, readable by its owner alone, when there is none.
    /// Of two processes that make it at once both get the same. An Error, a sentence with the remedy, when others could
    /// read it or have written it, or when it holds no token: its content is in no message.
    [[nodiscard]] static Result<std::string> readOrMake(const std::string &folder);

    /// Return where the token of `folder` is kept.
    [[nodiscard]] static std::string pathIn(const std::string &folder);
};

} // namespace weir::admin
