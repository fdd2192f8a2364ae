// SPDX-License-Identifier: GPL-3.0-only
// The bytes of every answer on the data port, each as one piece.
#pragma once

#include <string_view>

#include <QByteArray>

#include "core/engine/decide/decision.h"
#include "core/http/request_facts.h"

namespace weir::http {

/// What a decided request is answered with, and what its row in the request table says.
struct Answer {
    QByteArray bytes; ///< status line, header, body
    std::uint16_t status{0};
    std::int64_t retryAfterS{-1}; ///< as in Retry-After; -1: none
    std::string_view refusedBy{}; ///< the limit that says no where none has decided; lives as long as the limit
};

/// By `decision`; `drains` adds "Connection: close" because the server is about to end.
[[nodiscard]] Answer decidedAnswer(const RequestFacts &facts, const engine::Decision &decision, bool drains);

/// For a request that no limit has a say in: it is on the allow list, or none matches.
[[nodiscard]] Answer exemptAnswer(const RequestFacts &facts, bool drains);

/// For a client on the block list, or one whose request lacks a part of a limit's key.
[[nodiscard]] Answer blockedAnswer(const RequestFacts &facts, bool lacksKey, bool drains);

/// For a browser that asks whether a page may ask.
[[nodiscard]] Answer preflightAnswer(const RequestFacts &facts, bool drains);

/// The icon that browsers ask for by themselves.
[[nodiscard]] Answer faviconAnswer(const RequestFacts &facts, bool drains);

/// problem+json (RFC 9457) for a request that was turned away; closes the connection.
[[nodiscard]] QByteArray problemAnswer(int status, std::string_view title, std::string_view detail);

/// Microseconds to whole seconds, rounded up: what is promised in seconds must have passed by then.
[[nodiscard]] constexpr std::int64_t wholeSeconds(Micros time)
{
    return (time.count() + 999'999) / 1'000'000;
}

} // namespace weir::http
