// SPDX-License-Identifier: GPL-3.0-only
// The subject of a bucket: the parts of a key as one short text that is safe in a Redis key, a log and a window.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/config/limit_entry.h"
#include "core/policy/request_values.h"
#include "core/policy/request_view.h"

namespace weir::policy {

inline constexpr std::size_t kMaxSubjectBytes = 256;

// No value reads like these: its parentheses are escaped.
inline constexpr std::string_view kNoValue = "(none)";           ///< the request has no value
inline constexpr std::string_view kEmptyValue = "(empty)";       ///< its value is empty
inline constexpr std::string_view kSeveralValues = "(several)";  ///< it has several values
inline constexpr std::string_view kOverflowSubject = "(others)"; ///< shared by all subjects above KeySettings::maxLive

/// Tell whether values of `part` are kept as hashes under `hashKey`.
[[nodiscard]] bool isHidden(const config::KeyPart &part, config::HashKey hashKey);

/// The key of one limit. Immutable: any thread.
///
/// A subject is the parts in order, joined by ",", which no part contains:
/// - ip: "10.0.0.1"; of IPv6 the network of `ipv6Prefix` bits, "2001:db8:1:2::/64", because one client has all of it.
/// - method; path: the path, or one segment of it; in its folded spelling where limits fold.
/// - header, query: the value, all but letters, digits and "-._~@:/=+" as "%XX". A request that has it more than once
///   is "(several)", whatever the values are: programs differ in which one they take, and a client could otherwise add
///   a new value to its used-up token and get a new bucket each time.
/// - cookie: in the same way, but twice the same value is that value. Browsers send one name twice when it is set for
///   two paths or domains, and programs differ in whether the first or the last one counts.
/// Two requests have the same subject when all parts are the same, and only then. What is longer than kMaxSubjectBytes
/// is its hash (value_hash.h), and so is a value that LimitEntry::hashKey hides. Characters: ASCII letters and digits
/// and "-._~@:/=+%,()#"; never braces, spaces, control characters or wildcards of Redis patterns.
class SubjectKey {
public:
    /// With KeySettings::folds ASCII letters of a value become lower case: "Alice" and "ALICE" are the subject "alice".
    explicit SubjectKey(const std::vector<config::KeyPart> &parts, const config::KeySettings &settings = {},
                        config::HashKey hashKey = config::HashKey::Credentials);

    /// Tell whether write() needs RequestView::folded.
    [[nodiscard]] bool asksFolded() const;
    /// Return the parameters of the query whose values are hidden.
    [[nodiscard]] std::vector<ValueSource> hiddenParameters() const;

    /// Write the subject of `request` to `subject`; false: the request lacks a part. Linear in the size of the request.
    /// Allocates only when the strings have no room, and for a hash.
    bool write(const RequestView &request, std::string &subject, std::string &buffer) const;

private:
    struct Part {
        ValueSource source;
        bool isHashed;
    };
    struct Said {
        std::string_view text;
        bool isWord; // one of the words above, not to be escaped
    };
    Said read(const ValueSource &part, const RequestView &request, std::string &buffer) const;
    Said readPath(const ValueSource &part, const RequestView &request) const;
    bool writeWhole(const RequestView &request, std::string &subject, std::string &buffer) const;
    [[nodiscard]] std::string hashed(const RequestView &request, std::string &buffer) const;
    void appendAddress(const IpAddress &client, std::string &out) const;

    std::vector<Part> m_parts;
    int m_ipv6Prefix;
    bool m_foldsCase;
};

} // namespace weir::policy
