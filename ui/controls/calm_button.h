// SPDX-License-Identifier: GPL-3.0-only
// A button that keeps the keyboard focus when it becomes unusable: a disabled one passes it to the next control, which
// a second press of Space would then press.
#pragma once

#include <QPushButton>

namespace weir::ui {

class CalmButton : public QPushButton {
    Q_OBJECT
public:
    using QPushButton::QPushButton;

    /// Enable or disable the button; while it has the focus it only looks disabled and does nothing.
    void setUsable(bool isUsable);
    [[nodiscard]] bool isUsable() const { return isEnabled() && !m_isIdle; }

protected:
    bool event(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void nextCheckState() override;
    [[nodiscard]] bool hitButton(const QPoint &place) const override;

private:
    void setIdle(bool isIdle);

    bool m_isIdle{false};
};

} // namespace weir::ui
