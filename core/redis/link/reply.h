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
    /// Does an Error begin with this word? ("NOSCRIPT")
    [[nodiscard]] bool isError(QByteArrayView word) const { return isError() && text.startsWith(word); }
};

/// Which kind of failure an error line is, by its first words. `reply` must be an Error. What Redis repeats of a
/// command that it does not know is not in the sentence: it may be a password.
[[nodiscard]] weir::Error errorOf(const Reply &reply);

/// What a server says, as it may go into logs, answers and terminals: at most 200 bytes, others than printable ASCII as '?'.
[[nodiscard]] std::string plainWords(QByteArrayView said);

/// The bytes of one command; arguments may hold any bytes.
[[nodiscard]] QByteArray formatCommand(const std::vector<QByteArrayView> &arguments);

/// A reply that has more bytes is given up; Weir's own replies have some kilobytes, a map of a cluster some hundred.
inline constexpr std::size_t kMaxReplyBytes = std::size_t{16} * 1024 * 1024;

/// Bytes in, replies out. Holds at most kMaxReplyBytes and what was fed last, whatever a header announces.
/// Not thread safe.
class ReplyReader {
public:
    ReplyReader();
    ~ReplyReader();
    ReplyReader(const ReplyReader &) = delete;
    ReplyReader &operator=(const ReplyReader &) = delete;

    void feed(QByteArrayView bytes);
    /// The next whole reply; no value when more bytes are needed. After a protocol Error the reader is of no use.
    [[nodiscard]] Result<std::optional<Reply>> next();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace weir::redis
