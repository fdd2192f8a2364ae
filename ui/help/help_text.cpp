// SPDX-License-Identifier: GPL-3.0-only
#include "ui/help/help_text.h"

#include <QFile>
#include <QRegularExpression>
#include <QTextDocument>
#include <QTextFrame>
#include <QTextList>
#include <QTextTable>
#include <QUrl>
#include <algorithm>
#include <cmath>
#include <vector>

#include "ui/help/help_book.h"
#include "ui/look/scale.h"
#include "ui/look/theme.h"

namespace weir::ui {
namespace {

constexpr int kCodePixels = 12; // letters of one width look larger than those of the text
constexpr int kCodeGap = 12;    // below the last line

bool isCode(const QTextBlock &block)
{
    return block.isValid() && block.blockFormat().hasProperty(QTextFormat::BlockCodeFence);
}

// A line of code: on a ground of its own, and broken where the page ends, because nobody scrolls sideways to read.
void dressCode(const QTextBlock &block)
{
    QTextCursor cursor(block);
    QTextBlockFormat format = block.blockFormat();
    format.setBackground(colors().raise);
    format.setNonBreakableLines(false);
    format.setLineHeight(100, QTextBlockFormat::ProportionalHeight); // or there is no ground between the lines
    format.setLeftMargin(0);
    format.setTopMargin(0);
    format.setBottomMargin(isCode(block.next()) ? 0 : px(kCodeGap));
    cursor.setBlockFormat(format);
}

struct Piece {
    int position;
    int length;
    QTextCharFormat format;
};

// In the order of the text; to change the format of one changes no other.
std::vector<Piece> piecesOf(const QTextDocument &document)
{
    std::vector<Piece> pieces;
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
        for (auto it = block.begin(); !it.atEnd(); ++it) {
            const QTextFragment fragment = it.fragment();
            pieces.push_back({fragment.position(), fragment.length(), fragment.charFormat()});
        }
    }
    return pieces;
}

void setFormat(QTextDocument &document, const Piece &piece)
{
    QTextCursor cursor(&document);
    cursor.setPosition(piece.position);
    cursor.setPosition(piece.position + piece.length, QTextCursor::KeepAnchor);
    cursor.setCharFormat(piece.format);
}

// Letters of one width, within the text and in lines of their own.
void dressCodeLetters(QTextDocument &document)
{
    for (Piece &piece : piecesOf(document)) {
        if (!piece.format.fontFixedPitch())
            continue;
        piece.format.setProperty(QTextFormat::FontPixelSize, px(kCodePixels));
        piece.format.clearProperty(QTextFormat::FontSizeAdjustment);
        setFormat(document, piece);
    }
}

// What leads to a file of the source is there for those who read the page beside it.
void keepLinksWithin(QTextDocument &document, const QString &page)
{
    for (Piece &piece : piecesOf(document)) {
        const QString link = piece.format.anchorHref();
        if (link.isEmpty() || helpPlace(link, page) || !QUrl(link).isRelative())
            continue;
        for (const auto property : {QTextFormat::IsAnchor, QTextFormat::AnchorHref, QTextFormat::TextUnderlineStyle,
                                    QTextFormat::FontUnderline, QTextFormat::ForegroundBrush})
            piece.format.clearProperty(property);
        setFormat(document, piece);
    }
}

QTextBlock takePicture(QTextDocument &document)
{
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
        if (block.length() != 2 || !block.begin().fragment().charFormat().isImageFormat())
            continue;
        QTextCursor cursor(block);
        cursor.movePosition(QTextCursor::EndOfBlock, QTextCursor::KeepAnchor);
        cursor.removeSelectedText();
        return block;
    }
    return {};
}

void dressBlock(const QTextBlock &block)
{
    if (isCode(block))
        return dressCode(block);
    const Colors &c = colors();
    QTextCursor cursor(block);
    QTextBlockFormat format = block.blockFormat();
    const int level = format.headingLevel();
    const bool isQuote = format.hasProperty(QTextFormat::BlockQuoteLevel);
    format.setLineHeight(level > 0 ? 110 : 145, QTextBlockFormat::ProportionalHeight);
    const bool isFirst = block.blockNumber() == 0;
    format.setTopMargin(px(isFirst ? 0 : level == 1 ? 34 : level > 1 ? 20 : 0));
    format.setBottomMargin(px(cursor.currentTable() ? 0 : level > 0 ? 6 : block.textList() ? 3 : 9));
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
        letters.setProperty(QTextFormat::FontPixelSize, px(level == 1 ? 24 : level == 2 ? 16 : 14));
        letters.clearProperty(QTextFormat::FontSizeAdjustment);
        letters.setFontWeight(QFont::DemiBold);
    }
    letters.setForeground(isQuote ? c.accent : c.text);
    cursor.mergeCharFormat(letters);
}

// Of a table that does not fit beside itself: Qt would make all columns alike wide, those of a word and those of sentences.
void giveColumnsTheirWidths(QTextTable &table, QTextTableFormat &format)
{
    constexpr qsizetype kLine = 80; // letters that a page has room for, about
    static const QRegularExpression kBreaks(QStringLiteral("[\\s/_-]"));
    struct Column {
        qsizetype word{0};   ///< letters of the longest one
        qsizetype widest{0}; ///< of the longest cell
        qsizetype all{0};    ///< of all cells
    };
    std::vector<Column> columns(static_cast<std::size_t>(table.columns()));
    Column sum;
    double roots = 0;
    for (int i = 0; i < table.columns(); ++i) {
        Column &column = columns[static_cast<std::size_t>(i)];
        for (int row = 0; row < table.rows(); ++row) {
            const QString text = table.cellAt(row, i).firstCursorPosition().block().text();
            for (const QString &word : text.split(kBreaks))
                column.word = std::max(column.word, word.size() + 1); // bold ones are wider
            column.widest = std::max(column.widest, text.size());
            column.all += text.size();
        }
        sum.word += column.word;
        sum.widest += column.widest;
        roots += std::sqrt(static_cast<double>(column.all));
    }
    if (sum.widest <= kLine)
        return;
    const double rest = std::max(0.0, static_cast<double>(kLine - sum.word)); // for who has more to say
    QList<QTextLength> widths;
    for (const Column &column : columns) {
        const double letters =
            static_cast<double>(column.word) + rest * std::sqrt(static_cast<double>(column.all)) / roots;
        widths << QTextLength(QTextLength::PercentageLength, 100 * letters / (static_cast<double>(sum.word) + rest));
    }
    format.setWidth(QTextLength(QTextLength::PercentageLength, 100));
    format.setColumnWidthConstraints(widths);
}

void dressTable(QTextTable &table)
{
    QTextTableFormat format = table.format();
    format.setBorderBrush(colors().line);
    format.setBorderStyle(QTextFrameFormat::BorderStyle_Solid); // by default raised: lighter, so white on white
    format.setBorderCollapse(true);
    format.setBorder(1);
    format.setCellPadding(px(7));
    format.setTopMargin(px(6));
    format.setBottomMargin(px(14));
    giveColumnsTheirWidths(table, format);
    table.setFormat(format);
}

} // namespace

QString helpFile(const QString &name)
{
    QFile file(QStringLiteral(":/help/%1.md").arg(name));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    static const QRegularExpression kComment(QStringLiteral("<!--.*?-->\\n?"),
                                             QRegularExpression::DotMatchesEverythingOption);
    return QString::fromUtf8(file.readAll()).remove(kComment);
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
    dressCodeLetters(document);
    QTextBlockFormat last;
    last.setBottomMargin(0);
    QTextCursor(document.lastBlock()).mergeBlockFormat(last);
    edit.endEditBlock();
}

QTextBlock setHelpPage(QTextDocument &document, const QString &page, const QFont &font)
{
    setHelpText(document, helpFile(page), font);
    keepLinksWithin(document, page);
    return takePicture(document);
}

} // namespace weir::ui
