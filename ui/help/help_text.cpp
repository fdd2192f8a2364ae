// SPDX-License-Identifier: GPL-3.0-only
#include "ui/help/help_text.h"

#include <QFile>
#include <QTextBlock>
#include <QTextDocument>
#include <QTextFrame>
#include <QTextList>
#include <QTextTable>

#include "ui/look/theme.h"

namespace weir::ui {
namespace {

void dressBlock(const QTextBlock &block)
{
    const Colors &c = colors();
    QTextCursor cursor(block);
    QTextBlockFormat format = block.blockFormat();
    const int level = format.headingLevel();
    const bool isQuote = format.hasProperty(QTextFormat::BlockQuoteLevel);
    format.setLineHeight(level > 0 ? 110 : 145, QTextBlockFormat::ProportionalHeight);
    const bool isFirst = block.blockNumber() == 0;
    format.setTopMargin(isFirst ? 0 : level == 1 ? 34 : level > 1 ? 20 : 0);
    format.setBottomMargin(cursor.currentTable() ? 0 : level > 0 ? 6 : block.textList() ? 3 : 9);
    if (isQuote) {
        format.setLeftMargin(0);
        format.setRightMargin(0);
    }
    cursor.setBlockFormat(format);
    if (level == 0 && !isQuote)
        return;
    cursor.movePosition(QTextCursor::EndOfBlock, QTextCursor::KeepAnchor);
    QTextCharFormat letters;
    if (level > 0) {
        letters.setProperty(QTextFormat::FontPixelSize, level == 1 ? 24 : level == 2 ? 16 : 14);
        letters.clearProperty(QTextFormat::FontSizeAdjustment);
        letters.setFontWeight(QFont::DemiBold);
    }
    letters.setForeground(isQuote ? c.accent : c.text);
    cursor.mergeCharFormat(letters);
}

void dressTable(QTextTable &table)
{
    QTextTableFormat format = table.format();
    format.setBorderBrush(colors().line);
    format.setBorderStyle(QTextFrameFormat::BorderStyle_Solid); // by default raised: lighter, so white on white
    format.setBorderCollapse(true);
    format.setBorder(1);
    format.setCellPadding(7);
    format.setTopMargin(6);
    format.setBottomMargin(14);
    table.setFormat(format);
}

} // namespace

QString helpFile(const QString &name)
{
    QFile file(QStringLiteral(":/help/%1.md").arg(name));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QString helpSection(const QString &markdown, const QString &heading)
{
    QStringList section;
    bool isIn = false;
    for (const QString &line : markdown.split(u'\n')) {
        if (line.startsWith(u'#')) {
            const bool isIt = line.mid(line.indexOf(u' ') + 1).trimmed() == heading;
            if (isIn)
                break;
            isIn = isIt;
        } else if (isIn) {
            section << line;
        }
    }
    return section.join(u'\n').trimmed();
}

void setHelpText(QTextDocument &document, const QString &markdown, const QFont &font)
{
    document.setDefaultFont(font);
    document.setMarkdown(markdown);
    QTextCursor edit(&document);
    edit.beginEditBlock(); // laid out once, not after every change
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next())
        dressBlock(block);
    for (QTextFrame *frame : document.rootFrame()->childFrames()) {
        if (auto *table = qobject_cast<QTextTable *>(frame))
            dressTable(*table);
    }
    QTextBlockFormat last;
    last.setBottomMargin(0);
    QTextCursor(document.lastBlock()).mergeBlockFormat(last);
    edit.endEditBlock();
}

} // namespace weir::ui
