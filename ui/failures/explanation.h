// SPDX-License-Identifier: GPL-3.0-only
// Explains the present situation by a section of the help.
#pragma once

#include <optional>

#include "ui/words/failure_words.h"
#include "ui/controls/panel.h"

class QTextEdit;

namespace weir::ui {

/// Return the heading of the section of resources/help/failures.md that explains `situation`.
[[nodiscard]] QString headingOf(Situation situation);

class Explanation : public Panel {
    Q_OBJECT
public:
    explicit Explanation(QWidget *parent = nullptr);

    void explain(Situation situation);
    [[nodiscard]] QString plainText() const;

protected:
    void changeEvent(QEvent *event) override;

private:
    void load();

    QTextEdit *m_text{nullptr};
    std::optional<Situation> m_situation;
};

} // namespace weir::ui
