// SPDX-License-Identifier: GPL-3.0-only
// Numbers as the Lua scripts take, tell and store them: whole, 0 to 2^53 - 1, 7 bytes each, the lowest first. Pure.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <initializer_list>

#include <QByteArray>

#include "core/base/result.h"
#include "core/limit/take.h"

namespace weir::redis {

static_assert(std::endian::native == std::endian::little, "the numbers of the scripts have the lowest byte first");

inline constexpr qsizetype kNumberBytes = 7;

/// Writes numbers one after the other.
class NumberWriter {
public:
    /// Reserve room for `numbers` of them; more may be added.
    explicit NumberWriter(std::size_t numbers) { m_bytes.reserve(static_cast<qsizetype>(numbers) * kNumberBytes); }

    /// Add numbers; a negative one becomes one that the scripts refuse.
    void add(std::initializer_list<std::int64_t> numbers)
    {
        const qsizetype at = m_bytes.size();
        m_bytes.resize(at + static_cast<qsizetype>(numbers.size()) * kNumberBytes);
        char *to = m_bytes.data() + at;
        for (const std::int64_t n : numbers) {
            std::memcpy(to, &n, kNumberBytes);
            to += kNumberBytes;
        }
    }
    [[nodiscard]] const QByteArray &bytes() const { return m_bytes; }

private:
    QByteArray m_bytes;
};

/// Reads the numbers that `bytes` holds, which must outlive this.
class NumberReader {
public:
    explicit NumberReader(const QByteArray &bytes) : m_bytes{bytes} {}

    [[nodiscard]] bool has(std::size_t numbers) const
    {
        return m_bytes.size() == static_cast<qsizetype>(numbers) * kNumberBytes;
    }
    /// Return the next number, which has() said is there. One above 2^53 becomes 0 and sets hasBroken().
    std::int64_t next()
    {
        std::int64_t number = 0;
        std::memcpy(&number, m_bytes.constData() + m_at, kNumberBytes);
        m_at += kNumberBytes;
        if (number <= limit::kMaxTotal + 1)
            return number;
        m_hasBroken = true;
        return 0;
    }
    [[nodiscard]] bool hasBroken() const { return m_hasBroken; }

private:
    const QByteArray &m_bytes;
    qsizetype m_at{0};
    bool m_hasBroken{false};
};

/// Read the numbers of a limit in the order of all scripts.
inline void readLimitNumbers(NumberReader &numbers, limit::LimitSpec &spec)
{
    spec.capacity = numbers.next();
    spec.refill = numbers.next();
    spec.interval = Micros{numbers.next()};
}

inline limit::Memory readMemory(NumberReader &numbers)
{
    return static_cast<limit::Memory>(std::clamp<std::int64_t>(numbers.next(), 0, 4));
}

/// Return the Error of an answer that has not the shape that lua/README.md promises.
inline Error malformed()
{
    return {Error::Code::Protocol, "the answer of the script has not the promised shape", false};
}

} // namespace weir::redis
