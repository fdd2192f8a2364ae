// SPDX-License-Identifier: GPL-3.0-only
// For which requests a limit is: a RequestMatch, made ready to be asked often.
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

/// `Maybe`: a header that the limit is about was sent more than once, and one of its values is the one. Which of them
/// counts cannot be known: it is the first for some programs, the last for others. Or the path is another spelling of one that
/// the limit is about, and some programs take the two for the same (folded_path.h). Whoever asks takes the safe side: a
/// limit holds, a block blocks, an exemption does not exempt, of two prices the higher one is paid.
enum class Match : std::uint8_t { No, Maybe, Yes };

/// Immutable: any thread. Allocates nothing when asked.
class Matcher {
public:
    /// `folds`: a path that is only another spelling of one that matches is `Maybe`.
    explicit Matcher(const config::RequestMatch &entry = {}, bool folds = false);

    [[nodiscard]] bool matchesAll() const { return m_matchesAll; }
    [[nodiscard]] bool asksPath() const { return !m_path.matchesAll(); }
    [[nodiscard]] bool asksFolded() const { return m_folded.has_value(); }

    /// `request.path` is canonical; `request.folded` is asked for when asksFolded(). Methods are compared with case, and HEAD is not GET.
    [[nodiscard]] Match match(const RequestView &request) const;

    /// False: it is certain that no request matches both (paths, methods or networks are apart). Headers prove nothing:
    /// a request can send two values.
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
