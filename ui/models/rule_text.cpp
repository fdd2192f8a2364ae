// SPDX-License-Identifier: GPL-3.0-only
#include "ui/models/rule_text.h"

#include <QCoreApplication>
#include <algorithm>

#include "core/config/key_text.h"
#include "core/config/limit_set.h"
#include "ui/models/word_list.h"

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
    for (const config::HeaderMatch &header : headers)
        lines << text(header.name) + QStringLiteral(": ") + text(header.value);
    return lines.join(u'\n');
}

/// One field being read: where its problems go.
class Reader {
public:
    Reader(const RuleText &texts, std::vector<FieldIssue> &issues) : m_texts{texts}, m_issues{issues} {}

    void begin(RuleField field) { m_field = field; }
    [[nodiscard]] const QString &said() const { return m_texts[m_field]; }
    void fail(const QString &sentence) { m_issues.push_back({m_field, sentence}); }

    [[nodiscard]] QStringList words(const QString &text)
    {
        const auto words = splitWords(text);
        if (!words)
            fail(translated("A quote is not closed."));
        return words.value_or(QStringList());
    }

    [[nodiscard]] limit::Tokens number(RuleField field, limit::Tokens otherwise)
    {
        begin(field);
        bool isNumber = false;
        const qint64 number = said().trimmed().toLongLong(&isNumber);
        if (!isNumber)
            fail(translated("Write a whole number of tokens."));
        return isNumber ? number : otherwise;
    }

    void network(const QString &word, std::vector<Network> &networks)
    {
        const auto read = parseNetwork(word.toStdString());
        if (const auto *network = std::get_if<Network>(&read))
            return networks.push_back(*network);
        const auto &fault = std::get<NetworkFault>(read);
        fail(issueSentence('"' + word.toStdString() + "\" " + fault.problem, fault.hint));
    }

    void header(const QString &said, QChar separator, std::vector<config::HeaderMatch> &headers)
    {
        const qsizetype at = said.indexOf(separator);
        if (at < 0)
            return fail(translated("\"%1\" has no value; write a header as NAME%2VALUE.").arg(said, separator));
        headers.push_back({said.left(at).trimmed().toStdString(), said.mid(at + 1).trimmed().toStdString()});
    }

private:
    const RuleText &m_texts;
    std::vector<FieldIssue> &m_issues;
    RuleField m_field{};
};

void readMatch(Reader &reader, config::MatchRule &match)
{
    reader.begin(RuleField::Methods);
    for (const QString &word : reader.words(reader.said()))
        match.methods.push_back(word.toUpper().toStdString());
    reader.begin(RuleField::Path);
    match.path = reader.said().trimmed().toStdString();
    reader.begin(RuleField::Networks);
    for (const QString &word : reader.words(reader.said()))
        reader.network(word, match.networks);
    reader.begin(RuleField::Headers);
    for (const QString &line : linesOf(reader.said()))
        reader.header(line, u':', match.headers);
}

void readKey(Reader &reader, std::vector<config::KeyPart> &key)
{
    reader.begin(RuleField::Key);
    for (const QString &word : reader.words(reader.said())) {
        const auto part = config::parseKeyPart(word.toStdString());
        if (const auto *fault = std::get_if<config::KeyFault>(&part))
            reader.fail(issueSentence(fault->problem, fault->hint));
        else
            key.push_back(std::get<config::KeyPart>(part));
    }
}

void readSpec(Reader &reader, const RuleText &text, limit::LimitSpec &spec)
{
    spec.algorithm = limit::algorithmOf(text[RuleField::Algorithm].toStdString()).value_or(spec.algorithm);
    spec.start = text[RuleField::Start] == kEmpty ? limit::StartLevel::Empty : limit::StartLevel::Full;
    spec.capacity = reader.number(RuleField::Capacity, spec.capacity);
    spec.refill = limit::isWindow(spec.algorithm) ? spec.capacity : reader.number(RuleField::Refill, spec.refill);
    reader.begin(RuleField::Every);
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

void readCost(Reader &reader, config::CostRule &cost)
{
    cost.cost = reader.number(RuleField::Cost, cost.cost);
    reader.begin(RuleField::CostHeader);
    cost.header = reader.said().trimmed().toStdString();
    reader.begin(RuleField::Routes);
    for (const QString &line : linesOf(reader.said()))
        readRoute(reader, line, cost.routes);
}

StoreFailurePolicy policyOf(const QString &word)
{
    for (const auto policy : {StoreFailurePolicy::Reject, StoreFailurePolicy::Allow}) {
        if (policyWord(policy) == word)
            return policy;
    }
    return StoreFailurePolicy::Local;
}

} // namespace

QString policyWord(StoreFailurePolicy policy)
{
    switch (policy) {
    case StoreFailurePolicy::Reject:
        return QStringLiteral("reject");
    case StoreFailurePolicy::Allow:
        return QStringLiteral("allow");
    case StoreFailurePolicy::Local:
        break;
    }
    return QStringLiteral("local");
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
    for (const config::HeaderMatch &header : route.match.headers)
        words << asWord(kHeader + text(header.name) + u'=' + text(header.value));
    if (words.isEmpty())
        words << kAny;
    return QStringLiteral("%1 = %2").arg(words.join(u' ')).arg(route.cost);
}

RuleText textOf(const config::LimitRule &rule)
{
    RuleText texts;
    texts[RuleField::Name] = text(rule.name);
    texts[RuleField::IsOn] = rule.isOn ? kYes : kNo;
    texts[RuleField::IsShadow] = rule.isShadow ? kYes : kNo;
    texts[RuleField::Methods] = methodsText(rule.match.methods);
    texts[RuleField::Path] = text(rule.match.path);
    QStringList networks;
    for (const Network &network : rule.match.networks)
        networks << text(printNetwork(network));
    texts[RuleField::Networks] = joined(networks);
    texts[RuleField::Headers] = headersText(rule.match.headers);
    texts[RuleField::Key] = keyText(rule.key);
    const std::string_view algorithm = limit::nameOf(rule.spec.algorithm);
    texts[RuleField::Algorithm] = QString::fromLatin1(algorithm.data(), static_cast<qsizetype>(algorithm.size()));
    texts[RuleField::Capacity] = QString::number(rule.spec.capacity);
    texts[RuleField::Refill] = QString::number(rule.spec.refill);
    texts[RuleField::Every] = text(printDuration(rule.spec.interval));
    texts[RuleField::Start] = rule.spec.start == limit::StartLevel::Full ? kFull : kEmpty;
    texts[RuleField::Cost] = QString::number(rule.cost.cost);
    QStringList routes;
    for (const config::RouteCost &route : rule.cost.routes)
        routes << routeText(route);
    texts[RuleField::Routes] = routes.join(u'\n');
    texts[RuleField::CostHeader] = text(rule.cost.header);
    texts[RuleField::OnStoreFailure] = policyWord(rule.onStoreFailure);
    return texts;
}

ReadRule readRule(const RuleText &texts)
{
    ReadRule read;
    Reader reader(texts, read.issues);
    config::LimitRule &rule = read.rule;
    rule.name = texts[RuleField::Name].trimmed().toStdString();
    rule.isOn = texts.isOn();
    rule.isShadow = texts.isShadow();
    readMatch(reader, rule.match);
    readKey(reader, rule.key);
    readSpec(reader, texts, rule.spec);
    readCost(reader, rule.cost);
    rule.onStoreFailure = policyOf(texts[RuleField::OnStoreFailure]);
    return read;
}

RuleField fieldOf(std::string_view where)
{
    struct Place {
        std::string_view where;
        RuleField field;
    };
    // One that begins with another stands before it.
    static constexpr std::array kPlaces{
        Place{"name", RuleField::Name},
        Place{"match.path", RuleField::Path},
        Place{"match.methods", RuleField::Methods},
        Place{"match.network", RuleField::Networks},
        Place{"match.header", RuleField::Headers},
        Place{"key", RuleField::Key},
        Place{"algorithm", RuleField::Algorithm},
        Place{"capacity", RuleField::Capacity},
        Place{"refill", RuleField::Refill},
        Place{"every", RuleField::Every},
        Place{"start", RuleField::Start},
        Place{"cost_by_route", RuleField::Routes},
        Place{"cost_header", RuleField::CostHeader},
        Place{"cost", RuleField::Cost},
        Place{"on_store_failure", RuleField::OnStoreFailure},
    };
    for (const Place &place : kPlaces) {
        if (where.starts_with(place.where))
            return place.field;
    }
    return RuleField::Name;
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
