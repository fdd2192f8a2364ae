// SPDX-License-Identifier: GPL-3.0-only
#include <QDir>
#include <QJsonArray>
#include <QTest>

#include "app/cli_options.h"
#include "tests/unit/cli_reading.h"

using namespace weir;
using namespace weir::app;
using namespace weir::test;
using namespace std::chrono_literals;

class TestCli : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void defaults()
    {
        const Invocation plain = invocation(read({}));
        QCOMPARE(int(plain.command), int(Invocation::Command::Panel));
        QCOMPARE(config::printListenAddress(plain.config.listen.at(0)), std::string{"127.0.0.1:8000"});
        QCOMPARE(plain.config.dataDir, std::string{"/home/somebody/.local/state/weir"});
        QVERIFY(plain.config.limit.isEmpty());
        QVERIFY(plain.config.redisUrl.empty());
        QVERIFY(!plain.config.isPublic && !plain.screenshot);
        QCOMPARE(int(plain.config.onStoreFailure), int(config::StoreFailurePolicy::Local));
        QCOMPARE(plain.config.threads, 0);
        QCOMPARE(plain.config.lease, limit::Tokens{0});
        QVERIFY(plain.config.http == config::HttpLimits{});
        QVERIFY(plain.config.trustedProxies.empty());
        QVERIFY(plain.config.admin.isOn && !plain.config.admin.isSaid);
        QCOMPARE(config::printListenAddress(plain.config.admin.address), std::string{"127.0.0.1:8001"});
        QCOMPARE(plain.config.clientHeader, std::string{"X-Forwarded-For"});
        QCOMPARE(int(plain.config.logFormat), int(config::LogFormat::Text));
    }

    void everythingSaid()
    {
        const Invocation said = invocation(
            read(QStringLiteral("serve --listen 0.0.0.0:0 --listen [::1]:81 --public --redis unix:/r.sock --capacity "
                                "50 --refill 7 --every 10s "
                                "--start empty --on-store-failure allow --threads 3 --lease 1000 --data-dir /d --admin "
                                "off --log-format json")));
        QCOMPARE(int(said.command), int(Invocation::Command::Serve));
        QCOMPARE(said.config.listen, (std::vector<config::ListenAddress>{{"0.0.0.0", 0}, {"::1", 81}}));
        QVERIFY(said.config.isPublic);
        QCOMPARE(said.config.redisUrl, std::string{"unix:/r.sock"});
        QCOMPARE(said.config.limit.appliedTo({}),
                 (limit::LimitSpec{.capacity = 50, .refill = 7, .interval = 10s, .start = limit::StartLevel::Empty}));
        QCOMPARE(int(said.config.onStoreFailure), int(config::StoreFailurePolicy::Allow));
        QCOMPARE(said.config.threads, 3);
        QCOMPARE(said.config.lease, limit::Tokens{1000});
        QCOMPARE(said.config.dataDir, std::string{"/d"});
        QVERIFY(!said.config.admin.isOn && said.config.admin.isSaid);
        QCOMPARE(int(said.config.logFormat), int(config::LogFormat::Json));
    }

    void aPanelMayBeForAWeirElsewhere()
    {
        QVERIFY(!invocation(read({})).connect);
        const Invocation said = invocation(read(QStringLiteral("--connect http://h:8001/ --log-format json"),
                                                {QStringLiteral("WEIR_TOKEN=abc"), QStringLiteral("WEIR_CAPACITY=0")}));
        QVERIFY(said.connect);
        QCOMPARE(said.connect->url, std::string{"http://h:8001"});
        QCOMPARE(said.connect->token, std::string{"abc"});
        QCOMPARE(int(said.command), int(Invocation::Command::Panel));
        QCOMPARE(int(said.config.logFormat), int(config::LogFormat::Json));
        QVERIFY(invocation(read({}, {QStringLiteral("WEIR_CONNECT=http://[::1]:8001")})).connect);
        QVERIFY(!invocation(read(QStringLiteral("serve"), {QStringLiteral("WEIR_CONNECT=http://h:1")})).connect);
        QVERIFY(invocation(read(QStringLiteral("--connect http://h:8001 --screenshot a --page limits"))).screenshot);
        // Every problem at once.
        QCOMPARE(
            printed(read(QStringLiteral("--connect h:1 --redis redis://h --listen 127.0.0.1:1 --capacity 3"))).size(),
            4);
    }

    void optionsMayComeBeforeTheCommandAndWithEqualsSigns()
    {
        const Invocation said = invocation(read(QStringLiteral("--capacity=9 serve")));
        QCOMPARE(int(said.command), int(Invocation::Command::Serve));
        QCOMPARE(said.config.limit.capacity, std::optional<limit::Tokens>{9});
    }

    void flagsBeatTheEnvironmentBeatsDefaults()
    {
        const QStringList variables{QStringLiteral("WEIR_CAPACITY=20"), QStringLiteral("WEIR_EVERY=1h"),
                                    QStringLiteral("WEIR_PUBLIC=1"), QStringLiteral("WEIR_LISTEN=0.0.0.0:1, [::]:2"),
                                    QStringLiteral("WEIR_REFILL=")};
        const Invocation said = invocation(read(QStringLiteral("--capacity 30"), variables));
        QCOMPARE(said.config.limit.appliedTo({}), (limit::LimitSpec{.capacity = 30, .refill = 30, .interval = 1h}));
        QCOMPARE(said.config.listen.size(), std::size_t{2});
        // A wrong variable does not matter when a flag says better.
        QVERIFY(printed(read(QStringLiteral("--every 1s"), {QStringLiteral("WEIR_EVERY=x")})).isEmpty());
    }

    void theDataFolderFollowsXdg()
    {
        QCOMPARE(invocation(read({}, {QStringLiteral("XDG_STATE_HOME=/s/")})).config.dataDir, std::string{"/s/weir"});
        QCOMPARE(invocation(read({}, {QStringLiteral("XDG_STATE_HOME=relative")})).config.dataDir,
                 std::string{"/home/somebody/.local/state/weir"});
        QCOMPARE(QString::fromStdString(invocation(read(QStringLiteral("--data-dir a/../b"))).config.dataDir),
                 QDir::current().absoluteFilePath(QStringLiteral("b")));
        QVERIFY(
            printed(readCommandLine({QStringLiteral("weir")}, {})).value(0).startsWith(QLatin1String{"--data-dir: "}));
    }

    void capacityAloneTakesTheRefillDown()
    {
        QCOMPARE(invocation(read(QStringLiteral("--capacity 3"))).config.limit.appliedTo({}).refill, limit::Tokens{3});
    }

    void questionsOfARunningWeir()
    {
        using Command = Invocation::Command;
        const Invocation status = invocation(read(QStringLiteral("status --watch --json")));
        QCOMPARE(int(status.command), int(Command::Ask));
        QCOMPARE(status.ask.command, QStringLiteral("status"));
        QVERIFY(status.ask.isWatched && status.ask.isJson);
        QCOMPARE(status.ask.url, QUrl{QStringLiteral("http://127.0.0.1:8001")});
        QCOMPARE(status.ask.dataDir, QStringLiteral("/home/somebody/.local/state/weir"));
        // What is said for serve is none of its business.
        const Invocation there =
            invocation(read(QStringLiteral("top a --data-dir /d"),
                            {QStringLiteral("WEIR_CONNECT=http://h:1"), QStringLiteral("WEIR_CAPACITY=x")}));
        QCOMPARE(there.ask.url, QUrl{QStringLiteral("http://h:1")});
        QCOMPARE(there.ask.dataDir, QStringLiteral("/d"));
        QCOMPARE(there.ask.limit, QStringLiteral("a"));
        const AskLine reset = invocation(read(QStringLiteral("reset a 10.0.0.1 --empty"))).ask;
        QVERIFY(reset.isEmptied && reset.subject == QLatin1String{"10.0.0.1"});
        const AskLine check = invocation(read(QStringLiteral("check /a?b=c,d -H X:1,2 --header Y:3 --client ::1"))).ask;
        QCOMPARE(check.path, QStringLiteral("/a?b=c,d"));
        QCOMPARE(check.headers, (QStringList{QStringLiteral("X:1,2"), QStringLiteral("Y:3")}));
    }

    void aValueIsAsInTheFileWithoutQuotes()
    {
        const QJsonObject changes =
            invocation(read(QStringLiteral("set a capacity=5 every=10s shadow=true key=ip,header:X cost-header= "
                                           "match.path=/a=b refill=null match.methods=")))
                .ask.changes;
        const QJsonArray key{QStringLiteral("ip"), QStringLiteral("header:X")};
        QCOMPARE(changes, (QJsonObject{{QStringLiteral("capacity"), 5},
                                       {QStringLiteral("every"), QStringLiteral("10s")},
                                       {QStringLiteral("shadow"), true},
                                       {QStringLiteral("key"), key},
                                       {QStringLiteral("cost_header"), QString{}},
                                       {QStringLiteral("match.path"), QStringLiteral("/a=b")},
                                       {QStringLiteral("refill"), QJsonValue::Null},
                                       {QStringLiteral("match.methods"), QJsonArray{}}}));
    }

    void screenshots()
    {
        const auto shot =
            invocation(read(QStringLiteral("--screenshot a.png --page live --size 800x600 --theme dark --after 60s")))
                .screenshot;
        for (const char *page : {"live", "limits", "failures", "help", "algorithms"})
            QCOMPARE(
                invocation(read(QStringLiteral("--screenshot a.png --page ") + QLatin1String{page})).screenshot->page,
                QLatin1String{page});
        QVERIFY(shot.has_value());
        QCOMPARE(shot->file, QStringLiteral("a.png"));
        QCOMPARE(shot->width, 800);
        QCOMPARE(shot->height, 600);
        QCOMPARE(shot->theme, QStringLiteral("dark"));
        QCOMPARE(qint64{shot->after.count()}, qint64{60'000});
        const auto plain = invocation(read(QStringLiteral("--screenshot a.png"))).screenshot;
        QCOMPARE(plain->theme, QStringLiteral("system"));
        QCOMPARE(qint64{plain->after.count()}, qint64{3'000});
    }

    void textsAreForMainToPrint()
    {
        const Invocation version = invocation(read(QStringLiteral("--version")));
        QCOMPARE(int(version.command), int(Invocation::Command::ShowVersion));
        static const QRegularExpression kVersion{
            QStringLiteral("^weir \\d+\\.\\d+\\.\\d+\n(commit: [0-9a-f]{7,}(-dirty)?\n)?Qt: 6\\.\\d+\\.\\d+[^\n]*\n"
                           "hiredis: \\d+\\.\\d+\\.\\d+\npanel: (yes|no)\nsystemd: (yes|no)\n$")};
        QVERIFY2(kVersion.match(version.text).hasMatch(), qPrintable(version.text));
        const Invocation help = invocation(read(QStringLiteral("--help --nonsense"))); // asked for help: gets it
        QCOMPARE(int(help.command), int(Invocation::Command::ShowHelp));
        for (const OptionInfo &option : allOptions())
            QVERIFY(help.text.contains(QLatin1String{"--"} + option.name));
        const Invocation serve = invocation(read(QStringLiteral("serve --help")));
        QVERIFY(serve.text.contains(QLatin1String{"weir serve"}));
        QVERIFY(!serve.text.contains(QLatin1String{"--screenshot"}));
    }

    void badInput_data();
    void badInput();

    void allProblemsAtOnce()
    {
        const QStringList lines =
            printed(read(QStringLiteral("srve --capactiy 3 --refill x --every 5 --threads 9 --listen 80 --listen "
                                        "0.0.0.0:80 --admin on --on-store-failure panic"),
                         {QStringLiteral("WEIR_START=half")}));
        QCOMPARE(lines.size(), 10);
        for (const char *where :
             {"srve: ", "--capactiy: ", "--refill: ", "--every: ", "--threads: ", "--listen: \"80\"",
              "--listen: 0.0.0.0:80", "--admin: ", "--on-store-failure: ", "WEIR_START: "})
            QVERIFY2(
                !lines.filter(QRegularExpression{QLatin1Char{'^'} + QRegularExpression::escape(QLatin1String{where})})
                     .isEmpty(),
                where);
    }
};

void TestCli::badInput_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("variable");
    QTest::addColumn<QString>("where");
    QTest::addColumn<QString>("contains");
    const auto row = [](const char *line, const char *where, const char *contains) {
        QTest::newRow(line) << QString::fromLatin1(line) << QString{} << QString::fromLatin1(where)
                            << QString::fromLatin1(contains);
    };
    const auto variable = [](const char *setting, const char *where, const char *contains) {
        QTest::newRow(setting) << QString{} << QString::fromLatin1(setting) << QString::fromLatin1(where)
                               << QString::fromLatin1(contains);
    };
    row("--capacity 0", "--capacity", "from 1 to 1000000000");
    row("--capacity -5", "--capacity", "-5 is out of range");
    row("--capacity 1000000001", "--capacity", "from 1 to 1000000000");
    row("--capacity 99999999999999999999999", "--capacity", "from 1 to 1000000000");
    row("--capacity five", "--capacity", "\"five\" is not a whole number");
    row("--capacity 5.5", "--capacity", "is not a whole number");
    row("--capacity 0x10", "--capacity", "is not a whole number");
    row("--capacity", "--capacity", "has no value");
    row("--capacity 5 --capacity 6", "--capacity", "2 times");
    row("--refill 0", "--refill", "from 1 to the capacity");
    row("--refill 6", "--refill", "more than the capacity of 5");
    row("--capacity 10 --refill 11", "--refill", "a larger capacity");
    row("--every 5", "--every", "us ms s min h d");
    row("--every 5moons", "--every", "us ms s min h d");
    row("--every -5s", "--every", "us ms s min h d");
    row("--every 9ms", "--every", "from 10ms to 366d");
    row("--every 367d", "--every", "from 10ms to 366d");
    row("--every 999999999999d", "--every", "is not a duration");
    row("--start half", "--start", "full or empty");
    row("--on-store-failure panic", "--on-store-failure", "reject, allow or local");
    row("--threads 0", "--threads", "from 1 to 8");
    row("--threads 9", "--threads", "from 1 to 8");
    row("--lease -1", "--lease", "from 0 to 10000");
    row("--lease 10001", "--lease", "from 0 to 10000");
    row("--lease many", "--lease", "from 0 to 10000");
    row("--listen 8000", "--listen", "127.0.0.1:8000");
    row("--listen 127.0.0.1:65536", "--listen", "from 0 to 65535");
    row("--listen localhost:80", "--listen", "127.0.0.1:8000");
    row("--listen 0.0.0.0:8000", "--listen", "--public");
    row("--listen [::]:8000", "--listen", "--public");
    row("--listen 127.0.0.1:80 --listen 127.0.0.1:80", "--listen", "given twice");
    row("--public=yes", "--public", "takes no value");
    row("--public --public", "--public", "2 times");
    row("--redis=", "--redis", "the URL is empty");
    row("--redis rediss://h --redis-ca=", "--redis-ca", "no file is given");
    row("--redis rediss://h --redis-ca /nowhere/ca.pem", "--redis-ca", "cannot read /nowhere/ca.pem");
    row("--redis rediss://h --redis-ca " WEIR_SOURCE_DIR "/LICENSE", "--redis-ca", "holds no certificate");
    row("--redis rediss://h --redis-key /k", "--redis-key", "--redis-cert");
    row("--redis redis://h --redis-ca /ca.pem", "--redis-ca", "--redis rediss://");
    row("--redis-key /k", "--redis-key", "--redis rediss://");
    row("--redis cluster://h --redis-cert /c", "--redis-cert", "--redis rediss://");
    row("--redis sentinel://al1ce:s3cret@h1,h2", "--redis", "the name of the master is missing");
    row("--data-dir=", "--data-dir", "no folder is given");
    row("--admin 8001", "--admin", "or \"off\"");
    row("--admin=", "--admin", "or \"off\"");
    row("--admin 0.0.0.0:8001", "--admin", "--public");
    row("--admin 127.0.0.1:8000", "--admin", "another port, or off");
    row("--admin-hosts http://weir/", "--admin-hosts", "HOST or HOST:PORT");
    row("--connect 127.0.0.1:8001", "--connect", "http://HOST:PORT");
    row("--connect ftp://h:1", "--connect", "http://HOST:PORT");
    row("--connect http://h:8001/v1", "--connect", "http://HOST:PORT");
    row("--connect http://me:secret@h:8001", "--connect", "http://HOST:PORT");
    row("--connect http://h:8001 --capacity 3", "--capacity", "it is for the server, which runs elsewhere");
    row("--connect http://h:8001 --token-file /nowhere/token", "--token-file", "it cannot be read");
    row("--connect http://h:8001 --token-file " WEIR_SOURCE_DIR "/LICENSE", "--token-file", "it holds no token");
    row("--token-file /nowhere/token", "--token-file", "--connect URL with it");
    row("serve --connect http://h:8001", "--connect", "serve has no panel");
    row("--log-format xml", "--log-format", "text, json or journal");
    row("--log-format=", "--log-format", "is not known");
    row("--capactiy 3", "--capactiy", "Did you mean --capacity?");
    row("-capcity 3", "--capcity", "Did you mean --capacity?");
    row("--frobnicate", "--frobnicate", "See weir --help");
    row("srve", "srve", "Did you mean serve?");
    row("launch", "launch", "one of serve, check-config, status, set, reset, top or check");
    row("check-confg", "check-confg", "Did you mean check-config?");
    row("check-config", "check-config", "no file is given");
    row("check-config a b", "check-config", "2 files are given");
    row("check-config a --threads 2", "--threads", "takes no options");
    row("status now", "status", "1 word");
    row("set", "set", "weir set LIMIT KEY=VALUE...");
    row("set global", "set", "something is missing");
    row("set global 5", "set", "KEY=VALUE");
    row("set global =5", "set", "KEY=VALUE");
    row("set global capacity=5 capacity=6", "set", "it once");
    row("set global every=1s --tokens all", "--tokens", "keep, proportional or refill");
    row("reset", "reset", "weir reset LIMIT [SUBJECT]");
    row("reset a b c", "reset", "3 words");
    row("reset a --full --empty", "--empty", "one of both");
    row("top", "top", "weir top LIMIT");
    row("check", "check", "weir check PATH");
    row("check api", "check", "begins with /");
    row("check / --header X", "--header", "NAME: VALUE");
    row("check / -H", "--header", "has no value");
    row("check / --client here", "--client", "192.0.2.1");
    row("status --connect=", "--connect", "http://HOST:PORT");
    row("status --connect 127.0.0.1:8001", "--connect", "http://HOST:PORT");
    row("status --connect http://al1ce:s3cret@h:1", "--connect", "http://HOST:PORT");
    row("status --connect http://h:1/v1", "--connect", "http://HOST:PORT");
    row("status --connect ftp://h:1", "--connect", "http://HOST:PORT");
    row("status --token-file=", "--token-file", "the file with the token");
    row("status --data-dir=", "--data-dir", "no folder is given");
    row("status --threads 2", "--threads", "See weir status --help");
    row("top a --full", "--full", "See weir top --help");
    row("serve --json", "--json", "weir status, weir set, weir reset, weir top or weir check");
    row("--watch", "--watch", "weir status or weir top");
    row("stauts", "stauts", "Did you mean status?");
    row("--config /nowhere/weir.toml", "/nowhere/weir.toml", "there is no such file");
    row("--config=", "--config", "no file is given");
    row("--config " WEIR_SOURCE_DIR, WEIR_SOURCE_DIR, "it is a folder");
    row("serve serve", "serve", "no such command");
    row("--page live", "--page", "--screenshot FILE");
    row("--screenshot a --page nope", "--page", "live");
    row("--screenshot a --size 10x10", "--size", "1280x820");
    row("--screenshot a --size big", "--size", "1280x820");
    row("--screenshot a --theme blue", "--theme", "system, light or dark");
    row("--screenshot a --after 3", "--after", "us ms s min h d");
    row("--screenshot a --after 2h", "--after", "from 0s to 1h");
    row("--screenshot", "--screenshot", "has no value");
    row("serve --screenshot a", "--screenshot", "no window");
    variable("WEIR_CAPACITY=0", "WEIR_CAPACITY", "from 1 to 1000000000");
    variable("WEIR_REFILL=6", "WEIR_REFILL", "more than the capacity of 5");
    variable("WEIR_EVERY=soon", "WEIR_EVERY", "us ms s min h d");
    variable("WEIR_LISTEN=1.2.3.4:5", "WEIR_LISTEN", "--public");
    variable("WEIR_PUBLIC=maybe", "WEIR_PUBLIC", "yes");
    variable("WEIR_REDIS=http://al1ce:s3cret@h", "WEIR_REDIS", "must begin with redis://");
    variable("WEIR_REDIS_CA=/ca.pem", "WEIR_REDIS_CA", "--redis rediss://");
    variable("WEIR_LOG_FORMAT=JSON", "WEIR_LOG_FORMAT", "text, json or journal");
    variable("WEIR_THREADS=-1", "WEIR_THREADS", "from 1 to 8");
    variable("WEIR_ON_STORE_FAILURE=never", "WEIR_ON_STORE_FAILURE", "reject, allow or local");
}

void TestCli::badInput()
{
    QFETCH(const QString, line);
    QFETCH(const QString, variable);
    QFETCH(const QString, where);
    QFETCH(const QString, contains);
    const QStringList lines = printed(read(line, variable.isEmpty() ? QStringList{} : QStringList{variable}));
    QVERIFY2(lines.size() == 1, qPrintable(lines.join(QLatin1Char{'\n'})));
    QVERIFY2(lines.front().startsWith(where + QLatin1String{": "}), qPrintable(lines.front()));
    QVERIFY2(lines.front().contains(contains), qPrintable(lines.front()));
    QVERIFY2(!lines.front().contains(QLatin1String{"s3cret"}), qPrintable(lines.front()));
}

QTEST_GUILESS_MAIN(TestCli)
#include "tst_cli.moc"
