// SPDX-License-Identifier: GPL-3.0-only
// Texts of the panel: what a limit promises, its issues, answers to requests. Plain text.
#pragma once

#include <QString>
#include <QStringList>

#include "core/config/config.h"
#include "core/engine/port/service_port.h"
#include "core/limit/limit.h"

namespace weir::ui {

/// Return "5 per minute": the sustained rate in the unit in which it is a whole number, if there is one.
[[nodiscard]] QString sustainedRate(const limit::LimitSpec &spec);

/// Return one sentence with the sustained rate, the worst burst and the most in 30 days. `spec` must be valid.
[[nodiscard]] QString limitMeaning(const limit::LimitSpec &spec);

/// Return "5 → 8 tokens" when one thing changed, all of the new numbers otherwise.
[[nodiscard]] QString limitChange(const limit::LimitSpec &before, const limit::LimitSpec &after);

/// Return every issue as a sentence.
[[nodiscard]] QStringList issueSentences(const std::vector<config::ConfigIssue> &issues);

/// Return "Reject (503)", "Allow (200)".
[[nodiscard]] QString policyName(config::StoreFailurePolicy policy);

/// Return why the newest configuration file, or a part of it, is not in force; empty when it is.
[[nodiscard]] QString configProblem(const engine::ConfigStatus &config);

/// Return the phrase that names the limit of a policy outside of the Limits page.
[[nodiscard]] QString policyScope(const QString &limit);

/// Return "Sent: 5 admitted, 5 refused".
[[nodiscard]] QString sendReportText(const engine::SendReport &report);

} // namespace weir::ui
