// SPDX-License-Identifier: GPL-3.0-only
// A control shows what was asked for until the service says the same; what it never says is given up.
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
    /// To be shown while the service says `real`; also what the next wish is based on.
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
