// SPDX-License-Identifier: GPL-3.0-only
// The fields of one limit. Shows texts and tells of edits; meaning and issues are set from outside.
#pragma once

#include <QWidget>
#include <array>
#include <functional>
#include <vector>

#include "ui/limits/limit_text.h"
#include "ui/controls/value_edit.h"

class QLabel;
class QLineEdit;
class QPushButton;

namespace weir::ui {

class ChoiceButton;
class FieldRow;
class KeyPicker;
class LineListEdit;
class TabularLabel;
class Toggle;

class LimitForm : public QWidget {
    Q_OBJECT
public:
    explicit LimitForm(QWidget *parent = nullptr);

    /// Show another limit (`isOther`), or a change of the same one from outside. Unchanged fields keep their cursor.
    void showLimit(const LimitText &text, bool isOther);
    void setIpv6Prefix(int bits);
    void setIssues(const std::vector<FieldIssue> &issues);
    [[nodiscard]] const LimitText &text() const { return m_text; }
    [[nodiscard]] QString issueOf(LimitField field) const; ///< as shown
    void focusName();                                      ///< and select it, for a new limit
    [[nodiscard]] bool isMoreShown() const;
    void setMoreShown(bool isShown);

Q_SIGNALS:
    void edited();
    void algorithmHelpWished();
    void moreToggled();
    void applyWished(); ///< the Enter key in a field

private:
    void buildName();
    void buildMatch();
    void buildKey();
    void buildNumbers();
    QPushButton *algorithmHelp(QWidget *parent);
    void buildCost();
    void buildMore();
    void buildGeneric();
    void showGeneric();
    FieldRow *addRow(const QString &name, QWidget *parent);
    QLineEdit *addLine(FieldRow *row, LimitField field, const QString &placeholder, const QString &name,
                       const QString &toolTip, int stretch);
    ValueEdit *addValue(FieldRow *row, LimitField field, const QString &name, ValueEdit::Notation notation,
                        std::function<QString(qint64)> print);
    LineListEdit *addLines(FieldRow *row, LimitField field, const QString &placeholder, const QString &name,
                           const QString &toolTip);
    void place(FieldRow *row, LimitField field, QWidget *widget);
    void edit(LimitField field, const QString &text);
    void showNumberNames();
    void showMoreTitle();

    LimitText m_text;
    std::array<FieldRow *, kLimitFields> m_rows{};
    std::array<QWidget *, kLimitFields> m_fields{};
    QLineEdit *m_name{nullptr};
    Toggle *m_on{nullptr};
    Toggle *m_shadow{nullptr};
    QLineEdit *m_methods{nullptr};
    QLineEdit *m_path{nullptr};
    KeyPicker *m_key{nullptr};
    ChoiceButton *m_algorithm{nullptr};
    TabularLabel *m_algorithmHint{nullptr};
    FieldRow *m_numbers{nullptr};
    ValueEdit *m_capacity{nullptr};
    QLabel *m_refillName{nullptr};
    ValueEdit *m_refill{nullptr};
    QLabel *m_everyName{nullptr};
    ValueEdit *m_every{nullptr};
    ValueEdit *m_cost{nullptr};
    ChoiceButton *m_onFailure{nullptr};
    QPushButton *m_more{nullptr};
    QWidget *m_moreFields{nullptr};
    QLineEdit *m_networks{nullptr};
    LineListEdit *m_headers{nullptr};
    ChoiceButton *m_start{nullptr};
    LineListEdit *m_routes{nullptr};
    QLineEdit *m_costHeader{nullptr};
};

} // namespace weir::ui
