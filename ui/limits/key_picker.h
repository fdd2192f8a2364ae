// SPDX-License-Identifier: GPL-3.0-only
// Chooses the key of a limit: a usual one by its kind and name, or several parts as a list.
#pragma once

#include <QWidget>

class QLabel;
class QLineEdit;

namespace weir::ui {

class ChoiceButton;

class KeyPicker : public QWidget {
    Q_OBJECT
public:
    explicit KeyPicker(QWidget *parent = nullptr);

    /// Show a key, the text of LimitField::Key. `isOther`: of another limit; otherwise a list that is being typed stays
    /// a list, even with one part.
    void showKey(const QString &key, bool isOther);
    void setIpv6Prefix(int bits);
    [[nodiscard]] ChoiceButton *kind() const { return m_kind; }
    [[nodiscard]] QLineEdit *line() const { return m_line; } ///< the name, or the list

Q_SIGNALS:
    void edited(const QString &key);

private:
    void choose(const QString &kind);
    void refresh();

    ChoiceButton *m_kind{nullptr};
    QLineEdit *m_line{nullptr};
    QLabel *m_hint{nullptr};
    QString m_key;
    int m_ipv6Prefix{64};
    bool m_isSeveral{false};
};

} // namespace weir::ui
