// SPDX-License-Identifier: GPL-3.0-only
// The bar below the editor: what would change, what becomes of the tokens, Apply and Revert.
#pragma once

#include <QTimer>
#include <QWidget>

#include "core/limit/limit.h"

namespace weir::ui {

class CalmButton;
class ChoiceButton;
class TabularLabel;

class ChangeBar : public QWidget {
    Q_OBJECT
public:
    explicit ChangeBar(QWidget *parent = nullptr);

    enum class State { Same, Edited, Wrong };
    /// Show the state. `summary`: what changes, or what is wrong; one line of plain text.
    void showState(State state, const QString &summary, bool needsTokenMode);
    void setBusy(bool isBusy);
    /// Show the outcome of the last Apply: a good one disappears after a while, a bad one when something is edited.
    void showOutcome(const QString &sentence, bool isBad);
    void setReviewing(bool isReviewing);
    [[nodiscard]] bool isReviewing() const;
    [[nodiscard]] limit::TokenMode mode() const;
    void resetMode();                      ///< to keep: a refill is meant for one change only
    [[nodiscard]] QString summary() const; ///< as shown

Q_SIGNALS:
    void reviewToggled(bool isOn);
    void applyWished();
    void revertWished();

private:
    void refresh();

    TabularLabel *m_summary{nullptr};
    CalmButton *m_review{nullptr};
    ChoiceButton *m_mode{nullptr};
    CalmButton *m_revert{nullptr};
    CalmButton *m_apply{nullptr};
    State m_state{State::Same};
    QString m_text;
    QString m_outcome;
    bool m_isOutcomeBad{false};
    bool m_isBusy{false};
    QTimer m_outcomeEnd;
};

} // namespace weir::ui
