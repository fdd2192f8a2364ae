// SPDX-License-Identifier: GPL-3.0-only
#include "ui/help/help_page.h"

#include <QAbstractTextDocumentLayout>
#include <QBoxLayout>
#include <QEvent>
#include <QScrollBar>
#include <QTextDocument>
#include <functional>
#include <utility>

#include "ui/help/help_text.h"
#include "ui/help/allowed_picture.h"

namespace weir::ui {
namespace {

constexpr int kTextWidth = 760; // longer lines are hard to read
constexpr int kMargin = 26;
constexpr int kPictureGap = 14; // below it

QString allHelp()
{
    QStringList texts;
    for (const char *page : {"live", "limits", "algorithms", "failures"})
        texts << helpFile(QLatin1String(page));
    return texts.join(u'\n');
}

QTextBlock blockWith(const QTextDocument &text, const std::function<bool(const QTextBlock &)> &isIt)
{
    for (QTextBlock block = text.begin(); block.isValid(); block = block.next()) {
        if (isIt(block))
            return block;
    }
    return {};
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
    m_picture = new AllowedPicture(m_browser->viewport());
    connect(m_browser->verticalScrollBar(), &QScrollBar::valueChanged, this, &HelpPage::placePicture);
    connect(m_browser->horizontalScrollBar(), &QScrollBar::valueChanged, this, &HelpPage::placePicture);
    load();
}

void HelpPage::load()
{
    m_isStale = false;
    const int place = m_browser->verticalScrollBar()->value();
    auto *text = new QTextDocument(m_browser); // complete before it is shown, so that it is laid out once
    setHelpText(*text, allHelp(), m_browser->font());
    text->setDocumentMargin(kMargin);
    makeRoomForPicture(*text);
    if (m_browser->lineWrapMode() == QTextEdit::FixedPixelWidth)
        text->setTextWidth(m_browser->lineWrapColumnOrWidth()); // or the scroll bars would be those of unbroken lines
    m_browser->setDocument(text);
    delete std::exchange(m_text, text);
    connect(text->documentLayout(), &QAbstractTextDocumentLayout::documentSizeChanged, this, &HelpPage::placePicture);
    m_browser->verticalScrollBar()->setValue(place);
    placePicture();
}

// The text names an image file where the picture belongs, for those who read it elsewhere.
void HelpPage::makeRoomForPicture(QTextDocument &text)
{
    m_pictureRoom = blockWith(text, [](const QTextBlock &block) {
        return block.length() == 2 && block.begin().fragment().charFormat().isImageFormat();
    });
    QTextCursor cursor(m_pictureRoom);
    cursor.movePosition(QTextCursor::EndOfBlock, QTextCursor::KeepAnchor);
    cursor.removeSelectedText();
    QTextBlockFormat format = m_pictureRoom.blockFormat();
    format.setLineHeight(m_picture->sizeHint().height(), QTextBlockFormat::FixedHeight);
    format.setBottomMargin(kPictureGap);
    cursor.setBlockFormat(format);
}

void HelpPage::placePicture()
{
    if (!m_pictureRoom.isValid())
        return;
    const double top = m_pictureRoom.document()->documentLayout()->blockBoundingRect(m_pictureRoom).top();
    const int scrolled = m_browser->verticalScrollBar()->value();
    m_picture->setGeometry(
        kMargin - m_browser->horizontalScrollBar()->value(), qRound(top) - scrolled,
        std::max(m_browser->lineWrapColumnOrWidth() - 2 * kMargin, m_picture->minimumSizeHint().width()),
        m_picture->sizeHint().height());
}

void HelpPage::showText(const QString &name)
{
    m_wanted = name;
    if (isVisible())
        goToWanted();
}

void HelpPage::goToWanted()
{
    const QString heading = helpFile(std::exchange(m_wanted, {})).section(u'\n', 0, 0).mid(2); // "# The Live page"
    const QTextBlock block = blockWith(*m_text, [&heading](const QTextBlock &each) {
        return each.blockFormat().headingLevel() == 1 && each.text() == heading;
    });
    if (block.isValid())
        m_browser->verticalScrollBar()->setValue(qRound(m_text->documentLayout()->blockBoundingRect(block).top())
                                                 - kMargin / 2);
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
    if (!m_wanted.isEmpty()) // when everything has its size
        QMetaObject::invokeMethod(this, &HelpPage::goToWanted, Qt::QueuedConnection);
}

void HelpPage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    const int room = width() - 64 - 2 * kMargin; // the page's margins, the frame, the scroll bar
    m_browser->setLineWrapMode(QTextEdit::FixedPixelWidth);
    m_browser->setLineWrapColumnOrWidth(std::min(room, kTextWidth) + 2 * kMargin);
    placePicture();
}

} // namespace weir::ui
