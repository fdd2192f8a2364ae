// SPDX-License-Identifier: GPL-3.0-only
// Below what is edited: what would change, what becomes of the tokens, and the buttons that do it or take it back.
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
    /// `summary`: what changes, or what is wrong; one line of plain text.
    void showState(State state, const QString &summary, bool needsTokenMode);
    void setBusy(bool isBusy);
    /// What came of the last Apply: good news goes by itself, bad news stays until something is edited.
    void showOutcome(const QString &sentence, bool isBad);
    void setReviewing(bool isReviewing);
    [[nodiscard]] bool isReviewing() const;
    [[nodiscard]] limit::TokenMode mode() const;
    void resetMode();                      ///< to keep: who refilled once does not mean to with every change
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
