// SPDX-License-Identifier: GPL-3.0-only
// Replaces values that are too long or must stay unknown by 128 bits of a cryptographic hash.
#pragma once

#include <string>
#include <string_view>

#include <QCryptographicHash>

namespace weir::policy {

/// The hash of the parts of a subject: BLAKE2b (64 KB cost 0.1 ms, with SHA-256 0.4). The same in every Weir, so that
/// they share buckets. Another text with the hash of a given one takes 2^128 tries.
class ValueHash {
public:
    /// Add a value with its length before it, so that no two lists of values hash the same text.
    void addValue(std::string_view value);
    /// Add a word of Weir's own, "(none)".
    void addWord(std::string_view word);
    /// Return "#" and 32 hexadecimal digits.
    [[nodiscard]] std::string text() const;

private:
    QCryptographicHash m_hash{QCryptographicHash::Blake2b_256};
};

/// Return the hash of one value. A long random value cannot be found from it; a short one can, by trying all.
[[nodiscard]] std::string valueHash(std::string_view value);

/// Tell whether `text` is written like a valueHash().
[[nodiscard]] bool isValueHash(std::string_view text);

} // namespace weir::policy
