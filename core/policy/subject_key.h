// SPDX-License-Identifier: GPL-3.0-only
// For whom a bucket is: from the parts of a key to one short name that is safe in a Redis key, a log and a window.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/config/limit_entry.h"
#include "core/policy/request_values.h"
#include "core/policy/request_view.h"

namespace weir::policy {

inline constexpr std::size_t kMaxSubjectBytes = 256;

// Words that no value can be taken for, because parentheses in values are escaped.
inline constexpr std::string_view kNoValue = "(none)";           ///< the request does not say
inline constexpr std::string_view kEmptyValue = "(empty)";       ///< it says nothing
inline constexpr std::string_view kSeveralValues = "(several)";  ///< it says more than one thing
inline constexpr std::string_view kOverflowSubject = "(others)"; ///< shared by all for whom there was no room

/// The key of one limit. Immutable: any thread.
///
/// A subject is the parts in order with "," between them, which is in none of them:
/// - ip: "10.0.0.1"; of IPv6 the network of `ipv6Prefix` bits, "2001:db8:1:2::/64", because one client has all of it.
/// - method; path: the path, or one segment of it; in its folded spelling where limits fold.
/// - header, query: the value, all but letters, digits and "-._~@:/=+" as "%XX". A request that has it more than once is "(several)", whatever the values are:
///   programs differ in which one they take, and a client could otherwise add a new value to a token that is spent,
///   and have a new bucket each time.
/// - cookie: in the same way, but twice the same value is that value. Browsers send one name twice when it is set for two
///   paths or domains, and programs differ in whether the first or the last one counts.
/// Two requests have the same subject when all parts are the same, and only then. What is longer than kMaxSubjectBytes
/// is its hash (value_hash.h), and so is a value that LimitEntry::hashKey keeps from being known.
/// Characters: ASCII letters and digits and "-._~@:/=+%,()#"; never braces, spaces, control characters or what stands
/// for others in a pattern of Redis.
class SubjectKey {
public:
    /// With KeySettings::folds ASCII letters of a value count as lower case: "Alice" and "ALICE" are the subject "alice".
    explicit SubjectKey(const std::vector<config::KeyPart> &parts, const config::KeySettings &settings = {},
                        config::HashKey hashKey = config::HashKey::Credentials);

    /// RequestView::folded is asked for.
    [[nodiscard]] bool asksFolded() const;
    /// The parameters of the query whose values are kept from being known.
    [[nodiscard]] std::vector<ValueSource> hiddenParameters() const;

    /// Writes the subject of `request` to `subject`; false: the request lacks a part. Linear in the size of the request.
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
