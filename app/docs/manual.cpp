// SPDX-License-Identifier: GPL-3.0-only
#include <QRegularExpression>
#include <QStringList>

#include <utility>

#include "app/cli_commands.h"
#include "app/cli_options.h"
#include "app/docs/documents.h"

namespace weir::app {
namespace {

QString filled(const QStringList &lines)
{
    return lines.join(QLatin1Char{' '}).simplified();
}

// A comment as lines that a terminal has room for.
QString wrapped(const QString &comment)
{
    constexpr qsizetype kWidth = 66;
    QString text, line = QStringLiteral("#");
    for (const QString &word : comment.split(QLatin1Char{' '}, Qt::SkipEmptyParts)) {
        if (line.size() + 1 + word.size() > kWidth) {
            text += roff(line) + QLatin1Char{'\n'};
            line = QStringLiteral("#");
        }
        line += QLatin1Char{' '} + word;
    }
    return text + roff(line) + QLatin1Char{'\n'};
}

// The file, line by line.
class KeyPages {
public:
    void take(const QString &line)
    {
        static const QRegularExpression kTitle{QStringLiteral("^# --- (.*?) -+$")},
            kKey{QStringLiteral("^#([a-z0-9_]+ = .*)$")}, kTable{QStringLiteral("^(\\[.*\\])$")};
        if (const auto title = kTitle.match(line); title.hasMatch())
            return begin(title.captured(1));
        if (!m_isBegun)
            return; // what the file says about itself
        if (const auto table = kTable.match(line); table.hasMatch())
            return beginTable(table.captured(1));
        if (const auto key = kKey.match(line); key.hasMatch())
            return item(key.captured(1));
        if (line.startsWith(QLatin1String{"#   "}))
            return example(line.mid(4));
        endExample();
        if (line.startsWith(QLatin1String{"# "}))
            m_prose += line.mid(2);
        else
            paragraph();
    }

    QString text()
    {
        endExample();
        paragraph();
        return m_text;
    }

private:
    void begin(const QString &title)
    {
        text();
        m_isBegun = true;
        m_text += QLatin1String{".SS "} + roff(title) + QLatin1Char{'\n'};
        m_isFresh = true;
    }
    void beginTable(const QString &table)
    {
        endExample();
        apart();
        m_text += QLatin1String{"In the table \\fB"} + roff(table) + QLatin1String{"\\fR:\n"};
        paragraph();
    }
    void item(const QString &key)
    {
        endExample();
        const QString prose = roff(filled(m_prose));
        m_text += QLatin1String{".TP\n.B "} + roff(key) + QLatin1Char{'\n'}
                  + (prose.isEmpty() ? QStringLiteral("\\&") : prose) + QLatin1Char{'\n'};
        m_prose.clear();
        m_isFresh = false;
    }
    // What stands behind a line of it goes before it, where there is room.
    void example(const QString &line)
    {
        static const QRegularExpression kComment{QStringLiteral("^(.*?)\\s{2,}# *(.*)$")};
        if (!m_isExample) {
            paragraph();
            apart();
            m_text += QLatin1String{".in +4n\n.EX\n"};
        }
        m_isExample = true;
        const auto parts = kComment.match(line);
        if (const QString code = parts.hasMatch() ? parts.captured(1) : line; !code.isEmpty()) {
            flushLine();
            m_code = code;
        }
        if (parts.hasMatch())
            m_comment += parts.captured(2);
    }
    void flushLine()
    {
        if (!m_comment.isEmpty())
            m_text += wrapped(filled(m_comment));
        if (!m_code.isEmpty())
            m_text += roff(m_code) + QLatin1Char{'\n'};
        m_comment.clear();
        m_code.clear();
    }
    void endExample()
    {
        flushLine();
        if (m_isExample)
            m_text += QLatin1String{".EE\n.in\n"};
        m_isExample = false;
    }
    void paragraph()
    {
        if (m_prose.isEmpty())
            return;
        apart();
        m_text += roff(filled(m_prose)) + QLatin1Char{'\n'};
        m_prose.clear();
    }
    // From what stands before; a heading is apart by itself.
    void apart()
    {
        if (!std::exchange(m_isFresh, false))
            m_text += QLatin1String{".PP\n"};
    }

    QString m_text;
    QStringList m_prose, m_comment;
    QString m_code;
    bool m_isBegun{false};
    bool m_isFresh{false}; ///< nothing stands under the heading yet
    bool m_isExample{false};
};

} // namespace

QString roff(const QString &text)
{
    QString safe = text;
    safe.replace(QLatin1Char{'\\'}, QLatin1String{"\\e"}).replace(QLatin1Char{'-'}, QLatin1String{"\\-"});
    safe.replace(QLatin1Char{'"'}, QLatin1String{"\\(dq"});
    safe.replace(QLatin1Char{'~'}, QLatin1String{"\\(ti"}).replace(QLatin1Char{'^'}, QLatin1String{"\\(ha"});
    if (safe.startsWith(QLatin1Char{'.'}) || safe.startsWith(QLatin1Char{'\''}))
        safe.prepend(QLatin1String{"\\&"});
    return safe;
}

QString optionsAsManual()
{
    QString text;
    for (const OptionInfo &option : allOptions()) {
        text += QStringLiteral(".TP\n\\fB%1\\fR").arg(roff(QLatin1String{"--"} + option.name));
        if (!option.letter.isEmpty())
            text += QStringLiteral(", \\fB%1\\fR").arg(roff(QLatin1Char{'-'} + option.letter));
        if (!option.value.isEmpty())
            text += QStringLiteral(" \\fI%1\\fR").arg(roff(option.value));
        text += QLatin1Char{'\n'} + roff(option.description.simplified()) + QLatin1String{".\n"};
        if (option.scope == OptionInfo::Scope::PanelOnly || option.scope == OptionInfo::Scope::Connection)
            text += QLatin1String{"Not for \\fBserve\\fR.\n"};
        if (option.scope == OptionInfo::Scope::Asking) {
            QStringList takers;
            for (const CommandInfo &command : allCommands())
                if (command.options.contains(option.name))
                    takers += QStringLiteral("\\fB%1\\fR").arg(command.name);
            text += QStringLiteral("For %1 alone.\n").arg(takers.join(QLatin1String{", "}));
        }
        if (!option.variable.isEmpty())
            text += QStringLiteral("Variable: \\fB%1\\fR.\n").arg(roff(option.variable));
    }
    return text;
}

QString commandsAsManual()
{
    QString text;
    for (const CommandInfo &command : allCommands()) {
        const QString words =
            command.words.isEmpty() ? QString{} : QStringLiteral(" \\fI%1\\fR").arg(roff(command.words));
        const QString summary = roff(command.summary.left(1).toUpper() + command.summary.mid(1));
        text += QStringLiteral(".TP\n\\fBweir %1\\fR%2\n%3.\n").arg(roff(command.name), words, summary);
        if (command.kind == CommandInfo::Kind::Asks)
            text += roff(command.text.simplified()) + (command.text.isEmpty() ? QString{} : QStringLiteral("\n"));
    }
    return text;
}

QString keysAsManual(const QString &example)
{
    KeyPages pages;
    for (const QString &line : example.split(QLatin1Char{'\n'}))
        pages.take(line);
    return pages.text();
}

} // namespace weir::app
