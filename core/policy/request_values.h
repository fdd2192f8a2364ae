// SPDX-License-Identifier: GPL-3.0-only
// The values that a request has under a name: in a header field, a cookie or a parameter of the query.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/config/limit_entry.h"
#include "core/policy/request_view.h"

namespace weir::policy {

/// Where values are looked for: a KeyPart, prepared.
struct ValueSource {
    config::KeyPart::Kind kind{config::KeyPart::Kind::Header};
    std::string name; ///< of a header: in lower case; of a parameter: spaces as "+"; of a cookie: as it is
    int segment{0};   ///< of a path, from 1; 0: all of it

    explicit ValueSource(const config::KeyPart &part);
    friend bool operator==(const ValueSource &, const ValueSource &) = default;
};

/// Return one spelling for all that some program takes for the same cookie or parameter: "%XX" decoded, a space written
/// as "+". So no client gets a second bucket by writing the same token in another way. `buffer` is used when there is
/// something to change, else the result is `text` itself.
[[nodiscard]] std::string_view canonicalValue(std::string_view text, std::string &buffer);

/// Return `value` as ValueWalk finds it in a request.
[[nodiscard]] std::string valueFor(const ValueSource &source, std::string_view value);

/// Return `target` with "***" for the values of these parameters of its query, in any spelling of their names.
[[nodiscard]] std::string withoutValues(std::string_view target, std::span<const ValueSource> parameters);

/// The values of `source` in `request`, one after the other, in the order in which they are there (none of a kind that
/// is not named here):
/// - header: of each field of that name, as it is;
/// - cookie: of each "NAME=VALUE" between ";" in all Cookie fields (RFC 6265, 4.2.1; names with case; a pair of quotes
///   around the value does not count, nor do spaces and tabs; what has no "=" is no cookie), canonical;
/// - query: of each "NAME=VALUE" between "&", canonical; without "=" the value is empty.
///
/// Linear time in all calls together.
class ValueWalk {
public:
    /// All three outlive the walk. `buffer`: for values that must be decoded.
    ValueWalk(const ValueSource &source, const RequestView &request, std::string &buffer);

    /// Go to the next value; false when there is none. Leaves the buffer alone.
    [[nodiscard]] bool advance();

    /// Return the value that advance() found. Holds until the buffer is used again.
    [[nodiscard]] std::string_view value() const;

    /// Tell whether both have found the same value of a cookie or a parameter, in any spelling. Uses no buffer.
    [[nodiscard]] bool hasValueOf(const ValueWalk &other) const;

private:
    bool advanceField(std::string_view lowerName);
    bool advanceCookie();
    bool advanceParameter();

    const ValueSource &m_source;
    std::span<const HeaderField> m_fields; // still to be looked at
    std::string_view m_rest;               // of the query, or of the Cookie field that is being read
    bool m_hasRest{false};
    std::string_view m_found; // as it is written
    std::string &m_buffer;
};

} // namespace weir::policy
