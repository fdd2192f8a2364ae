// SPDX-License-Identifier: GPL-3.0-only
// Which slot of a cluster a key is in (redis.io "Redis cluster specification", "Key distribution model").
#pragma once

#include <cstdint>

#include <QByteArrayView>

namespace weir::redis {

inline constexpr int kSlots = 16384;

/// Return the CRC-16/XMODEM: polynomial 0x1021, start 0, no reflection.
[[nodiscard]] constexpr std::uint16_t crc16(QByteArrayView bytes)
{
    unsigned crc = 0;
    for (const char byte : bytes) {
        crc ^= static_cast<unsigned>(static_cast<unsigned char>(byte)) << 8U;
        for (int bit = 0; bit < 8; ++bit)
            crc = ((crc & 0x8000U) != 0 ? (crc << 1U) ^ 0x1021U : crc << 1U) & 0xFFFFU;
    }
    return static_cast<std::uint16_t>(crc);
}

/// Return the slot of `key`, 0 to kSlots - 1. Of a key with "{tag}" only the tag counts: first "{", then the next "}",
/// not empty.
[[nodiscard]] constexpr int keySlot(QByteArrayView key)
{
    for (qsizetype open = 0; open < key.size(); ++open) {
        if (key[open] != '{')
            continue;
        qsizetype close = open + 1;
        while (close < key.size() && key[close] != '}')
            ++close;
        if (close < key.size() && close > open + 1)
            key = key.sliced(open + 1, close - open - 1);
        break;
    }
    return crc16(key) % kSlots;
}

} // namespace weir::redis
