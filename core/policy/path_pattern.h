// SPDX-License-Identifier: GPL-3.0-only
// A path with "*" for any characters, matched in linear time whatever the pattern and the path.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::policy {

/// Immutable: any thread.
class PathPattern {
public:
    /// Prepare "/api/*": every "*" stands for any characters, "/" among them, also for none. Empty: every path.
    /// Percent-encoding may be written in any spelling; "%2A" is the encoded star and stands for itself.
    explicit PathPattern(std::string_view text = {});

    [[nodiscard]] bool matchesAll() const { return m_hasStar && m_head.empty() && m_middle.empty() && m_tail.empty(); }

    /// Tell whether `path`, which is canonical (path_text.h), matches. O(length of the path): each piece between two
    /// stars is searched once, from the left, by its table (Knuth-Morris-Pratt).
    [[nodiscard]] bool matches(std::string_view path) const;

    /// Tell whether a path may match both. False is certain; true may be wrong.
    [[nodiscard]] bool mayMeet(const PathPattern &other) const;

private:
    struct Piece {
        std::string text;                // not empty
        std::vector<std::size_t> resume; // [n]: how much of the piece still holds when its character n + 1 does not
    };
    static Piece pieceOf(std::string_view text);
    static bool takeThrough(const Piece &piece, std::string_view &rest);

    std::string m_head; // before the first star; the whole pattern when there is none
    std::vector<Piece> m_middle;
    std::string m_tail; // behind the last star
    bool m_hasStar{true};
};

} // namespace weir::policy
