// SPDX-License-Identifier: GPL-3.0-only
// The filter line of the request table: reads it, and tells which requests it is for. Pure.
#pragma once

#include <QString>
#include <QStringList>
#include <variant>
#include <vector>

#include "core/telemetry/request_record.h"

namespace weir::ui {

/// What is wrong with a line: the place, and a sentence that says what would be right.
struct QueryFault {
    qsizetype at{0};
    qsizetype length{0};
    QString sentence;
};

/// Terms that must all hold: "status:429 cost>5 not path:*.png word". Immutable once read; empty: every request.
class RequestQuery {
public:
    /// Read a line. Never fails otherwise than by a fault, whatever it says.
    [[nodiscard]] static std::variant<RequestQuery, QueryFault> read(const QString &line);

    [[nodiscard]] bool isEmpty() const { return m_terms.empty(); }
    [[nodiscard]] bool matches(const telemetry::RequestRecord &record) const;

    enum class Field { Any, Status, Limit, Key, Path, Method, Client, By, Is, Cost, Tokens, Retry, Took };
    enum class Compare { Is, Below, AtMost, Above, AtLeast };
    struct Term {
        Field field{Field::Any};
        Compare compare{Compare::Is};
        bool isNot{false};
        QString pattern;  ///< with stars, case-folded; of texts and words
        qint64 number{0}; ///< of numbers; times in microseconds
    };

private:
    std::vector<Term> m_terms;
};

/// Return what a line may begin a term with, for completion: "status:", "cost>", ..., "not".
[[nodiscard]] QStringList queryWords();

/// Return the values that the field of "by:" or "is:" can have.
[[nodiscard]] QStringList queryValues(const QString &field);

/// Tell whether `text` is like `pattern`, in which a star stands for any characters, also none. Both case-folded. Takes at most
/// the product of their lengths.
[[nodiscard]] bool isLike(QStringView text, QStringView pattern);

} // namespace weir::ui
