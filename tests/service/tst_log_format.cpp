// SPDX-License-Identifier: GPL-3.0-only
// The log of a real Weir in each of its forms.
#include <QDateTime>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTest>

#include <csignal>

#include "tests/support/orphans.h"
#include "tests/support/warnings_fail.h"

using namespace weir::test;
using namespace Qt::StringLiterals;

namespace {

constexpr int kPatienceMs = 10'000;

QList<QByteArray> linesOf(const QByteArray &text)
{
    QList<QByteArray> lines = text.split('\n');
    if (lines.back().isEmpty())
        lines.removeLast();
    return lines;
}

} // namespace

class TestLogFormat : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_warnings.listen(); }
    void cleanup()
    {
        QVERIFY(m_orphans.alive().empty());
        WEIR_NO_WARNINGS(m_warnings);
    }

    void textIsTheDefault()
    {
        static const QRegularExpression kLine{
            u"^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3} info SIGUSR1 means nothing to Weir[^\\n]*\\n$"_s};
        for (const char *line : {"serve", "serve --log-format text"}) {
            const QByteArray log = logOf(words(line), {SIGUSR1});
            QVERIFY2(kLine.match(QString::fromUtf8(log)).hasMatch(), log);
        }
    }

    void jsonIsAnObjectALine()
    {
        const QDateTime before = QDateTime::currentDateTimeUtc().addMSecs(-1);
        const QList<QByteArray> lines = linesOf(logOf(words("serve --log-format json"), {SIGUSR1, SIGUSR2, SIGHUP}));
        QCOMPARE(lines.size(), 3);
        for (const QByteArray &line : lines) {
            const QJsonObject object = QJsonDocument::fromJson(line).object();
            QCOMPARE(object.keys(), (QStringList{u"category"_s, u"level"_s, u"message"_s, u"time"_s}));
            QCOMPARE(object.value(u"level"_s).toString(), u"info"_s);
            const QString time = object.value(u"time"_s).toString();
            QVERIFY(time.endsWith(u'Z'));
            const QDateTime at = QDateTime::fromString(time, Qt::ISODateWithMs);
            QVERIFY(at >= before && at <= QDateTime::currentDateTimeUtc());
        }
        QCOMPARE(QJsonDocument::fromJson(lines.at(0)).object().value(u"category"_s).toString(), u"weir.signals"_s);
    }

    void theJournalHasPriorities()
    {
        const QList<QByteArray> lines = linesOf(logOf(words("serve --log-format journal"), {SIGUSR1}));
        QCOMPARE(lines.size(), 1);
        QVERIFY2(lines.at(0).startsWith("<6>weir.signals: SIGUSR1 means nothing"), lines.at(0));
    }

    // A warning, from the file that says the format as well.
    void theFileSaysIt()
    {
        WeirProcess weir;
        const QString path = weir.folder() + u"/weir.toml"_s;
        const auto write = [&](const QByteArray &text) {
            QFile file{path};
            return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
        };
        QVERIFY(write("[server]\nlog_format = 'journal'\n"));
        QVERIFY2(weir.start({u"serve"_s, u"--config"_s, path}), weir.errors());
        QVERIFY(write("[server]\nlog_format = 'journal'\nthreads = 'a'\n"));
        weir.signal(SIGHUP);
        QTRY_VERIFY_WITH_TIMEOUT(weir.errors().startsWith("<4>weir.config: "), kPatienceMs);
        QCOMPARE(weir.stop(), 0);
        WeirProcess said; // a variable goes before the file
        said.environment().insert(u"WEIR_LOG_FORMAT"_s, u"json"_s);
        QVERIFY(write("[server]\nlog_format = 'journal'\n[[limit]]\nname = 'a'\ncost = 0\n"));
        QVERIFY2(said.start({u"serve"_s, u"--config"_s, path}), said.errors());
        QCOMPARE(said.stop(), 0);
        const QJsonObject warning = QJsonDocument::fromJson(linesOf(said.errors()).value(0)).object();
        QCOMPARE(warning.value(u"level"_s).toString(), u"warning"_s);
        QCOMPARE(warning.value(u"category"_s).toString(), u"weir"_s);
        QVERIFY(warning.value(u"message"_s).toString().contains(u": warning: "_s));
    }

    void aFailedStartIsOfTheSameForm()
    {
        WeirProcess other, weir;
        QVERIFY2(other.start(words("serve")), other.errors());
        const QByteArray port = QByteArray::number(other.port());
        QCOMPARE(weir.runToExit(words("serve --log-format journal --listen 127.0.0.1:" + port)), 1);
        QVERIFY2(weir.errors().startsWith("<3>weir: --listen: ") && weir.errors().count('\n') == 1, weir.errors());
    }

    void levelsGoByCategory()
    {
        const QByteArray log = logOf(words("serve"), {SIGUSR1, SIGHUP}, u"weir.signals.info=false"_s);
        QVERIFY2(!log.contains("SIGUSR1") && log.contains("asked to read the configuration file"), log);
    }

    void anotherWordIsNoFormat()
    {
        WeirProcess weir;
        QCOMPARE(weir.runToExit(words("serve --log-format xml")), 2);
        QVERIFY2(weir.errors().startsWith("weir: --log-format: \"xml\" is not known. Use text, json or journal.\n"),
                 weir.errors());
    }

private:
    // Of a Weir that gets signals which it answers with a line each, one after the other.
    static QByteArray logOf(const QStringList &arguments, const QList<int> &signalNumbers, const QString &logRules = {})
    {
        WeirProcess weir;
        if (!logRules.isEmpty())
            weir.environment().insert(u"QT_LOGGING_RULES"_s, logRules);
        if (!weir.start(arguments))
            return {};
        for (const int number : signalNumbers) {
            const auto before = weir.errors().size();
            weir.signal(number);
            (void)QTest::qWaitFor([&] { return weir.errors().size() > before; },
                                  logRules.isEmpty() ? kPatienceMs : 500);
        }
        return weir.stop() == 0 ? weir.errors() : QByteArray{};
    }

    WarningsFail m_warnings;
    Orphans m_orphans;
};

QTEST_GUILESS_MAIN(TestLogFormat)
#include "tst_log_format.moc"
