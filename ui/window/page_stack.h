// SPDX-License-Identifier: GPL-3.0-only
// The stack of pages. A page that needs more room than the window has is scrolled.
#pragma once

#include <QStackedWidget>

namespace weir::ui {

class PageStack : public QStackedWidget {
    Q_OBJECT
public:
    explicit PageStack(QWidget *parent = nullptr);

    /// Add a page; below its present minimumSize() it is scrolled.
    void addPage(QWidget *page);
    [[nodiscard]] QWidget *currentPage() const;

    /// Return false: the stack would otherwise ask every page, hidden or not, for its height by width whenever a text
    /// of any label in the window changes, which takes 25 ms.
    [[nodiscard]] bool hasHeightForWidth() const override { return false; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {1, 1}; }

private:
    QList<QWidget *> m_added;
};

} // namespace weir::ui
