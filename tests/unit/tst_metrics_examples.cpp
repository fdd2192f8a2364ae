// SPDX-License-Identifier: GPL-3.0-only
// The dashboard and the alerts in resources/examples: promtool accepts them, and Weir has all metrics that they ask for.
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRect>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/metrics_page.h"
#include "tests/unit/full_metrics.h"

using namespace weir;
using namespace weir::test;

namespace {

QByteArray readAll(const QString &file)
{
    QFile text{QStringLiteral(WEIR_SOURCE_DIR "/") + file};
    return text.open(QIODevice::ReadOnly) ? text.readAll() : QByteArray{};
}

const QString kRules = QStringLiteral("resources/examples/prometheus-rules.yml");
const QString kDashboard = QStringLiteral("resources/examples/grafana-weir.json");

} // namespace

class TestMetricsExamples : public QObject {
    Q_OBJECT
    const std::string m_text = admin::metricsText(fullSource());

    static QJsonArray panels()
    {
        return QJsonDocument::fromJson(readAll(kDashboard)).object().value(QStringLiteral("panels")).toArray();
    }
    static QStringList expressions()
    {
        QStringList all;
        for (const QJsonValue &panel : panels())
            for (const QJsonValue &target : panel[QStringLiteral("targets")].toArray())
                all.append(target[QStringLiteral("expr")].toString());
        return all;
    }

private Q_SLOTS:
    void theRulesAreRules()
    {
        QCOMPARE(promtoolSays(
                     {QStringLiteral("check"), QStringLiteral("rules"), QStringLiteral(WEIR_SOURCE_DIR "/") + kRules}),
                 QByteArray{});
    }

    void eachAlertFiresWhenItShould()
    {
        QCOMPARE(promtoolSays({QStringLiteral("test"), QStringLiteral("rules"),
                               QStringLiteral(WEIR_SOURCE_DIR "/tests/data/prometheus-rules.test.yml")}),
                 QByteArray{});
        const QByteArray tried = readAll(QStringLiteral("tests/data/prometheus-rules.test.yml"));
        static const QRegularExpression kAlert{QStringLiteral("alert: (\\w+)")};
        int alerts = 0;
        for (auto it = kAlert.globalMatch(QString::fromUtf8(readAll(kRules))); it.hasNext(); ++alerts) {
            const QByteArray name = it.next().captured(1).toUtf8();
            QVERIFY2(tried.contains("alertname: " + name + "\n        exp_alerts:\n"), name);
        }
        QVERIFY(alerts >= 6);
    }

    // As rules with an expression each, which promtool reads.
    void theDashboardAsksInPromQl()
    {
        QByteArray rules = "groups: [{ name: dashboard, rules: [";
        for (QString expression : expressions()) {
            expression.replace(QStringLiteral("$__rate_interval"), QStringLiteral("1m"));
            rules += "\n  { record: \"a:b\", labels: { n: \"" + QByteArray::number(rules.size()) + "\" }, expr: '"
                     + expression.toUtf8() + "' },";
        }
        QTemporaryDir folder;
        QFile file{folder.filePath(QStringLiteral("rules.yml"))};
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(rules + "\n] }]\n");
        file.close();
        QVERIFY(expressions().size() >= 14);
        QCOMPARE(promtoolSays({QStringLiteral("check"), QStringLiteral("rules"), file.fileName()}), QByteArray{});
    }

    void thePanelsHaveTheirPlaces()
    {
        QList<QRect> places;
        QSet<int> ids;
        for (const QJsonValue &panel : panels()) {
            const QByteArray title = panel[QStringLiteral("title")].toString().toUtf8();
            QVERIFY(!title.isEmpty());
            QVERIFY2(!panel[QStringLiteral("targets")].toArray().isEmpty(), title);
            const QJsonValue grid = panel[QStringLiteral("gridPos")];
            const QRect place{grid[QStringLiteral("x")].toInt(), grid[QStringLiteral("y")].toInt(),
                              grid[QStringLiteral("w")].toInt(), grid[QStringLiteral("h")].toInt()};
            QVERIFY2(!place.isEmpty() && place.left() >= 0 && place.right() < 24, title); // Grafana's columns
            for (const QRect &other : places)
                QVERIFY2(!other.intersects(place), title);
            places.append(place);
            ids.insert(panel[QStringLiteral("id")].toInt());
        }
        QCOMPARE(ids.size(), places.size());
        QVERIFY(!places.isEmpty());
    }

    void allTheirMetricsExist_data()
    {
        QTest::addColumn<QString>("file");
        QTest::newRow("dashboard") << kDashboard;
        QTest::newRow("rules") << kRules;
        QTest::newRow("tests of the rules") << QStringLiteral("tests/data/prometheus-rules.test.yml");
    }
    void allTheirMetricsExist()
    {
        QFETCH(const QString, file);
        const MetricsPage page{m_text};
        static const QRegularExpression kName{QStringLiteral("\\bweir_\\w+")};
        static const QRegularExpression kSuffix{QStringLiteral("_(bucket|sum|count)$")};
        int names = 0;
        for (auto it = kName.globalMatch(QString::fromUtf8(readAll(file))); it.hasNext(); ++names) {
            const QString name = it.next().captured();
            const QByteArray base = QString{name}.remove(kSuffix).toUtf8();
            const bool isSeries = name.contains(kSuffix);
            const auto type = page.types().find(base);
            QVERIFY2(type != page.types().end(), qPrintable(name));
            QVERIFY2(isSeries == (type->second == "histogram"), qPrintable(name));
        }
        QVERIFY(names > 5);
    }

    void theHelpHasEach()
    {
        const QByteArray help = readAll(QStringLiteral("resources/help/admin.md"));
        const MetricsPage page{m_text};
        QVERIFY(page.helps().size() > 20);
        for (const auto &[name, text] : page.helps()) {
            const QByteArray row = " | " + page.types().at(name) + " | " + text + " |\n";
            QVERIFY2(help.contains("| `" + name + '`' + row) || help.contains("}`" + row), name);
            QVERIFY2(help.contains("| `" + name), name);
        }
    }

    void allTheirOutcomesExist()
    {
        static const QRegularExpression kOutcome{QStringLiteral("outcome!?=~?\\\\?\"([a-z0-9_|]+)\\\\?\"")};
        int outcomes = 0;
        for (const QString &file : {kDashboard, kRules})
            for (auto it = kOutcome.globalMatch(QString::fromUtf8(readAll(file))); it.hasNext();)
                for (const QString &one : it.next().captured(1).split(QLatin1Char{'|'})) {
                    ++outcomes;
                    QVERIFY2(m_text.find("outcome=\"" + one.toStdString() + '"') != std::string::npos, qPrintable(one));
                }
        QVERIFY(outcomes >= 7);
    }
};

QTEST_GUILESS_MAIN(TestMetricsExamples)
#include "tst_metrics_examples.moc"
