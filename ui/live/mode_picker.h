// SPDX-License-Identifier: GPL-3.0-only
// What becomes of the tokens when the limit changes: choices, each with the resulting level.
#pragma once

#include <QWidget>
#include <optional>

#include "core/limit/limit.h"

class QAbstractButton;
class QButtonGroup;

namespace weir::ui {

class ModePicker : public QWidget {
    Q_OBJECT
public:
    explicit ModePicker(QWidget *parent = nullptr);

    [[nodiscard]] limit::TokenMode mode() const;
    [[nodiscard]] QAbstractButton *button(limit::TokenMode mode) const;
    /// Show the resulting levels. `level` nothing: not known, so none are shown.
    void setPreview(std::optional<limit::Tokens> level, limit::Tokens capacityBefore, limit::Tokens capacityAfter);
    [[nodiscard]] QString preview(limit::TokenMode mode) const; ///< "3 → 5"

private:
    QButtonGroup *m_buttons{nullptr};
};

} // namespace weir::ui
