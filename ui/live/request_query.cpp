// SPDX-License-Identifier: GPL-3.0-only
#include "ui/live/request_query.h"

#include <QCoreApplication>
#include <algorithm>
#include <array>
#include <optional>

#include "core/base/nearest_word.h"
#include "ui/live/request_words.h"

namespace weir::ui {
namespace {

using Field = RequestQuery::Field;
using Compare = RequestQuery::Compare;
using Term = RequestQuery::Term;

enum class Kind { Text, Word, Number, Time };

struct FieldRow {
    Field field;
    const char *name;
    Kind kind;
    const char *example;
};

// In the order of completion.
constexpr std::array<FieldRow, 12> kFields{{
    {Field::Status, "status", Kind::Number, "status:429, status:5* or status>=500"},
    {Field::Limit, "limit", Kind::Text, "limit:per-client"},
    {Field::Key, "key", Kind::Text, "key:10.0.*"},
    {Field::Client, "client", Kind::Text, "client:192.0.2.1"},
    {Field::Method, "method", Kind::Text, "method:POST"},
    {Field::Path, "path", Kind::Text, "path:/api/*"},
    {Field::By, "by", Kind::Word, "by:local"},
    {Field::Is, "is", Kind::Word, "is:turned-away"},
    {Field::Cost, "cost", Kind::Number, "cost>5"},
    {Field::Tokens, "tokens", Kind::Number, "tokens<3"},
    {Field::Retry, "retry", Kind::Time, "retry>10s"},
    {Field::Took, "took", Kind::Time, "took>5ms"},
}};

QString translated(const char *text)
{
    return QCoreApplication::translate("request_query", text);
}

const FieldRow *rowOf(QStringView name)
{
    const auto row = std::find_if(kFields.begin(), kFields.end(), [&](const FieldRow &each) {
        return name.compare(QLatin1String(each.name), Qt::CaseInsensitive) == 0;
    });
    return row == kFields.end() ? nullptr : &*row;
}

bool isLetter(QChar c)
{
    return (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z') || c == u'-';
}

bool isDigit(QChar c)
{
    return c >= u'0' && c <= u'9';
}

QString listed(const QStringList &words)
{
    return words.size() < 2 ? words.join(QString())
                            : translated("%1 or %2")
                                  .arg(words.mid(0, words.size() - 1).join(QLatin1String(", ")), words.constLast());
}

/// A whole number of at most 18 digits.
std::optional<qint64> wholeOf(QStringView text)
{
    constexpr qsizetype kMostDigits = 18;
    if (text.isEmpty() || text.size() > kMostDigits || !std::all_of(text.begin(), text.end(), isDigit))
        return std::nullopt;
    return text.toLongLong();
}

/// "1.5s", "300us"; without a unit in `usual` microseconds.
std::optional<qint64> microsOf(QStringView text, double usual)
{
    struct Unit {
        QLatin1String name;
        double micros;
    };
    static constexpr std::array<Unit, 4> kUnits{{{QLatin1String("us"), 1},
                                                 {QLatin1String("ms"), 1e3},
                                                 {QLatin1String("min"), 60e6},
                                                 {QLatin1String("s"), 1e6}}};
    double unit = usual;
    for (const Unit &each : kUnits)
        if (text.endsWith(each.name, Qt::CaseInsensitive)) {
            unit = each.micros;
            text.chop(each.name.size());
            break;
        }
    constexpr qsizetype kMostDigits = 10;
    const bool isNumber = std::all_of(text.begin(), text.end(), [](QChar c) { return isDigit(c) || c == u'.'; });
    bool isRead = false;
    const double number = text.toDouble(&isRead);
    if (!isNumber || !isRead || text.size() > kMostDigits)
        return std::nullopt;
    return qRound64(number * unit);
}

/// Reads one line from left to right.
class Reader {
public:
    explicit Reader(const QString &line) : m_line{line} {}

    std::variant<std::vector<Term>, QueryFault> read()
    {
        std::vector<Term> terms;
        bool isNot = false;
        qsizetype notAt = 0;
        for (skipSpace(); m_at < m_line.size(); skipSpace()) {
            m_begin = m_at;
            if (takeNot()) {
                isNot = !isNot;
                notAt = m_begin;
                continue;
            }
            std::optional<Term> term = readTerm();
            if (!term)
                return m_fault;
            term->isNot = isNot;
            isNot = false;
            terms.push_back(std::move(*term));
        }
        if (isNot)
            return QueryFault{notAt, 3, translated("\"not\" wants a term after it, such as: not status:200.")};
        return terms;
    }

private:
    void skipSpace()
    {
        while (m_at < m_line.size() && m_line.at(m_at).isSpace())
            ++m_at;
    }

    bool takeNot()
    {
        const QString kNot = QStringLiteral("not");
        const bool isThere = QStringView(m_line).mid(m_at, kNot.size()).compare(kNot, Qt::CaseInsensitive) == 0;
        const qsizetype after = m_at + kNot.size();
        if (!isThere || (after < m_line.size() && !m_line.at(after).isSpace()))
            return false;
        m_at = after;
        return true;
    }

    std::optional<Term> fail(const QString &sentence)
    {
        m_fault = {m_begin, std::max<qsizetype>(m_at - m_begin, 1), sentence};
        return std::nullopt;
    }

    /// Up to the next space; quotes may hold some, and \" a quote.
    std::optional<QString> takeValue()
    {
        QString value;
        bool isQuoted = false;
        for (; m_at < m_line.size() && (isQuoted || !m_line.at(m_at).isSpace()); ++m_at) {
            const QChar c = m_line.at(m_at);
            if (isQuoted && c == u'\\' && m_at + 1 < m_line.size() && m_line.at(m_at + 1) == u'"')
                value += m_line.at(++m_at);
            else if (c == u'"')
                isQuoted = !isQuoted;
            else
                value += c;
        }
        if (isQuoted)
            return std::nullopt;
        return value;
    }

    std::optional<Compare> takeCompare()
    {
        const auto charAt = [&](qsizetype at) { return at < m_line.size() ? m_line.at(at) : QChar(u' '); };
        const QChar first = charAt(m_at);
        if (first != u':' && first != u'=' && first != u'<' && first != u'>')
            return std::nullopt;
        ++m_at;
        const bool hasEqual = (first == u'<' || first == u'>') && charAt(m_at) == u'=';
        m_at += hasEqual ? 1 : 0;
        if (first == u'<')
            return hasEqual ? Compare::AtMost : Compare::Below;
        if (first == u'>')
            return hasEqual ? Compare::AtLeast : Compare::Above;
        return Compare::Is;
    }

    std::optional<Term> readTerm()
    {
        const qsizetype begin = m_at;
        while (m_at < m_line.size() && isLetter(m_line.at(m_at)))
            ++m_at;
        const QStringView name = QStringView(m_line).mid(begin, m_at - begin);
        const bool isEqual = m_at < m_line.size() && m_line.at(m_at) == u'=';
        const FieldRow *row = rowOf(name);
        std::optional<Compare> compare;
        if (!name.isEmpty() && (row || !isEqual)) // "id=7" is a text to look for
            compare = takeCompare();
        if (!compare) {
            m_at = begin;
            return readText();
        }
        const std::optional<QString> value = takeValue();
        if (!row)
            return fail(unknownField(name));
        if (!value)
            return fail(notClosed());
        return termOf(*row, *compare, *value);
    }

    std::optional<Term> readText()
    {
        const std::optional<QString> value = takeValue();
        if (!value)
            return fail(notClosed());
        Term term;
        term.pattern = u'*' + value->toCaseFolded() + u'*';
        return term;
    }

    std::optional<Term> termOf(const FieldRow &row, Compare compare, const QString &value)
    {
        Term term;
        term.field = row.field;
        term.compare = compare;
        term.pattern = value.toCaseFolded();
        const QString name = QLatin1String(row.name);
        const QString example = QLatin1String(row.example);
        if (value.isEmpty())
            return fail(translated("\"%1\" wants a value, such as %2.").arg(name, example));
        const bool isCompared = compare != Compare::Is;
        if (isCompared && (row.kind == Kind::Text || row.kind == Kind::Word))
            return fail(translated("\"%1\" is a text: %2.").arg(name, example));
        if (row.kind == Kind::Word && !queryValues(name).contains(term.pattern))
            return fail(translated("\"%1\" is %2.").arg(name, listed(queryValues(name))));
        if (row.kind == Kind::Time) {
            constexpr double kMilli = 1e3, kSecond = 1e6;
            const auto micros = microsOf(value, row.field == Field::Took ? kMilli : kSecond);
            if (!micros)
                return fail(translated("\"%1\" is a time, in us, ms, s or min: %2.").arg(name, example));
            term.number = *micros;
        }
        if (row.kind == Kind::Number && !readNumber(row, term, value))
            return fail(translated("\"%1\" is a whole number: %2.").arg(name, example));
        return term;
    }

    static bool readNumber(const FieldRow &row, Term &term, const QString &value)
    {
        const std::optional<qint64> number = wholeOf(value);
        term.number = number.value_or(0);
        if (number)
            term.pattern.clear();
        const bool isPattern =
            row.field == Field::Status && term.compare == Compare::Is
            && std::all_of(value.begin(), value.end(), [](QChar c) { return isDigit(c) || c == u'*'; });
        return number || isPattern;
    }

    static QString notClosed() { return translated("A quote is not closed: \"…\" holds a value with spaces."); }

    static QString unknownField(QStringView name)
    {
        std::vector<std::string> names;
        QStringList all;
        for (const FieldRow &row : kFields) {
            names.emplace_back(row.name);
            all << QLatin1String(row.name);
        }
        const std::string nearest = nearestWord(name.toString().toLower().toStdString(), names);
        const QString meant =
            nearest.empty() ? listed(all) : translated("did you mean %1?").arg(QString::fromStdString(nearest));
        return translated("There is no field \"%1\": %2 A text to look for is put in quotes.")
            .arg(name.toString(), nearest.empty() ? meant + u'.' : meant);
    }

    const QString &m_line;
    qsizetype m_at{0};
    qsizetype m_begin{0}; ///< of the term
    QueryFault m_fault;
};

bool holds(Compare compare, qint64 number, qint64 bound)
{
    switch (compare) {
    case Compare::Is:
        break;
    case Compare::Below:
        return number < bound;
    case Compare::AtMost:
        return number <= bound;
    case Compare::Above:
        return number > bound;
    case Compare::AtLeast:
        return number >= bound;
    }
    return number == bound;
}

/// What is not there is like nothing.
bool isLike(const QString &text, const Term &term)
{
    return !text.isEmpty() && ui::isLike(text.toCaseFolded(), term.pattern);
}

/// A record has the first 32 bytes of a name, which has 64 at most.
bool isLimitLike(const telemetry::RequestRecord &record, const Term &term)
{
    if (!record.limit.isCut() || term.pattern.contains(u'*'))
        return isLike(visibleText(record.limit), term);
    return term.pattern.startsWith(visibleText(record.limit.view()));
}

bool isPathLike(const telemetry::RequestRecord &record, const Term &term)
{
    const bool hasQuery = term.pattern.contains(u'?');
    return isLike(hasQuery && !isTurnedAway(record) ? visibleText(record.target) : pathText(record), term);
}

bool isNamed(const telemetry::RequestRecord &record, const QString &word)
{
    if (word == u"turned-away")
        return isTurnedAway(record);
    return word == u"blocked" ? isBlocked(record) : record.isRefused;
}

bool isKnown(const telemetry::RequestRecord &record, Field field)
{
    switch (field) {
    case Field::Cost:
    case Field::Tokens:
        return hasVerdict(record);
    case Field::Retry:
        return record.retryAfterS >= 0;
    case Field::Took:
        return !isTurnedAway(record);
    default:
        return true;
    }
}

qint64 numberOf(const telemetry::RequestRecord &record, Field field)
{
    switch (field) {
    case Field::Cost:
        return record.cost;
    case Field::Tokens:
        return record.tokensLeft;
    case Field::Retry:
        return record.retryAfterS * 1'000'000;
    case Field::Took:
        return record.tookUs;
    default:
        return record.status;
    }
}

bool holds(const Term &term, const telemetry::RequestRecord &record)
{
    switch (term.field) {
    case Field::Any:
        return isLike(searchText(record), term);
    case Field::Limit:
        return isLimitLike(record, term);
    case Field::Key:
        return isLike(visibleText(record.key), term);
    case Field::Path:
        return isPathLike(record, term);
    case Field::Method:
        return !isTurnedAway(record) && isLike(visibleText(record.method), term);
    case Field::Client:
        return isLike(visibleText(record.client), term);
    case Field::By:
        return deciderWord(record.decidedBy) == term.pattern;
    case Field::Is:
        return isNamed(record, term.pattern);
    case Field::Status:
        if (!term.pattern.isEmpty())
            return isLike(QString::number(record.status), term);
        break;
    default:
        break;
    }
    return isKnown(record, term.field) && holds(term.compare, numberOf(record, term.field), term.number);
}

} // namespace

std::variant<RequestQuery, QueryFault> RequestQuery::read(const QString &line)
{
    auto found = Reader{line}.read();
    if (auto *fault = std::get_if<QueryFault>(&found))
        return std::move(*fault);
    RequestQuery query;
    query.m_terms = std::get<std::vector<Term>>(std::move(found));
    return query;
}

bool RequestQuery::matches(const telemetry::RequestRecord &record) const
{
    return std::all_of(m_terms.begin(), m_terms.end(),
                       [&](const Term &term) { return holds(term, record) != term.isNot; });
}

QStringList queryWords()
{
    QStringList words;
    for (const FieldRow &row : kFields) {
        const bool isCompared = (row.kind == Kind::Number && row.field != Field::Status) || row.kind == Kind::Time;
        words << QLatin1String(row.name) + (isCompared ? u'>' : u':');
    }
    return words << QStringLiteral("not");
}

QStringList queryValues(const QString &field)
{
    using telemetry::DecidedBy;
    if (field == u"is")
        return {QStringLiteral("turned-away"), QStringLiteral("blocked"), QStringLiteral("refused")};
    if (field == u"by")
        return {deciderWord(DecidedBy::Store), deciderWord(DecidedBy::Local), deciderWord(DecidedBy::Allow),
                deciderWord(DecidedBy::Reject), deciderWord(DecidedBy::Nobody)};
    return {};
}

bool isLike(QStringView text, QStringView pattern)
{
    qsizetype t = 0, p = 0, star = -1, after = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == u'*') {
            star = p++;
            after = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star >= 0) { // the star takes one more
            p = star + 1;
            t = ++after;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == u'*')
        ++p;
    return p == pattern.size();
}

} // namespace weir::ui
