// SPDX-License-Identifier: GPL-3.0-only
// A switch: on or off at once, by mouse, Space or Return.
#pragma once

#include <QAbstractButton>
#include <QSize>

namespace weir::ui {

class Toggle : public QAbstractButton {
    Q_OBJECT
public:
    /// In which colour it is when it is on.
    enum class Tone { Harm, Good };
    /// `name`: what it switches, for screen readers; it paints no text.
    explicit Toggle(const QString &name, Tone tone = Tone::Harm, QWidget *parent = nullptr);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    Tone m_tone;
};

/// The picture of a switch of kToggleSize, for lists that paint one in each row.
void drawToggle(QPainter &painter, const QPointF &topLeft, bool isOn, bool isEnabled, bool isHovered,
                Toggle::Tone tone);
inline constexpr QSize kToggleSize{34, 19};

} // namespace weir::ui
