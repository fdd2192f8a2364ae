// SPDX-License-Identifier: GPL-3.0-only
// The help: contents at the left, a page at the right, a search over all pages above, and the way back.
#pragma once

#include <QWidget>

#include "ui/help/help_browser.h"
#include "ui/help/help_history.h"
#include "ui/help/help_search.h"

class QBoxLayout;
class QLabel;
class QLineEdit;
class QPushButton;

namespace weir::ui {

class HelpContents;

class HelpPage : public QWidget {
    Q_OBJECT
public:
    explicit HelpPage(QWidget *parent = nullptr);

    /// Open a page ("live", "limits", "algorithms" ...) at its begin. False: there is no such page.
    bool showText(const QString &name);

protected:
    void changeEvent(QEvent *event) override;
    void showEvent(QShowEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QBoxLayout *buildBar();
    QPushButton *addStep(QBoxLayout *bar, const QString &text, const QString &toolTip, const char *name);
    void buildKeys();
    void openPlace(const HelpPlace &place);
    void open(const QString &page);
    void go(int steps); ///< back or forward
    void find(const QString &text);
    void step(int by);
    void showHit();
    void showSearch();
    void endSearch();
    void showSteps();
    void dressAnew();

    HelpContents *m_contents{nullptr};
    HelpBrowser *m_browser{nullptr};
    QLineEdit *m_searched{nullptr};
    QLabel *m_found{nullptr};
    QPushButton *m_back{nullptr};
    QPushButton *m_forward{nullptr};
    QPushButton *m_previous{nullptr};
    QPushButton *m_next{nullptr};
    HelpHistory m_history;
    HelpSearch m_search;
    bool m_isStale{false}; ///< it has the colours of another theme
};

} // namespace weir::ui
