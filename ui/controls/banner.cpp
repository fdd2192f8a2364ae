// SPDX-License-Identifier: GPL-3.0-only
#include "ui/controls/banner.h"

#include <QBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStyle>
#include <QVariant>
#include <algorithm>

#include "ui/look/scale.h"
#include "ui/look/icons.h"
#include "ui/controls/panel.h"
#include "ui/controls/plain_tool_tip.h"

namespace weir::ui {
namespace {

constexpr int kOneLine = 32;

void restyle(QWidget *widget, const char *role)
{
    if (widget->property("role").toString() == QLatin1String(role))
        return;
    setRole(widget, role);
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
}

} // namespace

Banner::Banner(QWidget *parent) : QFrame(parent)
{
    setRole(this, "banner");
    onScale(this, [this] { fitHeight(); });
    m_layout = new QHBoxLayout(this);
    m_layout->setContentsMargins(11, 0, 11, 0);
    m_layout->setSpacing(9);
    auto *sign = new QLabel(this);
    onScale(this, [sign] { sign->setPixmap(icon(Icon::Warning).pixmap(px(QSize(16, 16)))); });
    auto *lines = new QVBoxLayout;
    lines->setSpacing(3);
    lines->addStretch(1);
    for (QLabel **text : {&m_text, &m_detailText}) {
        *text = new QLabel(this);
        (*text)->setTextFormat(Qt::PlainText);
        (*text)->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
        lines->addWidget(*text);
    }
    lines->addStretch(1);
    m_detailText->hide();
    m_layout->addWidget(sign);
    m_layout->addLayout(lines, 1);
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
    m_layout->addWidget(dismiss);
}

void Banner::setTone(Tone tone)
{
    restyle(this, tone == Tone::Bad ? "banner" : "notice");
}

QPushButton *Banner::addButton(const QString &text)
{
    auto *button = new QPushButton(text, this);
    setRole(button, "primary");
    setScaledHeight(button, 30);
    button->hide();
    m_layout->addWidget(button);
    return button;
}

void Banner::setMessage(const QString &message, const QString &detail)
{
    if (message == m_message && detail == m_detail)
        return;
    m_message = message;
    m_detail = detail;
    restyle(m_text, detail.isEmpty() ? "" : "headline");
    m_detailText->setVisible(!detail.isEmpty());
    fitHeight();
    setAccessibleName(this->message());
    updateToolTip();
    elide();
    setVisible(!message.isEmpty());
}

void Banner::fitHeight()
{
    setFixedHeight(px(m_detail.isEmpty() ? kOneLine : kTwoLines));
}

void Banner::setMore(const QString &figures)
{
    if (figures == m_more)
        return;
    m_more = figures;
    updateToolTip();
}

QString Banner::message() const
{
    return m_detail.isEmpty() ? m_message : m_message + u' ' + m_detail;
}

void Banner::updateToolTip()
{
    const QString text = m_more.isEmpty() ? message() : message() + u'\n' + m_more;
    setPlainToolTip(this, text);
}

void Banner::elide()
{
    const auto show = [](QLabel *label, const QString &text) {
        label->setText(
            label->fontMetrics().elidedText(text.simplified(), Qt::ElideRight, std::max(label->width(), 40)));
    };
    show(m_text, m_message);
    show(m_detailText, m_detail);
}

void Banner::resizeEvent(QResizeEvent *event)
{
    QFrame::resizeEvent(event);
    layout()->activate();
    elide();
}

} // namespace weir::ui
