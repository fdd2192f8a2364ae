// SPDX-License-Identifier: GPL-3.0-only
// "50 per minute is in force. [Undo]": what was done last, and the way back. It lies over the page's lower edge for a while,
// so nothing moves; Ctrl+Z works as long as the way back does.
#pragma once

#include <QFrame>
#include <QTimer>
#include <functional>

class QPushButton;

namespace weir::ui {

class TabularLabel;

class UndoBar : public QFrame {
    Q_OBJECT
public:
    /// Over `page`. Ctrl+Z is the page's: it calls undo().
    explicit UndoBar(QWidget *page);

    /// `undo` is called once, at most; an earlier offer is forgotten.
    void offer(const QString &done, std::function<void()> undo);
    void withdraw();
    /// False: there was nothing to undo.
    bool undo();
    [[nodiscard]] QString text() const;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void place();

    TabularLabel *m_text{nullptr};
    QPushButton *m_button{nullptr};
    QTimer m_end;
    std::function<void()> m_undo;
};

} // namespace weir::ui
