// SPDX-License-Identifier: GPL-3.0-only
// "50 per minute is in force. [Undo]": tells the last change and undoes it. It overlays the lower edge of the page for
// a while, so that nothing moves; Ctrl+Z works as long.
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
    /// Overlays `page`, in which Ctrl+Z calls undo().
    explicit UndoBar(QWidget *page);

    /// Show `done` and offer to call `undo`, once at most; an earlier offer is dropped.
    void offer(const QString &done, std::function<void()> undo);
    void withdraw();
    /// Undo; false when there was nothing to undo.
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
