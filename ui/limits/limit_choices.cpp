// SPDX-License-Identifier: GPL-3.0-only
#include "ui/limits/limit_choices.h"

#include "ui/limits/limit_form.h"
#include "ui/limits/limit_text.h"
#include "ui/words/limit_words.h"
#include "ui/words/panel_words.h"

namespace weir::ui {

std::vector<ChoiceButton::Choice> algorithmChoices()
{
    std::vector<ChoiceButton::Choice> choices;
    for (std::size_t i = 0; i < limit::kAlgorithmNames.size(); ++i) {
        const auto algorithm = static_cast<limit::Algorithm>(i);
        const std::string_view name = limit::nameOf(algorithm);
        choices.push_back({QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size())),
                           algorithmName(algorithm), algorithmHint(algorithm)});
    }
    return choices;
}

std::vector<ChoiceButton::Choice> policyChoices()
{
    using Policy = config::StoreFailurePolicy;
    const auto choice = [](Policy policy, const QString &hint) {
        return ChoiceButton::Choice{policyWord(policy), policyName(policy), hint};
    };
    return {choice(Policy::Local, LimitForm::tr("Decide by the last known level; settle with Redis when it is back")),
            choice(Policy::Reject, LimitForm::tr("Answer 503; nothing is spent")),
            choice(Policy::Allow, LimitForm::tr("Answer as if admitted; nothing is limited"))};
}

} // namespace weir::ui
