// SPDX-License-Identifier: GPL-3.0-only
// Clients that people use, told to wait for one second to a thousand years: none comes back too early, a short wait ends well, and
// on the same connection. What is not installed is left out, and it says so.
#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QTest>

#include <map>
#include <memory>
#include <vector>

#include "tests/service/counting_relay.h"
#include "tests/service/nginx.h"
#include "tests/support/orphans.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/warnings_fail.h"
#include "tests/support/weir_process.h"

using namespace weir::test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

constexpr int kPatienceMs = 60'000; // a dozen programs start at once on a busy machine
constexpr int kObservedMs = 3'000;  // who takes a long wait for none comes back within milliseconds
constexpr auto kAnswerTime = 30s;   // of Weir beside all of them
constexpr auto kSetUpTime = 60s;    // what npm may take, once for a build folder

struct Wait {
    QByteArray path;
    QByteArray limit; ///< one token at a time; `admitted` has the first
    bool isShort{false};
};

// In seconds: what people set, both sides of 2^31 ms, the longest interval; and the longest wait, of a cost that takes as many
// intervals.
std::vector<Wait> waits()
{
    std::vector<Wait> all;
    for (const char *seconds : {"2", "59", "3600", "86400", "2147483", "2147484", "31622400"})
        all.push_back({QByteArray{"/w"} + seconds,
                       "algorithm = \"gcra\"\ncapacity = 1\nrefill = 1\nevery = \"" + QByteArray{seconds} + "s\"\n",
                       QByteArray{seconds} == "2"});
    all.push_back({"/longest", "capacity = 1000000000\nrefill = 1\nevery = \"366d\"\ncost = 1000000000\n", false});
    return all;
}

struct Ask {
    QByteArray name; ///< as in the table
    Wait wait;
    QByteArray method{"GET"};
    QByteArray size{"0"};
};

std::vector<Ask> asks()
{
    std::vector<Ask> all;
    for (const Wait &wait : waits())
        all.push_back({wait.path.mid(1), wait});
    const Wait brief = all.front().wait;
    all.push_back({"HEAD", brief, "HEAD"});
    for (const char *size : {"1", "65536", "1048576"})
        all.push_back({QByteArray{"POST "} + size, brief, "POST", size});
    return all;
}

enum class By { Node, Python, Curl, Browser };

struct Client {
    QByteArray name;
    By by;
};

const std::vector<Client> kClients{
    {"got", By::Node},           {"axios-retry", By::Node},   {"ky", By::Node},
    {"undici", By::Node},        {"fetch of Node", By::Node}, {"http.Agent", By::Node},
    {"urllib3", By::Python},     {"requests", By::Python},    {"httpx, tenacity", By::Python},
    {"http.client", By::Python}, {"curl --retry", By::Curl},  {"Chromium", By::Browser},
};

// By its own choice: undici leaves the connection of an answer that it will not pass on, and that of any HEAD.
bool reconnects(const QByteArray &client, const Ask &ask)
{
    return client == "undici" || (ask.method == "HEAD" && (client == "fetch of Node" || client == "ky"));
}

// A page for a browser, whatever it asks for.
class PageServer {
public:
    explicit PageServer(const QByteArray &page)
    {
        m_server.listen(QHostAddress::LocalHost);
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server, [this, page] {
            QTcpSocket *socket = m_server.nextPendingConnection();
            QObject::connect(socket, &QTcpSocket::readyRead, socket, [socket, page] {
                socket->readAll();
                socket->write("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: "
                              + QByteArray::number(page.size()) + "\r\n\r\n" + page);
                socket->disconnectFromHost();
            });
        });
    }
    [[nodiscard]] std::uint16_t port() const { return m_server.serverPort(); }

private:
    QTcpServer m_server;
};

QString sourceFile(const char *name)
{
    return QStringLiteral(WEIR_SOURCE_DIR "/tests/service/clients/") + QString::fromLatin1(name);
}

} // namespace

class TestRetryingClients : public QObject {
    Q_OBJECT
    using Relays = std::vector<std::unique_ptr<CountingRelay>>; // an Ask each

    WarningsFail m_warnings;
    Orphans m_orphans;
    WeirProcess m_weir;
    QTemporaryDir m_folder;
    std::map<QByteArray, Relays> m_relays; // by name of the client
    std::vector<std::unique_ptr<ChildProcess>> m_children;
    std::unique_ptr<PageServer> m_page;
    QByteArrayList m_absent;

    void startWeir();
    void drain(const QByteArray &target) const;
    void start(const QString &program, const QStringList &arguments);
    void startAll();
    void startCurl(const Relays &relays);
    void startBrowser(const QString &browser, const Relays &relays);
    QStringList argumentsOf(By by) const;
    static QByteArray urlsOf(const QByteArray &client, const Relays &relays);
    QString clientsOfNode();
    void leaveOut(const QByteArray &client, const QByteArray &why);
    void leaveOutAll(By by, const QByteArray &why);
    QByteArrayList hearChildren();
    QByteArray table() const;

private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }
    void cleanupTestCase()
    {
        m_children.clear();
        QTRY_VERIFY_WITH_TIMEOUT(m_orphans.alive().empty(), kPatienceMs); // a browser's helpers as well
    }
    void nobodyComesBackTooEarly();
};

void TestRetryingClients::startWeir()
{
    QFile file{m_folder.filePath(u"weir.toml"_s)};
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("[server]\ncors = [\"*\"]\n");
    int number = 0;
    for (const Wait &wait : waits())
        file.write("[[limit]]\nname = \"l" + QByteArray::number(number++) + "\"\nmatch = { path = \"" + wait.path
                   + "\" }\nkey = \"query:c\"\n" + wait.limit);
    file.close();
    QVERIFY2(m_weir.start({u"serve"_s, u"--config"_s, file.fileName()}), m_weir.errors());
}

// There is nothing at these paths, so who is admitted gets 404.
void TestRetryingClients::drain(const QByteArray &target) const
{
    RawHttpClient client{kAnswerTime};
    QVERIFY(client.connectTo(m_weir.port()) && client.sendRequest("GET", target));
    const auto response = client.readResponse();
    QVERIFY2(response, qPrintable(client.error()));
    QVERIFY2(response->status == 404, target + ": " + response->statusLine);
}

void TestRetryingClients::start(const QString &program, const QStringList &arguments)
{
    m_children.push_back(std::make_unique<ChildProcess>());
    ChildProcess &child = *m_children.back();
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"HOME"_s, m_folder.path());
    for (const char *name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"})
        environment.remove(QString::fromLatin1(name));
    child.process().setProcessEnvironment(environment);
    child.process().setProgram(program);
    child.process().setArguments(arguments);
    QVERIFY2(child.start(), qPrintable(program));
}

QByteArray TestRetryingClients::urlsOf(const QByteArray &client, const Relays &relays)
{
    const std::vector<Ask> all = asks();
    QByteArrayList urls;
    for (std::size_t i = 0; i < all.size(); ++i)
        urls += "http://127.0.0.1:" + QByteArray::number(relays[i]->port()) + all[i].wait.path
                + "?c=" + client.toPercentEncoding() + QByteArray::number(i) + ' ' + all[i].method + ' ' + all[i].size;
    return urls.join(',');
}

QStringList TestRetryingClients::argumentsOf(By by) const
{
    QStringList arguments;
    for (const Client &client : kClients)
        if (client.by == by)
            arguments += QString::fromUtf8(client.name + '=' + urlsOf(client.name, m_relays.at(client.name)));
    return arguments;
}

// The script beside its packages, which npm brings once; without them the clients of Node itself are left.
QString TestRetryingClients::clientsOfNode()
{
    const QDir folder{QCoreApplication::applicationDirPath() + u"/clients"_s};
    folder.mkpath(u"."_s);
    for (const char *name : {"package.json", "package-lock.json", "retrying.mjs"}) {
        QFile::remove(folder.filePath(QString::fromLatin1(name)));
        QFile::copy(sourceFile(name), folder.filePath(QString::fromLatin1(name)));
    }
    QFile wanted{folder.filePath(u"package-lock.json"_s)}, there{folder.filePath(u"installed.json"_s)};
    const bool isWhole =
        wanted.open(QIODevice::ReadOnly) && there.open(QIODevice::ReadOnly) && wanted.readAll() == there.readAll();
    if (!isWhole && !programOf("npm").isEmpty()) {
        ChildProcess npm;
        npm.process().setProgram(programOf("npm"));
        npm.process().setWorkingDirectory(folder.path());
        npm.process().setArguments(
            words("ci --ignore-scripts --no-audit --no-fund --loglevel=error --prefer-offline --fetch-retries=0"));
        if (npm.start() && npm.waitForExit(kSetUpTime) == 0) {
            QFile::remove(there.fileName());
            QFile::copy(wanted.fileName(), there.fileName());
        }
    }
    return folder.filePath(u"retrying.mjs"_s);
}

void TestRetryingClients::startCurl(const Relays &relays)
{
    const QByteArrayList urls = urlsOf("curl --retry", relays).split(',');
    for (const QByteArray &each : urls) {
        const QByteArrayList parts = each.split(' ');
        // To a file of its own: it empties what it has written before it tries again, and gives up where that cannot be.
        QStringList arguments = words("-sS --retry 5 --noproxy * -o");
        arguments += m_folder.filePath(u"answer%1"_s.arg(m_children.size()));
        if (parts.at(1) == "HEAD")
            arguments += u"--head"_s;
        if (parts.at(1) == "POST") {
            QFile body{m_folder.filePath(QString::fromUtf8(parts.at(2)))};
            QVERIFY(body.open(QIODevice::WriteOnly));
            body.write(QByteArray(parts.at(2).toInt(), 'x'));
            arguments += {u"--data-binary"_s, u'@' + body.fileName()};
        }
        start(programOf("curl"), arguments + QStringList{QString::fromUtf8(parts.at(0))});
    }
}

void TestRetryingClients::startBrowser(const QString &browser, const Relays &relays)
{
    QFile page{sourceFile("retrying.html")};
    QVERIFY(page.open(QIODevice::ReadOnly));
    m_page = std::make_unique<PageServer>(page.readAll());
    start(browser, words("--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking "
                         "--disable-component-update --disable-sync --disable-dev-shm-usage --no-proxy-server "
                         "--user-data-dir="
                         + QFile::encodeName(m_folder.path()))
                       + QStringList{u"http://127.0.0.1:%1/#"_s.arg(m_page->port())
                                     + QString::fromUtf8(urlsOf("Chromium", relays).toPercentEncoding())});
}

void TestRetryingClients::leaveOut(const QByteArray &client, const QByteArray &why)
{
    if (m_relays.erase(client) > 0)
        m_absent += client + " (" + why + ")";
}

void TestRetryingClients::leaveOutAll(By by, const QByteArray &why)
{
    for (const Client &client : kClients)
        if (client.by == by)
            leaveOut(client.name, why);
}

void TestRetryingClients::startAll()
{
    if (const QString node = programOf("node"); !node.isEmpty())
        start(node, QStringList{clientsOfNode()} + argumentsOf(By::Node));
    else
        leaveOutAll(By::Node, "Node is not installed");
    if (const QString python = programOf("python3"); !python.isEmpty())
        start(python, QStringList{sourceFile("retrying.py")} + argumentsOf(By::Python));
    else
        leaveOutAll(By::Python, "Python is not installed");
    if (programOf("curl").isEmpty())
        leaveOutAll(By::Curl, "not installed");
    else
        startCurl(m_relays.at("curl --retry"));
    if (const QString browser = programOf("chromium"); !browser.isEmpty())
        startBrowser(browser, m_relays.at("Chromium"));
    else
        leaveOutAll(By::Browser, "not installed");
}

// What they say of trouble; who says that it is not there is left out.
QByteArrayList TestRetryingClients::hearChildren()
{
    QByteArrayList trouble;
    for (const auto &child : m_children) {
        for (const QByteArray &line : child->output().split('\n')) {
            const QByteArrayList parts = line.split(':');
            if (line.startsWith("absent: "))
                leaveOut(parts.at(1).trimmed(), parts.mid(2).join(':').trimmed());
            else if (!line.isEmpty())
                trouble += line;
        }
    }
    return trouble;
}

// What each of them made of each wait: answers that it got, the status of the last one, connections.
QByteArray TestRetryingClients::table() const
{
    const std::vector<Ask> all = asks();
    QByteArray text = "client";
    for (const Ask &ask : all)
        text += " | " + ask.name;
    for (const auto &[client, relays] : m_relays) {
        text += '\n' + client;
        for (const auto &relay : relays)
            text += " | " + QByteArray::number(relay->answers()) + ": " + QByteArray::number(relay->lastStatus()) + ", "
                    + QByteArray::number(relay->connections());
    }
    return text;
}

void TestRetryingClients::nobodyComesBackTooEarly()
{
    startWeir();
    const std::vector<Ask> all = asks();
    for (const Client &client : kClients)
        for (std::size_t i = 0; i < all.size(); ++i)
            m_relays[client.name].push_back(std::make_unique<CountingRelay>(
                m_weir.port(), [this, target = all[i].wait.path + "?c=" + client.name.toPercentEncoding()
                                               + QByteArray::number(i)] { drain(target); }));
    startAll();
    const auto areAll = [&](const std::function<bool(const Ask &, const CountingRelay &)> &holds) {
        hearChildren();
        for (const auto &[client, relays] : m_relays)
            for (std::size_t i = 0; i < all.size(); ++i)
                if (!holds(all[i], *relays[i]))
                    return false;
        return true;
    };
    QTRY_VERIFY2_WITH_TIMEOUT(areAll([](const Ask &, const CountingRelay &relay) { return relay.answers() > 0; }),
                              table(), kPatienceMs);
    QTRY_VERIFY2_WITH_TIMEOUT(areAll([](const Ask &ask, const CountingRelay &relay) {
                                  return !ask.wait.isShort || relay.lastStatus() == 404;
                              }),
                              table(), kPatienceMs);
    QTest::qWait(kObservedMs); // nothing is to happen
    const QByteArrayList trouble = hearChildren();
    qInfo("answers, the last one's status, and connections:\n%s", table().constData());
    if (!m_absent.isEmpty())
        qInfo("left out: %s", m_absent.join("; ").constData());
    for (const auto &[client, relays] : m_relays)
        for (std::size_t i = 0; i < all.size(); ++i) {
            const QByteArray what = client + ", " + all[i].name;
            QVERIFY2(relays[i]->answers() == (all[i].wait.isShort ? 2 : 1), what.constData());
            QVERIFY2(relays[i]->connections() == (reconnects(client, all[i]) ? relays[i]->answers() : 1),
                     what.constData());
        }
    QVERIFY2(trouble.isEmpty(), trouble.join('\n').constData());
    QCOMPARE(m_weir.stop(), 0);
}

QTEST_GUILESS_MAIN(TestRetryingClients)
#include "tst_retrying_clients.moc"
