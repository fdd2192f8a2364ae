// SPDX-License-Identifier: GPL-3.0-only
// A field for a few lines of plain text: as high as they need up to a bound, and Tab leaves it.
#pragma once

#include <QPlainTextEdit>

namespace weir::ui {

class LineListEdit : public QPlainTextEdit {
    Q_OBJECT
public:
    LineListEdit(int leastLines, int mostLines, QWidget *parent = nullptr);

    void setLines(const QString &text); ///< does not emit edited()
    [[nodiscard]] QString lines() const { return toPlainText(); }

Q_SIGNALS:
    void edited();

protected:
    void wheelEvent(QWheelEvent *event) override;

private:
    void fit();

    int m_leastLines;
    int m_mostLines;
    bool m_isSetting{false};
};

} // namespace weir::ui
