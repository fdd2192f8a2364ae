// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include "core/policy/access_list.h"
#include "core/policy/value_hash.h"
#include "tests/unit/request_made.h"

using namespace weir;
using namespace weir::policy;
using config::KeyPart;
using weir::test::RequestMade;

Q_DECLARE_METATYPE(weir::test::RequestMade)
Q_DECLARE_METATYPE(weir::policy::Access)

namespace {

Network network(const char *text)
{
    return std::get<Network>(parseNetwork(text));
}

config::LimitSet lists()
{
    config::LimitSet set;
    set.allow.networks = {network("10.0.0.0/8"), network("2001:db8::/32")};
    set.allow.keys = {{{KeyPart::Kind::Header, "X-Api-Key"}, "friend"},
                      {{KeyPart::Kind::Header, "X-Api-Key"}, "turned"},
                      {{KeyPart::Kind::Query, "token"}, "a b"},
                      {{KeyPart::Kind::Cookie, "sid"}, "good"}};
    set.block.networks = {network("10.6.6.0/24")};
    set.block.keys = {{{KeyPart::Kind::Header, "x-api-key"}, "foe"},
                      {{KeyPart::Kind::Header, "x-api-key"}, "turned"},
                      {{KeyPart::Kind::Query, "token"}, "bad"},
                      {{KeyPart::Kind::Cookie, "sid"}, ""}};
    return set;
}

} // namespace

class TestAccessList : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void emptyListsAreOpen()
    {
        std::string buffer;
        const AccessGate gate{config::LimitSet{}};
        QVERIFY(gate.isOpen());
        QCOMPARE(gate.of(RequestMade{}.view(), buffer), Access::Limited);
    }

    // As a bucket is called whose value nobody knows any more.
    void aHashStandsForItsValue()
    {
        const KeyPart bearer{KeyPart::Kind::Header, "Authorization"};
        config::LimitSet set;
        set.block.keys = {{bearer, valueHash("Bearer foe")}};
        std::string buffer;
        const auto access = [&](const char *value) {
            RequestMade request{.headers = {{"authorization", value}}};
            return AccessGate{set}.of(request.view(), buffer);
        };
        QCOMPARE(access("Bearer foe"), Access::Blocked);
        QCOMPARE(access("Bearer friend"), Access::Limited);
        QCOMPARE(access("bearer FOE"), Access::Limited);
        set.keys.folds = true;
        set.block.keys = {{bearer, valueHash("bearer foe")}};
        QCOMPARE(access("Bearer FOE"), Access::Blocked);
        set.block.keys = {{bearer, "#not-a-hash"}};
        QCOMPARE(access("#not-a-hash"), Access::Blocked);
    }

    void decides_data();
    void decides()
    {
        QFETCH(RequestMade, request);
        std::string buffer;
        const AccessGate gate{lists()};
        QVERIFY(!gate.isOpen());
        QTEST(gate.of(request.view(), buffer), "access");
    }

    void manyValuesAndNetworks()
    {
        constexpr int kEntries = 50'000;
        config::LimitSet set;
        for (int i = 0; i < kEntries; ++i) {
            const std::string text = std::to_string(i);
            set.block.keys.push_back({{KeyPart::Kind::Header, "X-Api-Key"}, text});
            const QByteArray address =
                "10." + QByteArray::number(i / 256) + '.' + QByteArray::number(i % 256) + ".0/25";
            set.block.networks.push_back(network(address.constData()));
        }
        const AccessGate gate{set};
        std::string buffer;
        for (int i = 0; i < kEntries; i += 7) {
            RequestMade byKey{.headers = {{"X-Api-Key", std::to_string(i)}}};
            QCOMPARE(gate.of(byKey.view(), buffer), Access::Blocked);
            RequestMade byAddress{.client = "10." + std::to_string(i / 256) + '.' + std::to_string(i % 256) + ".127"};
            QCOMPARE(gate.of(byAddress.view(), buffer), Access::Blocked);
            byAddress.client.back() = '8';
            QCOMPARE(gate.of(byAddress.view(), buffer), Access::Limited);
        }
        RequestMade stranger{.headers = {{"X-Api-Key", std::to_string(kEntries)}}};
        QCOMPARE(gate.of(stranger.view(), buffer), Access::Limited);
    }
};

void TestAccessList::decides_data()
{
    QTest::addColumn<RequestMade>("request");
    QTest::addColumn<Access>("access");
    const auto row = [](const char *name, const RequestMade &request, Access access) {
        QTest::newRow(name) << request << access;
    };
    row("nobody", {}, Access::Limited);
    row("allowed by network", {.client = "10.0.0.1"}, Access::Allowed);
    row("allowed by network, mapped", {.client = "::ffff:10.0.0.1"}, Access::Allowed);
    row("allowed by IPv6", {.client = "2001:db8::1"}, Access::Allowed);
    row("blocked within what is allowed", {.client = "10.6.6.6"}, Access::Blocked);
    row("allowed by key", {.headers = {{"x-api-key", "friend"}}}, Access::Allowed);
    row("keys have case", {.headers = {{"x-api-key", "Friend"}}}, Access::Limited);
    row("blocked by key", {.headers = {{"X-Api-Key", "foe"}}}, Access::Blocked);
    row("in both", {.headers = {{"X-Api-Key", "turned"}}}, Access::Blocked);
    row("blocked by key, allowed by network", {.client = "10.0.0.1", .headers = {{"X-Api-Key", "foe"}}},
        Access::Blocked);
    row("a friend's key beside another", {.headers = {{"X-Api-Key", "x"}, {"X-Api-Key", "friend"}}}, Access::Limited);
    row("a friend's key and another", {.headers = {{"X-Api-Key", "friend"}, {"X-Api-Key", "x"}}}, Access::Limited);
    row("a foe's key beside another", {.headers = {{"X-Api-Key", "x"}, {"X-Api-Key", "foe"}}}, Access::Blocked);
    row("allowed by parameter", {.target = "/?token=a%20b"}, Access::Allowed);
    row("allowed by parameter, plus", {.target = "/?token=a+b"}, Access::Allowed);
    row("two parameters", {.target = "/?token=a+b&token=x"}, Access::Limited);
    row("blocked by parameter", {.target = "/?token=x&token=%62%61%64"}, Access::Blocked);
    row("allowed by cookie", {.headers = {{"Cookie", "a=b; sid=good"}}}, Access::Allowed);
    row("two cookies", {.headers = {{"Cookie", "sid=good; sid=x"}}}, Access::Limited);
    row("blocked by an empty cookie", {.headers = {{"Cookie", "sid="}}}, Access::Blocked);
}

QTEST_APPLESS_MAIN(TestAccessList)
#include "tst_access_list.moc"
