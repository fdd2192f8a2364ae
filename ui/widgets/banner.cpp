// SPDX-License-Identifier: GPL-3.0-only
#include "ui/widgets/banner.h"

#include <QBoxLayout>
#include <QLabel>
#include <QPushButton>

#include "ui/icons.h"
#include "ui/widgets/panel.h"

namespace weir::ui {

Banner::Banner(QWidget *parent) : QFrame(parent)
{
    setRole(this, "banner");
    setFixedHeight(32);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(11, 0, 11, 0);
    layout->setSpacing(8);
    m_icon = new QLabel(this);
    m_icon->setPixmap(icon(Icon::Warning).pixmap(16, 16));
    m_text = new QLabel(this);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    layout->addWidget(m_icon);
    layout->addWidget(m_text, 1);
    hide();
}

void Banner::makeNotice()
{
    setRole(this, "notice");
    auto *dismiss = new QPushButton(tr("Dismiss"), this);
    dismiss->setObjectName(QStringLiteral("dismissNotice"));
    dismiss->setToolTip(tr("It stays in the log"));
    setRole(dismiss, "flat");
    connect(dismiss, &QPushButton::clicked, this, &QWidget::hide);
    layout()->addWidget(dismiss);
}

void Banner::setMessage(const QString &message)
{
    if (message == m_message)
        return;
    m_message = message;
    setAccessibleName(message);
    setToolTip(QStringLiteral("<p>%1</p>").arg(message.toHtmlEscaped()));
    elide();
    setVisible(!message.isEmpty());
}

void Banner::elide()
{
    m_text->setText(fontMetrics().elidedText(m_message.simplified(), Qt::ElideRight, std::max(m_text->width(), 40)));
}

void Banner::resizeEvent(QResizeEvent *event)
{
    QFrame::resizeEvent(event);
    layout()->activate();
    elide();
}

} // namespace weir::ui
