// SPDX-License-Identifier: GPL-3.0-only
// The pages, one above the other. One that needs more room than the window has is scrolled.
#pragma once

#include <QStackedWidget>

namespace weir::ui {

class PageStack : public QStackedWidget {
    Q_OBJECT
public:
    explicit PageStack(QWidget *parent = nullptr);

    /// Below its minimumSize() as of now, it is scrolled.
    void addPage(QWidget *page);
    [[nodiscard]] QWidget *currentPage() const;

    /// Pages take the room that there is. A stack would else ask every one of them, hidden or not, how high its texts are
    /// for each width it may get, whenever a label anywhere in the window has another text: 25 ms.
    [[nodiscard]] bool hasHeightForWidth() const override { return false; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {1, 1}; }

private:
    QList<QWidget *> m_added;
};

} // namespace weir::ui
