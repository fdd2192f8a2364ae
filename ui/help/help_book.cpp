// SPDX-License-Identifier: GPL-3.0-only
#include "ui/help/help_book.h"

#include "ui/help/help_text.h"

namespace weir::ui {

const QStringList &helpPages()
{
    static const QStringList kPages{
        QStringLiteral("start"),    QStringLiteral("live"),        QStringLiteral("limits"),
        QStringLiteral("failures"), QStringLiteral("history"),     QStringLiteral("algorithms"),
        QStringLiteral("answers"),  QStringLiteral("file"),        QStringLiteral("options"),
        QStringLiteral("proxies"),  QStringLiteral("admin"),       QStringLiteral("redis"),
        QStringLiteral("promises"), QStringLiteral("performance"), QStringLiteral("install"),
        QStringLiteral("words")};
    return kPages;
}

QString helpTitle(const QString &page)
{
    return helpFile(page).section(u'\n', 0, 0).mid(2); // "# The Live page"
}

QString headingAnchor(const QString &heading)
{
    QString anchor;
    for (const QChar letter : heading) {
        if (letter.isLetterOrNumber() || letter == u'_' || letter == u'-')
            anchor += letter.toLower();
        else if (letter.isSpace())
            anchor += u'-';
    }
    return anchor;
}

std::optional<HelpPlace> helpPlace(const QString &link, const QString &page)
{
    const QString file = link.section(u'#', 0, 0);
    const QString anchor = link.section(u'#', 1);
    if (file.isEmpty())
        return HelpPlace{page, anchor};
    const QString name = file.chopped(file.endsWith(QLatin1String(".md")) ? 3 : 0);
    if (name == file || !helpPages().contains(name))
        return std::nullopt;
    return HelpPlace{name, anchor};
}

} // namespace weir::ui
