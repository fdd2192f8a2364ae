// SPDX-License-Identifier: GPL-3.0-only
#include "core/policy/path_pattern.h"

#include "core/policy/path_text.h"

namespace weir::policy {

PathPattern::PathPattern(std::string_view text)
{
    if (text.empty())
        return;
    std::string buffer;
    text = canonicalPath(text, buffer);
    const std::size_t first = text.find('*');
    const std::size_t last = text.rfind('*');
    m_head = text.substr(0, first);
    m_hasStar = first != std::string_view::npos;
    if (!m_hasStar)
        return;
    m_tail = text.substr(last + 1);
    for (std::string_view rest = text.substr(first, last - first); !rest.empty();) {
        rest.remove_prefix(1); // the star
        const std::string_view piece = rest.substr(0, rest.find('*'));
        if (!piece.empty())
            m_middle.push_back(pieceOf(piece));
        rest.remove_prefix(piece.size());
    }
}

// The failure table of Knuth, Morris and Pratt (1977).
PathPattern::Piece PathPattern::pieceOf(std::string_view text)
{
    Piece piece{std::string{text}, std::vector<std::size_t>(text.size(), 0)};
    std::size_t matched = 0;
    for (std::size_t at = 1; at < text.size(); ++at) {
        while (matched > 0 && text[at] != text[matched])
            matched = piece.resume[matched - 1];
        if (text[at] == text[matched])
            ++matched;
        piece.resume[at] = matched;
    }
    return piece;
}

// Cuts `rest` behind the first place where the piece is; false when it is nowhere.
bool PathPattern::takeThrough(const Piece &piece, std::string_view &rest)
{
    std::size_t matched = 0;
    for (std::size_t at = 0; at < rest.size(); ++at) {
        while (matched > 0 && rest[at] != piece.text[matched])
            matched = piece.resume[matched - 1];
        if (rest[at] == piece.text[matched] && ++matched == piece.text.size()) {
            rest.remove_prefix(at + 1);
            return true;
        }
    }
    return false;
}

// The leftmost place is as good as any for each piece: it leaves the most for the others.
bool PathPattern::matches(std::string_view path) const
{
    if (!m_hasStar)
        return path == m_head;
    if (path.size() < m_head.size() + m_tail.size() || !path.starts_with(m_head) || !path.ends_with(m_tail))
        return false;
    std::string_view rest = path.substr(m_head.size(), path.size() - m_head.size() - m_tail.size());
    for (const Piece &piece : m_middle)
        if (!takeThrough(piece, rest))
            return false;
    return true;
}

// A path that matches both begins with both heads and ends with both tails.
bool PathPattern::mayMeet(const PathPattern &other) const
{
    if (!m_hasStar)
        return other.matches(m_head);
    if (!other.m_hasStar)
        return matches(other.m_head);
    return (m_head.starts_with(other.m_head) || other.m_head.starts_with(m_head))
           && (m_tail.ends_with(other.m_tail) || other.m_tail.ends_with(m_tail));
}

} // namespace weir::policy
