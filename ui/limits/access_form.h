// SPDX-License-Identifier: GPL-3.0-only
// The fields that are for all limits: the access lists, and how keys are made.
#pragma once

#include <QWidget>
#include <array>

#include "ui/limits/access_text.h"

namespace weir::ui {

class FieldRow;
class LineListEdit;
class Toggle;
class ValueEdit;

class AccessForm : public QWidget {
    Q_OBJECT
public:
    explicit AccessForm(QWidget *parent = nullptr);

    void showAccess(const AccessText &text); ///< unchanged fields keep their cursor
    void setIssues(const std::vector<AccessIssue> &issues);
    [[nodiscard]] const AccessText &text() const { return m_text; }
    [[nodiscard]] QString issueOf(AccessField field) const;

Q_SIGNALS:
    void edited();

private:
    void addLines(AccessField field, const QString &objectName, const QString &name, const QString &placeholder,
                  const QString &toolTip);
    void edit(AccessField field, const QString &text);

    AccessText m_text;
    std::array<FieldRow *, kAccessFields> m_rows{};
    std::array<QWidget *, kAccessFields> m_fields{};
    std::array<LineListEdit *, kAccessFields> m_lines{};
    Toggle *m_folds{nullptr};
    ValueEdit *m_prefix{nullptr};
    ValueEdit *m_maxLive{nullptr};
};

} // namespace weir::ui
