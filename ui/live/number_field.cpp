// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/number_field.h"

#include <QBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QWheelEvent>
#include <algorithm>

#include "ui/controls/panel.h"

namespace weir::ui {
namespace {

/// A slider under the pointer while the page scrolls must not change a limit either.
class CalmSlider : public QSlider {
public:
    using QSlider::QSlider;

protected:
    void wheelEvent(QWheelEvent *event) override
    {
        if (hasFocus())
            QSlider::wheelEvent(event);
        else
            event->ignore();
    }
};

} // namespace

NumberField::NumberField(const QString &label, ValueEdit::Notation notation, const std::vector<qint64> &ladder,
                         QWidget *parent)
    : QWidget(parent), m_ladder{ladder}
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(3);
    auto *row = new QHBoxLayout;
    m_name = new QLabel(this);
    m_edit = new ValueEdit(std::move(notation), this);
    m_name->setBuddy(m_edit);
    m_remark = new QLabel(this);
    m_remark->setTextFormat(Qt::PlainText);
    m_remark->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    setRole(m_remark, "note");
    row->setSpacing(8);
    row->addWidget(m_name);
    row->addWidget(m_remark, 1);
    row->addWidget(m_edit);
    layout->addLayout(row);

    m_slider = new CalmSlider(Qt::Horizontal, this);
    m_slider->setRange(0, static_cast<int>(m_ladder.size()) - 1);
    m_slider->setPageStep(4);
    layout->addWidget(m_slider);
    setLabel(label);

    connect(m_edit, &ValueEdit::edited, this, [this] {
        moveSlider();
        Q_EMIT edited();
    });
    connect(m_slider, &QSlider::valueChanged, this, [this](int position) {
        m_edit->setValue(m_ladder[static_cast<std::size_t>(position)]);
        Q_EMIT edited();
    });
}

void NumberField::setLabel(const QString &label)
{
    if (m_name->text() == label)
        return;
    m_name->setText(label);
    QString plain = label;
    plain.remove(u'&');
    m_edit->setAccessibleName(plain);
    m_slider->setAccessibleName(plain);
}

void NumberField::setValue(qint64 value)
{
    m_edit->setValue(value);
    moveSlider();
}

void NumberField::setSliderShown(bool isShown)
{
    m_slider->setVisible(isShown);
}

void NumberField::setRemark(const QString &text)
{
    if (m_remark->text() == text)
        return;
    m_remark->setText(text);
    m_edit->setAccessibleDescription(text);
}

QString NumberField::remark() const
{
    return m_remark->text();
}

void NumberField::moveSlider()
{
    const std::optional<qint64> now = value();
    if (!now)
        return;
    const auto above = std::upper_bound(m_ladder.begin(), m_ladder.end(), *now);
    const auto position = std::max<std::ptrdiff_t>(above - m_ladder.begin() - 1, 0);
    const QSignalBlocker blocker(m_slider);
    m_slider->setValue(static_cast<int>(position));
}

} // namespace weir::ui
