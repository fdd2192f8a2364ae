// SPDX-License-Identifier: GPL-3.0-only
// The style Fusion, with mnemonics underlined only while Alt is held, and widgets as large as the scale says.
#pragma once

#include <QProxyStyle>

namespace weir::ui {

class PanelStyle : public QProxyStyle {
    Q_OBJECT
public:
    PanelStyle();

    using QProxyStyle::polish;
    void polish(QWidget *widget) override;
    int pixelMetric(PixelMetric metric, const QStyleOption *option, const QWidget *widget) const override;

    int styleHint(StyleHint hint, const QStyleOption *option, const QWidget *widget,
                  QStyleHintReturn *returned) const override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void setUnderlined(bool isUnderlined);

    bool m_isUnderlined{false};
};

} // namespace weir::ui
