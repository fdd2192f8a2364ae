// SPDX-License-Identifier: GPL-3.0-only
// When to speak of something that lasts, or comes and goes: when it begins, once a minute, when it is over.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace weir::app {

/// Pure.
class Episode {
public:
    using Instant = std::chrono::steady_clock::time_point;
    enum class Say : std::uint8_t { Nothing, Begins, GoesOn, IsOver };

    /// It is over when it has not been there for `quiet`.
    explicit Episode(std::chrono::milliseconds quiet = {}) : m_quiet{quiet} {}

    /// `isThere`: now, or some time since the last look; `why`: what it is then. Once a second at least.
    [[nodiscard]] Say look(bool isThere, const std::string &why, Instant now);
    /// Another one begins with the next that is there.
    void end() { m_isOn = false; }

    [[nodiscard]] bool isOn() const { return m_isOn; }
    [[nodiscard]] Instant since() const { return m_since; }
    [[nodiscard]] const std::string &why() const { return m_why; } ///< as it was to be said last
    /// Between the last two times that something was to be said, or since the beginning for what is over.
    [[nodiscard]] std::chrono::seconds passed() const { return m_passed; }

private:
    std::chrono::milliseconds m_quiet;
    bool m_isOn{false};
    Instant m_since{};
    Instant m_toldAt{};
    Instant m_lastThere{};
    std::string m_why;
    std::chrono::seconds m_passed{0};
};

} // namespace weir::app
