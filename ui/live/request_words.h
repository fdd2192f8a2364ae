// SPDX-License-Identifier: GPL-3.0-only
// An answered request in words. Pure; plain text, strangers' bytes are made visible.
#pragma once

#include <QString>

#include "core/telemetry/request_record.h"
#include "ui/words/visible_text.h"

namespace weir::ui {

/// Tell whether the request was turned away before a decision; its record has the reason in place of a target.
[[nodiscard]] bool isTurnedAway(const telemetry::RequestRecord &record);

/// Tell whether it was turned away by the list under Everybody, or because it lacks a limit's key.
[[nodiscard]] bool isBlocked(const telemetry::RequestRecord &record);

/// Tell whether a limit was asked, so that tokens left and cost are known.
[[nodiscard]] bool hasVerdict(const telemetry::RequestRecord &record);

/// Return why it was answered like this, in a sentence.
[[nodiscard]] QString statusReason(const telemetry::RequestRecord &record);

/// Return "GET /orders?id=7" with everything invisible escaped, or "Turned away: The head is too large."
[[nodiscard]] QString requestText(const telemetry::RequestRecord &record);

/// Return the target up to its "?", made visible; empty when it was turned away.
[[nodiscard]] QString pathText(const telemetry::RequestRecord &record);

/// Return "store", "local", "allow", "reject" or "nobody", as the filter line has it; not translated.
[[nodiscard]] QString deciderWord(telemetry::DecidedBy by);

/// Return who that is, in a sentence.
[[nodiscard]] QString deciderSentence(telemetry::DecidedBy by);

template<std::size_t N>
[[nodiscard]] QString visibleText(const telemetry::ShortText<N> &text)
{
    return visibleText(text.view(), text.isCut());
}

/// Return all words of the row that a search looks in, with line ends between them; the times are left out.
[[nodiscard]] QString searchText(const telemetry::RequestRecord &record);

} // namespace weir::ui
