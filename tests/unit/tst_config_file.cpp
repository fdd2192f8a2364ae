// SPDX-License-Identifier: GPL-3.0-only
// The configuration file on a real disk: read, replaced, watched.
#include <QDir>
#include <QFile>
#include <QSaveFile>
#include <QScopeGuard>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <thread>
#include <unistd.h>

#include "core/config/config_file.h"
#include "core/config/config_watch.h"
#include "core/config/file_swap.h"
#include "core/config/toml_reader.h"

using namespace weir;
using namespace weir::config;

namespace {

constexpr int kPatienceMs = 10'000;

} // namespace

class TestConfigFile : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
    }

    void whatCannotBeReadIsSaid()
    {
        QCOMPARE(whyNot("none"), std::string{"there is no such file"});
        QCOMPARE(whyNot("."), std::string{"it is a folder, not a file"});
        QVERIFY(QFile::link(path("none"), path("link")));
        QCOMPARE(whyNot("link"), std::string{"it is a link to a file that is not there"});
        write("large", QByteArray(kMostFileBytes + 1, '#'));
        QCOMPARE(whyNot("large"), std::string{"it has more than 1 MiB, so it is no configuration"});
        write("largest", QByteArray(kMostFileBytes, '#'));
        QCOMPARE(readConfigFile(full("largest")).value().size(), kMostFileBytes);
        write("secret", "x");
        QVERIFY(QFile::setPermissions(path("secret"), {}));
        if (::geteuid() != 0) // root may read it all the same
            QVERIFY(whyNot("secret").starts_with("it cannot be read"));
    }

    void aPipeIsReadToItsEndAndNotWaitedForWithout()
    {
        QCOMPARE(::mkfifo(full("pipe").c_str(), 0600), 0);
        std::thread writer{[name = full("pipe")] {
            QFile pipe{QString::fromStdString(name)};
            if (pipe.open(QIODevice::WriteOnly))
                pipe.write("capacity = 5\n");
        }};
        const auto text = readConfigFile(full("pipe"));
        writer.join();
        QVERIFY(text);
        QCOMPARE(text.value(), std::string{"capacity = 5\n"});
        QCOMPARE(whyNot("pipe"), std::string{"it is a pipe or a device from which nothing comes"});
        QVERIFY(!replaceConfigFile(full("pipe"), "", "new"));
    }

    void aReplacedFileKeepsItsOwnerAndItsAttributes()
    {
        write("f", "old");
        const bool isRoot = ::geteuid() == 0;
        if (isRoot)
            QCOMPARE(::chown(full("f").c_str(), 65534, 65533), 0);
        QCOMPARE(::chmod(full("f").c_str(), 0664), 0);
        const bool hasAttributes = ::setxattr(full("f").c_str(), "user.weir", "kept", 4, 0) == 0;
        const auto before = statusOf("f");
        QVERIFY(replaceConfigFile(full("f"), "old", "newer").isOk());
        QCOMPARE(readConfigFile(full("f")).value(), std::string{"newer"});
        const auto after = statusOf("f");
        QCOMPARE(after.st_uid, before.st_uid);
        QCOMPARE(after.st_gid, before.st_gid);
        QCOMPARE(after.st_mode, before.st_mode);
        char value[8]{};
        if (hasAttributes)
            QCOMPARE(::getxattr(full("f").c_str(), "user.weir", value, sizeof value), ssize_t{4});
        QCOMPARE(QDir{m_folder->path()}.entryList(QDir::Files).size(), qsizetype{1}); // nothing is left beside it
    }

    void aFileWithTwoNamesKeepsBoth()
    {
        write("f", "old text");
        QCOMPARE(::link(full("f").c_str(), full("other").c_str()), 0);
        for (const char *text : {"a longer text", "short"}) {
            QVERIFY(replaceConfigFile(full("f"), readConfigFile(full("f")).value(), text).isOk());
            QCOMPARE(readConfigFile(full("other")).value(), std::string{text});
        }
    }

    // As in a container: the name is a place to mount on, so no other file can be put there.
    void aFileThatIsMountedAloneIsWritten()
    {
        write("f", "old text");
        write("place", "");
        if (::mount(full("f").c_str(), full("place").c_str(), nullptr, MS_BIND, nullptr) != 0)
            QSKIP("this user may not mount anything");
        const auto unmount = qScopeGuard([this] { ::umount2(full("place").c_str(), MNT_DETACH); });
        for (const char *text : {"a longer text", "short"}) {
            QVERIFY(replaceConfigFile(full("place"), readConfigFile(full("place")).value(), text).isOk());
            QCOMPARE(readConfigFile(full("f")).value(), std::string{text});
        }
        QCOMPARE(QDir{m_folder->path()}.entryList(QDir::Files).size(), qsizetype{2});
    }

    // They were read before, and an editor has been faster.
    void whatAnEditorHasWrittenMeanwhileIsNotLost()
    {
        write("f", "the editor's");
        QVERIFY(QFile::link(QStringLiteral("f"), path("link")));
        QCOMPARE(::link(full("f").c_str(), full("two").c_str()), 0);
        for (const char *name : {"f", "two"}) { // the second time exchanged, the first as it lies
            const auto result = swapFile(full("f"), "mine", "new");
            QVERIFY(!result);
            QCOMPARE(result.error().code, Error::Code::State);
            QCOMPARE(readConfigFile(full("f")).value(), std::string{"the editor's"});
            QFile::remove(path(name == std::string{"f"} ? "two" : "none"));
        }
        const auto made = makeFile(full("f"), "new");
        QVERIFY(!made);
        QCOMPARE(made.error().code, Error::Code::State);
        QCOMPARE(readConfigFile(full("f")).value(), std::string{"the editor's"});
    }

    void aReplacedFileKeepsItsPermissionsAndItsLink()
    {
        write("real", "old");
        QCOMPARE(::chmod(full("real").c_str(), 0640), 0);
        QVERIFY(QFile::link(QStringLiteral("real"), path("link")));
        QVERIFY(replaceConfigFile(full("link"), "old", "new").isOk());
        QCOMPARE(readConfigFile(full("real")).value(), std::string{"new"});
        QVERIFY(QFileInfo{path("link")}.isSymLink());
        struct stat status {};
        QCOMPARE(::stat(full("real").c_str(), &status), 0);
        QCOMPARE(status.st_mode & 0777U, mode_t{0640});
        QCOMPARE(QDir{m_folder->path()}.entryList(QDir::Files).size(), 2); // nothing left over
    }

    void aFileThatChangedMeanwhileStaysAsItIs()
    {
        write("f", "theirs");
        const auto result = replaceConfigFile(full("f"), "mine", "new");
        QVERIFY(!result);
        QCOMPARE(int(result.error().code), int(Error::Code::State));
        QCOMPARE(readConfigFile(full("f")).value(), std::string{"theirs"});
        QVERIFY(!replaceConfigFile(full("gone"), "mine", "new"));
        QVERIFY(!QFile::exists(path("gone")));
        QVERIFY(!replaceConfigFile(full("."), "", "new"));
        QVERIFY(QFile::link(path("nowhere"), path("dangling")));
        QVERIFY(!replaceConfigFile(full("dangling"), "", "new"));
    }

    void aFileThatIsNotThereIsMadeForItsOwner()
    {
        QVERIFY(replaceConfigFile(full("a/b/weir.toml"), "", "new").isOk());
        QCOMPARE(readConfigFile(full("a/b/weir.toml")).value(), std::string{"new"});
        struct stat status {};
        QCOMPARE(::stat(full("a/b/weir.toml").c_str(), &status), 0);
        QCOMPARE(status.st_mode & 0777U, mode_t{0600});
    }

    void aWriteInPlaceIsTold()
    {
        write("f", "one");
        watch("f", "one");
        write("f", "two");
        QTRY_COMPARE_WITH_TIMEOUT(m_texts, QStringList{QStringLiteral("two")}, kPatienceMs);
        write("f", "three");
        QTRY_COMPARE_WITH_TIMEOUT(m_texts.size(), 2, kPatienceMs);
        QCOMPARE(m_texts.back(), QStringLiteral("three"));
        QVERIFY(m_failures.isEmpty());
    }

    void aFileRenamedOverItIsToldEachTime()
    {
        write("f", "0");
        watch("f", "0");
        QFile old{path("f")};
        QVERIFY(old.open(QIODevice::ReadOnly)); // the old file lives on as long as somebody has it open
        for (int i = 1; i <= 3; ++i) {
            replace("f", QByteArray::number(i));
            QTRY_COMPARE_WITH_TIMEOUT(m_texts.size(), i, kPatienceMs);
            QCOMPARE(m_texts.back(), QString::number(i));
        }
        write("f", "in place again");
        QTRY_COMPARE_WITH_TIMEOUT(m_texts.size(), 4, kPatienceMs);
        QVERIFY(m_failures.isEmpty());
    }

    void removalAndReturnAreTold()
    {
        write("f", "one");
        watch("f", "one");
        QVERIFY(QFile::remove(path("f")));
        QTRY_COMPARE_WITH_TIMEOUT(m_failures, QStringList{QStringLiteral("there is no such file")}, kPatienceMs);
        write("f", "one"); // the same text: it can be read again
        QTRY_COMPARE_WITH_TIMEOUT(m_texts, QStringList{QStringLiteral("one")}, kPatienceMs);
    }

    void aFolderThatComesLaterIsSeen()
    {
        watch("a/b/f", "");
        QTRY_COMPARE_WITH_TIMEOUT(m_failures.size(), 1, kPatienceMs);
        QVERIFY(QDir{m_folder->path()}.mkpath(QStringLiteral("a/b")));
        write("a/b/f", "here");
        QTRY_COMPARE_WITH_TIMEOUT(m_texts, QStringList{QStringLiteral("here")}, kPatienceMs);
        QVERIFY(QDir{path("a")}.removeRecursively());
        QTRY_COMPARE_WITH_TIMEOUT(m_failures.size(), 2, kPatienceMs);
        QVERIFY(QDir{m_folder->path()}.mkpath(QStringLiteral("a/b")));
        write("a/b/f", "again");
        QTRY_COMPARE_WITH_TIMEOUT(m_texts.size(), 2, kPatienceMs);
    }

    void aLinkThatLeadsElsewhereIsFollowed()
    {
        write("one", "1");
        write("two", "2");
        link("one", "f");
        watch("f", "1");
        link("two", "f");
        QTRY_COMPARE_WITH_TIMEOUT(m_texts, QStringList{QStringLiteral("2")}, kPatienceMs);
        write("two", "22"); // now it is the one that counts
        QTRY_COMPARE_WITH_TIMEOUT(m_texts.size(), 2, kPatienceMs);
        write("one", "11");
        write("two", "222");
        QTRY_COMPARE_WITH_TIMEOUT(m_texts.size(), 3, kPatienceMs);
        QCOMPARE(m_texts.back(), QStringLiteral("222"));
    }

    // As folders of settings are swapped whole: f -> data/f, data -> v1.
    void aLinkInTheMiddleOfThePathIsFollowed()
    {
        QVERIFY(QDir{m_folder->path()}.mkpath(QStringLiteral("v1"))
                && QDir{m_folder->path()}.mkpath(QStringLiteral("v2")));
        write("v1/f", "1");
        write("v2/f", "2");
        link("v1", "data");
        link("data/f", "f");
        watch("f", "1");
        link("v2", "data");
        QTRY_COMPARE_WITH_TIMEOUT(m_texts, QStringList{QStringLiteral("2")}, kPatienceMs);
        QVERIFY(m_failures.isEmpty());
    }

    void manyStepsAreOneChange()
    {
        write("f", "0");
        watch("f", "0");
        for (int i = 1; i <= 50; ++i)
            write("f", QByteArray::number(i));
        QTRY_VERIFY_WITH_TIMEOUT(!m_texts.isEmpty() && m_texts.back() == QStringLiteral("50"), kPatienceMs);
        QCOMPARE(m_texts.size(), 1);
        write("f", "50");
        write("other", "x"); // not its file
        write("f", "51");
        QTRY_COMPARE_WITH_TIMEOUT(m_texts.size(), 2, kPatienceMs);
        QCOMPARE(m_texts.back(), QStringLiteral("51"));
    }

    void whatChangedBeforeTheWatchIsTold()
    {
        write("f", "new");
        watch("f", "old");
        QTRY_COMPARE_WITH_TIMEOUT(m_texts, QStringList{QStringLiteral("new")}, kPatienceMs);
    }

    void whoAsksIsToldAtOnce()
    {
        write("f", "same");
        watch("f", "same");
        m_watch->readNow();
        QCOMPARE(m_texts, QStringList{QStringLiteral("same")});
        QVERIFY(QFile::remove(path("f")));
        m_watch->readNow();
        QCOMPARE(m_failures.size(), 1);
    }

    void cleanup()
    {
        m_watch.reset();
        m_texts.clear();
        m_failures.clear();
    }

private:
    [[nodiscard]] QString path(const char *name) const { return m_folder->filePath(QLatin1String{name}); }
    [[nodiscard]] std::string full(const char *name) const { return path(name).toStdString(); }
    [[nodiscard]] std::string whyNot(const char *name) const
    {
        const auto result = readConfigFile(full(name));
        return result ? std::string{} : result.error().detail;
    }

    void write(const char *name, const QByteArray &text)
    {
        QFile file{path(name)};
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
    }

    void replace(const char *name, const QByteArray &text)
    {
        QSaveFile file{path(name)};
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size() && file.commit());
    }

    // In one step, also over a link that is there.
    void link(const char *target, const char *name)
    {
        const std::string temporary = full("link.new");
        QCOMPARE(::symlink(target, temporary.c_str()), 0);
        QCOMPARE(::rename(temporary.c_str(), full(name).c_str()), 0);
    }

    struct stat statusOf(const char *name) const
    {
        struct stat status {};
        ::stat(full(name).c_str(), &status);
        return status;
    }
    void watch(const char *name, const QByteArray &known)
    {
        m_watch = std::make_unique<ConfigWatch>(path(name), known);
        connect(m_watch.get(), &ConfigWatch::textChanged, this,
                [this](const QByteArray &text) { m_texts += QString::fromUtf8(text); });
        connect(m_watch.get(), &ConfigWatch::readFailed, this, [this](const QString &why) { m_failures += why; });
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<ConfigWatch> m_watch;
    QStringList m_texts;
    QStringList m_failures;
};

QTEST_GUILESS_MAIN(TestConfigFile)
#include "tst_config_file.moc"
