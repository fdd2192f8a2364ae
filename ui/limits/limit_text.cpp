// SPDX-License-Identifier: GPL-3.0-only
#include "ui/limits/limit_text.h"

#include <QCoreApplication>
#include <algorithm>

#include "core/config/key_text.h"
#include "core/config/limit_set.h"
#include "core/config/value_words.h"
#include "ui/words/word_list.h"

namespace weir::ui {
namespace {

using config::StoreFailurePolicy;

const QLatin1String kFrom("from:");
const QLatin1String kHeader("header:");
const QLatin1String kAny("any"); // a route without a condition

QString translated(const char *text)
{
    return QCoreApplication::translate("rule_text", text);
}

QString text(const std::string &utf8)
{
    return QString::fromStdString(utf8);
}

QString joined(const QStringList &words)
{
    return words.join(QStringLiteral(", "));
}

QStringList linesOf(const QString &text)
{
    QStringList lines;
    for (const QString &line : text.split(u'\n')) {
        if (const QString trimmed = line.trimmed(); !trimmed.isEmpty())
            lines << trimmed;
    }
    return lines;
}

QString methodsText(const std::vector<std::string> &methods)
{
    QStringList words;
    for (const std::string &method : methods)
        words << asWord(text(method));
    return joined(words);
}

QString headersText(const std::vector<config::HeaderMatch> &headers)
{
    QStringList lines;
    for (const config::HeaderMatch &header : headers) {
        const QString name = text(header.name);
        if (header.kind != config::HeaderMatch::Kind::Value) {
            lines << (header.kind == config::HeaderMatch::Kind::Absent ? u'!' + name : name);
            continue;
        }
        lines << name + QStringLiteral(": ") + text(header.value);
        for (const std::string &other : header.others)
            lines << name + QStringLiteral(": ") + text(other);
    }
    return lines.join(u'\n');
}

/// One field being read: where its problems go.
class Reader {
public:
    Reader(const LimitText &texts, std::vector<FieldIssue> &issues) : m_texts{texts}, m_issues{issues} {}

    void begin(LimitField field) { m_field = field; }
    [[nodiscard]] const QString &said() const { return m_texts[m_field]; }
    void fail(const QString &sentence) { m_issues.push_back({m_field, sentence}); }

    [[nodiscard]] QStringList words(const QString &text)
    {
        const auto words = splitWords(text);
        if (!words)
            fail(translated("A quote is not closed."));
        return words.value_or(QStringList());
    }

    /// Well-known ones may stand side by side; of others nobody can tell whether two are meant.
    void methods(std::vector<std::string> &methods)
    {
        static const QStringList kKnown{QStringLiteral("GET"),     QStringLiteral("HEAD"),   QStringLiteral("POST"),
                                        QStringLiteral("PUT"),     QStringLiteral("DELETE"), QStringLiteral("CONNECT"),
                                        QStringLiteral("OPTIONS"), QStringLiteral("TRACE"),  QStringLiteral("PATCH")};
        const auto isOther = [](const QString &word) { return !kKnown.contains(word.toUpper()); };
        for (const QString &part : said().split(u',')) {
            const QStringList list = words(part);
            if (list.size() > 1 && std::any_of(list.begin(), list.end(), isOther))
                fail(translated("\"%1\" cannot be a method; write a comma between two.").arg(part.trimmed()));
            for (const QString &word : list)
                methods.push_back(word.toUpper().toStdString());
        }
    }

    [[nodiscard]] limit::Tokens number(LimitField field, limit::Tokens otherwise)
    {
        begin(field);
        bool isNumber = false;
        const qint64 number = said().trimmed().toLongLong(&isNumber);
        if (!isNumber)
            fail(translated("Write a whole number of tokens."));
        return isNumber ? number : otherwise;
    }

    void plain(const config::PlainField &plain, config::LimitEntry &entry)
    {
        begin(plain.field);
        for (const config::FieldFault &fault : plain.row.read(entry, {said().trimmed().toStdString()}))
            fail(issueSentence(fault.problem, fault.hint));
    }

    void network(const QString &word, std::vector<Network> &networks)
    {
        const auto read = parseNetwork(word.toStdString());
        if (const auto *network = std::get_if<Network>(&read))
            return networks.push_back(*network);
        const auto &fault = std::get<ValueFault>(read);
        fail(issueSentence('"' + word.toStdString() + "\" " + fault.problem, fault.hint));
    }

    /// "NAME: VALUE"; NAME alone is any value, !NAME none. Several lines of one name are one of their values.
    void header(const QString &said, QChar separator, std::vector<config::HeaderMatch> &headers)
    {
        const qsizetype at = said.indexOf(separator);
        const bool isAbsent = at < 0 && said.startsWith(u'!');
        config::HeaderMatch header{said.mid(isAbsent ? 1 : 0, at).trimmed().toStdString(), {}};
        if (at < 0)
            header.kind = isAbsent ? config::HeaderMatch::Kind::Absent : config::HeaderMatch::Kind::Present;
        else
            header.value = said.mid(at + 1).trimmed().toStdString();
        for (config::HeaderMatch &earlier : headers)
            if (at >= 0 && earlier.kind == config::HeaderMatch::Kind::Value
                && config::lowerCased(earlier.name) == config::lowerCased(header.name))
                return earlier.others.push_back(header.value);
        headers.push_back(std::move(header));
    }

private:
    const LimitText &m_texts;
    std::vector<FieldIssue> &m_issues;
    LimitField m_field{};
};

void readMatch(Reader &reader, config::RequestMatch &match)
{
    reader.begin(LimitField::Methods);
    reader.methods(match.methods);
    reader.begin(LimitField::Path);
    match.path = reader.said().trimmed().toStdString();
    reader.begin(LimitField::Networks);
    for (const QString &word : reader.words(reader.said()))
        reader.network(word, match.networks);
    reader.begin(LimitField::Headers);
    for (const QString &line : linesOf(reader.said()))
        reader.header(line, u':', match.headers);
}

void readKey(Reader &reader, std::vector<config::KeyPart> &key)
{
    reader.begin(LimitField::Key);
    for (const QString &word : reader.words(reader.said())) {
        const auto part = config::parseKeyPart(word.toStdString());
        if (const auto *fault = std::get_if<ValueFault>(&part))
            reader.fail(issueSentence(fault->problem, fault->hint));
        else
            key.push_back(std::get<config::KeyPart>(part));
    }
}

void readSpec(Reader &reader, const LimitText &text, limit::LimitSpec &spec)
{
    const auto algorithm = limit::algorithmOf(text[LimitField::Algorithm].toStdString()).value_or(spec.algorithm);
    spec.capacity = reader.number(LimitField::Capacity, spec.capacity);
    spec.refill = limit::isWindow(algorithm) ? spec.capacity : reader.number(LimitField::Refill, spec.refill);
    reader.begin(LimitField::Every);
    if (const auto every = parseDuration(reader.said().trimmed().toStdString()))
        spec.interval = *every;
    else
        reader.fail(translated("Write a time such as 500 ms, 10 s, 1 min, 1 h or 1 d."));
}

void readRoute(Reader &reader, const QString &line, std::vector<config::RouteCost> &routes)
{
    QStringList words = splitWords(line).value_or(QStringList());
    config::RouteCost route;
    bool isNumber = false;
    if (!words.isEmpty())
        route.cost = words.takeLast().toLongLong(&isNumber);
    if (!words.isEmpty() && words.last() == QLatin1String("="))
        words.removeLast();
    if (!isNumber || words.isEmpty())
        return reader.fail(translated("\"%1\" is not a route; write one as POST /export = 10.").arg(line));
    for (const QString &word : words) {
        if (word == kAny)
            continue;
        if (word.startsWith(u'/') || word.startsWith(u'*'))
            route.match.path = word.toStdString();
        else if (word.startsWith(kFrom))
            reader.network(word.mid(kFrom.size()), route.match.networks);
        else if (word.startsWith(kHeader))
            reader.header(word.mid(kHeader.size()), u'=', route.match.headers);
        else
            route.match.methods.push_back(word.toUpper().toStdString());
    }
    routes.push_back(std::move(route));
}

void readCost(Reader &reader, config::RequestCost &cost)
{
    cost.cost = reader.number(LimitField::Cost, cost.cost);
    reader.begin(LimitField::Routes);
    for (const QString &line : linesOf(reader.said()))
        readRoute(reader, line, cost.routes);
}

// These are written as people write numbers and times.
bool isNumber(LimitField field)
{
    return field == LimitField::Capacity || field == LimitField::Refill || field == LimitField::Every
           || field == LimitField::Cost;
}

} // namespace

QString policyWord(StoreFailurePolicy policy)
{
    return text(config::kPolicyWords.at(static_cast<std::size_t>(policy)));
}

QString keyText(const std::vector<config::KeyPart> &parts)
{
    QStringList words;
    for (const config::KeyPart &part : parts)
        words << asWord(text(config::printKeyPart(part)));
    return joined(words);
}

QString routeText(const config::RouteCost &route)
{
    QStringList words;
    for (const std::string &method : route.match.methods)
        words << asWord(text(method));
    if (!route.match.path.empty())
        words << asWord(text(route.match.path));
    for (const Network &network : route.match.networks)
        words << kFrom + text(printNetwork(network));
    for (const QString &line : headersText(route.match.headers).split(u'\n', Qt::SkipEmptyParts))
        words << asWord(kHeader
                        + (line.contains(QLatin1String(": "))
                               ? line.section(QLatin1String(": "), 0, 0) + u'=' + line.section(QLatin1String(": "), 1)
                               : line));
    if (words.isEmpty())
        words << kAny;
    return QStringLiteral("%1 = %2").arg(words.join(u' ')).arg(route.cost);
}

LimitText textOf(const config::LimitEntry &entry)
{
    LimitText texts;
    texts[LimitField::Name] = text(entry.name);
    texts[LimitField::Methods] = methodsText(entry.match.methods);
    texts[LimitField::Path] = text(entry.match.path);
    QStringList networks;
    for (const Network &network : entry.match.networks)
        networks << text(printNetwork(network));
    texts[LimitField::Networks] = joined(networks);
    texts[LimitField::Headers] = headersText(entry.match.headers);
    texts[LimitField::Key] = keyText(entry.key);
    QStringList routes;
    for (const config::RouteCost &route : entry.cost.routes)
        routes << routeText(route);
    texts[LimitField::Routes] = routes.join(u'\n');
    for (const config::PlainField &plain : config::plainFields())
        if (const config::Texts values = plain.row.print(entry); !values.empty())
            texts[plain.field] = text(values.front());
    return texts;
}

ReadLimit readLimit(const LimitText &texts)
{
    ReadLimit read;
    Reader reader(texts, read.issues);
    config::LimitEntry &entry = read.entry;
    entry.name = texts[LimitField::Name].trimmed().toStdString();
    readMatch(reader, entry.match);
    readKey(reader, entry.key);
    readSpec(reader, texts, entry.spec);
    readCost(reader, entry.cost);
    for (const config::PlainField &plain : config::plainFields())
        if (!isNumber(plain.field))
            reader.plain(plain, entry);
    return read;
}

LimitField fieldOf(std::string_view where)
{
    struct Place {
        std::string_view where;
        LimitField field;
    };
    // One that begins with another stands before it.
    static constexpr std::array kPlaces{
        Place{"name", LimitField::Name},
        Place{"match.path", LimitField::Path},
        Place{"match.methods", LimitField::Methods},
        Place{"match.network", LimitField::Networks},
        Place{"match.header", LimitField::Headers},
        Place{"key", LimitField::Key},
        Place{"cost_by_route", LimitField::Routes},
    };
    for (const config::PlainField &plain : config::plainFields())
        if (where == plain.row.key)
            return plain.field;
    for (const Place &place : kPlaces) {
        if (where.starts_with(place.where))
            return place.field;
    }
    return LimitField::Name;
}

QString issueSentence(const std::string &problem, const std::string &hint)
{
    QString sentence = text(problem);
    if (!sentence.isEmpty())
        sentence[0] = sentence.at(0).toUpper();
    if (!hint.empty())
        sentence += QStringLiteral("; ") + text(hint);
    return sentence.endsWith(u'?') || sentence.endsWith(u'.') ? sentence : sentence + u'.';
}

} // namespace weir::ui
