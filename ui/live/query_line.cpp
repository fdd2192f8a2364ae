// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/query_line.h"

#include <QAbstractItemView>
#include <QCompleter>
#include <QKeyEvent>
#include <QStringListModel>
#include <QStyledItemDelegate>
#include <QStyle>

#include "ui/controls/escape_key.h"
#include "ui/controls/panel.h"
#include "ui/live/request_query.h"
#include "ui/look/icons.h"

namespace weir::ui {

QueryLine::QueryLine(QWidget *parent) : QLineEdit(parent)
{
    setPlaceholderText(tr("Filter: status:429 path:/api/*"));
    setAccessibleName(tr("Filter the requests"));
    setToolTip(
        tr("Show only the requests for which all terms hold (Ctrl+F): status:429 limit:NAME key:10.0.* path:/api/* "
           "method: client: by: is: cost>5 tokens<3 retry>10s took>5ms, or any word of the row; \"not\" before a term "
           "turns it round. F1 has them all."));
    setClearButtonEnabled(true);
    clearOnEscape(this);
    addAction(icon(Icon::Search), QLineEdit::LeadingPosition);
    m_words = new QStringListModel(this);
    // Of its own, not setCompleter(): that one completes the whole line.
    m_completer = new QCompleter(m_words, this);
    m_completer->setWidget(this);
    m_completer->setCaseSensitivity(Qt::CaseInsensitive);
    m_completer->setCompletionMode(QCompleter::UnfilteredPopupCompletion);
    setRole(m_completer->popup(), "completions");
    m_completer->popup()->setItemDelegate(
        new QStyledItemDelegate(m_completer->popup())); // its own knows no style sheet
    m_completer->popup()->setAccessibleName(tr("What the word may be"));
    connect(m_completer, qOverload<const QString &>(&QCompleter::activated), this, &QueryLine::complete);
    connect(this, &QLineEdit::textEdited, this, &QueryLine::offer);
}

void QueryLine::setLimitNames(const QStringList &names)
{
    m_limits = names;
}

void QueryLine::setFault(const QString &sentence)
{
    setAccessibleDescription(sentence);
    const bool isWrong = !sentence.isEmpty();
    if (property("wrong").toBool() == isWrong)
        return;
    setProperty("wrong", isWrong);
    style()->unpolish(this);
    style()->polish(this);
}

QString QueryLine::typedWord() const
{
    const QString before = text().left(cursorPosition());
    return before.mid(before.lastIndexOf(u' ') + 1);
}

QStringList QueryLine::completions() const
{
    const QString typed = typedWord();
    if (typed.isEmpty())
        return {};
    QStringList all = queryWords();
    for (const QString &field : QStringList{QStringLiteral("by"), QStringLiteral("is"), QStringLiteral("limit")})
        if (typed.startsWith(field + u':', Qt::CaseInsensitive)) {
            all.clear();
            for (const QString &value : field == u"limit" ? m_limits : queryValues(field))
                all << field + u':' + value;
        }
    QStringList fitting;
    for (const QString &word : all)
        if (word.startsWith(typed, Qt::CaseInsensitive) && word.compare(typed, Qt::CaseInsensitive) != 0)
            fitting << word;
    return fitting;
}

void QueryLine::offer()
{
    const QStringList words = completions();
    m_words->setStringList(words);
    if (words.isEmpty())
        return m_completer->popup()->hide();
    m_completer->setCompletionPrefix({});
    m_completer->complete();
}

void QueryLine::complete(const QString &word)
{
    const qsizetype begin = cursorPosition() - typedWord().size();
    const bool isWhole = !word.endsWith(u':') && !word.endsWith(u'>');
    const QString put = isWhole ? word + u' ' : word;
    setText(text().left(begin) + put + text().mid(cursorPosition()));
    setCursorPosition(static_cast<int>(begin + put.size()));
}

} // namespace weir::ui
