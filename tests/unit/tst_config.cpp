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

Config withLimits(const HttpLimits &limits)
{
    Config config = usable();
    config.http = limits;
    return config;
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
        const LimitWish window{.capacity = 3, .algorithm = limit::Algorithm::SlidingLog};
        QVERIFY(!window.isEmpty());
        QCOMPARE(window.appliedTo(base).algorithm, limit::Algorithm::SlidingLog);
        QCOMPARE(window.appliedTo(base).refill, limit::Tokens{3}); // a window has no other
        QCOMPARE((LimitWish{.interval = 2s, .start = limit::StartLevel::Empty}.appliedTo(base)),
                 (limit::LimitSpec{.capacity = 10, .refill = 8, .interval = 2s, .start = limit::StartLevel::Empty}));
    }

    void aRefillLeftOutBesideACapacityIsTheCapacity()
    {
        const limit::LimitSpec base{.capacity = 10, .refill = 8, .interval = 1s};
        QCOMPARE(LimitWish{.capacity = 3}.appliedTo(base).refill, limit::Tokens{3});
        QCOMPARE(LimitWish{.capacity = 9}.appliedTo(base).refill, limit::Tokens{9});
        QCOMPARE(LimitWish{.capacity = 20}.appliedTo(base).refill, limit::Tokens{20});
        QCOMPARE(LimitWish{.interval = 2s}.appliedTo(base).refill, limit::Tokens{8}); // as the store remembers
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

    void checksWhatEachAlgorithmAccepts_data()
    {
        using limit::Algorithm;
        QTest::addColumn<QString>("algorithm");
        QTest::addColumn<qint64>("capacity");
        QTest::addColumn<qint64>("refill");
        QTest::addColumn<qint64>("micros");
        QTest::addColumn<QString>("wheres");
        const qint64 minute = 60'000'000, longest = limit::kMaxInterval.count(), most = limit::kMaxCapacity;
        const auto row = [&](const char *name, qint64 capacity, qint64 refill, qint64 micros, const char *wheres) {
            QTest::addRow("%s %lld %lld %lld", name, capacity, refill, micros)
                << QString::fromLatin1(name) << capacity << refill << micros << QString::fromLatin1(wheres);
        };
        for (const char *name : {"token-bucket", "token-bucket-smooth", "leaky-bucket"}) {
            row(name, most, 1, longest, "");
            row(name, 5, 3, minute, "");
            row(name, 5, 6, minute, "refill");
        }
        row("gcra", 5, 3, minute, "");
        row("gcra", most, most, longest, "");
        row("gcra", 99, 1, longest, "");
        row("gcra", 100, 1, longest, "capacity");
        row("gcra", most, 1, longest, "capacity");
        row("gcra", most, 1, longest + 1, "every"); // one problem, not two
        for (const char *name : {"fixed-window", "sliding-counter"}) {
            row(name, most, most, longest, "");
            row(name, 5, 5, minute, "");
            row(name, 5, 4, minute, "refill");
            row(name, 5, 6, minute, "refill");
            row(name, 5, 0, 9'999, "refill every");
            row(name, 0, 5, minute, "capacity");
        }
        row("sliding-log", 4096, 4096, minute, "");
        row("sliding-log", 4097, 4097, minute, "capacity");
        row("sliding-log", 4097, 1, 0, "capacity refill every");
        row("sliding-log", most + 1, 1, 0, "capacity every");
    }
    void checksWhatEachAlgorithmAccepts()
    {
        QFETCH(const QString, algorithm);
        QFETCH(const qint64, capacity);
        QFETCH(const qint64, refill);
        QFETCH(const qint64, micros);
        QFETCH(const QString, wheres);
        const std::vector<ConfigIssue> issues =
            check(limit::LimitSpec{.capacity = capacity,
                                   .refill = refill,
                                   .interval = Micros{micros},
                                   .algorithm = *limit::algorithmOf(algorithm.toStdString())});
        QCOMPARE(places(issues).join(QLatin1Char{' '}), wheres);
        for (const ConfigIssue &issue : issues)
            QVERIFY(!issue.hint.empty());
    }

    void issuesOfAlgorithmsSayWhatIsRight()
    {
        const auto text = [](const limit::LimitSpec &spec) {
            return QString::fromStdString(printIssue(check(spec).front()));
        };
        using limit::Algorithm;
        QCOMPARE(text({.capacity = 5, .refill = 4, .algorithm = Algorithm::FixedWindow}),
                 QStringLiteral("refill: 4 tokens is not the capacity of 5, and a fixed-window has no other refill. "
                                "Use the capacity, or leave refill out."));
        QCOMPARE(text({.capacity = 5000, .refill = 5000, .algorithm = Algorithm::SlidingLog}),
                 QStringLiteral("capacity: 5000 tokens is more than a sliding-log can remember one by one. "
                                "Use at most 4096, or the algorithm sliding-counter."));
        QCOMPARE(text({.capacity = 0, .refill = 0, .algorithm = Algorithm::SlidingLog}),
                 QStringLiteral("capacity: 0 tokens is out of range. Use a whole number from 1 to 4096."));
        QCOMPARE(text({.capacity = 100, .refill = 1, .interval = limit::kMaxInterval, .algorithm = Algorithm::Gcra}),
                 QStringLiteral("capacity: 100 tokens need more than 100 years to come back, which gcra cannot count. "
                                "Use a larger refill, a shorter every, or the algorithm token-bucket-smooth."));
    }

    void aWindowsRefillIsItsCapacity()
    {
        limit::LimitSpec base;
        base.algorithm = limit::Algorithm::FixedWindow;
        LimitWish wish;
        wish.capacity = 100;
        QCOMPARE(wish.appliedTo(base).refill, limit::Tokens{100});
        wish.refill = 7;
        QCOMPARE(wish.appliedTo(base).refill, limit::Tokens{7}); // said: the check tells
    }

    void theDefaultIsUsable() { QVERIFY(check(usable()).empty()); }

    void checksTheLimitsOfTheDataPort_data()
    {
        QTest::addColumn<HttpLimits>("limits");
        QTest::addColumn<QStringList>("wheres");
        const auto row = [](const char *name, const HttpLimits &limits, const char *wheres) {
            QStringList options;
            for (const QString &where : QString::fromLatin1(wheres).split(QLatin1Char{' '}, Qt::SkipEmptyParts))
                options += QLatin1String{"--"} + where;
            QTest::newRow(name) << limits << options;
        };
        row("defaults", {}, "");
        row("least",
            {.maxUrlBytes = 256,
             .maxHeaderBytes = 256,
             .maxHeaderFields = 1,
             .maxBodyBytes = 0,
             .maxConnections = 1,
             .maxConnectionsPerAddress = 1,
             .headerTimeout = 100ms,
             .bodyTimeout = 100ms,
             .idleTimeout = 100ms,
             .maxUnreadBytes = 65'536},
            "");
        row("most",
            {.maxUrlBytes = 196'608,
             .maxHeaderBytes = 49'152,
             .maxHeaderFields = 100,
             .maxBodyBytes = 1'073'741'824,
             .maxConnections = 1'000'000,
             .maxConnectionsPerAddress = 1'000'000,
             .headerTimeout = 24h,
             .bodyTimeout = 24h,
             .idleTimeout = 24h,
             .maxUnreadBytes = 67'108'864},
            "");
        row("most header", {.maxUrlBytes = 49'152, .maxHeaderBytes = 196'608}, "");
        row("URL too much with the header", {.maxUrlBytes = 196'608, .maxHeaderBytes = 49'153}, "max-url");
        row("header too much with the URL", {.maxUrlBytes = 49'153, .maxHeaderBytes = 196'608}, "max-header");
        row("both the same", {.maxUrlBytes = 122'881, .maxHeaderBytes = 122'881}, "max-header");
        row("a header out of range is not added up", {.maxUrlBytes = 196'608, .maxHeaderBytes = 196'609}, "max-header");
        row("one under",
            {.maxUrlBytes = 255,
             .maxHeaderBytes = 255,
             .maxHeaderFields = 0,
             .maxConnections = 0,
             .maxConnectionsPerAddress = 0,
             .headerTimeout = 99ms,
             .bodyTimeout = 99ms,
             .idleTimeout = 99ms,
             .maxUnreadBytes = 65'535},
            "max-url max-header max-header-fields max-connections max-connections-per-address header-timeout "
            "body-timeout idle-timeout max-unread");
        row("one over",
            {.maxUrlBytes = 196'609,
             .maxHeaderBytes = 196'609,
             .maxHeaderFields = 101,
             .maxBodyBytes = 1'073'741'825,
             .maxConnections = 1'000'001,
             .maxConnectionsPerAddress = 1'000'001,
             .headerTimeout = 86'400'001ms,
             .bodyTimeout = 86'400'001ms,
             .idleTimeout = 86'400'001ms,
             .maxUnreadBytes = 67'108'865},
            "max-url max-header max-header-fields max-body max-connections max-connections-per-address header-timeout "
            "body-timeout idle-timeout max-unread");
        row("negative", {.maxHeaderFields = -1, .headerTimeout = -1s}, "max-header-fields header-timeout");
    }
    void checksTheLimitsOfTheDataPort()
    {
        QFETCH(const HttpLimits, limits);
        QFETCH(const QStringList, wheres);
        const std::vector<ConfigIssue> issues = check(withLimits(limits));
        QCOMPARE(places(issues), wheres);
        for (const ConfigIssue &issue : issues)
            QVERIFY(!issue.problem.empty() && !issue.hint.empty());
    }

    void issuesOfTheDataPortSayWhatIsRight()
    {
        const auto text = [](const HttpLimits &limits) {
            const std::vector<ConfigIssue> issues = check(withLimits(limits));
            return issues.empty() ? QString{} : QString::fromStdString(printIssue(issues.front()));
        };
        QCOMPARE(text({.maxUrlBytes = 300'000}),
                 QStringLiteral("--max-url: 300000 B is out of range. Use a size from 256B to 192KiB."));
        QCOMPARE(text({.maxHeaderFields = 101}),
                 QStringLiteral("--max-header-fields: 101 is out of range. Use a whole number from 1 to 100."));
        QCOMPARE(text({.idleTimeout = 48h}),
                 QStringLiteral("--idle-timeout: 2 d is out of range. Use a duration from 100ms to 1d."));
        QCOMPARE(
            text({.maxHeaderBytes = 196'608}),
            QStringLiteral("--max-header: URL and header of 64 KiB and 192 KiB are too much together. Use 176KiB or "
                           "less with --max-url 64KiB."));
    }

    void trustedProxiesAreFewAndWhole()
    {
        Config config = usable();
        config.trustedProxies.resize(kMostTrustedProxies);
        QVERIFY(check(config).empty());
        config.trustedProxies.resize(kMostTrustedProxies + 1);
        QCOMPARE(places(check(config)), QStringList{QStringLiteral("--trust-proxy")});
        config.trustedProxies = {Network{*parseIpAddress("10.0.0.1"), 104}, Network{*parseIpAddress("::"), 129}};
        QCOMPARE(places(check(config)).join(QLatin1Char{' '}), QStringLiteral("--trust-proxy --trust-proxy"));
    }

    void theClientHeaderIsAFieldOfItsOwn()
    {
        Config config = usable();
        for (const char *name : {"X-Forwarded-For", "forwarded", "X-Real-IP", "CF-Connecting-IP", "x", "A_b.c~d"}) {
            config.clientHeader = name;
            QVERIFY2(check(config).empty(), name);
        }
        for (const char *name : {"",
                                 " ",
                                 "X Real IP",
                                 "X-Real-IP:",
                                 "X-Real-IP,Forwarded",
                                 "X-Real-IP\n",
                                 "header:X-Real-IP",
                                 "\xc3\xa4",
                                 "Host",
                                 "HOST",
                                 "connection",
                                 "Content-Length",
                                 "Transfer-Encoding",
                                 "TE",
                                 "Expect",
                                 "Upgrade",
                                 "Trailer",
                                 "Keep-Alive",
                                 "Proxy-Connection",
                                 "Cookie"}) {
            config.clientHeader = name;
            QCOMPARE(places(check(config)), QStringList{QStringLiteral("--client-header")});
        }
        config.clientHeader = "X Real IP";
        QCOMPARE(
            QString::fromStdString(printIssue(check(config)[0])),
            QStringLiteral("--client-header: \"X Real IP\" is not the name of one header field. Use the one that the "
                           "proxy writes, such as X-Forwarded-For, Forwarded or X-Real-IP."));
    }

    void aMistypedClientHeaderIsSeen()
    {
        for (const char *name :
             {"X-Forwarded-For", "x-forwarded-for", "FORWARDED", "x-real-ip", "X-Client", "My-Client-Address"})
            QCOMPARE(meantClientHeader(name), std::string{});
        QCOMPARE(meantClientHeader("X-Forward-For"), std::string{"X-Forwarded-For"});
        QCOMPARE(meantClientHeader("x_forwarded_for"), std::string{"X-Forwarded-For"});
        QCOMPARE(meantClientHeader("Forwared"), std::string{"Forwarded"});
        QCOMPARE(meantClientHeader("cf-conecting-ip"), std::string{"CF-Connecting-IP"});
    }

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
        config.lease = kMaxLease + 1;
        config.http = {.maxUrlBytes = 0, .maxConnections = 0};
        config.trustedProxies.resize(kMostTrustedProxies + 1);
        config.clientHeader = "Host";
        QCOMPARE(
            places(check(config)).join(QLatin1Char{' '}),
            QStringLiteral("--threads --lease --client-header --max-url --max-connections --listen --capacity --every "
                           "--trust-proxy --data-dir"));
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
