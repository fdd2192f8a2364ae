// SPDX-License-Identifier: GPL-3.0-only
#include "ui/window/startup_failure.h"

#include <QCoreApplication>
#include <QMessageBox>

#include "ui/look/icons.h"

namespace weir::ui {

void showStartupFailure(const QString &sentence)
{
    QMessageBox box(QMessageBox::Critical, QCoreApplication::translate("startup_failure", "Weir cannot start"), {},
                    QMessageBox::Close);
    box.setWindowIcon(appIcon());
    box.setTextFormat(Qt::PlainText); // addresses and paths are data, not markup
    box.setText(sentence);
    box.setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    box.exec();
}

} // namespace weir::ui
