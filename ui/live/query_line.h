// SPDX-License-Identifier: GPL-3.0-only
// The filter line of the request table: completes what is typed, and marks a line that is wrong.
#pragma once

#include <QLineEdit>

class QCompleter;
class QStringListModel;

namespace weir::ui {

class QueryLine : public QLineEdit {
    Q_OBJECT
public:
    explicit QueryLine(QWidget *parent = nullptr);

    void setLimitNames(const QStringList &names); ///< to complete "limit:"
    /// Mark the line as wrong, and say why to who listens; empty: it is right.
    void setFault(const QString &sentence);

    /// Return what the word before the cursor could become, whole words. For tests as well.
    [[nodiscard]] QStringList completions() const;

private:
    [[nodiscard]] QString typedWord() const;
    void offer();
    void complete(const QString &word);

    QCompleter *m_completer{nullptr};
    QStringListModel *m_words{nullptr};
    QStringList m_limits;
};

} // namespace weir::ui
