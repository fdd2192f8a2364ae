// SPDX-License-Identifier: GPL-3.0-only
// One line across the page when something is wrong right now, or was and must be known.
#pragma once

#include <QFrame>

class QLabel;

namespace weir::ui {

class Banner : public QFrame {
    Q_OBJECT
public:
    explicit Banner(QWidget *parent = nullptr);

    /// For what is over: in the colour of a warning, with a button that puts it away until another
    /// message comes.
    void makeNotice();

    /// Plain text on one line, elided; empty hides the banner.
    void setMessage(const QString &message);
    [[nodiscard]] QString message() const { return m_message; }

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void elide();

    QLabel *m_icon{nullptr};
    QLabel *m_text{nullptr};
    QString m_message;
};

} // namespace weir::ui
