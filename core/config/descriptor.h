// SPDX-License-Identifier: GPL-3.0-only
// Owns a file descriptor.
#pragma once

#include <unistd.h>

namespace weir::config {

/// Closes the descriptor when destroyed. Negative: none is open.
class Descriptor {
public:
    explicit Descriptor(int number) : m_number{number} {}
    ~Descriptor()
    {
        if (m_number >= 0)
            ::close(m_number);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    [[nodiscard]] bool isOpen() const { return m_number >= 0; }
    operator int() const { return m_number; }

private:
    int m_number;
};

} // namespace weir::config
