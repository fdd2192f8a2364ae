// SPDX-License-Identifier: GPL-3.0-only
// nginx in front as people set it up, with and without trust: whom Weir counts, and what becomes of its answers.
#include <QDir>
#include <QFile>
#include <QTest>

#include <memory>
#include <vector>

#include <unistd.h>

#include "tests/service/nginx.h"
#include "tests/support/orphans.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/warnings_fail.h"
#include "tests/support/weir_process.h"

using namespace weir::test;
using namespace Qt::StringLiterals;

namespace {

constexpr int kPatienceMs = 20'000;

// The name of the limit that an answer tells of is who was counted.
const QByteArray kClient = "127.0.0.77"; // nginx itself comes from 127.0.0.1
const QByteArray kMadeUp = "203.0.113.5";
const QByteArray kWhoIsCounted = R"(
[[limit]]
name = "proxy"
match = { network = ["127.0.0.1"] }
capacity = 1000000
[[limit]]
name = "client"
match = { network = ["127.0.0.77"] }
capacity = 1000000
[[limit]]
name = "made-up"
match = { network = ["203.0.113.5"] }
capacity = 1000000
)";

const QByteArray kForged =
    "X-Forwarded-For: " + kMadeUp + "\r\nX-Real-IP: " + kMadeUp + "\r\nForwarded: for=" + kMadeUp + "\r\n";

struct Setup {
    const char *name;
    const char *lines;       ///< of the location, before proxy_pass
    QByteArrayList writes{}; ///< the fields that it sets
};

const std::vector<Setup> kSetups{
    {"defaults", ""},
    {"keep-alive", "proxy_http_version 1.1; proxy_set_header Connection \"\";"},
    {"appended", "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;", {"X-Forwarded-For"}},
    {"replaced", "proxy_set_header X-Forwarded-For $remote_addr;", {"X-Forwarded-For"}},
    {"real-ip", "proxy_set_header X-Real-IP $remote_addr;", {"X-Real-IP"}},
    {"forwarded", "proxy_set_header Forwarded \"for=$remote_addr;proto=$scheme\";", {"Forwarded"}},
    {"as-usual",
     "proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_set_header Host $host;"
     "proxy_set_header X-Real-IP $remote_addr; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"
     "proxy_set_header X-Forwarded-Proto $scheme;",
     {"X-Forwarded-For", "X-Real-IP"}},
    {"unbuffered", "proxy_buffering off; proxy_set_header X-Forwarded-For $remote_addr;", {"X-Forwarded-For"}},
};

// Listens for one kind of trust.
struct Weir {
    QByteArray name;
    QByteArray server;   ///< lines of [server]
    QByteArray believed; ///< the field; empty: none
    std::unique_ptr<WeirProcess> process{std::make_unique<WeirProcess>()};
};

std::vector<Weir> makeWeirs()
{
    std::vector<Weir> all;
    all.push_back({"nobody", {}, {}});
    for (const char *field : {"X-Forwarded-For", "X-Real-IP", "Forwarded"})
        all.push_back({QByteArray{field}.toLower(),
                       "trust_proxy = \"127.0.0.1\"\nclient_header = \"" + QByteArray{field} + "\"\n", field});
    return all;
}

bool startWith(WeirProcess &weir, const QByteArray &text, const QStringList &arguments = {})
{
    QFile file{weir.folder() + u"/weir.toml"_s};
    if (!file.open(QIODevice::WriteOnly))
        return false;
    file.write(text);
    file.close();
    return weir.start(QStringList{u"serve"_s, u"--config"_s, file.fileName()} + arguments);
}

QByteArray addressOf(const WeirProcess &weir)
{
    return "127.0.0.1:" + QByteArray::number(weir.port());
}

std::optional<RawResponse> ask(std::uint16_t port, const QByteArray &path, const QByteArray &fields = {},
                               const QByteArray &method = "GET", const QByteArray &body = {})
{
    RawHttpClient client;
    if (!client.connectTo(port, "127.0.0.1", kClient) || !client.sendRequest(method, path, fields)
        || !client.send(body))
        return std::nullopt;
    return client.readResponse(method == "HEAD");
}

// "client", of `"client";r=9;t=0`.
QByteArray counted(const std::optional<RawResponse> &response)
{
    return response ? response->header("ratelimit").split('"').value(1) : QByteArray{"nobody answers"};
}

const QByteArray kOneToken = "[[limit]]\nname = \"one\"\ncapacity = 1\nevery = \"1d\"\n";

} // namespace

class TestNginxSetups : public QObject {
    Q_OBJECT
    WarningsFail m_warnings;
    Orphans m_orphans;

    static bool isUp(const Nginx &nginx)
    {
        return QTest::qWaitFor(
            [&] {
                RawHttpClient client;
                return client.connectTo(nginx.port());
            },
            kPatienceMs);
    }

private Q_SLOTS:
    void initTestCase()
    {
        if (programOf("nginx").isEmpty())
            QSKIP("nginx is not installed, so nothing is known of what it makes of Weir");
        m_warnings.listen();
    }
    void cleanup() { WEIR_NO_WARNINGS(m_warnings); }
    void cleanupTestCase() { QVERIFY(m_orphans.alive().empty()); }

    // The client is itself exactly when the field that is believed is one that nginx writes. When nginx does not, what the client
    // wrote itself goes through, and it is whoever it likes.
    void whoIsCounted()
    {
        std::vector<Weir> weirs = makeWeirs();
        QByteArray upstreams, locations;
        for (const Weir &weir : weirs) {
            QVERIFY2(startWith(*weir.process, "[server]\n" + weir.server + kWhoIsCounted), weir.process->errors());
            upstreams += "upstream " + weir.name + " { server " + addressOf(*weir.process) + "; keepalive 4; }\n";
            for (const Setup &setup : kSetups)
                locations += "location /" + weir.name + '/' + setup.name + "/ { " + setup.lines + " proxy_pass http://"
                             + weir.name + "/; }\n";
        }
        Nginx nginx;
        QVERIFY2(nginx.start(upstreams, locations), nginx.told());
        QVERIFY2(isUp(nginx), nginx.told());
        for (const Weir &weir : weirs) {
            for (const Setup &setup : kSetups) {
                const bool isWritten = setup.writes.contains(weir.believed);
                const QByteArray honest = isWritten ? "client" : "proxy";
                const QByteArray forged = isWritten ? "client" : weir.believed.isEmpty() ? "proxy" : "made-up";
                const QByteArray path = '/' + weir.name + '/' + setup.name + '/';
                QVERIFY2(counted(ask(nginx.port(), path)) == honest, path.constData());
                QVERIFY2(counted(ask(nginx.port(), path, kForged)) == forged, path.constData());
            }
        }
        QCOMPARE(nginx.stop(), 0);
        QVERIFY2(!nginx.told().contains("[error]"), nginx.told());
        // Who trusts nobody hears of the proxy, once; who believes another field than it writes, of that.
        for (const Weir &weir : weirs) {
            const bool isTrusting = !weir.believed.isEmpty();
            const QByteArray expected = isTrusting ? "they all count as the proxy" : "--trust-proxy 127.0.0.1";
            QTRY_VERIFY2_WITH_TIMEOUT(weir.process->errors().contains(expected), weir.process->errors(), kPatienceMs);
            QCOMPARE(weir.process->stop(), 0);
            QVERIFY2(weir.process->errors().count(" count as ") == 1, weir.process->errors());
        }
    }

    void thePortSpeaksTheProxyProtocol_data()
    {
        QTest::addColumn<QByteArray>("server");
        QTest::addColumn<int>("status");
        QTest::newRow("expected of a trusted peer")
            << QByteArray{"trust_proxy = \"127.0.0.1\"\nproxy_protocol = true\n"} << 200;
        QTest::newRow("of nobody") << QByteArray{"trust_proxy = \"127.0.0.1\"\n"} << 400;
        QTest::newRow("of a peer without trust") << QByteArray{"proxy_protocol = true\n"} << 400;
    }
    void thePortSpeaksTheProxyProtocol()
    {
        QFETCH(const QByteArray, server);
        QFETCH(const int, status);
        const QByteArray module = "/usr/lib/nginx/modules/ngx_stream_module.so";
        if (!QFile::exists(QString::fromUtf8(module)))
            QSKIP("nginx has no stream module here (libnginx-mod-stream), so it cannot speak the PROXY protocol");
        WeirProcess weir;
        QVERIFY2(startWith(weir, "[server]\n" + server + kWhoIsCounted), weir.errors());
        const std::uint16_t port = freePort();
        Nginx nginx;
        QVERIFY(nginx.start({}, {},
                            "load_module " + module
                                + ";\nstream { server { listen 127.0.0.1:" + QByteArray::number(port) + "; proxy_pass "
                                + addressOf(weir) + "; proxy_protocol on; } }\n"));
        QVERIFY2(isUp(nginx), nginx.told());
        const auto response = ask(port, "/", kForged);
        QVERIFY2(response, nginx.told());
        QCOMPARE(response->status, status);
        if (status == 200)
            QCOMPARE(counted(response), QByteArray{"client"});
        QCOMPARE(nginx.stop(), 0);
        QCOMPARE(weir.stop(), 0);
    }

    // nginx takes 2xx, 401 and 403 of who is asked; anything else is an error of its own.
    void whoAsksByAuthRequest()
    {
        WeirProcess weir;
        QVERIFY2(startWith(weir, kOneToken), weir.errors());
        Nginx nginx;
        QVERIFY(nginx.start({}, "location = /_weir { internal; proxy_pass http://" + addressOf(weir)
                                    + "/; proxy_pass_request_body off; proxy_set_header Content-Length \"\"; }\n"
                                      "location /bare { auth_request /_weir; return 204; }\n"
                                      "location /told { auth_request /_weir; auth_request_set $weir $upstream_status;\n"
                                      "auth_request_set $retry $upstream_http_retry_after; error_page 500 = @no;\n"
                                      "try_files /nothing =404; }\n"
                                      "location @no { add_header Retry-After $retry always; return 429; }\n"));
        QVERIFY2(isUp(nginx), nginx.told());
        const auto admitted = ask(nginx.port(), "/told");
        QVERIFY(admitted);
        QCOMPARE(admitted->status, 404); // Weir let it through, and there is nothing
        const auto bare = ask(nginx.port(), "/bare", {}, "POST", {});
        QVERIFY(bare);
        QVERIFY(bare->status == 204 || bare->status == 500); // return goes before access in nginx
        const auto told = ask(nginx.port(), "/told");
        QVERIFY(told);
        QCOMPARE(told->status, 429);
        QVERIFY2(told->header("retry-after").toInt() > 0, told->header("retry-after"));
        QCOMPARE(nginx.stop(), 0);
        QVERIFY2(nginx.told().contains("auth request unexpected status: 429"), nginx.told());
        QCOMPARE(weir.stop(), 0);
    }

    // A refusal is asked once, unless nginx is told to try it elsewhere: then it is refused there as well, and counted.
    void aRefusalIsTriedElsewhereOnlyWhenAskedTo()
    {
        WeirProcess weir;
        QVERIFY2(startWith(weir, kOneToken), weir.errors());
        // One Weir, named twice: nginx takes it for two servers. By address, for a name may mean [::1] too.
        const QByteArray both = "{ server " + addressOf(weir) + "; server " + addressOf(weir) + " max_fails=0; }\n";
        const QByteArray shows = " add_header X-Tries $upstream_status always; }\n";
        Nginx nginx;
        QVERIFY(
            nginx.start("upstream weir " + both,
                        "location /once { proxy_pass http://weir/;" + shows
                            + "location /again { proxy_pass http://weir/; proxy_next_upstream error timeout http_429 "
                              "http_503;"
                            + shows));
        QVERIFY2(isUp(nginx), nginx.told());
        const auto tries = [&](const QByteArray &path, const QByteArray &method) {
            const auto response = ask(nginx.port(), path, "Content-Length: 0\r\n", method);
            return response ? response->header("x-tries") : QByteArray{"no answer"};
        };
        QCOMPARE(tries("/once", "GET"), QByteArray{"200"});
        QCOMPARE(tries("/once", "GET"), QByteArray{"429"});
        QVERIFY2(tries("/again", "GET").startsWith("429, 429"), tries("/again", "GET"));
        QCOMPARE(tries("/again", "POST"), QByteArray{"429"}); // may not be asked twice (RFC 9110, 9.2.2)
        QCOMPARE(nginx.stop(), 0);
        QCOMPARE(weir.stop(), 0);
    }

    // An error page of nginx has none of Weir's fields but those that it is told to keep.
    void anErrorPageOfItsOwn()
    {
        WeirProcess weir;
        QVERIFY2(startWith(weir, kOneToken), weir.errors());
        const QByteArray passes = "{ proxy_pass http://" + addressOf(weir) + "/; proxy_intercept_errors on; ";
        Nginx nginx;
        QVERIFY(
            nginx.start({}, "location /lost " + passes + "error_page 429 @lost; }\nlocation @lost { return 429; }\n"
                                + "location /kept " + passes + "error_page 429 @kept; }\n"
                                + "location @kept { add_header Retry-After $upstream_http_retry_after always; return "
                                  "429; }\n"));
        QVERIFY2(isUp(nginx), nginx.told());
        QCOMPARE(ask(nginx.port(), "/lost").value().status, 200);
        const auto lost = ask(nginx.port(), "/lost"), kept = ask(nginx.port(), "/kept");
        QVERIFY(lost && kept);
        QCOMPARE(lost->status, 429);
        QVERIFY(!lost->hasHeader("retry-after") && !lost->hasHeader("ratelimit"));
        QCOMPARE(kept->status, 429);
        QVERIFY(kept->header("retry-after").toInt() > 0);
        QCOMPARE(nginx.stop(), 0);
        QCOMPARE(weir.stop(), 0);
    }

    void headsBodiesAndHead()
    {
        WeirProcess weir;
        QVERIFY2(startWith(weir, "[[limit]]\nname = \"many\"\ncapacity = 1000000\n"), weir.errors());
        const QByteArray to = "proxy_pass http://" + addressOf(weir) + "/; ";
        Nginx nginx;
        // Bodies go into a file in the test's folder, which is closed to whom nginx takes for itself when root starts it.
        const QByteArray user = geteuid() == 0 ? "user root;\n" : "";
        QVERIFY(nginx.start("large_client_header_buffers 4 80k;\n",
                            "location /plain { " + to + "}\nlocation /streamed { " + to
                                + "proxy_buffering off; proxy_request_buffering off; proxy_http_version 1.1; }\n",
                            user));
        QVERIFY2(isUp(nginx), nginx.told());
        for (const QByteArray path : {"/plain", "/streamed"}) {
            const auto head = ask(nginx.port(), path, {}, "HEAD");
            QVERIFY(head);
            QCOMPARE(head->status, 200);
            QVERIFY(head->header("content-length").toInt() > 0);
            const QByteArray body(900'000, 'x');
            const auto post =
                ask(nginx.port(), path, "Content-Length: " + QByteArray::number(body.size()) + "\r\n", "POST", body);
            QVERIFY(post);
            QCOMPARE(post->status, 200);
            const auto chunked =
                ask(nginx.port(), path, "Transfer-Encoding: chunked\r\n", "POST", "5\r\nhello\r\n0\r\n\r\n");
            QVERIFY(chunked);
            QCOMPARE(chunked->status, 200);
            const auto large = ask(nginx.port(), path, "Cookie: " + QByteArray(60'000, 'c') + "\r\n");
            QVERIFY(large);
            QCOMPARE(large->status, 200);
            const auto tooLarge = ask(nginx.port(), path, "Cookie: " + QByteArray(70'000, 'c') + "\r\n");
            QVERIFY(tooLarge);
            QCOMPARE(tooLarge->status, 431);
        }
        QCOMPARE(nginx.stop(), 0);
        QCOMPARE(weir.stop(), 0);
    }
};

QTEST_GUILESS_MAIN(TestNginxSetups)
#include "tst_nginx_setups.moc"
