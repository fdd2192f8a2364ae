// SPDX-License-Identifier: GPL-3.0-only
// Makes the bytes of every answer.
#pragma once

#include <string_view>

#include <QByteArray>

#include "core/engine/decide/decision.h"
#include "core/http/admin_desk.h"
#include "core/http/request_facts.h"

namespace weir::http {

/// The answer to a request, and what its row in the request table has.
struct Answer {
    QByteArray bytes; ///< status line, header, body
    std::uint16_t status{0};
    std::int64_t retryAfterS{-1}; ///< as in Retry-After; -1: none
    std::string_view refusedBy{}; ///< the limit that says no where none has decided; lives as long as the limit
};

/// Answer by `decision`. `drains` adds "Connection: close" because the server is about to end.
[[nodiscard]] Answer decidedAnswer(const RequestFacts &facts, const engine::Decision &decision, bool drains);

/// Answer a request that no limit applies to: it is on the allow list, or matches none.
[[nodiscard]] Answer exemptAnswer(const RequestFacts &facts, bool drains);

/// Answer a request that is on the block list, or lacks a part of the key of a limit.
[[nodiscard]] Answer blockedAnswer(const RequestFacts &facts, bool lacksKey, bool drains);

/// Answer a CORS preflight.
[[nodiscard]] Answer preflightAnswer(const RequestFacts &facts, bool drains);

/// Answer the request for an icon that browsers make by themselves.
[[nodiscard]] Answer faviconAnswer(const RequestFacts &facts, bool drains);

/// Make the bytes of what the admin desk answers.
[[nodiscard]] QByteArray adminAnswer(const RequestFacts &facts, const AdminAnswer &answer);
/// Make a problem+json (RFC 9457); `detail` needs no escaping.
[[nodiscard]] AdminAnswer problemOf(int status, std::string_view title, std::string_view detail);

/// Make a problem+json for a request that was turned away; closes the connection.
[[nodiscard]] QByteArray problemAnswer(int status, std::string_view title, std::string_view detail);

/// Round up to whole seconds, so that the wait is over when they have passed.
[[nodiscard]] constexpr std::int64_t wholeSeconds(Micros time)
{
    return (time.count() + 999'999) / 1'000'000;
}

} // namespace weir::http
