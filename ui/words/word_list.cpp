// SPDX-License-Identifier: GPL-3.0-only
#include "ui/words/word_list.h"

#include <algorithm>

namespace weir::ui {
namespace {

bool isGap(QChar c)
{
    return c == u' ' || c == u',' || c == u'\t' || c == u'\n';
}

} // namespace

std::optional<QStringList> splitWords(const QString &text)
{
    QStringList words;
    QString word;
    bool isWord = false;
    bool isQuoted = false;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text.at(i);
        if (!isQuoted && isGap(c)) {
            if (isWord)
                words << word;
            word.clear();
            isWord = false;
            continue;
        }
        isWord = true;
        if (c == u'"')
            isQuoted = !isQuoted;
        else if (isQuoted && c == u'\\' && i + 1 < text.size())
            word += text.at(++i);
        else
            word += c;
    }
    if (isQuoted)
        return std::nullopt;
    if (isWord)
        words << word;
    return words;
}

QString asWord(const QString &word)
{
    const bool isPlain = !word.isEmpty() && !word.contains(u'"') && std::none_of(word.begin(), word.end(), isGap);
    if (isPlain)
        return word;
    QString escaped = word;
    escaped.replace(u'\\', QLatin1String("\\\\")).replace(u'"', QLatin1String("\\\""));
    return u'"' + escaped + u'"';
}

} // namespace weir::ui
