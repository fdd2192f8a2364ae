// SPDX-License-Identifier: GPL-3.0-only
// Tells all that is wrong with the configuration file, before there is a panel, and asks how to go on.
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

    /// Waits for a person; Close as well when the dialog is closed by anything else.
    [[nodiscard]] Choice ask();

private:
    void openFile();

    QString m_file;
    QLabel *m_note{nullptr};
    Choice m_choice{Choice::Close};
};

} // namespace weir::ui
