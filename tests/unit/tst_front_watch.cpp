// SPDX-License-Identifier: GPL-3.0-only
// What the log and the panel hear of a proxy that is not believed, and of connections without a descriptor.
#include <QTest>

#include "app/front_watch.h"

using namespace weir;
using namespace weir::app;
using namespace std::chrono_literals;

namespace {

constexpr Episode::Instant kStart{1h};

IpAddress address(std::string_view text)
{
    return parseIpAddress(text).value();
}

config::LimitSet byClient()
{
    config::LimitSet set;
    set.limits.emplace_back();
    set.limits.front().key = {config::KeyPart{}};
    return set;
}

} // namespace

class TestFrontWatch : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aProxyWithoutTrustIsToldOnce()
    {
        http::FrontNotes notes;
        FrontWatch watch;
        QVERIFY(watch.look(notes, byClient(), kStart).empty());
        notes.noteForwarder(address("10.1.2.3"), "x-forwarded-for");
        const auto lines = watch.look(notes, byClient(), kStart + 1s);
        QCOMPARE(lines.size(), std::size_t{1});
        for (const char *word :
             {"10.1.2.3", "x-forwarded-for", "all its clients count as one", "--trust-proxy 10.1.2.3"})
            QVERIFY2(lines.front().find(word) != std::string::npos, lines.front().c_str());
        QCOMPARE(watch.proxyWarning(), lines.front());
        notes.noteForwarder(address("10.1.2.4"), "via"); // one is enough to know
        QVERIFY(watch.look(notes, byClient(), kStart + 2s).empty());
        QCOMPARE(watch.proxyWarning(), lines.front());
    }

    // Whoever writes from afar can neither keep the panel warning nor keep the true proxy from being told of.
    void aStrangerIsNoNeighbour()
    {
        http::FrontNotes notes;
        FrontWatch watch;
        notes.noteForwarder(address("203.0.113.9"), "forwarded");
        QCOMPARE(watch.look(notes, byClient(), kStart).size(), std::size_t{1});
        QVERIFY(watch.proxyWarning().empty());
        notes.noteForwarder(address("203.0.113.10"), "forwarded");
        QVERIFY(watch.look(notes, byClient(), kStart + 1s).empty());
        for (const char *near :
             {"127.0.0.1", "::1", "192.168.0.1", "172.31.255.1", "fd00::1", "fe80::1", "100.64.0.1"}) {
            http::FrontNotes other;
            other.noteForwarder(address("203.0.113.9"), "forwarded");
            other.noteForwarder(address(near), "x-real-ip");
            QVERIFY2(other.forwarder() && other.forwarder()->peer == address(near), near);
            QVERIFY(other.forwarder()->isNeighbour);
        }
        notes.noteForwarder(address("172.17.0.1"), "x-real-ip");
        QCOMPARE(watch.look(notes, byClient(), kStart + 2s).size(), std::size_t{1});
        QVERIFY(watch.proxyWarning().find("172.17.0.1") != std::string::npos);
    }

    void whereNobodyIsCountedItDoesNotMatter()
    {
        http::FrontNotes notes;
        FrontWatch watch;
        notes.noteForwarder(address("127.0.0.1"), "via");
        config::LimitSet set;
        set.limits.emplace_back();
        QVERIFY(watch.look(notes, set, kStart).empty());
        set.limits.front().key = {config::KeyPart{config::KeyPart::Kind::Header, "X-Api-Key"}};
        QVERIFY(watch.look(notes, set, kStart).empty() && watch.proxyWarning().empty());
        config::LimitSet blocking = set;
        blocking.block.networks = {std::get<Network>(parseNetwork("192.0.2.0/24"))};
        QCOMPARE(watch.look(notes, blocking, kStart).size(), std::size_t{1});
        QVERIFY(watch.look(notes, set, kStart).empty() && watch.proxyWarning().empty());
        set.limits.front().match.networks = blocking.block.networks;
        QVERIFY(watch.look(notes, set, kStart).empty()); // the log knows
        QVERIFY(!watch.proxyWarning().empty());
        set.limits.front().isOn = false;
        QVERIFY(watch.look(notes, set, kStart).empty() && watch.proxyWarning().empty());
    }

    void withoutDescriptorsOneLineAMinute()
    {
        http::FrontNotes notes;
        FrontWatch watch;
        std::vector<std::string> said;
        const auto pass = [&](int seconds, bool isStarved, Episode::Instant from) {
            for (int i = 0; i < seconds; ++i) {
                if (isStarved && i % 3 == 0) // one ends and another one comes
                    notes.noteStarved();
                for (std::string &line : watch.look(notes, byClient(), from + std::chrono::seconds{i}))
                    said.push_back(std::move(line));
            }
        };
        pass(100, true, kStart);
        QCOMPARE(said.size(), std::size_t{2});
        QVERIFY2(said[0].find("no descriptor is left for another connection") == 0, said[0].c_str());
        QVERIFY2(said[1].find("still no descriptor") == 0, said[1].c_str());
        pass(100, false, kStart + 100s);
        QCOMPARE(said.size(), std::size_t{3});
        QCOMPARE(said[2],
                 std::string{"new connections are taken at once again; for 99 s they had to wait for a descriptor"});
    }
};

QTEST_APPLESS_MAIN(TestFrontWatch)
#include "tst_front_watch.moc"
