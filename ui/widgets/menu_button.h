// SPDX-License-Identifier: GPL-3.0-only
// A button that opens a menu and shows so by a small chevron of its own (style sheets need a file for theirs).
#pragma once

#include <QPushButton>

namespace weir::ui {

class MenuButton : public QPushButton {
    Q_OBJECT
public:
    MenuButton(const QString &text, const char *role, QWidget *parent = nullptr);

protected:
    void paintEvent(QPaintEvent *event) override;
};

} // namespace weir::ui
