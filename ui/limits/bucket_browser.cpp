// SPDX-License-Identifier: GPL-3.0-only
#include "ui/limits/bucket_browser.h"

#include <QAction>
#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QDateTime>
#include <QHeaderView>
#include <QLineEdit>
#include <QShortcut>
#include <QStyle>
#include <QTableView>

#include "ui/look/scale.h"
#include "ui/words/format.h"
#include "ui/look/icons.h"
#include "ui/words/visible_text.h"
#include "ui/controls/fixed_rows.h"
#include "ui/controls/tabular_text.h"
#include "ui/controls/escape_key.h"
#include "ui/controls/plain_tool_tip.h"

namespace weir::ui {
namespace {

using Deed = BucketDelegate::Deed;
constexpr int kRowHeight = 26;

} // namespace

BucketBrowser::BucketBrowser(QWidget *parent) : Panel(tr("Buckets"), parent)
{
    m_model = new BucketModel(this);
    buildHeader();
    buildView();
    buildActions();
    refresh();
}

void BucketBrowser::buildHeader()
{
    m_outcome = new TabularLabel(this);
    m_outcome->setObjectName(QStringLiteral("bucketOutcome"));
    m_outcome->setAlignment(Qt::AlignRight);
    setRole(m_outcome, "dim");
    m_search = new QLineEdit(this);
    m_search->setObjectName(QStringLiteral("bucketSearch"));
    m_search->setPlaceholderText(tr("Search a key"));
    m_search->setAccessibleName(tr("Search a key"));
    m_search->setToolTip(tr("Show only buckets whose key contains this (Ctrl+F)"));
    m_search->setClearButtonEnabled(true);
    clearOnEscape(m_search);
    m_search->addAction(icon(Icon::Search), QLineEdit::LeadingPosition);
    setScaledSize(m_search, 190, 28);
    header()->addWidget(m_outcome);
    header()->addWidget(m_search);
    connect(m_search, &QLineEdit::textChanged, this, [this] {
        refresh();
        Q_EMIT searchChanged();
    });
}

void BucketBrowser::buildView()
{
    m_view = new QTableView(this);
    m_view->setObjectName(QStringLiteral("buckets"));
    m_view->setAccessibleName(tr("Buckets"));
    m_view->setModel(m_model);
    m_delegate = new BucketDelegate(m_view);
    m_view->setItemDelegate(m_delegate);
    m_view->setMouseTracking(true);
    setFixedRows(m_view, kRowHeight);
    m_view->setSelectionMode(QAbstractItemView::SingleSelection);
    QHeaderView *columns = m_view->horizontalHeader();
    columns->setSectionResizeMode(QHeaderView::Fixed);
    columns->setSectionResizeMode(BucketModel::Key, QHeaderView::Stretch);
    onScale(m_view, [view = m_view] {
        view->setColumnWidth(BucketModel::Level, px(170));
        view->setColumnWidth(BucketModel::Tokens, px(104));
        view->setColumnWidth(BucketModel::Admitted, px(88));
        view->setColumnWidth(BucketModel::Refused, px(88));
        view->setColumnWidth(BucketModel::LastSeen, px(84));
        view->setColumnWidth(BucketModel::Actions, px(136));
    });
    body()->addWidget(m_view, 1);
    m_hint = new TabularLabel(m_view);
    setRole(m_hint, "dim");
    m_hint->setAlignment(Qt::AlignHCenter);
    m_hint->setAttribute(Qt::WA_TransparentForMouseEvents);
    auto *over = new QVBoxLayout(m_view);
    over->setContentsMargins(8, kRowHeight, 8, 0);
    over->addWidget(m_hint, 0, Qt::AlignVCenter);
}

void BucketBrowser::buildActions()
{
    const auto add = [this](const QString &text, const QKeySequence &key, auto &&done) {
        auto *action = new QAction(text, m_view);
        action->setShortcut(key);
        action->setShortcutContext(Qt::WidgetShortcut);
        connect(action, &QAction::triggered, this, std::forward<decltype(done)>(done));
        m_view->addAction(action);
        return action;
    };
    add(tr("Fill"), QKeySequence(Qt::Key_F), [this] { doCurrent(Deed::Fill); });
    add(tr("Empty"), QKeySequence(Qt::Key_E), [this] { doCurrent(Deed::Empty); });
    m_block = add(tr("Block"), QKeySequence(Qt::Key_B), [this] { doCurrent(Deed::Block); });
    add(tr("Copy key"), QKeySequence::Copy, [this] { copyCurrent(); })->setIcon(icon(Icon::Copy));
    add(tr("Show on the Live page"), QKeySequence(Qt::Key_L), [this] {
        if (m_view->currentIndex().isValid())
            Q_EMIT showWished(m_model->subject(m_view->currentIndex().row()));
    });
    m_view->setContextMenuPolicy(Qt::ActionsContextMenu);
    connect(m_delegate, &BucketDelegate::deedWished, this, &BucketBrowser::doDeed);
    auto *find = new QShortcut(QKeySequence::Find, this);
    connect(find, &QShortcut::activated, m_search, [this] { m_search->setFocus(Qt::ShortcutFocusReason); });
}

void BucketBrowser::doCurrent(Deed deed)
{
    if (m_view->currentIndex().isValid())
        doDeed(m_view->currentIndex().row(), deed);
}

void BucketBrowser::doDeed(int row, Deed deed)
{
    const QString subject = m_model->subject(row);
    switch (deed) {
    case Deed::Fill:
        return Q_EMIT levelWished(subject, limit::StartLevel::Full);
    case Deed::Empty:
        return Q_EMIT levelWished(subject, limit::StartLevel::Empty);
    case Deed::Block:
        if (!m_hindrance.isEmpty())
            return showOutcome(m_hindrance, true);
        return Q_EMIT blockWished(subject);
    case Deed::None:
        break;
    }
}

void BucketBrowser::copyCurrent() const
{
    if (m_view->currentIndex().isValid())
        QApplication::clipboard()->setText(m_model->subject(m_view->currentIndex().row()));
}

void BucketBrowser::setLimit(const QString &name, limit::Tokens capacity, const QString &hint)
{
    if (name == m_limit && capacity == m_capacity && hint == m_noBuckets)
        return;
    if (name != m_limit) {
        m_model->setRows({}, capacity, 0);
        m_live = 0;
        m_overflows = 0;
        showOutcome({}, false);
    }
    m_limit = name;
    m_capacity = capacity;
    m_noBuckets = hint;
    refresh();
}

void BucketBrowser::setBlockHindrance(const QString &why)
{
    m_hindrance = why;
    m_delegate->setBlockable(why.isEmpty());
    m_block->setEnabled(why.isEmpty());
    m_view->viewport()->update();
}

void BucketBrowser::showBuckets(const engine::BucketList &list)
{
    const bool isMine = !m_limit.isEmpty() && QString::fromStdString(list.limit) == m_limit;
    m_model->setRows(isMine ? list.rows : std::vector<engine::BucketRow>{}, m_capacity,
                     QDateTime::currentMSecsSinceEpoch());
    m_live = isMine ? list.live : 0;
    refresh();
}

void BucketBrowser::showCounts(const engine::LimitCounts *counts)
{
    const std::int64_t overflows = counts ? counts->overflows : 0;
    if (overflows == m_overflows)
        return;
    m_overflows = overflows;
    refresh();
}

void BucketBrowser::showOutcome(const QString &sentence, bool isBad)
{
    m_outcome->setText(sentence);
    setPlainToolTip(m_outcome, sentence);
    const char *role = isBad ? "bad" : "dim";
    if (m_outcome->property("role").toString() == QLatin1String(role))
        return;
    setRole(m_outcome, role);
    m_outcome->style()->unpolish(m_outcome);
    m_outcome->style()->polish(m_outcome);
}

QString BucketBrowser::search() const
{
    return m_search->text().trimmed();
}

QString BucketBrowser::hint() const
{
    return m_hint->isHidden() ? QString() : m_hint->text();
}

void BucketBrowser::refresh()
{
    QStringList title{m_limit.isEmpty() ? tr("Buckets")
                                        : tr("Buckets of “%1”").arg(visibleText(m_limit.toStdString()))};
    if (!m_limit.isEmpty() && m_noBuckets.isEmpty()) {
        title << tr("%1 live").arg(format::count(m_live));
        if (m_model->rowCount() > 1)
            title << tr("top by requests");
        if (m_overflows > 0)
            title << tr("%1 requests found no room for a key of their own").arg(format::count(m_overflows));
    }
    m_titleText = title.join(QStringLiteral(" · "));
    setTitle(m_titleText);
    m_search->setEnabled(!m_limit.isEmpty() && m_noBuckets.isEmpty());
    m_hint->setVisible(m_model->rowCount() == 0);
    m_hint->setText(!m_noBuckets.isEmpty() ? m_noBuckets
                    : !search().isEmpty()  ? tr("No live bucket has a key with “%1” in it.").arg(search())
                                           : tr("No live buckets. One that is full again is forgotten."));
}

} // namespace weir::ui
