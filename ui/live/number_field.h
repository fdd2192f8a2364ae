// SPDX-License-Identifier: GPL-3.0-only
// One number of a limit: its name, a field, and a slider along usual values.
#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "ui/controls/value_edit.h"

class QLabel;
class QSlider;

namespace weir::ui {

class NumberField : public QWidget {
    Q_OBJECT
public:
    /// `label` with its mnemonic; `ladder` ascending, not empty, and alive as long as the field.
    NumberField(const QString &label, ValueEdit::Notation notation, const std::vector<qint64> &ladder,
                QWidget *parent = nullptr);

    void setLabel(const QString &label); ///< with its mnemonic
    void setValue(qint64 value);         ///< does not emit edited()
    [[nodiscard]] std::optional<qint64> value() const { return m_edit->value(); }
    [[nodiscard]] ValueEdit *edit() const { return m_edit; }
    [[nodiscard]] QSlider *slider() const { return m_slider; }
    void setSliderShown(bool isShown);
    void setRemark(const QString &text); ///< beside the name; plain text, usually empty
    [[nodiscard]] QString remark() const;

Q_SIGNALS:
    void edited();

private:
    void moveSlider();

    const std::vector<qint64> &m_ladder;
    QLabel *m_name{nullptr};
    QLabel *m_remark{nullptr};
    ValueEdit *m_edit{nullptr};
    QSlider *m_slider{nullptr};
};

} // namespace weir::ui
