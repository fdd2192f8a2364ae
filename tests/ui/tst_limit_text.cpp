// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/key_text.h"
#include "core/config/limit_set.h"
#include "tests/support/warnings_fail.h"
#include "ui/limits/access_text.h"
#include "ui/limits/limit_text.h"
#include "ui/words/word_list.h"

using namespace weir;
using namespace weir::ui;
using config::KeyPart;

namespace {

Network network(const char *text)
{
    return std::get<Network>(parseNetwork(text));
}

config::LimitEntry everything()
{
    config::LimitEntry entry;
    entry.name = "exports";
    entry.isOn = false;
    entry.isShadow = true;
    entry.match = {"/api/*,\"x\"",
                   {"GET", "POST"},
                   {network("10.0.0.0/8"), network("2001:db8::/32")},
                   {{"X-Plan", "free: and, \"open\""}, {"X-Empty", ""}}};
    entry.key = {{}, {KeyPart::Kind::Header, "X-Api-Key"}, {KeyPart::Kind::Query, "a b,c\\\"d"}};
    entry.spec = {100, 7, Micros{90'000'000}, limit::StartLevel::Empty, limit::Algorithm::Gcra};
    entry.cost.cost = 2;
    entry.cost.header = "X-Cost";
    entry.cost.routes = {{{"/export", {"POST"}, {}, {}}, 10},
                         {{"", {}, {network("192.168.0.0/16")}, {{"X-Plan", "free plan"}}}, 3},
                         {{"/a b=c", {}, {}, {}}, 0},
                         {{}, 1}};
    entry.onStoreFailure = config::StoreFailurePolicy::Reject;
    return entry;
}

LimitText with(LimitField field, const QString &text)
{
    LimitText texts = textOf({});
    texts[field] = text;
    return texts;
}

} // namespace

class TestLimitText : public QObject {
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
        for (const config::LimitEntry &entry : {config::LimitEntry{}, everything()}) {
            const ReadLimit read = readLimit(textOf(entry));
            QVERIFY2(read.issues.empty(), read.issues.empty() ? "" : qPrintable(read.issues.front().sentence));
            QVERIFY(read.entry == entry);
        }
    }

    void routesAreWrittenAsRequestsBegin()
    {
        QCOMPARE(routeText({{"/export", {"POST", "PUT"}, {}, {}}, 10}), QStringLiteral("POST PUT /export = 10"));
        QCOMPARE(routeText({{}, 4}), QStringLiteral("any = 4"));
        const ReadLimit read = readLimit(with(LimitField::Routes, QStringLiteral("post /export 10\n\n * = 2")));
        QCOMPARE(read.entry.cost.routes,
                 (std::vector<config::RouteCost>{{{"/export", {"POST"}, {}, {}}, 10}, {{"*", {}, {}, {}}, 2}}));
    }

    void headersArePresentAbsentOrOneOfSeveral()
    {
        using Kind = config::HeaderMatch::Kind;
        config::LimitEntry entry;
        entry.match.headers = {
            {"X-Api-Key", "", Kind::Present}, {"X-Off", "", Kind::Absent}, {"X-Plan", "a", Kind::Value, {"b: c"}}};
        const LimitText text = textOf(entry);
        QCOMPARE(text[LimitField::Headers], QStringLiteral("X-Api-Key\n!X-Off\nX-Plan: a\nX-Plan: b: c"));
        QCOMPARE(readLimit(text).entry.match.headers, entry.match.headers);
        entry.cost.routes = {{entry.match, 3}};
        QCOMPARE(readLimit(textOf(entry)).entry.cost.routes, entry.cost.routes);
    }

    void whatCannotBeReadIsSaidAtItsField()
    {
        const std::vector<std::pair<LimitField, const char *>> wrong{
            {LimitField::Capacity, "many"},
            {LimitField::Capacity, ""},
            {LimitField::Refill, "1.5"},
            {LimitField::Every, "1 fortnight"},
            {LimitField::Networks, "10.0"},
            {LimitField::Networks, "10.0.0.1/8"},
            {LimitField::Key, "user"},
            {LimitField::Cost, "x"},
            {LimitField::Routes, "POST /export"},
            {LimitField::Routes, "10"},
            {LimitField::Routes, "/a \"b = 1"},
            {LimitField::Methods, "\"GET"},
        };
        for (const auto &[field, text] : wrong) {
            const ReadLimit read = readLimit(with(field, QLatin1String(text)));
            QVERIFY2(read.issues.size() == 1, text);
            QVERIFY2(read.issues.front().field == field, text);
            QVERIFY2(read.issues.front().sentence.endsWith(u'.'), text);
        }
    }

    void twoWordsAreNoMethod()
    {
        const ReadLimit read = readLimit(with(LimitField::Methods, QStringLiteral("GET, foo bar")));
        QCOMPARE(read.issues.size(), std::size_t{1});
        QCOMPARE(read.issues.front().field, LimitField::Methods);
        QCOMPARE(read.issues.front().sentence,
                 QStringLiteral("\"foo bar\" cannot be a method; write a comma between two."));
        QVERIFY(readLimit(with(LimitField::Methods, QStringLiteral("foo, BAR,get post"))).issues.empty());
    }

    void methodsAreTakenInUpperCase()
    {
        const ReadLimit read = readLimit(with(LimitField::Methods, QStringLiteral("get post")));
        QCOMPARE(read.entry.match.methods, (std::vector<std::string>{"GET", "POST"}));
    }

    void refillOfAWindowIsItsCapacity()
    {
        LimitText texts = with(LimitField::Algorithm, QStringLiteral("sliding-log"));
        texts[LimitField::Capacity] = QStringLiteral("9");
        texts[LimitField::Refill] = QStringLiteral("not asked for");
        const ReadLimit read = readLimit(texts);
        QVERIFY(read.issues.empty());
        QCOMPARE(read.entry.spec.refill, limit::Tokens{9});
    }

    void issuesOfTheCheckFindTheirField()
    {
        const std::vector<std::pair<const char *, LimitField>> places{
            {"match.path", LimitField::Path},
            {"match.network[2]", LimitField::Networks},
            {"cost", LimitField::Cost},
            {"cost_by_route[1].cost", LimitField::Routes},
            {"cost_header", LimitField::CostHeader},
            {"key[1]", LimitField::Key},
            {"every", LimitField::Every},
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

QTEST_APPLESS_MAIN(TestLimitText)
#include "tst_limit_text.moc"
