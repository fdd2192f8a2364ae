// SPDX-License-Identifier: GPL-3.0-only
#include "ui/controls/undo_bar.h"

#include <QBoxLayout>
#include <QEvent>
#include <QPushButton>
#include <algorithm>
#include <utility>

#include "ui/look/scale.h"
#include "ui/controls/panel.h"
#include "ui/controls/tabular_text.h"

namespace weir::ui {
namespace {

constexpr std::chrono::seconds kShown{10};
constexpr int kHeight = 38;
constexpr int kEdge = 22;

} // namespace

UndoBar::UndoBar(QWidget *page) : QFrame(page)
{
    setObjectName(QStringLiteral("undoneBar"));
    setRole(this, "offer");
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(14, 4, 5, 4);
    layout->setSpacing(12);
    m_text = new TabularLabel(this);
    m_button = new QPushButton(tr("Undo"), this);
    m_button->setObjectName(QStringLiteral("undoLast"));
    m_button->setToolTip(tr("As it was before (Ctrl+Z)"));
    setRole(m_button, "plain");
    layout->addWidget(m_text, 1);
    layout->addWidget(m_button);
    hide();
    m_end.setSingleShot(true);
    connect(&m_end, &QTimer::timeout, this, &QWidget::hide);
    connect(m_button, &QPushButton::clicked, this, &UndoBar::undo);
    page->installEventFilter(this);
}

void UndoBar::offer(const QString &done, std::function<void()> undo)
{
    m_undo = std::move(undo);
    m_text->setText(done);
    setAccessibleName(done);
    show();
    place();
    raise();
    m_end.start(kShown);
}

void UndoBar::withdraw()
{
    m_undo = nullptr;
    hide();
}

bool UndoBar::undo()
{
    const auto undo = std::exchange(m_undo, nullptr);
    hide();
    if (undo)
        undo();
    return undo != nullptr;
}

QString UndoBar::text() const
{
    return m_text->text();
}

void UndoBar::place()
{
    const QRect room = parentWidget()->rect();
    const int width = std::min(sizeHint().width() + 8, room.width() - 2 * px(kEdge));
    setGeometry((room.width() - width) / 2, room.height() - px(kHeight) - px(kEdge), width, px(kHeight));
}

bool UndoBar::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == parentWidget() && event->type() == QEvent::Resize && isVisible())
        place();
    return QFrame::eventFilter(watched, event);
}

} // namespace weir::ui
