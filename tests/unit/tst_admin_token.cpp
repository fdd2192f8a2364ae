// SPDX-License-Identifier: GPL-3.0-only
// The file with the token of the admin port: made once, for its owner alone, and refused when others know it.
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <functional>
#include <set>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

#include "core/admin/admin_token.h"

using namespace weir;
using admin::AdminToken;

class TestAdminToken : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void itIsMadeForItsOwnerAloneAndStays()
    {
        const ::mode_t before = ::umask(0);
        const auto made = AdminToken::readOrMake(folder());
        ::umask(before);
        QVERIFY2(made.isOk(), made.isOk() ? "" : made.error().detail.c_str());
        QCOMPARE(made.value().size(), 2 * admin::kTokenBytes);
        QVERIFY(made.value().find_first_not_of("0123456789abcdef") == std::string::npos);
        struct stat facts {};
        QCOMPARE(::stat(path().c_str(), &facts), 0);
        QCOMPARE(facts.st_mode & 07777, ::mode_t{0600});
        QCOMPARE(AdminToken::readOrMake(folder()).value(), made.value());
        QCOMPARE(QDir{m_folder->path()}.entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
                 QStringList{QStringLiteral("admin-token")});
    }

    void eachFolderHasAnother()
    {
        std::set<std::string> tokens;
        for (int i = 0; i < 20; ++i) {
            const QTemporaryDir other;
            tokens.insert(AdminToken::readOrMake(other.path().toStdString()).value());
        }
        QCOMPARE(tokens.size(), std::size_t{20});
    }

    void whoeverMakesItAtOnceGetsTheSame()
    {
        for (int round = 0; round < 20; ++round) {
            QVERIFY(QFile::remove(QString::fromStdString(path())) || round == 0);
            std::array<std::string, 8> tokens;
            std::vector<std::thread> makers;
            for (std::string &token : tokens)
                makers.emplace_back([this, &token] {
                    const auto made = AdminToken::readOrMake(folder());
                    token = made ? made.value() : made.error().detail;
                });
            for (std::thread &maker : makers)
                maker.join();
            for (const std::string &token : tokens)
                QCOMPARE(token, tokens.front());
            QCOMPARE(tokens.front().size(), 2 * admin::kTokenBytes);
        }
    }

    void aTokenOfOnesOwnIsTaken()
    {
        const std::string own = "A.token_that-somebody+has/chosen~1=";
        write(QByteArray::fromStdString(own + "\n"));
        QCOMPARE(AdminToken::readOrMake(folder()).value(), own);
    }

    void aBadFileIsRefused_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<int>("mode");
        QTest::addColumn<QString>("why");
        const QByteArray good(64, 'a');
        const QString remedy = QStringLiteral("; remove it, and Weir makes a new one");
        QTest::newRow("group reads") << good << 0640
                                     << QStringLiteral("others than its owner may read or write it") + remedy;
        QTest::newRow("others write") << good << 0602
                                      << QStringLiteral("others than its owner may read or write it") + remedy;
        QTest::newRow("empty") << QByteArray{} << 0600 << QStringLiteral("it is empty") + remedy;
        QTest::newRow("a line end alone") << QByteArray{"\n"} << 0600 << QStringLiteral("it is empty") + remedy;
        QTest::newRow("too short") << QByteArray(31, 'a') << 0600
                                   << QStringLiteral("its token is shorter than 32 characters") + remedy;
        QTest::newRow("too long") << QByteArray(513, 'a') << 0600
                                  << QStringLiteral("its token is longer than 512 characters") + remedy;
        QTest::newRow("another file") << QByteArray(100'000, 'a') << 0600
                                      << QStringLiteral("its token is longer than 512 characters") + remedy;
        QTest::newRow("NUL") << good + '\0' + good << 0600
                             << QStringLiteral("it holds other characters than a token has") + remedy;
        QTest::newRow("two lines") << good + "\n" + good << 0600
                                   << QStringLiteral("it holds other characters than a token has") + remedy;
        QTest::newRow("letters beyond ASCII")
            << good + "\xC3\xA4" << 0600 << QStringLiteral("it holds other characters than a token has") + remedy;
    }
    void aBadFileIsRefused()
    {
        QFETCH(const QByteArray, content);
        QFETCH(const int, mode);
        QFETCH(const QString, why);
        write(content);
        QCOMPARE(::chmod(path().c_str(), static_cast<::mode_t>(mode)), 0);
        const auto read = AdminToken::readOrMake(folder());
        QVERIFY(!read);
        QCOMPARE(read.error().code, Error::Code::Configuration);
        QCOMPARE(QString::fromStdString(read.error().detail),
                 QStringLiteral("the token file %1 cannot be used: %2").arg(QString::fromStdString(path()), why));
        QFile file{QString::fromStdString(path())};
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), content);
    }

    void noLinkIsFollowed()
    {
        const QString other = m_folder->filePath(QStringLiteral("other"));
        writeTo(other, QByteArray(64, 'a'));
        QVERIFY(QFile::link(other, QString::fromStdString(path())));
        const auto read = AdminToken::readOrMake(folder());
        QVERIFY(!read);
        QVERIFY(QString::fromStdString(read.error().detail).contains(QStringLiteral("it is a link; remove it")));
        QVERIFY(QFile::remove(other)); // one that leads nowhere makes nothing there
        QVERIFY(!AdminToken::readOrMake(folder()));
        QVERIFY(!QFile::exists(other));
    }

    void whatIsNoFileIsNotReadForEver_data()
    {
        QTest::addColumn<bool>("isPipe");
        QTest::newRow("a folder") << false;
        QTest::newRow("a pipe") << true;
    }
    void whatIsNoFileIsNotReadForEver()
    {
        QFETCH(const bool, isPipe);
        QCOMPARE(isPipe ? ::mkfifo(path().c_str(), 0600) : ::mkdir(path().c_str(), 0700), 0);
        const auto read = AdminToken::readOrMake(folder());
        QVERIFY(!read);
        QVERIFY(QString::fromStdString(read.error().detail).contains(QStringLiteral("it is no plain file")));
    }

    void anothersFileIsRefused()
    {
        if (::geteuid() != 0)
            QSKIP("only root can give a file to somebody else");
        write(QByteArray(64, 'a'));
        QCOMPARE(::chown(path().c_str(), 65534, 65534), 0);
        const auto read = AdminToken::readOrMake(folder());
        QVERIFY(!read);
        QVERIFY(QString::fromStdString(read.error().detail).contains(QStringLiteral("it belongs to another user")));
    }

    void aFolderThatCannotBeWrittenIsSaid()
    {
        const std::string nowhere = folder() + "/nowhere";
        const auto made = AdminToken::readOrMake(nowhere);
        QVERIFY(!made);
        QCOMPARE(made.error().code, Error::Code::Io);
        QCOMPARE(
            QString::fromStdString(made.error().detail),
            QStringLiteral("the token file %1/admin-token cannot be made (No such file or directory); make its folder "
                           "writable, or choose another one with --data-dir DIR")
                .arg(QString::fromStdString(nowhere)));
    }

private:
    [[nodiscard]] std::string folder() const { return m_folder->path().toStdString(); }
    [[nodiscard]] std::string path() const { return AdminToken::pathIn(folder()); }
    void write(const QByteArray &content) const { writeTo(QString::fromStdString(path()), content); }
    static void writeTo(const QString &path, const QByteArray &content)
    {
        QFile file{path};
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
        file.close();
        QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner));
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_APPLESS_MAIN(TestAdminToken)
#include "tst_admin_token.moc"
