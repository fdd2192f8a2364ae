// SPDX-License-Identifier: GPL-3.0-only
// One thing that can be broken: a switch or a button, its name, one line that says what it does.
#pragma once

#include <QFrame>

#include "ui/controls/toggle.h"

class QHBoxLayout;
class QLabel;

namespace weir::ui {

class TabularLabel;

class HarmRow : public QFrame {
    Q_OBJECT
public:
    struct Words {
        QString name;
        QString explanation;
    };
    /// Make a row with a switch.
    HarmRow(const Words &words, Toggle::Tone tone, QWidget *parent);
    /// Make a row for something that is done once; add its button by addControl().
    HarmRow(const Words &words, QWidget *parent);

    [[nodiscard]] Toggle *toggle() const { return m_toggle; } ///< null without a switch
    /// Add `control` at the right; it gets the row's name for screen readers unless it has one.
    void addControl(QWidget *control);
    /// Show plain text in place of the explanation, which moves into the tool tip with `more`; empty restores it.
    void setLive(const QString &text, const QString &more);
    /// Disable the row and say why in one sentence; empty enables it.
    void setBlocked(const QString &why);

Q_SIGNALS:
    void switched(bool isOn); ///< by the user

protected:
    void mouseReleaseEvent(QMouseEvent *event) override;

private:
    void layOut(const Words &words, QWidget *sign);

    QString m_explanation;
    Toggle *m_toggle{nullptr};
    QWidget *m_control{nullptr};
    QHBoxLayout *m_layout{nullptr};
    QLabel *m_name{nullptr};
    TabularLabel *m_text{nullptr};
};

} // namespace weir::ui
