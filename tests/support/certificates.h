// SPDX-License-Identifier: GPL-3.0-only
// Certificates for one test, made by the openssl command line.
#pragma once

#include <QProcess>
#include <QString>
#include <QTemporaryDir>

namespace weir::test {

/// Thread: any. Every file NAME.pem has its key beside it as NAME.key; all are gone with the object.
class Certificates {
public:
    [[nodiscard]] QString pem(const QString &name) const { return m_folder.filePath(name + QStringLiteral(".pem")); }
    [[nodiscard]] QString key(const QString &name) const { return m_folder.filePath(name + QStringLiteral(".key")); }

    /// A CA that signs itself.
    bool makeAuthority(const QString &name)
    {
        return openssl(QStringList{QStringLiteral("req"), QStringLiteral("-x509"), QStringLiteral("-days"),
                                   QStringLiteral("30"), QStringLiteral("-out"), pem(name)}
                       + newKey(name));
    }

    /// `names` as "DNS:localhost,IP:127.0.0.1"; with `days` below 0 it has ended already.
    bool make(const QString &name, const QString &authority, const QString &names, int days = 30)
    {
        const QString request = m_folder.filePath(name + QStringLiteral(".csr"));
        const QStringList sign{QStringLiteral("x509"),
                               QStringLiteral("-req"),
                               QStringLiteral("-in"),
                               request,
                               QStringLiteral("-CA"),
                               pem(authority),
                               QStringLiteral("-CAkey"),
                               key(authority),
                               QStringLiteral("-CAcreateserial"),
                               QStringLiteral("-copy_extensions"),
                               QStringLiteral("copy"),
                               QStringLiteral("-out"),
                               pem(name)};
        const QStringList lasting{QStringLiteral("-days"), QString::number(days)};
        // OpenSSL 3.5 takes no days below 0, and before 3.4 there were no dates.
        const QStringList ended{QStringLiteral("-not_before"), QStringLiteral("20200101000000Z"),
                                QStringLiteral("-not_after"), QStringLiteral("20200102000000Z")};
        return openssl(QStringList{QStringLiteral("req"), QStringLiteral("-out"), request, QStringLiteral("-addext"),
                                   QStringLiteral("subjectAltName=") + names}
                       + newKey(name))
               && ((days < 0 && openssl(sign + ended)) || openssl(sign + lasting));
    }

private:
    [[nodiscard]] QStringList newKey(const QString &name) const
    {
        return {QStringLiteral("-newkey"),
                QStringLiteral("ec"),
                QStringLiteral("-pkeyopt"),
                QStringLiteral("ec_paramgen_curve:prime256v1"),
                QStringLiteral("-nodes"),
                QStringLiteral("-keyout"),
                key(name),
                QStringLiteral("-subj"),
                QStringLiteral("/CN=") + name};
    }
    static bool openssl(const QStringList &arguments)
    {
        QProcess process;
        process.start(QStringLiteral("openssl"), arguments);
        return process.waitForFinished() && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
    }

    QTemporaryDir m_folder;
};

} // namespace weir::test
