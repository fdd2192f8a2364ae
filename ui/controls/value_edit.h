// SPDX-License-Identifier: GPL-3.0-only
// A field for a whole number that is written with its unit: "5 tokens", "1 min". Any number can be entered, also one
// that no limit may have: the owner of the field checks it.
#pragma once

#include <QAbstractSpinBox>
#include <functional>
#include <optional>

namespace weir::ui {

class ValueEdit : public QAbstractSpinBox {
    Q_OBJECT
public:
    struct Notation {
        std::function<QString(qint64)> print;
        std::function<std::optional<qint64>(const QString &)> parse;
        std::function<qint64(qint64 value, int steps)> step; ///< Up and Down, 10 steps for a page
    };
    explicit ValueEdit(Notation notation, QWidget *parent = nullptr);

    /// Set the number; does not emit edited().
    void setValue(qint64 value);
    /// Return the number; nothing while the text is none.
    [[nodiscard]] std::optional<qint64> value() const;
    /// Set a text, also one that is no number; does not emit edited().
    void setText(const QString &text);
    void setWrong(bool isWrong); ///< red frame

    void stepBy(int steps) override;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }
    QValidator::State validate(QString &, int &) const override { return QValidator::Acceptable; }

Q_SIGNALS:
    void edited();
    void entered(); ///< the Enter key

protected:
    [[nodiscard]] StepEnabled stepEnabled() const override { return StepUpEnabled | StepDownEnabled; }
    void focusInEvent(QFocusEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;

private:
    void tidy();

    Notation m_notation;
    QString m_before; ///< the text when it got the focus
};

/// Return the notation "5 tokens", with steps of one and pages along 1, 2, 5, 10 ...
[[nodiscard]] ValueEdit::Notation tokenNotation();
/// Likewise without the unit, where there is no room for it: "1,000".
[[nodiscard]] ValueEdit::Notation countNotation();
/// Return the notation "1 min" (microseconds), with steps along usual times.
[[nodiscard]] ValueEdit::Notation durationNotation();

/// Return the values that sliders and steps stop at, ascending.
[[nodiscard]] const std::vector<qint64> &tokenLadder();
[[nodiscard]] const std::vector<qint64> &durationLadder();

/// Show `text` as a number; what cannot be read is shown as it is.
void showNumber(ValueEdit *edit, const QString &text);
/// Show `text` as a time, likewise.
void showTime(ValueEdit *edit, const QString &text);

} // namespace weir::ui
