// SPDX-License-Identifier: GPL-3.0-only
// What Apply would change: a line for each limit with a sign, its name and its changes.
#pragma once

#include <QScrollArea>

#include "ui/limits/limit_diff.h"

class QVBoxLayout;

namespace weir::ui {

class ChangeView : public QScrollArea {
    Q_OBJECT
public:
    explicit ChangeView(QWidget *parent = nullptr);

    /// Show a change. `accessRow`: the row for clicks on access and key settings.
    void showChange(const SetChange &change, int accessRow);
    [[nodiscard]] QStringList lines() const { return m_lines; } ///< as shown, for tests and screen readers

Q_SIGNALS:
    void rowChosen(int row); ///< of the list of limits

private:
    void addLine(const char *role, const QString &sign, const QString &name, int row, const QStringList &words);

    QWidget *m_content{nullptr};
    QVBoxLayout *m_layout{nullptr};
    QStringList m_lines;
};

} // namespace weir::ui
