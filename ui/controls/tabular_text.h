// SPDX-License-Identifier: GPL-3.0-only
// Text with digits of one width, so that changing numbers do not move (Qt can switch the font's own tabular figures on
// only since 6.7).
#pragma once

#include <QFont>
#include <QFrame>

class QPainter;

namespace weir::ui {

[[nodiscard]] qreal tabularWidth(const QFont &font, const QString &text);

/// Draw one line with the painter's pen. `alignment`: horizontal flags, vertically centred. Elided on the right when
/// too long.
void drawTabular(QPainter &painter, const QRectF &rect, Qt::Alignment alignment, const QFont &font,
                 const QString &text);

/// A label of one plain line, drawn by drawTabular(), that never forces its parent wider. Unlike QLabel it causes no
/// new layout when a text of the same width replaces another. A text that is cut is in its tool tip.
class TabularLabel : public QFrame {
    Q_OBJECT
public:
    explicit TabularLabel(QWidget *parent = nullptr);
    explicit TabularLabel(const QString &text, QWidget *parent = nullptr);

    void setText(const QString &text);
    [[nodiscard]] QString text() const { return m_text; }
    void setAlignment(Qt::Alignment alignment); ///< horizontal; left by default

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    [[nodiscard]] int textWidth() const;

    QString m_text;
    Qt::Alignment m_alignment{Qt::AlignLeft};
    int m_width{0}; ///< of the text when the layout was told last
    struct Measured {
        QString text;
        QFont font;
        int width{1};
    };
    mutable Measured m_measured;
};

} // namespace weir::ui
