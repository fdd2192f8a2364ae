// SPDX-License-Identifier: GPL-3.0-only
// One answered request as the request table shows it: a fixed-size value that a ring can copy.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/duration.h"
#include "core/telemetry/decided_by.h"

namespace weir::telemetry {

/// Text of bounded length without allocation; longer text is cut at a byte and `isCut` says so.
template<std::size_t N>
class ShortText {
public:
    ShortText() = default;
    ShortText(std::string_view text)
        : m_size{static_cast<std::uint8_t>(text.size() < N ? text.size() : N)}, m_isCut{text.size() > N}
    {
        text.copy(m_text.data(), m_size);
    }
    [[nodiscard]] std::string_view view() const { return {m_text.data(), m_size}; }
    [[nodiscard]] bool isCut() const { return m_isCut; }

private:
    static_assert(N < 256);
    std::array<char, N> m_text{};
    std::uint8_t m_size{0};
    bool m_isCut{false};
};

struct RequestRecord {
    std::int64_t atUs{0}; ///< answer ready, microseconds since 1970, this machine's clock
    ShortText<46> client; ///< address, without port
    ShortText<16> method;
    ShortText<120> target; ///< as sent: bytes of a stranger, show as plain text only
    std::uint16_t status{0};
    std::int64_t tokensLeft{-1};  ///< after this request; -1: not known
    std::int64_t retryAfterS{-1}; ///< whole seconds of the Retry-After header; -1: none
    std::uint32_t tookUs{0};      ///< from the whole request read to the answer ready
    DecidedBy decidedBy{DecidedBy::Nobody};
    bool isRefused{false}; ///< `limit` said no
    std::uint32_t cost{0}; ///< tokens, of `limit`; 0: free, or not asked
    ShortText<32> limit{}; ///< that refused, or else had the fewest tokens left; empty: none was asked
    ShortText<48> key{};   ///< of its bucket, as in its name; empty: all requests share it
    std::uint64_t id{0};   ///< among all of this process, from 1; 0: not numbered yet

    /// Return the limit that said no; empty: none did.
    [[nodiscard]] std::string_view refusedBy() const { return isRefused ? limit.view() : std::string_view{}; }
};

} // namespace weir::telemetry
