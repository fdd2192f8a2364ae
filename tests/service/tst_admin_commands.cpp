// SPDX-License-Identifier: GPL-3.0-only
// weir status, set, reset, top and check against a running weir serve.
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <csignal>

#include "tests/support/free_port.h"
#include "tests/support/orphans.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/redis_server.h"
#include "tests/support/warnings_fail.h"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr int kPatienceMs = 20'000;
constexpr const char *kCanary = "c4n4ryc4n4ryc4n4ryc4n4ryc4n4ryc4n4ry";

constexpr const char *kLimits = "[[limit]]\nname = 'global'\ncapacity = 3\nrefill = 3\nevery = '1d'\n"
                                "[[limit]]\nname = 'by-key'\nkey = ['header:X-Api-Key']\nhash_key = false\n"
                                "capacity = 100\nrefill = 100\nevery = '1d'\n";

// What a command has said, and how it has ended.
struct Said {
    int code{-1};
    QByteArray output, errors;
    [[nodiscard]] QJsonObject json() const { return QJsonDocument::fromJson(output).object(); }
};

int statusOf(std::uint16_t port, const QByteArray &fields = {})
{
    RawHttpClient client;
    if (!client.connectTo(port) || !client.sendRequest("GET", "/", fields))
        return -1;
    const auto response = client.readResponse();
    return response ? response->status : -1;
}

} // namespace

class TestAdminCommands : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void init();
    void cleanup();

    void statusShowsEachLimit();
    void setHoldsForTheNextRequest();
    void aLimitIsAddedOnlyWhenThatIsMeant();
    void everythingThatIsWrongIsSaid();
    void resetEmptiesAndFills();
    void topNamesTheKeys();
    void checkTellsWithoutTaking();
    void theTokenIsFoundOrAskedFor();
    void theTokenIsNeverShown();
    void whatDoesNotAnswerIsNamed();
    void watchGoesOnUntilItIsEnded_data();
    void watchGoesOnUntilItIsEnded();
    void watchOutlivesARestart();
    void watchEndsWithItsReader();

private:
    void serve();
    [[nodiscard]] QString admin() const { return QStringLiteral("http://127.0.0.1:%1").arg(m_adminPort); }
    [[nodiscard]] QString dataDir() const { return m_weir->folder() + QStringLiteral("/data"); }
    void prepare(WeirProcess &command) const { command.environment().insert(QStringLiteral("WEIR_CONNECT"), admin()); }
    Said run(const QStringList &arguments, const QStringList &variables = {})
    {
        WeirProcess command;
        prepare(command);
        for (const QString &variable : variables)
            command.environment().insert(variable.section(QLatin1Char{'='}, 0, 0),
                                         variable.section(QLatin1Char{'='}, 1));
        const int code = command.runToExit(arguments);
        return {code, command.output(), command.errors()};
    }
    Said ask(const char *line) { return run(words(line)); }
    Said change(const char *line) { return run(words(line) + QStringList{QStringLiteral("--data-dir"), dataDir()}); }
    ChildProcess &watch(const char *line);

    WarningsFail m_warnings;
    Orphans m_orphans;
    RedisServer m_redis;
    std::unique_ptr<WeirProcess> m_weir;
    std::uint16_t m_adminPort{0};
    std::unique_ptr<ChildProcess> m_watch;
};

void TestAdminCommands::init()
{
    QVERIFY(m_redis.start());
    m_weir = std::make_unique<WeirProcess>();
    serve();
}

void TestAdminCommands::serve()
{
    QFile file{m_weir->folder() + QStringLiteral("/limits.toml")};
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(kLimits);
    file.close();
    const QByteArray port = m_adminPort == 0 ? QByteArrayLiteral("0") : QByteArray::number(m_adminPort);
    QVERIFY2(m_weir->start(words("serve --threads 1 --admin 127.0.0.1:" + port)
                           + QStringList{QStringLiteral("--redis"), m_redis.url(), QStringLiteral("--config"),
                                         file.fileName(), QStringLiteral("--data-dir"), dataDir()}),
             m_weir->errors());
    m_adminPort = m_weir->adminPort();
    QVERIFY(m_adminPort != 0);
}

void TestAdminCommands::cleanup()
{
    m_watch.reset();
    if (m_weir->isRunning())
        QCOMPARE(m_weir->stop(), 0);
    m_weir.reset();
    m_adminPort = 0;
    m_redis.stop();
    QTRY_VERIFY_WITH_TIMEOUT(m_orphans.alive().empty(), kPatienceMs);
    WEIR_NO_WARNINGS(m_warnings);
}

ChildProcess &TestAdminCommands::watch(const char *line)
{
    m_watch = std::make_unique<ChildProcess>();
    WeirProcess surroundings;
    prepare(surroundings);
    m_watch->process().setProcessEnvironment(surroundings.environment());
    m_watch->process().setProgram(QStringLiteral(WEIR_BINARY));
    m_watch->process().setArguments(words(line));
    if (!m_watch->start())
        qFatal("%s does not start", line);
    return *m_watch;
}

void TestAdminCommands::statusShowsEachLimit()
{
    for (const int status : {200, 200, 200, 429})
        QCOMPARE(statusOf(m_weir->port(), "X-Api-Key: a\r\n"), status);
    const Said json = ask("status --json");
    QCOMPARE(json.code, 0);
    QCOMPARE(json.output.count('\n'), 1);
    QCOMPARE(json.json()[QLatin1String{"requests"}][QLatin1String{"admitted_total"}], QJsonValue{3});
    QCOMPARE(json.json()[QLatin1String{"admin_url"}], QJsonValue{admin()});
    Said text;
    QTRY_VERIFY_WITH_TIMEOUT((text = ask("status")).output.contains("0 of 3"), kPatienceMs);
    QCOMPARE(text.code, 0);
    QVERIFY(text.errors.isEmpty());
    QVERIFY2(text.output.contains("3 admitted, 1 refused"), text.output);
    QVERIFY2(text.output.contains("Admin at     " + admin().toUtf8() + '\n'), text.output);
    static const QRegularExpression kGlobal{QStringLiteral("\nglobal +token-bucket +0 of 3 +3 per 1d +3 +1 +-\n")},
        kKeyed{QStringLiteral("\nby-key +token-bucket +100 a key +100 per 1d +3 +0 +1\n")};
    QVERIFY2(kGlobal.match(QString::fromUtf8(text.output)).hasMatch(), text.output);
    QVERIFY2(kKeyed.match(QString::fromUtf8(text.output)).hasMatch(), text.output);
}

void TestAdminCommands::setHoldsForTheNextRequest()
{
    for (const int status : {200, 200, 200, 429})
        QCOMPARE(statusOf(m_weir->port()), status);
    const Said said = change("set global capacity=9 refill=9 --tokens refill");
    QVERIFY2(said.code == 0, said.errors);
    QCOMPARE(said.output, QByteArray{"global: capacity 3 -> 9\nglobal: refill 3 -> 9\n"});
    QCOMPARE(statusOf(m_weir->port()), 200);
    QCOMPARE(change("set global capacity=9").output, QByteArray{"global: nothing is different\n"});
    QCOMPARE(change("set by-key match.path=/api/* match.methods=GET,PUT").code, 0);
    const Said match = change("set by-key match.methods=GET --json");
    QCOMPARE(match.json()[QLatin1String{"match"}][QLatin1String{"path"}], QJsonValue{QStringLiteral("/api/*")});
    QCOMPARE(match.json()[QLatin1String{"match"}][QLatin1String{"methods"}],
             QJsonValue{QJsonArray{QStringLiteral("GET")}});
}

void TestAdminCommands::aLimitIsAddedOnlyWhenThatIsMeant()
{
    const Said missing = change("set globl capacity=9");
    QCOMPARE(missing.code, 1);
    QVERIFY2(missing.errors.contains("there is global") && missing.errors.contains("--new"), missing.errors);
    QCOMPARE(change("set globl capacity=9 --new").code, 0);
    QCOMPARE(change("set globl capacity=9 --new").code, 1);
    QVERIFY(ask("status").output.contains("\nglobl "));
}

void TestAdminCommands::everythingThatIsWrongIsSaid()
{
    const Said said = change("set global capacity=0 evry=5s start=half");
    QCOMPARE(said.code, 1);
    QVERIFY(said.output.isEmpty());
    for (const char *part :
         {"  capacity: ", "from 1 to 1000000000", "  evry: ", "Did you mean every?", "  start: ", "full or empty"})
        QVERIFY2(said.errors.contains(part), said.errors);
    const Said one = change("set global every=soon");
    QCOMPARE(one.errors.count('\n'), 1);
    QVERIFY2(one.errors.startsWith("weir: every: "), one.errors);
    QCOMPARE(statusOf(m_weir->port()), 200); // nothing was changed
}

void TestAdminCommands::resetEmptiesAndFills()
{
    QCOMPARE(change("reset global --empty").output, QByteArray{"global: 0 tokens\n"});
    QCOMPARE(statusOf(m_weir->port()), 429);
    QCOMPARE(change("reset global").output, QByteArray{"global: 3 tokens\n"});
    QCOMPARE(statusOf(m_weir->port()), 200);
    QCOMPARE(change("reset by-key a --empty").output, QByteArray{"by-key a: 0 tokens\n"});
    QCOMPARE(statusOf(m_weir->port(), "X-Api-Key: a\r\n"), 429);
    const Said full = change("reset by-key a --full --json");
    QCOMPARE(full.json()[QLatin1String{"tokens"}], QJsonValue{100});
    const Said without = change("reset by-key");
    QCOMPARE(without.code, 1);
    QVERIFY2(without.errors.contains("a bucket for each key"), without.errors);
}

void TestAdminCommands::topNamesTheKeys()
{
    QCOMPARE(statusOf(m_weir->port(), "X-Api-Key: mine\r\n"), 200);
    Said text;
    QTRY_VERIFY_WITH_TIMEOUT((text = ask("top by-key")).output.contains("\nmine "), kPatienceMs);
    QCOMPARE(text.code, 0);
    const QJsonObject row = ask("top by-key --json").json()[QLatin1String{"buckets"}].toArray().first().toObject();
    QCOMPARE(row[QLatin1String{"key"}], QJsonValue{QStringLiteral("mine")});
    QCOMPARE(row[QLatin1String{"admitted_total"}], QJsonValue{1});
    const Said missing = ask("top by-kez");
    QCOMPARE(missing.code, 1);
    QVERIFY2(missing.errors.contains("there is by-key"), missing.errors);
}

void TestAdminCommands::checkTellsWithoutTaking()
{
    const QStringList question{QStringLiteral("check"), QStringLiteral("/a?b=%20&c=d+e"), QStringLiteral("-H"),
                               QStringLiteral("X-Api-Key: k&y")};
    for (int i = 0; i < 5; ++i)
        QCOMPARE(run(question).code, 0);
    QCOMPARE(statusOf(m_weir->port()), 200);
    const Said said = run(question + QStringList{QStringLiteral("--json")});
    QCOMPARE(said.json()[QLatin1String{"outcome"}], QJsonValue{QStringLiteral("admitted")});
    QCOMPARE(said.json()[QLatin1String{"limits"}][0][QLatin1String{"tokens"}], QJsonValue{2});
    QCOMPARE(said.json()[QLatin1String{"limits"}][1][QLatin1String{"key"}], QJsonValue{QStringLiteral("k%26y")});
    QCOMPARE(change("reset global --empty").code, 0);
    const Said refused = run(question);
    QCOMPARE(refused.code, 3);
    QVERIFY2(refused.output.startsWith("refused (429), decided by Redis: "), refused.output);
    QVERIFY2(refused.output.contains("A retry may pass in "), refused.output);
    QCOMPARE(ask("check / --method G(T").code, 1);
}

void TestAdminCommands::theTokenIsFoundOrAskedFor()
{
    const Said missing = ask("set global capacity=4");
    QCOMPARE(missing.code, 1);
    QVERIFY2(missing.errors.contains("there is no token file ") && missing.errors.contains("--data-dir DIR"),
             missing.errors);
    QCOMPARE(run(words("reset global --token-file") + QStringList{dataDir() + QStringLiteral("/admin-token")}).code, 0);
    QFile file{dataDir() + QStringLiteral("/admin-token")};
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QString token = QString::fromLatin1(file.readAll().trimmed());
    QCOMPARE(run(words("reset global"), {QStringLiteral("WEIR_TOKEN=") + token}).code, 0);
    QCOMPARE(run(words("reset global"), {QStringLiteral("WEIR_DATA_DIR=") + dataDir()}).code, 0);
    const Said wrong = run(words("reset global"), {QStringLiteral("WEIR_TOKEN=") + QString::fromLatin1(kCanary)});
    QCOMPARE(wrong.code, 1);
    QVERIFY2(wrong.errors.contains("the token of WEIR_TOKEN is not that of the Weir"), wrong.errors);
    // No file of this machine goes to another one.
    const Said far = change("reset global --connect http://192.0.2.1:8001");
    QCOMPARE(far.code, 1);
    QVERIFY2(far.errors.contains("--token-file FILE, or set WEIR_TOKEN"), far.errors);
}

void TestAdminCommands::theTokenIsNeverShown()
{
    const QStringList token{QStringLiteral("WEIR_TOKEN=") + QString::fromLatin1(kCanary)};
    for (const char *line : {"status", "status --json", "top by-key", "check /", "reset global",
                             "set global capacity=2", "reset global --connect http://127.0.0.1:1"}) {
        const Said said = run(words(line), token);
        QVERIFY2(!(said.output + said.errors).contains(kCanary), line);
    }
    QFile canary{m_weir->folder() + QStringLiteral("/canary")};
    QVERIFY(canary.open(QIODevice::WriteOnly));
    canary.write(kCanary);
    canary.close();
    ChildProcess &watched =
        watch(qPrintable(QStringLiteral("status --watch --json --token-file ") + canary.fileName()));
    QVERIFY(!watched.waitForLine("admin_url", 20s).isEmpty());
    QFile line{QStringLiteral("/proc/%1/cmdline").arg(watched.pid())};
    QVERIFY(line.open(QIODevice::ReadOnly));
    const QByteArray shown = line.readAll();
    QVERIFY(shown.contains("--watch") && !shown.contains(kCanary));
    QVERIFY(!m_weir->errors().contains(kCanary));
}

void TestAdminCommands::whatDoesNotAnswerIsNamed()
{
    const QString nowhere = QStringLiteral("http://127.0.0.1:%1").arg(freePort());
    const Said away = run(words("status --connect") + QStringList{nowhere});
    QCOMPARE(away.code, 1);
    for (const char *part : {"no admin port answers at http://127.0.0.1:", "Is Weir running?", "--admin off"})
        QVERIFY2(away.errors.contains(part), away.errors);
    const Said other =
        run(words("status --connect") + QStringList{QStringLiteral("http://127.0.0.1:%1").arg(m_weir->port())});
    QCOMPARE(other.code, 1);
    QVERIFY2(other.errors.contains("is no admin port of a Weir (status 404)"), other.errors);
    // A proxy of the environment is not asked.
    QCOMPARE(run(words("status"), {QStringLiteral("http_proxy=") + nowhere}).code, 0);
}

void TestAdminCommands::watchGoesOnUntilItIsEnded_data()
{
    QTest::addColumn<int>("number");
    QTest::newRow("SIGINT") << SIGINT;
    QTest::newRow("SIGTERM") << SIGTERM;
}

void TestAdminCommands::watchGoesOnUntilItIsEnded()
{
    QFETCH(const int, number);
    ChildProcess &json = watch("status --watch --json");
    QTRY_VERIFY_WITH_TIMEOUT(json.output().count('\n') >= 3, kPatienceMs);
    for (const QByteArray &line : json.output().trimmed().split('\n').mid(0, 3))
        QVERIFY(QJsonDocument::fromJson(line).isObject());
    json.signal(number);
    QCOMPARE(json.waitForExit(10s), 0);
    QVERIFY(json.errors().isEmpty());
    ChildProcess &text = watch("top global --watch");
    QTRY_VERIFY_WITH_TIMEOUT(text.output().count("global: ") >= 2, kPatienceMs);
    QVERIFY(!text.output().contains('\x1b')); // stdout is no terminal
    text.signal(number);
    QCOMPARE(text.waitForExit(10s), 0);
}

void TestAdminCommands::watchOutlivesARestart()
{
    ChildProcess &json = watch("status --watch --json");
    QVERIFY(!json.waitForLine("admin_url", 20s).isEmpty());
    QCOMPARE(m_weir->stop(), 0);
    QTRY_VERIFY_WITH_TIMEOUT(json.errors().contains("no admin port answers"), kPatienceMs);
    const qsizetype before = json.output().count('\n');
    serve();
    QTRY_VERIFY_WITH_TIMEOUT(json.errors().contains("it answers again"), kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(json.output().count('\n') > before, kPatienceMs);
    QCOMPARE(json.errors().count('\n'), 2);
    json.signal(SIGINT);
    QCOMPARE(json.waitForExit(10s), 0);
}

void TestAdminCommands::watchEndsWithItsReader()
{
    ChildProcess shell;
    WeirProcess surroundings;
    prepare(surroundings);
    shell.process().setProcessEnvironment(surroundings.environment());
    shell.process().setProgram(QStringLiteral("bash"));
    shell.process().setArguments({QStringLiteral("-c"), QStringLiteral("\"$0\" status --watch --json | head -n 1"),
                                  QStringLiteral(WEIR_BINARY)});
    QVERIFY(shell.start());
    QCOMPARE(shell.waitForExit(20s), 0);
    QCOMPARE(shell.output().count('\n'), 1);
}

QTEST_GUILESS_MAIN(TestAdminCommands)
#include "tst_admin_commands.moc"
