// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/key_text.h"
#include "core/config/limit_set.h"
#include "tests/support/warnings_fail.h"
#include "ui/models/access_text.h"
#include "ui/models/rule_text.h"
#include "ui/models/word_list.h"

using namespace weir;
using namespace weir::ui;
using config::KeyPart;

namespace {

Network network(const char *text)
{
    return std::get<Network>(parseNetwork(text));
}

config::LimitRule everything()
{
    config::LimitRule rule;
    rule.name = "exports";
    rule.isOn = false;
    rule.isShadow = true;
    rule.match = {"/api/*,\"x\"",
                  {"GET", "POST"},
                  {network("10.0.0.0/8"), network("2001:db8::/32")},
                  {{"X-Plan", "free: and, \"open\""}, {"X-Empty", ""}}};
    rule.key = {{}, {KeyPart::Kind::Header, "X-Api-Key"}, {KeyPart::Kind::Query, "a b,c\\\"d"}};
    rule.spec = {100, 7, Micros{90'000'000}, limit::StartLevel::Empty, limit::Algorithm::Gcra};
    rule.cost.cost = 2;
    rule.cost.header = "X-Cost";
    rule.cost.routes = {{{"/export", {"POST"}, {}, {}}, 10},
                        {{"", {}, {network("192.168.0.0/16")}, {{"X-Plan", "free plan"}}}, 3},
                        {{"/a b=c", {}, {}, {}}, 0},
                        {{}, 1}};
    rule.onStoreFailure = config::StoreFailurePolicy::Reject;
    return rule;
}

RuleText with(RuleField field, const QString &text)
{
    RuleText texts = textOf({});
    texts[field] = text;
    return texts;
}

} // namespace

class TestRuleText : public QObject {
    Q_OBJECT
    test::WarningsFail m_warnings;

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }

    void wordsAreSplitAndQuoted()
    {
        QCOMPARE(*splitWords(QStringLiteral(" a, b\tc,,d ")),
                 QStringList({QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c"), QStringLiteral("d")}));
        QVERIFY(!splitWords(QStringLiteral("a \"b")));
        for (const char *word : {"a", "a b", "a,b", "a\"b", "a\\b", "\\ \"", ""}) {
            const QString text = QString::fromLatin1(word);
            QCOMPARE(*splitWords(asWord(text)), QStringList{text});
        }
    }

    void everyFieldIsReadBack()
    {
        for (const config::LimitRule &rule : {config::LimitRule{}, everything()}) {
            const ReadRule read = readRule(textOf(rule));
            QVERIFY2(read.issues.empty(), read.issues.empty() ? "" : qPrintable(read.issues.front().sentence));
            QVERIFY(read.rule == rule);
        }
    }

    void routesAreWrittenAsRequestsBegin()
    {
        QCOMPARE(routeText({{"/export", {"POST", "PUT"}, {}, {}}, 10}), QStringLiteral("POST PUT /export = 10"));
        QCOMPARE(routeText({{}, 4}), QStringLiteral("any = 4"));
        const ReadRule read = readRule(with(RuleField::Routes, QStringLiteral("post /export 10\n\n * = 2")));
        QCOMPARE(read.rule.cost.routes,
                 (std::vector<config::RouteCost>{{{"/export", {"POST"}, {}, {}}, 10}, {{"*", {}, {}, {}}, 2}}));
    }

    void whatCannotBeReadIsSaidAtItsField()
    {
        const std::vector<std::pair<RuleField, const char *>> wrong{
            {RuleField::Capacity, "many"},       {RuleField::Capacity, ""},     {RuleField::Refill, "1.5"},
            {RuleField::Every, "1 fortnight"},   {RuleField::Networks, "10.0"}, {RuleField::Networks, "10.0.0.1/8"},
            {RuleField::Headers, "X-Plan free"}, {RuleField::Key, "user"},      {RuleField::Cost, "x"},
            {RuleField::Routes, "POST /export"}, {RuleField::Routes, "10"},     {RuleField::Routes, "/a \"b = 1"},
            {RuleField::Methods, "\"GET"},
        };
        for (const auto &[field, text] : wrong) {
            const ReadRule read = readRule(with(field, QLatin1String(text)));
            QVERIFY2(read.issues.size() == 1, text);
            QVERIFY2(read.issues.front().field == field, text);
            QVERIFY2(read.issues.front().sentence.endsWith(u'.'), text);
        }
    }

    void methodsAreTakenInUpperCase()
    {
        const ReadRule read = readRule(with(RuleField::Methods, QStringLiteral("get post")));
        QCOMPARE(read.rule.match.methods, (std::vector<std::string>{"GET", "POST"}));
    }

    void refillOfAWindowIsItsCapacity()
    {
        RuleText texts = with(RuleField::Algorithm, QStringLiteral("sliding-log"));
        texts[RuleField::Capacity] = QStringLiteral("9");
        texts[RuleField::Refill] = QStringLiteral("not asked for");
        const ReadRule read = readRule(texts);
        QVERIFY(read.issues.empty());
        QCOMPARE(read.rule.spec.refill, limit::Tokens{9});
    }

    void issuesOfTheCheckFindTheirField()
    {
        const std::vector<std::pair<const char *, RuleField>> places{
            {"match.path", RuleField::Path},
            {"match.network[2]", RuleField::Networks},
            {"cost", RuleField::Cost},
            {"cost_by_route[1].cost", RuleField::Routes},
            {"cost_header", RuleField::CostHeader},
            {"key[1]", RuleField::Key},
            {"every", RuleField::Every},
        };
        for (const auto &[where, field] : places)
            QVERIFY2(fieldOf(where) == field, where);
    }

    void accessIsReadBack()
    {
        config::LimitSet set;
        set.block.networks = {network("203.0.113.7"), network("2001:db8::/32")};
        set.block.keys = {{{KeyPart::Kind::Header, "X-Api-Key"}, "a=b, c "}};
        set.allow.networks = {network("10.0.0.0/8")};
        set.keys = {56, 5000};
        const ReadAccess read = readAccess(accessTextOf(set));
        QVERIFY(read.issues.empty());
        QVERIFY(read.block == set.block && read.allow == set.allow && read.keys == set.keys);
    }

    void accessSaysWhatIsWrongAtItsField()
    {
        AccessText texts = accessTextOf({});
        texts[AccessField::BlockNetworks] = QStringLiteral("localhost");
        texts[AccessField::AllowKeys] = QStringLiteral("ip=10.0.0.1");
        texts[AccessField::Ipv6Prefix] = QStringLiteral("a lot");
        const ReadAccess read = readAccess(texts);
        QCOMPARE(read.issues.size(), std::size_t{3});
        QCOMPARE(read.issues.at(0).field, AccessField::BlockNetworks);
        QCOMPARE(read.issues.at(1).field, AccessField::AllowKeys);
        QCOMPARE(read.issues.at(2).field, AccessField::Ipv6Prefix);
        QCOMPARE(accessFieldOf("allow.networks[1]"), AccessField::AllowNetworks);
        QCOMPARE(accessFieldOf("keys.max_live"), AccessField::MaxLive);
    }
};

QTEST_APPLESS_MAIN(TestRuleText)
#include "tst_rule_text.moc"
