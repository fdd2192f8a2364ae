// SPDX-License-Identifier: GPL-3.0-only
// Bytes that are nearly right: seeds, changed at random places. The short run of what a fuzzer does for long.
#pragma once

#include <QByteArray>
#include <QList>

#include <utility>

#include "tests/support/seed.h"

namespace weir::test {

class Mutator {
public:
    /// `pieces`: what means something to the reader; a random byte seldom does. Neither list may be empty.
    Mutator(QList<QByteArray> seeds, QList<QByteArray> pieces) : m_seeds{std::move(seeds)}, m_pieces{std::move(pieces)}
    {
    }

    QByteArray next()
    {
        QByteArray bytes = oneOf(m_seeds);
        for (std::int64_t changes = m_random.between(1, 4); changes > 0; --changes)
            change(bytes);
        return bytes;
    }
    qsizetype cutOf(const QByteArray &bytes) { return m_random.between(0, bytes.size()); }

private:
    const QByteArray &oneOf(const QList<QByteArray> &list) { return list[m_random.between(0, list.size() - 1)]; }

    void change(QByteArray &bytes)
    {
        const qsizetype at = m_random.between(0, bytes.size());
        switch (m_random.between(0, 5)) {
        case 0:
            bytes.insert(at, oneOf(m_pieces));
            break;
        case 1:
            bytes.insert(at, static_cast<char>(m_random.between(0, 255)));
            break;
        case 2:
            bytes.remove(at, m_random.between(1, 8));
            break;
        case 3:
            if (at < bytes.size())
                bytes[at] = static_cast<char>(m_random.between(0, 255));
            break;
        case 4: // the start of one and the end of another
            bytes = bytes.left(at) + oneOf(m_seeds).mid(m_random.between(0, 60));
            break;
        default:
            bytes += oneOf(m_seeds);
            break;
        }
    }

    QList<QByteArray> m_seeds;
    QList<QByteArray> m_pieces;
    Random m_random;
};

} // namespace weir::test
