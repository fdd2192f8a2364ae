// SPDX-License-Identifier: GPL-3.0-only
// The words for values of a limit, in files, options and forms alike; in the order of the values.
#pragma once

#include <string>
#include <vector>

namespace weir::config {

inline const std::vector<std::string> kStartWords{"full", "empty"};                       ///< index: limit::StartLevel
inline const std::vector<std::string> kWithoutKeyWords{"bucket", "unlimited", "refused"}; ///< index: WithoutKey
inline const std::vector<std::string> kHashKeyWords{"credentials", "false", "true"};      ///< index: HashKey
inline const std::vector<std::string> kPolicyWords{"reject", "allow", "local"};           ///< index: StoreFailurePolicy

} // namespace weir::config
