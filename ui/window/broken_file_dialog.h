// SPDX-License-Identifier: GPL-3.0-only
// Shows all that is wrong with the configuration file before the panel starts, and asks how to go on.
#pragma once

#include <QDialog>
#include <QStringList>

class QLabel;
class QPlainTextEdit;

namespace weir::ui {

class BrokenFileDialog : public QDialog {
    Q_OBJECT
public:
    enum class Choice { Close, TryAgain, StartWithDefaults };

    /// `file`: its path. `problems`: a sentence each, shown as plain text that can be copied.
    BrokenFileDialog(const QString &file, const QStringList &problems, QWidget *parent = nullptr);

    /// Show the dialog and wait for the choice; Close when it is closed in another way.
    [[nodiscard]] Choice ask();

private:
    void openFile();

    QString m_file;
    QLabel *m_note{nullptr};
    Choice m_choice{Choice::Close};
};

} // namespace weir::ui
