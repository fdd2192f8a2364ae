// SPDX-License-Identifier: GPL-3.0-only
#include "ui/help_page.h"

#include <QBoxLayout>
#include <QEvent>
#include <QFile>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextDocument>
#include <QTextFrame>
#include <QTextTable>
#include <utility>

#include "ui/theme.h"

namespace weir::ui {
namespace {

constexpr int kTextWidth = 760; // longer lines are hard to read
constexpr int kMargin = 26;

QString helpText()
{
    QFile file(QStringLiteral(":/help/live.md"));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

/// Markdown knows headings, not how they look: sizes, distances and colours are set here.
void dress(QTextDocument &document)
{
    const Colors &c = colors();
    QTextCursor edit(&document);
    edit.beginEditBlock(); // laid out once, not after every change
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
        QTextCursor cursor(block);
        QTextBlockFormat format = block.blockFormat();
        const int level = format.headingLevel();
        format.setLineHeight(level > 0 ? 110 : 145, QTextBlockFormat::ProportionalHeight);
        format.setTopMargin(level == 1 ? 0 : level > 1 ? 20 : 0);
        format.setBottomMargin(cursor.currentTable() ? 0 : level > 0 ? 6 : block.textList() ? 3 : 9);
        cursor.setBlockFormat(format);
        if (level == 0)
            continue;
        cursor.movePosition(QTextCursor::EndOfBlock, QTextCursor::KeepAnchor);
        QTextCharFormat heading;
        heading.setProperty(QTextFormat::FontPixelSize, level == 1 ? 24 : 16);
        heading.clearProperty(QTextFormat::FontSizeAdjustment);
        heading.setFontWeight(QFont::DemiBold);
        heading.setForeground(c.text);
        cursor.mergeCharFormat(heading);
    }
    for (QTextFrame *frame : document.rootFrame()->childFrames()) {
        auto *table = qobject_cast<QTextTable *>(frame);
        if (!table)
            continue;
        QTextTableFormat format = table->format();
        format.setBorderBrush(c.line);
        format.setBorderCollapse(true);
        format.setBorder(1);
        format.setCellPadding(7);
        format.setTopMargin(6);
        format.setBottomMargin(14);
        table->setFormat(format);
    }
    edit.endEditBlock();
}

} // namespace

HelpPage::HelpPage(QWidget *parent) : QWidget(parent)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 14);
    m_browser = new QTextBrowser(this);
    m_browser->setOpenExternalLinks(true);
    m_browser->setAccessibleName(tr("Help"));
    layout->addWidget(m_browser);
    load();
}

void HelpPage::load()
{
    m_isStale = false;
    const int place = m_browser->verticalScrollBar()->value();
    auto *text = new QTextDocument(m_browser); // complete before it is shown, so that it is laid out once
    text->setDefaultFont(m_browser->font());
    text->setMarkdown(helpText());
    dress(*text);
    text->setDocumentMargin(kMargin);
    m_browser->setDocument(text);
    delete std::exchange(m_text, text);
    m_browser->verticalScrollBar()->setValue(place);
}

void HelpPage::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() != QEvent::StyleChange || !m_browser)
        return;
    m_isStale = true; // the colours are in the document
    if (isVisible())
        load();
}

void HelpPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (m_isStale)
        load();
}

void HelpPage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    const int room = width() - 64 - 2 * kMargin; // the page's margins, the frame, the scroll bar
    m_browser->setLineWrapMode(QTextEdit::FixedPixelWidth);
    m_browser->setLineWrapColumnOrWidth(std::min(room, kTextWidth) + 2 * kMargin);
}

} // namespace weir::ui
