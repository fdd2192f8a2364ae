// SPDX-License-Identifier: GPL-3.0-only
#include "ui/words/visible_text.h"

#include "core/config/visible_text.h"

namespace weir::ui {

QString visibleText(std::string_view bytes, bool isCut)
{
    return config::visibleText(bytes, isCut);
}

QString spreadsheetCell(const QString &text)
{
    QString cell = text;
    for (QChar &c : cell) {
        if (c == u'\t' || c == u'\n' || c == u'\r')
            c = u' ';
    }
    const QString trimmed = cell.trimmed();
    if (!trimmed.isEmpty() && QStringLiteral("=+-@").contains(trimmed.front()))
        cell.prepend(u'\'');
    return cell;
}

} // namespace weir::ui
