// SPDX-License-Identifier: GPL-3.0-only
// The options of the data port: its limits, and whom it trusts.
#include <QTest>

#include "app/cli_options.h"
#include "core/base/byte_size.h"
#include "tests/unit/cli_reading.h"

using namespace weir;
using namespace weir::app;
using namespace weir::test;
using namespace std::chrono_literals;

class TestCliHttp : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void limitsOfTheDataPort()
    {
        const config::HttpLimits said =
            invocation(
                read(QStringLiteral("--max-url 8KiB --max-header 300 --max-header-fields 7 --max-body 32MiB "
                                    "--max-connections 20 --max-connections-per-address 30 --header-timeout 250ms "
                                    "--body-timeout 1h --idle-timeout 1min --max-unread 1MiB")))
                .config.http;
        QVERIFY(said
                == (config::HttpLimits{.maxUrlBytes = 8192,
                                       .maxHeaderBytes = 300,
                                       .maxHeaderFields = 7,
                                       .maxBodyBytes = 33'554'432,
                                       .maxConnections = 20,
                                       .maxConnectionsPerAddress = 30,
                                       .headerTimeout = 250ms,
                                       .bodyTimeout = 1h,
                                       .idleTimeout = 1min,
                                       .maxUnreadBytes = 1'048'576}));
        // By their variables, which flags beat.
        const config::HttpLimits environment =
            invocation(read(QStringLiteral("--max-body 0"),
                            {QStringLiteral("WEIR_MAX_URL=192KiB"), QStringLiteral("WEIR_MAX_HEADER=48 KiB"),
                             QStringLiteral("WEIR_MAX_HEADER_FIELDS=1"), QStringLiteral("WEIR_MAX_BODY=x"),
                             QStringLiteral("WEIR_MAX_CONNECTIONS=1000000"),
                             QStringLiteral("WEIR_MAX_CONNECTIONS_PER_ADDRESS=1"),
                             QStringLiteral("WEIR_HEADER_TIMEOUT=100ms"), QStringLiteral("WEIR_BODY_TIMEOUT=1d"),
                             QStringLiteral("WEIR_IDLE_TIMEOUT=1s"), QStringLiteral("WEIR_MAX_UNREAD=64MiB")}))
                .config.http;
        QVERIFY(environment
                == (config::HttpLimits{.maxUrlBytes = 196'608,
                                       .maxHeaderBytes = 49'152,
                                       .maxHeaderFields = 1,
                                       .maxBodyBytes = 0,
                                       .maxConnections = 1'000'000,
                                       .maxConnectionsPerAddress = 1,
                                       .headerTimeout = 100ms,
                                       .bodyTimeout = 24h,
                                       .idleTimeout = 1s,
                                       .maxUnreadBytes = 67'108'864}));
    }

    void trustedProxies()
    {
        const auto networks = [](const Invocation &invocation) {
            QStringList texts;
            for (const Network &network : invocation.config.trustedProxies)
                texts += QString::fromStdString(printNetwork(network));
            return texts.join(QLatin1Char{' '});
        };
        QCOMPARE(networks(invocation(read(QStringLiteral("--trust-proxy 10.0.0.0/8,::1 --trust-proxy 127.0.0.1")))),
                 QStringLiteral("10.0.0.0/8 ::1/128 127.0.0.1/32"));
        const QStringList variable{QStringLiteral("WEIR_TRUST_PROXY=10.0.0.0/8, fd00::/8 ,")};
        QCOMPARE(networks(invocation(read({}, variable))), QStringLiteral("10.0.0.0/8 fd00::/8"));
        QCOMPARE(networks(invocation(read(QStringLiteral("--trust-proxy ::/0"), variable))), QStringLiteral("::/0"));
    }

    void clientHeader()
    {
        const auto header = [](const Invocation &invocation) {
            return QString::fromStdString(invocation.config.clientHeader);
        };
        const QStringList variable{QStringLiteral("WEIR_CLIENT_HEADER=Forwarded")};
        QCOMPARE(header(invocation(read(QStringLiteral("--trust-proxy ::1")))), QStringLiteral("X-Forwarded-For"));
        QCOMPARE(header(invocation(read({}, variable))), QStringLiteral("Forwarded"));
        const Invocation said =
            invocation(read(QStringLiteral("--trust-proxy ::1 --client-header X-Real-IP"), variable));
        QCOMPARE(header(said), QStringLiteral("X-Real-IP"));
        QVERIFY(said.warnings.empty());
    }

    void whatCannotBeMeantOfProxiesIsWarnedOf()
    {
        const auto warnings = [](const CliResult &result) {
            QStringList lines;
            for (const config::ConfigIssue &issue : invocation(result).warnings)
                lines += QString::fromStdString(printIssue(issue));
            return lines.join(QLatin1Char{'\n'});
        };
        const QString problem = QStringLiteral("it has no effect, because no proxy is believed about its clients. "
                                               "Use --trust-proxy with the addresses of the proxies.");
        QCOMPARE(warnings(read({})), QString{});
        QCOMPARE(warnings(read(QStringLiteral("--trust-proxy 0.0.0.0/1,128.0.0.0/1,::/1"))), QString{});
        for (const char *everybody : {"0.0.0.0/0", "::/0"}) {
            const QString network = QLatin1String{everybody};
            QCOMPARE(
                warnings(read(QStringLiteral("--trust-proxy 10.0.0.1,") + network)),
                QStringLiteral("--trust-proxy: warning: %1 is everybody, so every client can say who it is. Use the "
                               "addresses of the proxies alone.")
                    .arg(network));
        }
        QCOMPARE(warnings(read(QStringLiteral("--client-header Forwarded"))),
                 QStringLiteral("--client-header: warning: ") + problem);
        QCOMPARE(warnings(read({}, {QStringLiteral("WEIR_CLIENT_HEADER=Forwarded")})),
                 QStringLiteral("WEIR_CLIENT_HEADER: warning: ") + problem);
        QCOMPARE(warnings(read(QStringLiteral("--client-header X-Forward-For --trust-proxy ::1"))),
                 QStringLiteral("--client-header: warning: no usual proxy writes \"X-Forward-For\". Did you mean "
                                "X-Forwarded-For?"));
    }

    void headSizesThatAreUnknownAreNotAddedUp()
    {
        QCOMPARE(printed(read(QStringLiteral("--max-url big --max-header 192KiB"))).size(), 1);
        QCOMPARE(printed(read(QStringLiteral("--max-url 192KiB --max-header 0"))).size(), 1);
    }

    void theHelpSaysTheDefaultsAndBounds_data();
    void theHelpSaysTheDefaultsAndBounds();
    void badInput_data();
    void badInput();
};

void TestCliHttp::theHelpSaysTheDefaultsAndBounds_data()
{
    using namespace config;
    QTest::addColumn<QString>("bounds");
    QTest::addColumn<QString>("preset");
    const auto row = [](const char *option, const std::string &least, const std::string &most,
                        const std::string &preset) {
        QTest::newRow(option) << QString::fromStdString(least + " to " + most)
                              << QString::fromStdString("Default: " + preset);
    };
    const auto sizes = [&](const char *option, Range<std::uint64_t> range, std::uint64_t preset) {
        row(option, printByteSize(range.least), printByteSize(range.most), printByteSize(preset));
    };
    const auto counts = [&](const char *option, Range<int> range, int preset) {
        row(option, std::to_string(range.least), std::to_string(range.most), std::to_string(preset));
    };
    const auto times = [&](const char *option, std::chrono::milliseconds preset) {
        row(option, printDuration(kTimeouts.least), printDuration(kTimeouts.most), printDuration(preset));
    };
    const HttpLimits presets;
    sizes("max-url", kUrlBytes, presets.maxUrlBytes);
    sizes("max-header", kHeaderBytes, presets.maxHeaderBytes);
    counts("max-header-fields", kHeaderFields, presets.maxHeaderFields);
    sizes("max-body", kBodyBytes, presets.maxBodyBytes);
    counts("max-connections", kConnections, presets.maxConnections);
    counts("max-connections-per-address", kConnections, presets.maxConnectionsPerAddress);
    times("header-timeout", presets.headerTimeout);
    times("body-timeout", presets.bodyTimeout);
    times("idle-timeout", presets.idleTimeout);
    sizes("max-unread", kUnreadBytes, presets.maxUnreadBytes);
}

void TestCliHttp::theHelpSaysTheDefaultsAndBounds()
{
    QFETCH(const QString, bounds);
    QFETCH(const QString, preset);
    QString description;
    for (const OptionInfo &option : allOptions())
        if (option.name == QLatin1String{QTest::currentDataTag()})
            description = option.description;
    QVERIFY2(description.contains(bounds), qPrintable(description));
    QVERIFY2(description.endsWith(preset), qPrintable(description));
}

void TestCliHttp::badInput_data()
{
    QTest::addColumn<QString>("variable");
    QTest::addColumn<QString>("where");
    QTest::addColumn<QString>("contains");
    const auto row = [](const char *line, const char *where, const char *contains) {
        QTest::newRow(line) << QString{} << QString::fromLatin1(where) << QString::fromLatin1(contains);
    };
    const auto variable = [](const char *setting, const char *where, const char *contains) {
        QTest::newRow(setting) << QString::fromLatin1(setting) << QString::fromLatin1(where)
                               << QString::fromLatin1(contains);
    };
    row("--max-url 255", "--max-url", "a size from 256B to 192KiB");
    row("--max-url 193KiB", "--max-url", "a size from 256B to 192KiB");
    row("--max-url 64K", "--max-url", "B KiB MiB GiB, such as \"64KiB\", from 256B to 192KiB");
    row("--max-url -1", "--max-url", "is not a size");
    row("--max-url 1KiB --max-url 2KiB", "--max-url", "2 times");
    row("--max-url 192KiB", "--max-url", "Use 176KiB or less with --max-header 64KiB");
    row("--max-url 129KiB --max-header 128KiB", "--max-url", "Use 112KiB or less with --max-header 128KiB");
    row("--max-url 128KiB --max-header 128KiB", "--max-header", "Use 112KiB or less with --max-url 128KiB");
    row("--max-header 0", "--max-header", "a size from 256B to 192KiB");
    row("--max-header 64kb", "--max-header", "\"64kb\" is not a size");
    row("--max-header-fields 0", "--max-header-fields", "a whole number from 1 to 100");
    row("--max-header-fields 101", "--max-header-fields", "101 is out of range");
    row("--max-header-fields 9KiB", "--max-header-fields", "is not a whole number");
    row("--max-body 1025MiB", "--max-body", "a size from 0B to 1GiB");
    row("--max-body 99999999999999999999", "--max-body", "is not a size");
    row("--max-body", "--max-body", "--max-body SIZE");
    row("--max-connections 0", "--max-connections", "from 1 to 1000000");
    row("--max-connections 1000001", "--max-connections", "from 1 to 1000000");
    row("--max-connections-per-address 0", "--max-connections-per-address", "from 1 to 1000000");
    row("--header-timeout 99ms", "--header-timeout", "a duration from 100ms to 1d");
    row("--header-timeout 10", "--header-timeout", "us ms s min h d");
    row("--body-timeout 25h", "--body-timeout", "from 100ms to 1d");
    row("--idle-timeout 0s", "--idle-timeout", "from 100ms to 1d");
    row("--max-unread 1B", "--max-unread", "from 64KiB to 64MiB");
    row("--trust-proxy 10.0.0.1/8", "--trust-proxy",
        "\"10.0.0.1/8\" has bits set beyond its prefix. Use 10.0.0.0/8 for the network or 10.0.0.1 for");
    row("--trust-proxy 10.0.0.0/33", "--trust-proxy", "from 0 to 32");
    row("--trust-proxy proxy.example", "--trust-proxy", "is not an address or a network. Use one such as 127.0.0.1");
    row("--trust-proxy 127.0.0.1,,::1", "--trust-proxy", "\"\" is not an address");
    row("--trust-proxy 127.0.0.1, --trust-proxy ::1", "--trust-proxy", "\"\" is not an address");
    row("--trust-proxy=", "--trust-proxy", "\"\" is not an address");
    row("--client-header=", "--client-header", "no header field is named. Use the one that the proxy writes, such as");
    row("--client-header Host", "--client-header", "\"Host\" never holds the address of a client");
    row("--client-header X-Real-IP,Forwarded", "--client-header", "is not the name of one header field");
    row("--client-header Forwarded --client-header X-Real-IP", "--client-header", "2 times");
    row("--client-heder Forwarded", "--client-heder", "Did you mean --client-header?");
    row("--trust-proxi ::1", "--trust-proxi", "Did you mean --trust-proxy?");
    variable("WEIR_MAX_URL=192KiB", "WEIR_MAX_URL", "176KiB or less");
    variable("WEIR_MAX_BODY=1TiB", "WEIR_MAX_BODY", "B KiB MiB GiB");
    variable("WEIR_IDLE_TIMEOUT=1ms", "WEIR_IDLE_TIMEOUT", "from 100ms to 1d");
    variable("WEIR_MAX_HEADER_FIELDS=101", "WEIR_MAX_HEADER_FIELDS", "from 1 to 100");
    variable("WEIR_CLIENT_HEADER=X Real IP", "WEIR_CLIENT_HEADER", "\"X Real IP\" is not the name of one header field");
    variable("WEIR_TRUST_PROXY=::1,fe80::1%eth0", "WEIR_TRUST_PROXY", "\"fe80::1%eth0\" is not an address");
}

void TestCliHttp::badInput()
{
    QFETCH(const QString, variable);
    QFETCH(const QString, where);
    QFETCH(const QString, contains);
    const QStringList lines = printed(variable.isEmpty() ? read(QString::fromLatin1(QTest::currentDataTag()))
                                                         : read({}, QStringList{variable}));
    QVERIFY2(lines.size() == 1, qPrintable(lines.join(QLatin1Char{'\n'})));
    QVERIFY2(lines.front().startsWith(where + QLatin1String{": "}), qPrintable(lines.front()));
    QVERIFY2(lines.front().contains(contains), qPrintable(lines.front()));
}

QTEST_GUILESS_MAIN(TestCliHttp)
#include "tst_cli_http.moc"
