// SPDX-License-Identifier: GPL-3.0-only
// A switch: on or off at once, by mouse, Space or Return.
#pragma once

#include <QAbstractButton>
#include <QSize>

namespace weir::ui {

class Toggle : public QAbstractButton {
    Q_OBJECT
public:
    /// The colour when it is on.
    enum class Tone { Harm, Good };
    /// `name`: for screen readers; it is not painted.
    explicit Toggle(const QString &name, Tone tone = Tone::Harm, QWidget *parent = nullptr);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    Tone m_tone;
};

/// Paint a switch of toggleSize(), for the rows of a list.
void drawToggle(QPainter &painter, const QPointF &topLeft, bool isOn, bool isEnabled, bool isHovered,
                Toggle::Tone tone);
[[nodiscard]] QSize toggleSize();

} // namespace weir::ui
