// SPDX-License-Identifier: GPL-3.0-only
// One line of a form: a name, its fields, and below them what is wrong with them.
#pragma once

#include <QWidget>

class QHBoxLayout;
class QLabel;

namespace weir::ui {

class FieldRow : public QWidget {
    Q_OBJECT
public:
    static constexpr int kNameWidth = 116;

    explicit FieldRow(const QString &name, QWidget *parent = nullptr);

    void setName(const QString &name);
    /// Add a field at the right. The first one gets the mnemonic of the name.
    void add(QWidget *field, int stretch = 0);
    QLabel *addWord(const QString &text); ///< dim text between fields
    void addStretch();
    void setIssue(const QString &sentences); ///< plain text; empty: nothing is wrong

    [[nodiscard]] QString issue() const;

private:
    QHBoxLayout *m_fields{nullptr};
    QLabel *m_name{nullptr};
    QLabel *m_issue{nullptr};
};

/// Give any field a red frame, and `issue` as its text for screen readers, which read the tool tip otherwise.
void setFieldWrong(QWidget *field, bool isWrong, const QString &issue = {});

} // namespace weir::ui
