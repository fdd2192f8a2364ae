// SPDX-License-Identifier: GPL-3.0-only
// Files that are nearly right, in thousands: whatever the bytes are, they are read, and never written wrong.
#include <QDir>
#include <QFile>
#include <QTest>

#include <algorithm>

#include "core/config/toml_editor.h"
#include "core/config/toml_layout.h"
#include "core/config/toml_reader.h"
#include "tests/support/mutator.h"

using namespace weir;
using namespace weir::config;

namespace {

constexpr int kTexts = 4'000;

QList<QByteArray> seeds()
{
    QList<QByteArray> texts;
    QDir corpus{QStringLiteral(WEIR_SOURCE_DIR "/tests/data/bad_config")};
    for (const QString &name : corpus.entryList({QStringLiteral("*.toml")}, QDir::Files, QDir::Name))
        if (QFile file{corpus.filePath(name)}; file.open(QIODevice::ReadOnly))
            texts += file.readAll();
    return texts;
}

const QList<QByteArray> kRight{
    "# c\n[[limit]]\nname = 'a' # c\nmatch = { path = '/a*', header = { X = 'y' } }\nkey = [ # c\n 'ip' "
    "]\n\n[[limit]]\n"
    "name = \"b\"\n[[limit.cost_by_route]]\ncost = 2\n\n[block]\nnetworks = ['::1', \"10.0.0.1\"]\n",
    "capacity = 9 # c\n\n# c\n[server]\nlisten = [\n  '127.0.0.1:1', # c\n]\n",
    "[[limit]]\nname = 'a'\n[limit.match]\n# c\npath = '/a'\n[limit.match.header]\nX = '#'\n# c\n"};

const QList<QByteArray> kPieces{"[",
                                "]",
                                "{",
                                "}",
                                "=",
                                ",",
                                ".",
                                "#",
                                "\"",
                                "'",
                                "\"\"\"",
                                "'''",
                                "\\",
                                "\n",
                                "\r\n",
                                "\t",
                                "[[limit]]",
                                "[limit.match]",
                                "\xEF\xBB\xBF",
                                "\xC3",
                                "\0",
                                "name",
                                "5",
                                "-1",
                                "0x10",
                                "1e9",
                                "true",
                                "1979-05-27",
                                "\"ip\"",
                                "{}",
                                "[]",
                                " = ",
                                "# c\n",
                                "refill = 1\n",
                                "match.path = '/x'\n",
                                "capacity = 5\n"};

// Comments and space between the lines of a right text, and some bytes that are no TOML.
class GentleMutator {
public:
    QByteArray next()
    {
        static const QList<QByteArray> kBetween{
            "\n",   " ",   "\t",      "# c\n",           "\r\n",          "# \"\"\"\n",     "# [[limit]]\n",
            "#'\n", "# [", "  # x\n", "#capacity = 7\n", "# match = {\n", "shadow = true\n"};
        QByteArray text = kRight[m_random.between(0, kRight.size() - 1)];
        for (auto changes = m_random.between(1, 6); changes > 0; --changes) {
            const qsizetype line = text.indexOf('\n', m_random.between(0, text.size()));
            if (line >= 0)
                text.insert(line + m_random.between(0, 1), kBetween[m_random.between(0, kBetween.size() - 1)]);
        }
        return text;
    }

private:
    test::Random m_random;
};

} // namespace

class TestTomlBytes : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void wrongBytesAreRead()
    {
        test::Mutator mutator{seeds(), kPieces};
        readMany(mutator, 0);
    }
    void nearlyRightBytesAreReadAndWritten()
    {
        GentleMutator mutator;
        readMany(mutator, kTexts / 4);
    }

private:
    template<class Texts>
    static void readMany(Texts &texts, int leastWritten)
    {
        int usable = 0, written = 0;
        for (int i = 0; i < kTexts; ++i) {
            const std::string text = QByteArray{texts.next()}.toStdString();
            const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
            const ConfigFile file = readConfigText(text);
            QVERIFY(file.issues.size() <= kMostFileIssues + 1);
            for (const FileIssue &issue : file.issues)
                QVERIFY2(issue.line >= 0 && issue.line <= lines + 1 && !issue.issue.problem.empty(), text.c_str());
            if (!file.isUsable())
                continue;
            ++usable;
            LimitSet limitSet = limitsOf(file.config);
            if (const auto same = editLimits(text, limitSet))
                QVERIFY2(same.value() == text, text.c_str());
            limitSet.limits.back().onStoreFailure = StoreFailurePolicy::Reject;
            limitSet.limits.back().match.methods = {"PUT"};
            limitSet.block.networks = {Network{}};
            const auto changed = editLimits(text, limitSet);
            if (!changed)
                continue;
            ++written;
            const std::string &after = changed.value();
            QVERIFY2(limitsOf(readConfigText(after).config) == limitSet, (text + "\n=====\n" + after).c_str());
            QVERIFY2(commentsIn(after, {0, after.size()}).size() == commentsIn(text, {0, text.size()}).size(),
                     (text + "\n=====\n" + after).c_str());
        }
        qInfo("%d of %d usable, %d of them could be changed", usable, kTexts, written);
        QVERIFY(written >= leastWritten);
        QVERIFY(usable - written <= usable / 5);
    }
};

QTEST_APPLESS_MAIN(TestTomlBytes)
#include "tst_toml_bytes.moc"
