// SPDX-License-Identifier: GPL-3.0-only
// A button that keeps the keyboard when it can no longer be used: a disabled one hands it to whatever comes next, which the
// next press of Space would then press.
#pragma once

#include <QPushButton>

namespace weir::ui {

class CalmButton : public QPushButton {
    Q_OBJECT
public:
    using QPushButton::QPushButton;

    /// False: as disabled; while it has the focus it only looks so and does nothing.
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
