// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/link/tls.h"

#include <QFile>
#include <QSslCertificate>
#include <QSslKey>
#include <QSslSocket>

namespace weir::redis {
namespace {

using namespace Qt::StringLiterals;
using File = TlsProblem::File;

QByteArray readAll(const QString &path, File which, Tls &tls)
{
    QFile file{path};
    if (file.open(QIODevice::ReadOnly))
        if (QByteArray content = file.readAll(); file.error() == QFile::NoError)
            return content;
    tls.problems.push_back({which, "cannot read " + path.toStdString() + ": " + file.errorString().toStdString()});
    return {};
}

QList<QSslCertificate> readCertificates(const QString &path, File which, Tls &tls)
{
    const std::size_t before = tls.problems.size();
    const QByteArray content = readAll(path, which, tls);
    QList<QSslCertificate> certificates = QSslCertificate::fromData(content, QSsl::Pem);
    if (certificates.isEmpty() && tls.problems.size() == before)
        tls.problems.push_back({which, path.toStdString() + " holds no certificate in PEM form"});
    return certificates;
}

QSslKey readKey(const QString &path, Tls &tls)
{
    const std::size_t before = tls.problems.size();
    const QByteArray content = readAll(path, File::Key, tls);
    for (const QSsl::KeyAlgorithm algorithm : {QSsl::Ec, QSsl::Rsa, QSsl::Dsa})
        if (QSslKey key{content, algorithm}; !key.isNull())
            return key;
    if (tls.problems.size() == before)
        tls.problems.push_back(
            {File::Key, path.toStdString() + " holds no private key in PEM form without passphrase"});
    return {};
}

void loadOwn(const TlsFiles &files, Tls &tls)
{
    if (files.certificate.isEmpty())
        return tls.problems.push_back({File::Key, "a key needs its certificate (--redis-cert)"});
    const QList<QSslCertificate> chain = readCertificates(files.certificate, File::Certificate, tls);
    if (files.key.isEmpty())
        return tls.problems.push_back({File::Certificate, "a certificate needs its key (--redis-key)"});
    const QSslKey key = readKey(files.key, tls);
    tls.configuration.setLocalCertificateChain(chain);
    tls.configuration.setPrivateKey(key);
}

// All names that a certificate is for.
QString namesOf(const QSslCertificate &certificate)
{
    QStringList names = certificate.subjectAlternativeNames().values();
    if (names.isEmpty())
        names = certificate.subjectInfo(QSslCertificate::CommonName);
    return names.isEmpty() ? u"nobody"_s : names.join(u", "_s);
}

QString reasonOf(const QSslError &error, const RedisUrl &server)
{
    switch (error.error()) {
    case QSslError::HostNameMismatch:
        return u"its certificate is for %1, not for %2"_s.arg(namesOf(error.certificate()), server.host);
    case QSslError::CertificateExpired:
        return u"its certificate ended on %1"_s.arg(error.certificate().expiryDate().toString(Qt::ISODate));
    case QSslError::CertificateNotYetValid:
        return u"its certificate begins on %1"_s.arg(error.certificate().effectiveDate().toString(Qt::ISODate));
    case QSslError::SelfSignedCertificate:
    case QSslError::SelfSignedCertificateInChain:
    case QSslError::UnableToGetIssuerCertificate:
    case QSslError::UnableToGetLocalIssuerCertificate:
    case QSslError::UnableToVerifyFirstCertificate:
    case QSslError::CertificateUntrusted:
        return u"its certificate is signed by nobody who is trusted here (--redis-ca names a file with whom to trust)"_s;
    default:
        return u"its certificate is refused: "_s + error.errorString();
    }
}

// OpenSSL's words for what the other side, or its lack of TLS, made of the handshake.
QString reasonOf(const QString &words)
{
    const auto says = [&words](const char *part) { return words.contains(QLatin1String{part}, Qt::CaseInsensitive); };
    if (says("certificate required") || says("handshake failure"))
        return u"it wants a client certificate (--redis-cert and --redis-key)"_s;
    if (says("unknown ca") || says("bad certificate") || says("certificate unknown") || says("decrypt error")
        || says("certificate expired") || says("certificate revoked"))
        return u"it refuses our client certificate: "_s + words;
    if (says("wrong version number") || says("packet length too long") || says("unexpected message"))
        return u"it does not speak TLS (redis:// is without)"_s;
    if (says("private key") || says("key values mismatch") || says("local certificate"))
        return u"the client key (--redis-key) does not belong to the client certificate (--redis-cert)"_s;
    return words;
}

} // namespace

Tls loadTls(const TlsFiles &files)
{
    // It is Qt's, by a plugin; hiredis has no part in it.
    if (!QSslSocket::supportsSsl())
        return {{}, {{File::Ca, "this Qt has no TLS: its plugin for OpenSSL is missing"}}};
    Tls tls{QSslConfiguration::defaultConfiguration(), {}};
    tls.configuration.setPeerVerifyMode(QSslSocket::VerifyPeer);
    if (!files.ca.isEmpty())
        tls.configuration.setCaCertificates(readCertificates(files.ca, File::Ca, tls));
    if (!files.certificate.isEmpty() || !files.key.isEmpty())
        loadOwn(files, tls);
    return tls;
}

Error tlsError(const QSslSocket &socket, const RedisUrl &server)
{
    const std::string where = "Redis at " + server.display().toStdString() + ": ";
    const QList<QSslError> refusals = socket.sslHandshakeErrors();
    if (!refusals.isEmpty())
        return {Error::Code::Configuration, "no TLS with " + where + reasonOf(refusals.front(), server).toStdString(),
                false};
    switch (socket.error()) {
    case QAbstractSocket::SslHandshakeFailedError:
    case QAbstractSocket::SslInternalError:
    case QAbstractSocket::SslInvalidUserDataError:
        return {Error::Code::Configuration, "no TLS with " + where + reasonOf(socket.errorString()).toStdString(),
                false};
    default:
        return {Error::Code::Unavailable, "cannot reach " + where + socket.errorString().toStdString(), true};
    }
}

} // namespace weir::redis
