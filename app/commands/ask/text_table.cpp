// SPDX-License-Identifier: GPL-3.0-only
#include "app/commands/ask/text_table.h"

#include <algorithm>

namespace weir::app {

QString textTable(const QList<QStringList> &rows, const QList<qsizetype> &right)
{
    QList<qsizetype> widths;
    for (const QStringList &row : rows)
        for (qsizetype i = 0; i < row.size(); ++i) {
            if (i == widths.size())
                widths.append(0);
            widths[i] = std::max(widths[i], row[i].size());
        }
    QString text;
    for (const QStringList &row : rows) {
        QString line;
        for (qsizetype i = 0; i < row.size(); ++i) {
            const QString gap{widths[i] - row[i].size(), u' '};
            line += (i == 0 ? QString{} : QStringLiteral("  ")) + (right.contains(i) ? gap + row[i] : row[i] + gap);
        }
        while (line.endsWith(u' '))
            line.chop(1);
        text += line + u'\n';
    }
    return text;
}

} // namespace weir::app
