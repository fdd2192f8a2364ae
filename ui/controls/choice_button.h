// SPDX-License-Identifier: GPL-3.0-only
// A button that shows the current one of a few choices, with a menu of all.
#pragma once

#include <vector>

#include "ui/controls/menu_button.h"

class QActionGroup;
class QMenu;

namespace weir::ui {

class ChoiceButton : public MenuButton {
    Q_OBJECT
public:
    struct Choice {
        QString value;
        QString text;    ///< in the menu
        QString hint;    ///< one sentence below it, and the tool tip; may be empty
        QString shown{}; ///< on the button; empty: as in the menu
    };
    /// `name`: what is chosen, for screen readers. Begins with the first choice.
    ChoiceButton(const QString &name, const std::vector<Choice> &choices, QWidget *parent = nullptr);

    void setValue(const QString &value); ///< does not emit; an unknown one changes nothing
    [[nodiscard]] QString value() const { return m_value; }

    [[nodiscard]] QSize sizeHint() const override; ///< of the widest choice, so that nothing moves

Q_SIGNALS:
    void chosen(const QString &value); ///< by the user

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void step(int by);

    QString m_name;
    std::vector<Choice> m_choices;
    QActionGroup *m_group{nullptr};
    QString m_value;
};

} // namespace weir::ui
