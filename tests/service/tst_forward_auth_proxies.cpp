// SPDX-License-Identifier: GPL-3.0-only
// nginx, Caddy and HAProxy ask Weir as the shipped examples tell them to: what the client gets, what it cannot forge, and what
// becomes of it while Weir is away.
#include <QDir>
#include <QFile>
#include <QTest>

#include <csignal>

#include "tests/service/nginx.h"
#include "tests/support/orphans.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/redis_server.h"
#include "tests/support/stored_bucket.h"
#include "tests/support/warnings_fail.h"
#include "tests/support/weir_process.h"

using namespace weir::test;
using namespace Qt::StringLiterals;

namespace {

constexpr int kPatienceMs = 20'000;
constexpr int kTokens = 1000;

/// A proxy with the example of its own, whose ports are replaced.
struct Example {
    const char *name;
    const char *program;
    QStringList files; ///< of resources/examples/proxies; the first is the configuration
};

const std::vector<Example> kExamples{
    {"nginx", "nginx", {u"nginx.conf"_s}},
    {"nginx quiet", "nginx", {u"nginx-quiet.conf"_s}},
    {"caddy", "caddy", {u"Caddyfile"_s}},
    {"haproxy", "haproxy", {u"haproxy.cfg"_s, u"weir.lua"_s}},
};

const QByteArray kLimits = R"(
[[limit]]
name = "client"
key = ["ip"]
capacity = 4
every = "1d"
[[limit]]
name = "paid"
match = { path = "/paid*", methods = ["POST"] }
capacity = 1000
every = "1d"
cost = 7
[block]
paths = ["/secret"]
)";

/// What a client may write to be somebody else, to ask for something else, or to choose its status.
const QByteArray kForged = "X-Forwarded-For: 203.0.113.5\r\nX-Forwarded-Uri: /free\r\nX-Forwarded-Method: GET\r\n"
                           "X-Forwarded-Host: evil.example\r\nForwarded: for=203.0.113.5\r\nX-Real-IP: 203.0.113.5\r\n"
                           "X-Weir-Deny-Status: 403\r\n";

} // namespace

class TestForwardAuthProxies : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    Orphans m_orphans;
    RedisServer m_redis;
    Nginx m_app;

    std::unique_ptr<WeirProcess> m_weir;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<ChildProcess> m_proxy;
    std::uint16_t m_port{0};

    bool startWeir(const QByteArray &limits)
    {
        m_weir = std::make_unique<WeirProcess>();
        QFile file{m_weir->folder() + u"/weir.toml"_s};
        if (!file.open(QIODevice::WriteOnly))
            return false;
        file.write(limits);
        file.close();
        return m_weir->start({u"serve"_s, u"--config"_s, file.fileName(), u"--redis"_s, m_redis.url(), u"--admin"_s,
                              u"127.0.0.1:0"_s})
               && m_weir->adminPort() > 0;
    }

    bool startProxy(const Example &example)
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_proxy = std::make_unique<ChildProcess>();
        m_port = freePort();
        for (const QString &name : example.files) {
            QFile from{QStringLiteral(WEIR_SOURCE_DIR "/resources/examples/proxies/") + name};
            QFile to{m_folder->filePath(name)};
            if (!from.open(QIODevice::ReadOnly) || !to.open(QIODevice::WriteOnly))
                return false;
            QByteArray text = from.readAll();
            text.replace(":8001", ":" + QByteArray::number(m_admin))
                .replace(":3000", ":" + QByteArray::number(m_app.port()));
            text.replace("listen 8080", "listen 127.0.0.1:" + QByteArray::number(m_port));
            text.replace(":8080", "127.0.0.1:" + QByteArray::number(m_port));
            if (QByteArray{example.program} == "nginx")
                text = nginxAround(text);
            else if (QByteArray{example.program} == "caddy")
                text = "{\n admin off\n}\n" + text.replace("\n127.0.0.1:", "\nhttp://127.0.0.1:");
            to.write(text);
        }
        QProcess &process = m_proxy->process();
        process.setWorkingDirectory(m_folder->path());
        process.setProgram(programOf(example.program));
        const QString file = m_folder->filePath(example.files.front());
        if (QByteArray{example.program} == "caddy") {
            QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
            for (const char *variable : {"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"})
                environment.insert(QString::fromLatin1(variable), m_folder->path());
            process.setProcessEnvironment(environment);
            process.setArguments({u"run"_s, u"--adapter"_s, u"caddyfile"_s, u"--config"_s, file});
        } else if (QByteArray{example.program} == "haproxy") {
            process.setArguments({u"-f"_s, file});
        } else {
            process.setArguments({u"-p"_s, m_folder->path(), u"-c"_s, file});
        }
        return m_proxy->start() && QTest::qWaitFor([&] { return RawHttpClient{}.connectTo(m_port); }, kPatienceMs);
    }
    QByteArray nginxAround(const QByteArray &text) const
    {
        const QByteArray here = QFile::encodeName(m_folder->path());
        QByteArray all =
            "daemon off; pid " + here + "/pid; error_log " + here + "/errors;\nevents {}\nhttp {\naccess_log off;\n";
        for (const char *kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
            all += QByteArray{kind} + "_temp_path " + here + "/" + kind + ";\n";
        return all + text + "}\n";
    }

    std::optional<RawResponse> ask(const QByteArray &target, const QByteArray &fields = {},
                                   const QByteArray &method = "GET", const QByteArray &body = {})
    {
        RawHttpClient client;
        if (!client.connectTo(m_port) || !client.sendRequest(method, target, fields) || !client.send(body))
            return std::nullopt;
        return client.readResponse(method == "HEAD");
    }
    QByteArray tokensOf(const QByteArray &bucket) { return storedField(m_redis, "weir:{" + bucket + "}", "tokens"); }

    std::uint16_t m_admin{0};

private Q_SLOTS:
    void initTestCase()
    {
        m_warnings.listen();
        QVERIFY(m_redis.start());
        if (!programOf("nginx").isEmpty())
            QVERIFY(m_app.start({}, "location / { return 200 \"the application\"; }\n"));
    }
    void init() { m_redis.command({"FLUSHALL"}); }
    void cleanup()
    {
        if (m_proxy && m_proxy->isRunning()) {
            m_proxy->signal(SIGTERM);
            m_proxy->waitForExit(std::chrono::seconds{20});
        }
        m_proxy.reset();
        if (m_weir && m_weir->isRunning())
            QCOMPARE(m_weir->stop(), 0);
        m_weir.reset();
        WEIR_NO_WARNINGS(m_warnings);
    }
    void cleanupTestCase()
    {
        m_app.stop();
        m_redis.stop();
        QVERIFY(m_orphans.alive().empty());
    }

    void asTheExampleTellsIt_data()
    {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < kExamples.size(); ++i)
            QTest::newRow(kExamples[i].name) << static_cast<int>(i);
    }
    void asTheExampleTellsIt()
    {
        QFETCH(int, index);
        const Example &example = kExamples[static_cast<std::size_t>(index)];
        if (programOf(example.program).isEmpty() || programOf("nginx").isEmpty())
            QSKIP("this proxy is not installed, so nothing is known of what it makes of Weir");
        QVERIFY2(startWeir(kLimits), m_weir->errors());
        m_admin = m_weir->adminPort();
        QVERIFY2(startProxy(example), m_proxy->errors() + m_proxy->output());

        // Admitted: the application answers, and the client sees what it has left.
        const auto first = ask("/page?x=1");
        QVERIFY(first);
        QCOMPARE(first->status, 200);
        QCOMPARE(first->body, QByteArray{"the application"});
        QVERIFY2(first->header("ratelimit").contains("\"client\";r=3"), first->header("ratelimit"));
        QVERIFY2(first->header("ratelimit-policy").contains("\"client\";q=4"), first->header("ratelimit-policy"));

        // By method and path of the client's request, whatever its fields say; with a body that Weir does not see.
        const auto paid = ask("/paid/a%20b", kForged + "Content-Length: 5\r\n", "POST", "hello");
        QVERIFY(paid);
        QCOMPARE(paid->status, 200);
        QCOMPARE(tokensOf("paid"), QByteArray::number(kTokens - 7));
        QCOMPARE(tokensOf("client:127.0.0.1"), QByteArray{"2"});
        QVERIFY(tokensOf("client:203.0.113.5").isEmpty());

        // Forbidden by Weir: no token, and no word of the application.
        const auto secret = ask("/secret", kForged);
        QVERIFY(secret);
        QCOMPARE(secret->status, QByteArray{example.name} == "nginx quiet" ? 429 : 403);
        QVERIFY(!secret->body.contains("the application"));

        QCOMPARE(ask("/").value().status, 200);
        QCOMPARE(ask("/").value().status, 200);
        for (const char *method : {"GET", "POST", "DELETE", "HEAD"}) {
            const auto refused = ask("/page", kForged + "Content-Length: 0\r\n", method);
            QVERIFY(refused);
            QCOMPARE(refused->status, 429);
            QVERIFY2(refused->header("retry-after").toLongLong() > 0, refused->header("retry-after"));
            QVERIFY2(refused->header("ratelimit").contains("\"client\";r=0"), refused->header("ratelimit"));
            QCOMPARE(refused->header("cache-control"), QByteArray{"no-store"});
            QVERIFY(refused->header("content-type").startsWith("application/problem+json"));
            if (QByteArray{method} != "HEAD")
                QVERIFY2(refused->body.contains("\"status\":429") || refused->body.contains("\"status\":403"),
                         refused->body);
        }

        // Weir away: 503, and the application is not asked.
        QCOMPARE(m_weir->stop(), 0);
        const auto away = ask("/page");
        QVERIFY(away);
        QCOMPARE(away->status, 503);
        QVERIFY(!away->body.contains("the application"));
    }
};

QTEST_GUILESS_MAIN(TestForwardAuthProxies)
#include "tst_forward_auth_proxies.moc"
