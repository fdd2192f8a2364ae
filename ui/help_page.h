// SPDX-License-Identifier: GPL-3.0-only
// The help text, from the program's own resources.
#pragma once

#include <QTextBrowser>

namespace weir::ui {

class HelpPage : public QWidget {
    Q_OBJECT
public:
    explicit HelpPage(QWidget *parent = nullptr);

    [[nodiscard]] QString plainText() const { return m_browser->toPlainText(); }

protected:
    void changeEvent(QEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void load();

    QTextBrowser *m_browser{nullptr};
    QTextDocument *m_text{nullptr};
    bool m_isStale{false}; ///< dressed in the colours of another theme
};

} // namespace weir::ui
