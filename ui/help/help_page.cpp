// SPDX-License-Identifier: GPL-3.0-only
#include "ui/help/help_page.h"

#include <QBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QShortcut>
#include <utility>

#include "ui/look/scale.h"
#include "ui/controls/panel.h"
#include "ui/help/help_contents.h"
#include "ui/look/icons.h"
#include "ui/words/format.h"

namespace weir::ui {
namespace {

constexpr int kBarHeight = 28;
constexpr int kSearchWidth = 250;

} // namespace

HelpPage::HelpPage(QWidget *parent) : QWidget(parent)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 14);
    layout->setSpacing(10);
    m_contents = new HelpContents(this);
    m_browser = new HelpBrowser(this);
    layout->addLayout(buildBar());
    auto *row = new QHBoxLayout;
    row->setSpacing(12);
    row->addWidget(m_contents, 1);
    row->addWidget(m_browser, 4);
    layout->addLayout(row, 1);
    buildKeys();
    setFocusProxy(m_browser); // so that it is scrolled at once
    connect(m_contents, &HelpContents::placeChosen, this, &HelpPage::openPlace);
    connect(m_browser, &HelpBrowser::placeWished, this, &HelpPage::openPlace);
    connect(m_browser, &HelpBrowser::stepWished, this, &HelpPage::go);
    showSteps();
    showSearch();
}

QPushButton *HelpPage::addStep(QBoxLayout *bar, const QString &text, const QString &toolTip, const char *name)
{
    auto *button = new QPushButton(text, this);
    button->setObjectName(QLatin1String(name));
    button->setAccessibleName(toolTip);
    button->setToolTip(toolTip);
    setScaledSize(button, 34, kBarHeight);
    setRole(button, "plain");
    bar->addWidget(button);
    return button;
}

QBoxLayout *HelpPage::buildBar()
{
    auto *bar = new QHBoxLayout;
    bar->setSpacing(6);
    m_back = addStep(bar, QStringLiteral("←"), tr("Back (Alt+Left)"), "helpBack");
    m_forward = addStep(bar, QStringLiteral("→"), tr("Forward (Alt+Right)"), "helpForward");
    bar->addStretch(1);
    m_found = new QLabel(this);
    m_found->setObjectName(QStringLiteral("helpFound"));
    m_found->setTextFormat(Qt::PlainText);
    bar->addWidget(m_found);
    bar->addSpacing(4);
    m_searched = new QLineEdit(this);
    m_searched->setObjectName(QStringLiteral("helpSearch"));
    m_searched->setPlaceholderText(tr("Search the help"));
    m_searched->setAccessibleName(tr("Search the help"));
    m_searched->setToolTip(tr("In all pages (Ctrl+F); Enter and Shift+Enter go from hit to hit, Escape ends it"));
    setScaledSize(m_searched, kSearchWidth, kBarHeight);
    m_searched->addAction(icon(Icon::Search), QLineEdit::LeadingPosition);
    m_searched->installEventFilter(this);
    bar->addWidget(m_searched);
    m_previous = addStep(bar, QStringLiteral("↑"), tr("Previous hit (Shift+Enter)"), "helpPrevious");
    m_next = addStep(bar, QStringLiteral("↓"), tr("Next hit (Enter)"), "helpNext");
    connect(m_back, &QPushButton::clicked, this, [this] { go(-1); });
    connect(m_forward, &QPushButton::clicked, this, [this] { go(1); });
    connect(m_searched, &QLineEdit::textChanged, this, &HelpPage::find);
    connect(m_previous, &QPushButton::clicked, this, [this] { step(-1); });
    connect(m_next, &QPushButton::clicked, this, [this] { step(1); });
    return bar;
}

// Those of a hidden page do nothing.
void HelpPage::buildKeys()
{
    const auto add = [this](const QKeySequence &keys, const auto &act) {
        connect(new QShortcut(keys, this), &QShortcut::activated, this, act);
    };
    add(QKeySequence::Find, [this] {
        m_searched->setFocus(Qt::ShortcutFocusReason);
        m_searched->selectAll();
    });
    add(QKeySequence(Qt::Key_F3), [this] { step(1); });
    add(QKeySequence(Qt::SHIFT | Qt::Key_F3), [this] { step(-1); });
    add(QKeySequence(Qt::ALT | Qt::Key_Left), [this] { go(-1); });
    add(QKeySequence(Qt::ALT | Qt::Key_Right), [this] { go(1); });
    add(QKeySequence(Qt::Key_Escape), [this] { endSearch(); });
}

bool HelpPage::showText(const QString &name)
{
    if (!helpPages().contains(name))
        return false;
    openPlace({name});
    return true;
}

void HelpPage::openPlace(const HelpPlace &place)
{
    open(place.page);
    m_browser->scrollToHeading(place.anchor);
}

// With the hits of the search that is going on.
void HelpPage::open(const QString &page)
{
    if (page != m_browser->page()) {
        m_history.visit(page, m_browser->scrolled());
        m_browser->showPage(page);
        m_browser->mark(m_search.hits(), m_search.current());
        showSteps();
    }
    m_contents->setPage(page, m_browser->headings());
}

void HelpPage::go(int steps)
{
    if (!m_history.canGo(steps))
        return;
    const HelpHistory::Visit visit = m_history.go(steps, m_browser->scrolled());
    m_browser->showPage(visit.page);
    m_browser->scrollToPixel(visit.scrolled);
    m_browser->mark(m_search.hits(), m_search.current());
    m_contents->setPage(visit.page, m_browser->headings());
    showSteps();
}

void HelpPage::find(const QString &text)
{
    const HelpHit *reached = m_search.current(); // by the letters so far, where more of them go on
    const int from = reached ? reached->position : m_browser->firstPosition();
    m_search.find(text);
    m_search.startAt(m_browser->page(), from);
    showHit();
}

void HelpPage::step(int by)
{
    m_search.step(by);
    showHit();
}

void HelpPage::showHit()
{
    if (const HelpHit *hit = m_search.current()) {
        open(hit->page);
        m_browser->scrollToHit(*hit);
    }
    m_browser->mark(m_search.hits(), m_search.current());
    showSearch();
}

void HelpPage::showSearch()
{
    const auto count = static_cast<qint64>(m_search.hits().size());
    const bool isFound = count > 0;
    QString words;
    if (isFound)
        words = tr("%1 of %2").arg(format::count(m_search.currentNumber()), format::count(count));
    else if (m_search.text().size() >= HelpSearch::kLeastLetters)
        words = tr("Not found");
    m_found->setText(words);
    setRole(m_found, isFound || words.isEmpty() ? "dim" : "bad");
    m_previous->setEnabled(isFound);
    m_next->setEnabled(isFound);
    m_contents->showCounts(m_search);
}

void HelpPage::endSearch()
{
    m_searched->clear();
    m_browser->setFocus();
}

void HelpPage::showSteps()
{
    m_back->setEnabled(m_history.canGo(-1));
    m_forward->setEnabled(m_history.canGo(1));
}

// A line of text would tell Enter with and without Shift alike.
bool HelpPage::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_searched && event->type() == QEvent::KeyPress) {
        const auto *key = static_cast<QKeyEvent *>(event);
        if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
            step(key->modifiers().testFlag(Qt::ShiftModifier) ? -1 : 1);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void HelpPage::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() != QEvent::StyleChange || !m_browser)
        return;
    m_isStale = true;
    if (isVisible())
        dressAnew();
}

void HelpPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (m_browser->page().isEmpty())
        showText(helpPages().front());
    dressAnew();
}

// The colours are in the document.
void HelpPage::dressAnew()
{
    if (!std::exchange(m_isStale, false))
        return;
    m_browser->dressAnew();
    m_browser->mark(m_search.hits(), m_search.current());
}

} // namespace weir::ui
