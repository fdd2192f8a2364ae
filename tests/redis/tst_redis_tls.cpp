// SPDX-License-Identifier: GPL-3.0-only
// TLS to a real Redis: who is trusted, who we are, and a plain sentence for everything else.
#include <QFile>
#include <QSignalSpy>
#include <QSslSocket>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include "core/redis/link/redis_link.h"
#include "core/redis/link/tls.h"
#include "tests/redis/answer_list.h"
#include "tests/support/certificates.h"
#include "tests/support/free_port.h"
#include "tests/support/redis_server.h"
#include "tests/support/warnings_fail.h"

using namespace weir;
using namespace weir::redis;
using namespace weir::test;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

constexpr int kPatienceMs = 10'000;
constexpr LinkOptions kPatient{.callDeadline = 5s, .connectDeadline = 5s, .firstDelay = 5ms, .lastDelay = 40ms};

} // namespace

Q_DECLARE_METATYPE(weir::redis::TlsFiles)
Q_DECLARE_METATYPE(weir::redis::TlsProblem::File)

class TestRedisTls : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanup()
    {
        m_redis.stop();
        WEIR_NO_WARNINGS(m_warnings);
    }

    void aTrustedServerIsUsed_data();
    void aTrustedServerIsUsed();
    void whoIsNotTrustedIsToldOnceAndForAll_data();
    void whoIsNotTrustedIsToldOnceAndForAll();
    void aServerThatWantsACertificate_data();
    void aServerThatWantsACertificate();
    void aWrongPasswordOverTls();
    void aServerWithoutTls();
    void aPeerThatSaysNothing();
    void filesAreChecked_data();
    void filesAreChecked();
    void aRenewedCertificateIsReadByTheNextConnection();

private:
    /// A server on m_port that shows `certificate`.
    bool startServer(const QString &certificate, const QString &clients = u"no"_s)
    {
        return m_redis.start({u"--tls-port"_s, QString::number(m_port), u"--bind"_s, u"127.0.0.1"_s,
                              u"--tls-cert-file"_s, m_certificates.pem(certificate), u"--tls-key-file"_s,
                              m_certificates.key(certificate), u"--tls-ca-cert-file"_s, m_certificates.pem(u"ca"_s),
                              u"--tls-auth-clients"_s, clients, u"--requirepass"_s, u"r1ght"_s});
    }
    [[nodiscard]] RedisUrl url(const QString &host = u"localhost"_s, const QString &password = u"r1ght"_s) const
    {
        RedisUrl result = parseRedisUrl(u"rediss://:%1@%2:%3"_s.arg(password, host).arg(m_port)).value();
        result.tls.ca = m_certificates.pem(u"ca"_s);
        return result;
    }
    /// What is said when no connection comes about because of the configuration.
    QString refusal(const RedisUrl &server)
    {
        RedisLink link{server, kPatient};
        QSignalSpy failures{&link, &RedisLink::failed};
        QSignalSpy readiness{&link, &RedisLink::readyChanged};
        link.start();
        const Error &error = link.lastError();
        const auto isTold = [&] { return failures.count() >= 2 && error.code == Error::Code::Configuration; };
        if (!QTest::qWaitFor(isTold, kPatienceMs) || readiness.count() > 0)
            return u"it was not told: "_s + QString::fromStdString(error.detail);
        const auto told = failures.count();
        if (!QTest::qWaitFor([&] { return failures.count() >= told + 3; }, kPatienceMs)) // and stays so
            return u"it tries no more"_s;
        const QString detail = QString::fromStdString(error.detail);
        return error.code == Error::Code::Configuration && !error.transient ? detail : u"not for a person: "_s + detail;
    }

    WarningsFail m_warnings;
    Certificates m_certificates;
    RedisServer m_redis;
    std::uint16_t m_port{freePort()};
};

void TestRedisTls::initTestCase()
{
    m_warnings.listen();
    QVERIFY(QSslSocket::supportsSsl());
    QVERIFY(m_port != 0);
    QVERIFY(m_certificates.makeAuthority(u"ca"_s));
    QVERIFY(m_certificates.makeAuthority(u"stranger"_s));
    QVERIFY(m_certificates.make(u"server"_s, u"ca"_s, u"DNS:localhost,IP:127.0.0.1"_s));
    QVERIFY(m_certificates.make(u"elsewhere"_s, u"ca"_s, u"DNS:redis.example,DNS:other.example"_s));
    QVERIFY(m_certificates.make(u"old"_s, u"ca"_s, u"DNS:localhost"_s, -1));
    QVERIFY(m_certificates.make(u"client"_s, u"ca"_s, u"DNS:weir"_s));
    QVERIFY(m_certificates.make(u"unknown"_s, u"stranger"_s, u"DNS:weir"_s));
}

void TestRedisTls::aTrustedServerIsUsed_data()
{
    QTest::addColumn<QString>("host");
    QTest::newRow("name") << u"localhost"_s;
    QTest::newRow("address") << u"127.0.0.1"_s;
}

void TestRedisTls::aTrustedServerIsUsed()
{
    QFETCH(const QString, host);
    QVERIFY(startServer(u"server"_s));
    Answers answers;
    RedisLink link{url(host), kPatient};
    link.start();
    const QByteArray text{200'000, 'x'}; // more than one record of TLS
    for (int i = 0; i < 20; ++i)
        link.call(formatCommand({"ECHO", QByteArray::number(i) + text}), answers.handler());
    QTRY_COMPARE_WITH_TIMEOUT(answers.answered(), std::size_t{20}, kPatienceMs);
    QVERIFY(answers.isInOrder());
    for (std::size_t i = 0; i < 20; ++i)
        QCOMPARE(answers[i].reply.text, QByteArray::number(i) + text);
    m_redis.kill();
    QTRY_VERIFY_WITH_TIMEOUT(!link.isReady(), kPatienceMs);
    QCOMPARE(link.lastError().code, Error::Code::Unavailable);
    QVERIFY(link.lastError().transient);
    QVERIFY(startServer(u"server"_s));
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
}

void TestRedisTls::whoIsNotTrustedIsToldOnceAndForAll_data()
{
    QTest::addColumn<QString>("certificate"); // of the server
    QTest::addColumn<QString>("ca");          // that the client trusts; empty: whom the system trusts
    QTest::addColumn<QString>("said");
    QTest::newRow("unknown CA") << u"server"_s << u"stranger"_s << u"nobody who is trusted"_s;
    QTest::newRow("no CA") << u"server"_s << QString{} << u"--redis-ca"_s;
    QTest::newRow("another host") << u"elsewhere"_s << u"ca"_s << u"not for localhost"_s;
    QTest::newRow("ended") << u"old"_s << u"ca"_s << u"certificate ended on"_s;
}

void TestRedisTls::whoIsNotTrustedIsToldOnceAndForAll()
{
    QFETCH(const QString, certificate);
    QFETCH(const QString, ca);
    QFETCH(const QString, said);
    QVERIFY(startServer(certificate));
    RedisUrl server = url();
    server.tls.ca = ca.isEmpty() ? QString{} : m_certificates.pem(ca);
    const QString detail = refusal(server);
    QVERIFY2(detail.startsWith(u"no TLS with Redis at rediss://localhost:"_s), qPrintable(detail));
    QVERIFY2(detail.contains(said), qPrintable(detail));
    QVERIFY2(!detail.contains(u"r1ght"_s), qPrintable(detail));
}

void TestRedisTls::aServerThatWantsACertificate_data()
{
    QTest::addColumn<QString>("certificate"); // of the client
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("said"); // empty: it works
    QTest::newRow("its own CA's") << u"client"_s << u"client"_s << QString{};
    QTest::newRow("none") << QString{} << QString{} << u"--redis-cert"_s;
    QTest::newRow("a stranger's") << u"unknown"_s << u"unknown"_s << u"refuses our client certificate"_s;
    QTest::newRow("another's key") << u"client"_s << u"server"_s << u"does not belong"_s;
}

void TestRedisTls::aServerThatWantsACertificate()
{
    QFETCH(const QString, certificate);
    QFETCH(const QString, key);
    QFETCH(const QString, said);
    QVERIFY(startServer(u"server"_s, u"yes"_s));
    RedisUrl server = url();
    if (!certificate.isEmpty()) {
        server.tls.certificate = m_certificates.pem(certificate);
        server.tls.key = m_certificates.key(key);
    }
    if (said.isEmpty()) {
        RedisLink link{server, kPatient};
        link.start();
        QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
    } else {
        const QString detail = refusal(server);
        QVERIFY2(detail.contains(said), qPrintable(detail));
    }
}

void TestRedisTls::aWrongPasswordOverTls()
{
    QVERIFY(startServer(u"server"_s));
    const QString detail = refusal(url(u"localhost"_s, u"s3cret"_s));
    QVERIFY2(detail.contains(u"WRONGPASS"_s), qPrintable(detail));
    QVERIFY2(!detail.contains(u"s3cret"_s), qPrintable(detail));
}

void TestRedisTls::aServerWithoutTls()
{
    QTcpServer plain;
    QVERIFY(plain.listen(QHostAddress::LocalHost));
    connect(&plain, &QTcpServer::newConnection, &plain,
            [&plain] { plain.nextPendingConnection()->write("-ERR Protocol error\r\n"); });
    RedisUrl server = url(u"127.0.0.1"_s);
    server.port = plain.serverPort();
    const QString detail = refusal(server);
    QVERIFY2(detail.contains(u"does not speak TLS"_s), qPrintable(detail));
}

void TestRedisTls::aPeerThatSaysNothing()
{
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    RedisUrl server = url(u"127.0.0.1"_s);
    server.port = silent.serverPort();
    RedisLink link{server, {.connectDeadline = 100ms, .firstDelay = 5ms, .lastDelay = 40ms}};
    QSignalSpy failures{&link, &RedisLink::failed};
    link.start();
    QTRY_VERIFY_WITH_TIMEOUT(failures.count() >= 2, kPatienceMs);
    QCOMPARE(link.lastError().code, Error::Code::Timeout);
}

void TestRedisTls::filesAreChecked_data()
{
    using File = TlsProblem::File;
    QTest::addColumn<TlsFiles>("files");
    QTest::addColumn<File>("file");
    QTest::addColumn<QString>("said");
    const QString ca = m_certificates.pem(u"ca"_s), client = m_certificates.pem(u"client"_s);
    const QString key = m_certificates.key(u"client"_s);
    QTest::newRow("no such CA") << TlsFiles{u"/nowhere/ca.pem"_s, {}, {}} << File::Ca << u"cannot read"_s;
    QTest::newRow("a folder as CA") << TlsFiles{u"/"_s, {}, {}} << File::Ca << u"cannot read"_s;
    QTest::newRow("a key as CA") << TlsFiles{key, {}, {}} << File::Ca << u"no certificate"_s;
    QTest::newRow("no such certificate") << TlsFiles{ca, u"/nowhere/c.pem"_s, key} << File::Certificate
                                         << u"cannot read"_s;
    QTest::newRow("no such key") << TlsFiles{ca, client, u"/nowhere/c.key"_s} << File::Key << u"cannot read"_s;
    QTest::newRow("a certificate as key") << TlsFiles{ca, client, client} << File::Key << u"no private key"_s;
    QTest::newRow("a certificate alone") << TlsFiles{ca, client, {}} << File::Certificate << u"needs its key"_s;
    QTest::newRow("a key alone") << TlsFiles{ca, {}, key} << File::Key << u"needs its certificate"_s;
}

void TestRedisTls::filesAreChecked()
{
    QFETCH(const TlsFiles, files);
    QFETCH(const TlsProblem::File, file);
    QFETCH(const QString, said);
    const Tls tls = loadTls(files);
    QCOMPARE(tls.problems.size(), std::size_t{1});
    QCOMPARE(tls.problems[0].file, file);
    const QString sentence = QString::fromStdString(tls.problems[0].sentence);
    QVERIFY2(sentence.contains(said), qPrintable(sentence));
    RedisUrl server = url();
    server.tls = files;
    QCOMPARE(refusal(server), sentence);
}

void TestRedisTls::aRenewedCertificateIsReadByTheNextConnection()
{
    QVERIFY(startServer(u"server"_s));
    RedisUrl server = url();
    server.tls.ca = m_certificates.pem(u"late"_s);
    RedisLink link{server, kPatient};
    QSignalSpy failures{&link, &RedisLink::failed};
    link.start();
    QTRY_VERIFY_WITH_TIMEOUT(failures.count() >= 1, kPatienceMs);
    QVERIFY(QFile::copy(m_certificates.pem(u"ca"_s), server.tls.ca));
    QTRY_VERIFY_WITH_TIMEOUT(link.isReady(), kPatienceMs);
}

QTEST_GUILESS_MAIN(TestRedisTls)
#include "tst_redis_tls.moc"
