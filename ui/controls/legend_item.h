// SPDX-License-Identifier: GPL-3.0-only
// One entry of the chart's legend: a sign in its colour and a word (QtCharts' own legend costs frames).
#pragma once

#include <QWidget>

namespace weir::ui {

class LegendItem : public QWidget {
    Q_OBJECT
public:
    enum class Sign { Admitted, Refused, Undecided, Tokens, Change };
    LegendItem(Sign sign, const QString &text, QWidget *parent = nullptr);

    void setText(const QString &text); ///< plain text
    [[nodiscard]] QString text() const { return m_text; }
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Sign m_sign;
    QString m_text;
};

} // namespace weir::ui
