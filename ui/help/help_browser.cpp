// SPDX-License-Identifier: GPL-3.0-only
#include "ui/help/help_browser.h"

#include <QAbstractTextDocumentLayout>
#include <QDesktopServices>
#include <QMouseEvent>
#include <QScrollBar>
#include <QTextDocument>
#include <algorithm>
#include <functional>
#include <utility>

#include "ui/look/scale.h"
#include "ui/help/allowed_picture.h"
#include "ui/help/help_text.h"
#include "ui/look/theme.h"

namespace weir::ui {
namespace {

constexpr int kTextWidth = 760; // longer lines are hard to read
constexpr int kMargin = 26;
constexpr int kAround = 28;     // the frame, the style's padding, the scroll bar
constexpr int kPictureGap = 14; // below it
constexpr int kListed = 2;      // level of the headings that the contents list

QTextBlock blockWith(const QTextDocument &text, const std::function<bool(const QTextBlock &)> &isIt)
{
    for (QTextBlock block = text.begin(); block.isValid(); block = block.next()) {
        if (isIt(block))
            return block;
    }
    return {};
}

QColor soft(const QColor &color)
{
    const QColor &ground = colors().panel;
    const auto channel = [](int a, int b) { return a + (b - a) * 3 / 10; };
    return {channel(ground.red(), color.red()), channel(ground.green(), color.green()),
            channel(ground.blue(), color.blue())};
}

} // namespace

HelpBrowser::HelpBrowser(QWidget *parent) : QTextBrowser(parent)
{
    setOpenLinks(false);
    setAccessibleName(tr("Help"));
    setLineWrapMode(QTextEdit::FixedPixelWidth);
    m_picture = new AllowedPicture(viewport());
    m_picture->hide();
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, &HelpBrowser::placePicture);
    connect(horizontalScrollBar(), &QScrollBar::valueChanged, this, &HelpBrowser::placePicture);
    connect(this, &QTextBrowser::anchorClicked, this, &HelpBrowser::follow);
}

void HelpBrowser::showPage(const QString &page)
{
    if (page == m_page)
        return;
    m_page = page;
    load();
    verticalScrollBar()->setValue(0);
}

void HelpBrowser::dressAnew()
{
    if (m_page.isEmpty())
        return;
    const int place = scrolled();
    load();
    scrollToPixel(place);
}

void HelpBrowser::load()
{
    auto *text = new QTextDocument(this); // complete before it is shown, so that it is laid out once
    m_pictureRoom = setHelpPage(*text, m_page, font());
    text->setDocumentMargin(px(kMargin));
    makeRoomForPicture();
    text->setTextWidth(lineWrapColumnOrWidth()); // or the scroll bars would be those of unbroken lines
    setExtraSelections({});                      // they are about the old one, and do not know that it goes
    setDocument(text);
    delete std::exchange(m_text, text);
    connect(text->documentLayout(), &QAbstractTextDocumentLayout::documentSizeChanged, this,
            &HelpBrowser::placePicture);
    placePicture();
}

// The text names an image file where the picture belongs, for those who read it elsewhere.
void HelpBrowser::makeRoomForPicture()
{
    m_picture->setVisible(m_pictureRoom.isValid());
    if (!m_pictureRoom.isValid())
        return;
    QTextBlockFormat format = m_pictureRoom.blockFormat();
    format.setLineHeight(m_picture->heightForWidth(pictureWidth()), QTextBlockFormat::FixedHeight);
    format.setBottomMargin(px(kPictureGap));
    QTextCursor(m_pictureRoom).setBlockFormat(format);
}

void HelpBrowser::placePicture()
{
    if (!m_pictureRoom.isValid())
        return;
    const double top = m_pictureRoom.document()->documentLayout()->blockBoundingRect(m_pictureRoom).top();
    m_picture->setGeometry(px(kMargin) - horizontalScrollBar()->value(), qRound(top) - scrolled(), pictureWidth(),
                           m_picture->heightForWidth(pictureWidth()));
}

int HelpBrowser::pictureWidth() const
{
    return std::max(lineWrapColumnOrWidth() - 2 * px(kMargin), 1); // not laid out yet
}

void HelpBrowser::layOut()
{
    m_text->documentLayout()->pageCount();
}

void HelpBrowser::scrollToHeading(const QString &anchor)
{
    layOut();
    const QTextBlock block = blockWith(*m_text, [&anchor](const QTextBlock &each) {
        return each.blockFormat().headingLevel() > 1 && headingAnchor(each.text()) == anchor;
    });
    const double top = block.isValid() ? m_text->documentLayout()->blockBoundingRect(block).top() : 0;
    verticalScrollBar()->setValue(qRound(top) - px(kMargin) / 2);
}

void HelpBrowser::scrollToPixel(int scrolled)
{
    layOut();
    verticalScrollBar()->setValue(scrolled);
}

int HelpBrowser::scrolled() const
{
    return verticalScrollBar()->value();
}

int HelpBrowser::firstPosition() const
{
    return cursorForPosition({px(kMargin), 1}).position();
}

void HelpBrowser::mark(const std::vector<HelpHit> &hits, const HelpHit *current)
{
    const Colors &c = colors();
    QList<ExtraSelection> marks;
    for (const HelpHit &hit : hits) {
        if (hit.page != m_page)
            continue;
        const bool isCurrent = &hit == current;
        ExtraSelection selection;
        selection.cursor = QTextCursor(m_text);
        selection.cursor.setPosition(hit.position);
        selection.cursor.setPosition(hit.position + hit.length, QTextCursor::KeepAnchor);
        selection.format.setBackground(isCurrent ? c.accent : soft(c.warn));
        selection.format.setForeground(isCurrent ? c.onAccent : c.text);
        marks.push_back(selection);
    }
    setExtraSelections(marks);
}

void HelpBrowser::scrollToHit(const HelpHit &hit)
{
    layOut();
    QTextCursor cursor(m_text);
    cursor.setPosition(hit.position);
    const QRect place = cursorRect(cursor);
    const int room = viewport()->height();
    if (place.top() < 0 || place.bottom() > room)
        verticalScrollBar()->setValue(scrolled() + place.top() - room / 3); // with what stands before it
}

QStringList HelpBrowser::headings() const
{
    QStringList found;
    for (QTextBlock block = m_text->begin(); block.isValid(); block = block.next()) {
        if (block.blockFormat().headingLevel() == kListed)
            found << block.text();
    }
    return found;
}

void HelpBrowser::follow(const QUrl &link)
{
    if (const auto place = helpPlace(link.toString(), m_page))
        Q_EMIT placeWished(*place);
    else
        QDesktopServices::openUrl(link);
}

void HelpBrowser::resizeEvent(QResizeEvent *event)
{
    // Whether there is a scroll bar or not, or it would come and go.
    const int room = width() - px(kAround) - 2 * px(kMargin);
    setLineWrapColumnOrWidth(std::min(room, px(kTextWidth)) + 2 * px(kMargin));
    QTextBrowser::resizeEvent(event);
    makeRoomForPicture();
    placePicture();
}

void HelpBrowser::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::BackButton || event->button() == Qt::ForwardButton)
        Q_EMIT stepWished(event->button() == Qt::BackButton ? -1 : 1);
    else
        QTextBrowser::mousePressEvent(event);
}

} // namespace weir::ui
