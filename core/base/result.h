// SPDX-License-Identifier: GPL-3.0-only
// A value or the reason why there is none; failures cross layers as this, never as exceptions.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace weir {

/// Why something failed. `detail` is one English sentence for a log or a person, without secrets.
struct Error {
    enum class Code {
        Unavailable,   ///< the other side cannot be reached; it may come back
        Timeout,       ///< no answer within the deadline; it may or may not have been done
        Overloaded,    ///< too much is in flight already; nothing was sent
        Configuration, ///< wrong password, missing permission, wrong type: needs a person
        State,         ///< stored content is broken; needs a person
        Protocol,      ///< the other side does not speak what was expected
        Invalid,       ///< the caller's input
        Taken,         ///< somebody else has it: a port, a folder
        Io,            ///< files, processes, sockets of this machine
    };
    Code code{};
    std::string detail;
    bool transient{false}; ///< true: the same call may succeed later without anybody's help
    bool mayBeDone{false}; ///< true: it was sent and may have been done all the same
};

/// The value of a Result that carries nothing but success.
struct Done {};

/// A T, or the Error that there is instead. Asking for the one that it has not is a broken invariant (an assert).
template<class T>
class [[nodiscard]] Result {
public:
    Result(T value) : m_content{std::in_place_index<0>, std::move(value)} {}
    Result(Error error) : m_content{std::in_place_index<1>, std::move(error)} {}

    [[nodiscard]] bool isOk() const { return m_content.index() == 0; }
    explicit operator bool() const { return isOk(); }

    [[nodiscard]] const T &value() const &
    {
        assert(isOk());
        return std::get<0>(m_content);
    }
    [[nodiscard]] T &value() &
    {
        assert(isOk());
        return std::get<0>(m_content);
    }
    [[nodiscard]] T &&value() &&
    {
        assert(isOk());
        return std::get<0>(std::move(m_content));
    }
    [[nodiscard]] const Error &error() const
    {
        assert(!isOk());
        return std::get<1>(m_content);
    }

private:
    std::variant<T, Error> m_content;
};

} // namespace weir
