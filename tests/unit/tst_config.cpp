// SPDX-License-Identifier: GPL-3.0-only
#include <QTest>

#include "core/config/config.h"

using namespace weir;
using namespace weir::config;
using namespace std::chrono_literals;

namespace {

Config usable()
{
    Config config;
    config.dataDir = "/tmp/x";
    return config;
}

QStringList places(const std::vector<ConfigIssue> &issues)
{
    QStringList wheres;
    for (const ConfigIssue &issue : issues)
        wheres.append(QString::fromStdString(issue.where));
    return wheres;
}

} // namespace

class TestConfig : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsAddresses_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("printed");
        const auto row = [](const char *text, const char *printed) {
            QTest::newRow(*text ? text : "empty") << QString::fromLatin1(text) << QString::fromLatin1(printed);
        };
        row("127.0.0.1:8000", "127.0.0.1:8000");
        row("0.0.0.0:0", "0.0.0.0:0");
        row("[::1]:8000", "[::1]:8000");
        row("[0:0:0:0:0:0:0:1]:65535", "[::1]:65535");
        row("[::ffff:127.0.0.1]:80", "127.0.0.1:80");
        for (const char *bad : {"", ":", "8000", ":8000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                                "127.0.0.1:8000 ", "localhost:8000", "::1:8000", "[127.0.0.1]:80", "[::1]", "[::1:80",
                                "256.0.0.1:80", "127.1:80", "127.0.0.1:0x50", "http://127.0.0.1:8000"})
            row(bad, "");
    }
    void readsAddresses()
    {
        QFETCH(const QString, text);
        QFETCH(const QString, printed);
        const auto address = parseListenAddress(text.toStdString());
        QCOMPARE(address ? QString::fromStdString(printListenAddress(*address)) : QString{}, printed);
    }

    void printsIssues()
    {
        QCOMPARE(printIssue({"--a", "is wrong", ""}), std::string{"--a: is wrong."});
        QCOMPARE(printIssue({"--a", "is wrong", "b or c"}), std::string{"--a: is wrong. Use b or c."});
        QCOMPARE(printIssue({"--a", "is wrong", "Did you mean --b?"}), std::string{"--a: is wrong. Did you mean --b?"});
    }

    void aWishReplacesWhatItNames()
    {
        const limit::LimitSpec base{.capacity = 10, .refill = 8, .interval = 1s};
        QCOMPARE(LimitWish{}.appliedTo(base), base);
        QVERIFY(LimitWish{}.isEmpty());
        QCOMPARE((LimitWish{.interval = 2s, .start = limit::StartLevel::Empty}.appliedTo(base)),
                 (limit::LimitSpec{.capacity = 10, .refill = 8, .interval = 2s, .start = limit::StartLevel::Empty}));
    }

    void anUnnamedRefillFollowsTheCapacityDown()
    {
        const limit::LimitSpec base{.capacity = 10, .refill = 8, .interval = 1s};
        QCOMPARE(LimitWish{.capacity = 3}.appliedTo(base).refill, limit::Tokens{3});
        QCOMPARE(LimitWish{.capacity = 9}.appliedTo(base).refill, limit::Tokens{8});
        QCOMPARE(LimitWish{.capacity = 20}.appliedTo(base).refill, limit::Tokens{8});
        QCOMPARE((LimitWish{.capacity = 3, .refill = 5}.appliedTo(base).refill), limit::Tokens{5});
    }

    void checksLimits_data()
    {
        QTest::addColumn<qint64>("capacity");
        QTest::addColumn<qint64>("refill");
        QTest::addColumn<qint64>("micros");
        QTest::addColumn<QStringList>("wheres");
        const qint64 minute = 60'000'000;
        const auto names = [](auto... name) { return QStringList{QString::fromLatin1(name)...}; };
        QTest::newRow("smallest") << qint64{1} << qint64{1} << qint64{10'000} << QStringList{};
        QTest::newRow("largest") << qint64{limit::kMaxCapacity} << qint64{limit::kMaxCapacity}
                                 << qint64{limit::kMaxInterval.count()} << QStringList{};
        QTest::newRow("capacity 0") << qint64{0} << qint64{1} << minute << names("capacity");
        QTest::newRow("capacity -1") << qint64{-1} << qint64{1} << minute << names("capacity");
        QTest::newRow("capacity over") << qint64{limit::kMaxCapacity + 1} << qint64{1} << minute << names("capacity");
        QTest::newRow("refill 0") << qint64{5} << qint64{0} << minute << names("refill");
        QTest::newRow("refill over") << qint64{5} << qint64{6} << minute << names("refill");
        QTest::newRow("every under") << qint64{5} << qint64{5} << qint64{9'999} << names("every");
        QTest::newRow("every over") << qint64{5} << qint64{5} << qint64{limit::kMaxInterval.count() + 1}
                                    << names("every");
        QTest::newRow("all") << qint64{0} << qint64{0} << qint64{0} << names("capacity", "refill", "every");
    }
    void checksLimits()
    {
        QFETCH(const qint64, capacity);
        QFETCH(const qint64, refill);
        QFETCH(const qint64, micros);
        QFETCH(const QStringList, wheres);
        const std::vector<ConfigIssue> issues =
            check(limit::LimitSpec{.capacity = capacity, .refill = refill, .interval = Micros{micros}});
        QCOMPARE(places(issues), wheres);
        for (const ConfigIssue &issue : issues)
            QVERIFY(!issue.hint.empty());
    }

    void theDefaultIsUsable() { QVERIFY(check(usable()).empty()); }

    void otherMachinesNeedPublic()
    {
        Config config = usable();
        config.listen = {{"127.0.0.2", 80}, {"::1", 80}, {"::ffff:127.0.0.1", 80}};
        QVERIFY(check(config).empty());
        config.listen = {{"0.0.0.0", 80}, {"::", 80}, {"192.168.1.1", 80}};
        QCOMPARE(check(config).size(), std::size_t{3});
        QVERIFY(check(config)[0].hint.find("--public") != std::string::npos);
        config.isPublic = true;
        QVERIFY(check(config).empty());
    }

    void addressesAreGivenOnce()
    {
        Config config = usable();
        config.listen = {{"127.0.0.1", 80}, {"::1", 80}, {"127.0.0.1", 80}};
        QCOMPARE(places(check(config)), QStringList{QStringLiteral("--listen")});
        config.listen = {{"127.0.0.1", 0}, {"127.0.0.1", 0}};
        QVERIFY(check(config).empty());
        config.listen.clear();
        QCOMPARE(places(check(config)), QStringList{QStringLiteral("--listen")});
        config.listen = {{"localhost", 80}};
        QCOMPARE(places(check(config)), QStringList{QStringLiteral("--listen")});
    }

    void allProblemsAtOnce()
    {
        Config config;
        config.listen = {{"0.0.0.0", 80}};
        config.limit = {.capacity = 0, .refill = {}, .interval = Micros{1}, .start = {}};
        config.threads = kMaxThreads + 1;
        QCOMPARE(places(check(config)).join(QLatin1Char{' '}),
                 QStringLiteral("--listen --capacity --every --threads --data-dir"));
    }

    void theDataFolderIsAbsolute()
    {
        Config config = usable();
        config.dataDir = "relative/path";
        QCOMPARE(places(check(config)), QStringList{QStringLiteral("--data-dir")});
    }
};

QTEST_APPLESS_MAIN(TestConfig)
#include "tst_config.moc"
