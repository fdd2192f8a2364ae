// SPDX-License-Identifier: GPL-3.0-only
// A RequestMatch prepared for matching: for which requests a limit is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/config/limit_entry.h"
#include "core/policy/network_table.h"
#include "core/policy/path_pattern.h"
#include "core/policy/request_view.h"

namespace weir::policy {

/// `Maybe`: a header of the match was sent more than once, and one of its values matches; some programs use the first
/// value, others the last. Or the path is another spelling of a matching one, and some programs take the two for the
/// same (folded_path.h). Callers choose the safe side: a limit applies, a block blocks, an exemption does not exempt,
/// and of two prices the higher one is paid.
enum class Match : std::uint8_t { No, Maybe, Yes };

/// Immutable: any thread. Allocates nothing when asked.
class Matcher {
public:
    /// `folds`: another spelling of a matching path is `Maybe`.
    explicit Matcher(const config::RequestMatch &entry = {}, bool folds = false);

    [[nodiscard]] bool matchesAll() const { return m_matchesAll; }
    [[nodiscard]] bool asksPath() const { return !m_path.matchesAll(); }
    [[nodiscard]] bool asksFolded() const { return m_folded.has_value(); }

    /// Tell whether the request matches. `request.path` is canonical; `request.folded` is used when asksFolded().
    /// Methods are compared with case, and HEAD is not GET.
    [[nodiscard]] Match match(const RequestView &request) const;

    /// Tell whether a request may match both. False is certain (paths, methods or networks are disjoint); headers prove
    /// nothing, because a request can send two values.
    [[nodiscard]] bool mayMeet(const Matcher &other) const;

private:
    [[nodiscard]] Match matchPath(const RequestView &request) const;
    [[nodiscard]] bool mayMeetPath(const Matcher &other) const;
    [[nodiscard]] bool hasMethod(std::string_view method) const;
    [[nodiscard]] Match matchHeaders(std::span<const HeaderField> headers) const;

    PathPattern m_path;
    std::optional<PathPattern> m_folded;        // of folded paths; none when all match, or when it does not fold
    std::vector<std::string> m_methods;         // empty: all
    NetworkTable m_networks;                    // empty: all
    std::vector<config::HeaderMatch> m_headers; // names in lower case
    bool m_matchesAll{true};
};

} // namespace weir::policy
