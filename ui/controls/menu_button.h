// SPDX-License-Identifier: GPL-3.0-only
// A button that opens a menu, with a painted chevron (one of a style sheet needs a file).
#pragma once

#include <QPushButton>

namespace weir::ui {

class MenuButton : public QPushButton {
    Q_OBJECT
public:
    MenuButton(const QString &text, const char *role, QWidget *parent = nullptr);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    bool m_isQuiet{false};
};

} // namespace weir::ui
