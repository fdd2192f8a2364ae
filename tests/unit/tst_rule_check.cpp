// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include "core/config/rule_check.h"

using namespace weir;
using namespace weir::config;

namespace {

LimitSet oneLimit()
{
    LimitSet set;
    set.limits.emplace_back();
    return set;
}

QStringList places(const LimitSet &set)
{
    QStringList where;
    for (const ConfigIssue &issue : check(set))
        where << QString::fromStdString(issue.where);
    return where;
}

} // namespace

class TestRuleCheck : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void defaultsAreUsable()
    {
        QVERIFY(check(oneLimit()).empty());
        QVERIFY(check(LimitSet{}).empty());
    }

    void everyFieldIsNamed()
    {
        LimitSet set = oneLimit();
        LimitRule &limit = set.limits.front();
        limit.name = "Per Client";
        limit.match.path = "api/*";
        limit.match.methods = {"GET", "post", "GET"};
        limit.match.networks = {Network{IpAddress{}, 129}};
        limit.match.headers = {{"X Plan", "a"}, {"X-A", "a\nb"}, {"x-a", " c"}};
        limit.key = {{KeyPart::Kind::Header, "X Key"}, {}, {}};
        limit.spec.capacity = 0;
        limit.spec.interval = Micros{1};
        limit.cost = {-1, {{{"x", {}, {}, {}}, 1}}, "a:b"};
        set.keys = {31, 0};
        set.block.keys = {{{KeyPart::Kind::Ip, ""}, "a"}};
        const QStringList expected{QStringLiteral("limit[1].name"),
                                   QStringLiteral("limit[1].capacity"),
                                   QStringLiteral("limit[1].every"),
                                   QStringLiteral("limit[1].match.path"),
                                   QStringLiteral("limit[1].match.methods[2]"),
                                   QStringLiteral("limit[1].match.methods[3]"),
                                   QStringLiteral("limit[1].match.network[1]"),
                                   QStringLiteral("limit[1].match.header.X Plan"),
                                   QStringLiteral("limit[1].match.header.X-A"),
                                   QStringLiteral("limit[1].match.header.x-a"),
                                   QStringLiteral("limit[1].match.header.x-a"),
                                   QStringLiteral("limit[1].key[1]"),
                                   QStringLiteral("limit[1].key[3]"),
                                   QStringLiteral("limit[1].cost"),
                                   QStringLiteral("limit[1].cost_header"),
                                   QStringLiteral("limit[1].cost_by_route[1].path"),
                                   QStringLiteral("block.keys[1]"),
                                   QStringLiteral("keys.ipv6_prefix"),
                                   QStringLiteral("keys.max_live")};
        QCOMPARE(places(set), expected);
    }

    void namesAreUnique()
    {
        LimitSet set = oneLimit();
        set.limits.emplace_back();
        QCOMPARE(places(set), QStringList{QStringLiteral("limit[2].name")});
    }

    void windowsHaveNoRefillOfTheirOwn()
    {
        LimitSet set = oneLimit();
        set.limits.front().spec = {5, 4, Micros{60'000'000}, {}, limit::Algorithm::FixedWindow};
        QCOMPARE(places(set), QStringList{QStringLiteral("limit[1].refill")});
        set.limits.front().spec.refill = 5;
        QVERIFY(places(set).isEmpty());
    }

    void costsFitIntoTheCapacity()
    {
        LimitSet set = oneLimit();
        set.limits.front().cost.cost = 5;
        QVERIFY(places(set).isEmpty());
        set.limits.front().cost.cost = 6;
        set.limits.front().cost.routes = {{{}, 6}};
        const QStringList expected{QStringLiteral("limit[1].cost"), QStringLiteral("limit[1].cost_by_route[1].cost")};
        QCOMPARE(places(set), expected);
    }

    void keyPartsAreReadBack()
    {
        for (const char *text : {"ip", "header:X-Api-Key", "cookie:sid", "query:a b,c"}) {
            const auto read = parseKeyPart(text);
            QVERIFY2(std::holds_alternative<KeyPart>(read), text);
            QCOMPARE(printKeyPart(std::get<KeyPart>(read)), std::string{text});
        }
        for (const char *text : {"", "IP", "global", "header", "header:", "header:a b", "cookie:a=b", "query:a\nb"})
            QVERIFY2(std::holds_alternative<KeyFault>(parseKeyPart(text)), text);
    }

    void keyValuesAreReadBack()
    {
        for (const char *text : {"header:X-Api-Key=abc", "cookie:sid=", "query:q=a=b"}) {
            const auto read = parseKeyValue(text);
            QVERIFY2(std::holds_alternative<KeyValue>(read), text);
            QCOMPARE(printKeyValue(std::get<KeyValue>(read)), std::string{text});
        }
        for (const char *text : {"ip=10.0.0.1", "header:X-Api-Key", "=a", "header:A=\x01"})
            QVERIFY2(std::holds_alternative<KeyFault>(parseKeyValue(text)), text);
    }
};

QTEST_APPLESS_MAIN(TestRuleCheck)
#include "tst_rule_check.moc"
