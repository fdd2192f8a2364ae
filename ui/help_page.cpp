// SPDX-License-Identifier: GPL-3.0-only
#include "ui/help_page.h"

#include <QBoxLayout>
#include <QEvent>
#include <QScrollBar>
#include <QTextDocument>
#include <utility>

#include "ui/help_text.h"

namespace weir::ui {
namespace {

constexpr int kTextWidth = 760; // longer lines are hard to read
constexpr int kMargin = 26;

QString allHelp()
{
    QStringList texts;
    for (const char *page : {"live", "limits", "failures"})
        texts << helpFile(QLatin1String(page));
    return texts.join(u'\n');
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
    setHelpText(*text, allHelp(), m_browser->font());
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
