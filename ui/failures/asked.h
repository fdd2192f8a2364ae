// SPDX-License-Identifier: GPL-3.0-only
// The value of a control: the one asked for, until the service has it or a second has passed.
#pragma once

#include <chrono>

namespace weir::ui {

template<class Value>
class Asked {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds kPatience{1000};

    void ask(const Value &value, Clock::time_point now = Clock::now())
    {
        m_value = value;
        m_until = now + kPatience;
    }
    /// Return the value to show while the service has `real`; the next request is based on it as well.
    [[nodiscard]] const Value &shown(const Value &real, Clock::time_point now = Clock::now())
    {
        if (m_value == real || now >= m_until) {
            m_value = real;
            m_until = {};
        }
        return m_value;
    }
    [[nodiscard]] const Value &value() const { return m_value; }

private:
    Value m_value{};
    Clock::time_point m_until{};
};

} // namespace weir::ui
