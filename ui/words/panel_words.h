// SPDX-License-Identifier: GPL-3.0-only
// A limit in words: what it promises, what is wrong with it, what requests got. Plain text.
#pragma once

#include <QString>
#include <QStringList>

#include "core/config/config.h"
#include "core/engine/port/service_port.h"
#include "core/limit/limit.h"

namespace weir::ui {

/// "5 per minute": the sustained rate in the unit in which it is a whole number, if there is one.
[[nodiscard]] QString sustainedRate(const limit::LimitSpec &spec);

/// One sentence: sustained rate, worst burst, most in 30 days. `spec` must be valid.
[[nodiscard]] QString limitMeaning(const limit::LimitSpec &spec);

/// "5 → 8 tokens" when one thing changed, all of the new numbers otherwise.
[[nodiscard]] QString limitChange(const limit::LimitSpec &before, const limit::LimitSpec &after);

/// Every issue as a sentence.
[[nodiscard]] QStringList issueSentences(const std::vector<config::ConfigIssue> &issues);

/// "Reject (503)", "Allow (200)".
[[nodiscard]] QString policyName(config::StoreFailurePolicy policy);

/// Why the newest configuration file, or what of it, is not in force; empty: it is in force.
[[nodiscard]] QString configProblem(const engine::ConfigStatus &config);

/// Of which limit a policy is that is set outside of the Limits page.
[[nodiscard]] QString policyScope(const QString &limit);

/// "Sent: 5 admitted, 5 refused".
[[nodiscard]] QString sendReportText(const engine::SendReport &report);

} // namespace weir::ui
