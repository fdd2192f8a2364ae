// SPDX-License-Identifier: GPL-3.0-only
// Which texts a widget paints, by whatever means (drawText, glyph runs, styles, delegates): their outlines, where they are,
// what hides a part of them.
#pragma once

#include <QPaintDevice>
#include <QPaintEngine>
#include <QPainter>
#include <QPainterPath>
#include <QWidget>
#include <optional>
#include <vector>

namespace weir::test {

struct PaintedText {
    QString text;         ///< empty: drawn glyph by glyph, so never elided
    QPainterPath outline; ///< of its glyphs, in the widget's coordinates
    std::optional<QPainterPath> clip;

    [[nodiscard]] bool isElided() const { return text.contains(QChar(0x2026)) && !text.endsWith(QLatin1String(" …")); }
    [[nodiscard]] QPainterPath visible() const { return clip ? outline.intersected(*clip) : outline; }
};

/// A device that keeps the texts and forgets everything else.
class TextRecorder : public QPaintDevice {
public:
    explicit TextRecorder(QSize size) : m_size{size} {}

    [[nodiscard]] QPaintEngine *paintEngine() const override { return &m_engine; }
    [[nodiscard]] const std::vector<PaintedText> &texts() const { return m_engine.texts; }

protected:
    [[nodiscard]] int metric(PaintDeviceMetric metric) const override
    {
        constexpr int kDpi = 96;
        switch (metric) {
        case PdmWidth:
            return m_size.width();
        case PdmHeight:
            return m_size.height();
        case PdmWidthMM:
            return m_size.width() * 254 / (10 * kDpi);
        case PdmHeightMM:
            return m_size.height() * 254 / (10 * kDpi);
        case PdmNumColors:
            return 1 << 24;
        case PdmDepth:
            return 32;
        case PdmDpiX:
        case PdmDpiY:
        case PdmPhysicalDpiX:
        case PdmPhysicalDpiY:
            return kDpi;
        case PdmDevicePixelRatio:
            return 1;
        case PdmDevicePixelRatioScaled:
            return static_cast<int>(QPaintDevice::devicePixelRatioFScale());
        default: // newer ones of Qt
            return 0;
        }
    }

private:
    class Engine : public QPaintEngine {
    public:
        Engine() : QPaintEngine(AllFeatures) {}

        bool begin(QPaintDevice *) override { return true; }
        bool end() override { return true; }
        void updateState(const QPaintEngineState &) override {}
        void drawPixmap(const QRectF &, const QPixmap &, const QRectF &) override {}
        void drawImage(const QRectF &, const QImage &, const QRectF &, Qt::ImageConversionFlags) override {}
        [[nodiscard]] Type type() const override { return User; }

        // Qt's own way for engines that know no text: it fills the outline.
        void drawTextItem(const QPointF &place, const QTextItem &item) override
        {
            m_text = item.text();
            m_isText = true;
            QPaintEngine::drawTextItem(place, item);
            m_isText = false;
        }
        void drawPath(const QPainterPath &path) override
        {
            if (!m_isText || path.isEmpty())
                return;
            PaintedText painted;
            painted.text = m_text;
            const QTransform place = state->transform();
            painted.outline = place.map(path);
            if (painter()->hasClipping())
                painted.clip = place.map(painter()->clipPath());
            texts.push_back(std::move(painted));
        }
        void drawPolygon(const QPointF *, int, PolygonDrawMode) override {}

        std::vector<PaintedText> texts;

    private:
        QString m_text;
        bool m_isText{false};
    };

    QSize m_size;
    mutable Engine m_engine;
};

/// Of the widget alone, without its children.
inline std::vector<PaintedText> textsOf(QWidget *widget)
{
    TextRecorder recorder(widget->size());
    widget->render(&recorder, {}, QRegion(), QWidget::RenderFlags());
    return recorder.texts();
}

/// What a person could see of the window, the window included; those under something opaque too.
inline std::vector<QWidget *> visibleWidgets(QWidget *window)
{
    std::vector<QWidget *> widgets{window};
    for (QWidget *child : window->findChildren<QWidget *>()) {
        if (child->isVisibleTo(window) && !child->isWindow() && !child->size().isEmpty())
            widgets.push_back(child);
    }
    return widgets;
}

} // namespace weir::test
