// SPDX-License-Identifier: GPL-3.0-only
#include "ui/window/page_stack.h"

#include <QScrollArea>

#include "ui/controls/panel.h"
#include "ui/look/scale.h"

namespace weir::ui {
namespace {

/// What is scrolled. Without a layout: a scroll area asks one for its height whenever a text in it changes.
class PageRoom : public QWidget {
public:
    PageRoom(QWidget *page, QWidget *parent) : QWidget(parent), m_page{page}
    {
        setRole(this, "clear");
        page->setParent(this);
        onScale(this, [this] { setMinimumSize(m_page->minimumSize()); }); // after the page's own
        page->show();
    }

protected:
    void resizeEvent(QResizeEvent *) override { m_page->setGeometry(rect()); }

private:
    QWidget *m_page;
};

} // namespace

PageStack::PageStack(QWidget *parent) : QStackedWidget(parent)
{
}

void PageStack::addPage(QWidget *page)
{
    auto *area = new QScrollArea(this);
    area->setFrameShape(QFrame::NoFrame);
    area->setWidgetResizable(true);
    area->setFocusPolicy(Qt::NoFocus);
    area->setWidget(new PageRoom(page, area));
    m_added << page;
    addWidget(area);
}

QWidget *PageStack::currentPage() const
{
    return m_added.value(currentIndex());
}

} // namespace weir::ui
