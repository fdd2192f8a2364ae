// SPDX-License-Identifier: GPL-3.0-only
// What a Redis answers, as a value; and the meaning of its errors.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <QByteArray>
#include <QByteArrayView>

#include "core/base/result.h"

namespace weir::redis {

struct Reply {
    enum class Type : std::uint8_t { Nil, Integer, Text, Array, Error };
    Type type{Type::Nil};
    std::int64_t integer{0};  ///< Integer
    QByteArray text;          ///< Text, and the whole line of an Error without its "-"
    std::vector<Reply> items; ///< Array

    [[nodiscard]] bool isError() const { return type == Type::Error; }
    /// Tell whether it is an Error that begins with this word ("NOSCRIPT").
    [[nodiscard]] bool isError(QByteArrayView word) const { return isError() && text.startsWith(word); }
};

/// Make an Error of an error line, by its first words. `reply` must be an Error. Its sentence leaves out what Redis
/// repeats of an unknown command: it may be a password.
[[nodiscard]] weir::Error errorOf(const Reply &reply);

/// Return what a server said, safe for logs, answers and terminals: at most 200 bytes, all but printable ASCII as '?'.
[[nodiscard]] std::string plainWords(QByteArrayView said);

/// Return the bytes of one command; arguments may hold any bytes.
[[nodiscard]] QByteArray formatCommand(const std::vector<QByteArrayView> &arguments);

/// A reply that has more bytes is given up; Weir's own replies have some kilobytes, a map of a cluster some hundred.
inline constexpr std::size_t kMaxReplyBytes = std::size_t{16} * 1024 * 1024;

/// Parses bytes to replies. Holds at most kMaxReplyBytes and what was fed last, whatever length a header announces. Not
/// thread safe.
class ReplyReader {
public:
    ReplyReader();
    ~ReplyReader();
    ReplyReader(const ReplyReader &) = delete;
    ReplyReader &operator=(const ReplyReader &) = delete;

    void feed(QByteArrayView bytes);
    /// Return the next whole reply; no value when more bytes are needed. After a protocol Error the reader is of no
    /// use.
    [[nodiscard]] Result<std::optional<Reply>> next();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace weir::redis
