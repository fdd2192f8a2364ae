// SPDX-License-Identifier: GPL-3.0-only
// What stands for a value that is too long or must not be known: 128 bits of a hash that nobody can aim.
#pragma once

#include <string>
#include <string_view>

#include <QCryptographicHash>

namespace weir::policy {

/// The hash of the parts of a subject: BLAKE2b (64 KB cost 0.1 ms, with SHA-256 0.4). The same in every Weir, so that
/// they share buckets. Another text with the hash of a given one takes 2^128 tries.
class ValueHash {
public:
    /// Adds a value with its length before it, so that none can look like the end of another.
    void addValue(std::string_view value);
    /// Adds a word of Weir's own, "(none)".
    void addWord(std::string_view word);
    /// "#" and 32 hexadecimal digits.
    [[nodiscard]] std::string text() const;

private:
    QCryptographicHash m_hash{QCryptographicHash::Blake2b_256};
};

/// The hash of one value. Whoever has it cannot tell a long random value from it, but finds a short one by trying all.
[[nodiscard]] std::string valueHash(std::string_view value);

/// Whether `text` is written like a valueHash().
[[nodiscard]] bool isValueHash(std::string_view text);

} // namespace weir::policy
