// SPDX-License-Identifier: GPL-3.0-only
#include "ui/window/broken_file_dialog.h"

#include <QDesktopServices>
#include <QDialogButtonBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QUrl>
#include <QVBoxLayout>

#include "ui/look/icons.h"

namespace weir::ui {
namespace {

constexpr QSize kSize{620, 360};

QLabel *plainLabel(const QString &text)
{
    auto *label = new QLabel(text);
    label->setTextFormat(Qt::PlainText); // paths are data, not markup
    label->setWordWrap(true);
    return label;
}

} // namespace

BrokenFileDialog::BrokenFileDialog(const QString &file, const QStringList &problems, QWidget *parent)
    : QDialog{parent}, m_file{file}
{
    setWindowTitle(tr("Weir cannot start with this file"));
    setWindowIcon(appIcon());
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(plainLabel(tr("The configuration file %1 cannot be used:").arg(file)));

    auto *list = new QPlainTextEdit(problems.join(u'\n'));
    list->setObjectName(QStringLiteral("problems"));
    list->setReadOnly(true);
    list->setTabChangesFocus(true);
    list->setAccessibleName(tr("What is wrong with the file"));
    layout->addWidget(list, 1);

    m_note =
        plainLabel(tr("With the defaults Weir leaves the file as it is, and takes it over as soon as it is correct."));
    m_note->setObjectName(QStringLiteral("note"));
    layout->addWidget(m_note);

    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    const auto add = [&](const QString &text, const char *name, const QString &toolTip) {
        QPushButton *button = buttons->addButton(text, QDialogButtonBox::ActionRole);
        button->setObjectName(QLatin1String{name});
        button->setToolTip(toolTip);
        button->setAutoDefault(false);
        return button;
    };
    QPushButton *open =
        add(tr("&Open the File"), "openFile", tr("Opens it in the program that this desktop has for it"));
    QPushButton *again = add(tr("&Try Again"), "tryAgain", tr("Reads the file again and starts with it"));
    QPushButton *defaults =
        add(tr("Start with &Defaults"), "startWithDefaults", tr("Starts as if there were no configuration file"));
    buttons->button(QDialogButtonBox::Close)->setAutoDefault(false);
    again->setDefault(true);
    layout->addWidget(buttons);
    resize(kSize);

    const auto choose = [this](Choice choice) {
        return [this, choice] {
            m_choice = choice;
            accept();
        };
    };
    connect(open, &QPushButton::clicked, this, &BrokenFileDialog::openFile);
    connect(again, &QPushButton::clicked, this, choose(Choice::TryAgain));
    connect(defaults, &QPushButton::clicked, this, choose(Choice::StartWithDefaults));
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

void BrokenFileDialog::openFile()
{
    if (!QDesktopServices::openUrl(QUrl::fromLocalFile(m_file)))
        m_note->setText(tr("No program of this desktop opens it; it is %1").arg(m_file));
}

BrokenFileDialog::Choice BrokenFileDialog::ask()
{
    m_choice = Choice::Close;
    exec();
    return m_choice;
}

} // namespace weir::ui
