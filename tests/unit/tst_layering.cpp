// SPDX-License-Identifier: GPL-3.0-only
// Who may know whom: held by the includes of the sources and by the link lines of the build.
#include <QDirIterator>
#include <QFile>
#include <QHash>
#include <QLibraryInfo>
#include <QRegularExpression>
#include <QTest>

namespace {

struct Layer {
    QStringList tree;      // folders of the tree that it may include, its own among them
    QStringList qtModules; // empty: no Qt at all
    QStringList targets;   // what its link line may name besides weir_rules
    bool mayKnowHiredis{false};
    bool mayKnowToml{false};
};

QStringList words(const char *text)
{
    return QString::fromLatin1(text).split(QLatin1Char{' '}, Qt::SkipEmptyParts);
}

// The table of HACKING.md, 1, one row a folder.
QHash<QString, Layer> layers()
{
    const QStringList service{QStringLiteral("core/engine/port/service_port.h"),
                              QStringLiteral("core/engine/port/limit_status.h"),
                              QStringLiteral("core/history/history_rows.h"), QStringLiteral("core/policy/question.h")};
    return {
        {QStringLiteral("core/base"), {words("core/base"), {}, {}}},
        {QStringLiteral("core/limit"), {words("core/base core/limit"), {}, words("weir_base")}},
        {QStringLiteral("core/sim"), {words("core/base core/limit core/sim"), {}, words("weir_base weir_limit")}},
        {QStringLiteral("core/store"), {words("core/base core/limit core/store"), {}, words("weir_base weir_limit")}},
        {QStringLiteral("core/config"),
         {words("core/base core/limit core/config"), words("QtCore"), words("weir_base weir_limit Qt6::Core"), false,
          true}},
        {QStringLiteral("core/policy"),
         {words("core/base core/limit core/config core/policy"), words("QtCore"),
          words("weir_base weir_limit weir_config Qt6::Core")}},
        {QStringLiteral("core/telemetry"),
         {words("core/base core/limit core/telemetry"), words("QtCore"), words("weir_base weir_limit Qt6::Core")}},
        {QStringLiteral("core/history"),
         {words("core/base core/history"), words("QtCore QtSql"), words("weir_base Qt6::Core Qt6::Sql")}},
        {QStringLiteral("core/engine"),
         {words("core/base core/limit core/store core/config core/policy core/telemetry core/engine "
                "core/history/history_rows.h"),
          words("QtCore"),
          words("weir_base weir_limit weir_store weir_config weir_policy weir_telemetry weir_port Qt6::Core")}},
        {QStringLiteral("core/redis"),
         {words("core/base core/limit core/store core/redis"), words("QtCore QtNetwork"),
          words("weir_base weir_limit weir_store Qt6::Core Qt6::Network PkgConfig::hiredis"), true}},
        {QStringLiteral("core/http"),
         {words("core/base core/limit core/store core/config core/policy core/telemetry core/engine core/http"),
          words("QtCore QtNetwork QtHttpServer"),
          words(
              "weir_base weir_limit weir_store weir_config weir_policy weir_telemetry weir_port weir_engine Qt6::Core "
              "Qt6::Network Qt6::HttpServer")}},
        {QStringLiteral("core/admin"),
         {words("core/base core/limit core/config core/policy core/telemetry core/engine/port core/admin "
                "core/http/admin_desk.h"),
          words("QtCore"), words("weir_base weir_limit weir_config weir_policy weir_telemetry weir_port Qt6::Core")}},
        {QStringLiteral("core/remote"),
         {words(
              "core/base core/limit core/config core/telemetry core/engine/port core/history/history_rows.h core/admin "
              "core/remote"),
          words("QtCore QtNetwork"),
          words("weir_base weir_limit weir_config weir_telemetry weir_port weir_admin Qt6::Core Qt6::Network")}},
        {QStringLiteral("ui"),
         {words("core/base core/limit core/config core/telemetry core/sim ui") + service,
          words("QtCore QtGui QtWidgets QtCharts QtNetwork QtDBus"),
          words("weir_base weir_limit weir_sim weir_config weir_policy weir_telemetry weir_port Qt6::Core Qt6::Gui "
                "Qt6::Widgets "
                "Qt6::Charts "
                "Qt6::Network Qt6::DBus")}},
    };
}

QString sourceRoot()
{
    return QStringLiteral(WEIR_SOURCE_DIR);
}

QString readAll(const QString &path)
{
    QFile file{path};
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString{};
}

QStringList sourcesOf(const QString &folder)
{
    QStringList paths;
    QDirIterator it{sourceRoot() + QLatin1Char{'/'} + folder, words("*.h *.cpp"), QDir::Files,
                    QDirIterator::Subdirectories};
    while (it.hasNext())
        paths.append(it.next());
    return paths;
}

// The Qt module that has header `name`, as its folder is called; empty when Qt has none.
QString qtModuleOf(const QString &name)
{
    if (name.contains(QLatin1Char{'/'}))
        return name.section(QLatin1Char{'/'}, 0, 0);
    const QString headers = QLibraryInfo::path(QLibraryInfo::HeadersPath);
    for (const QString &module : QDir{headers}.entryList(words("Qt*"), QDir::Dirs))
        if (QFile::exists(headers + QLatin1Char{'/'} + module + QLatin1Char{'/'} + name))
            return module;
    return {};
}

// Why a file of `layer` may not include `name`; empty when it may.
QString objection(const Layer &layer, const QString &path, const QString &name)
{
    if (name.startsWith(QLatin1String{"hiredis"}))
        return layer.mayKnowHiredis && path.endsWith(QLatin1String{".cpp"}) ? QString{} : QStringLiteral("hiredis");
    if (name.startsWith(QLatin1String{"prometheus/"}))
        return path.endsWith(QLatin1String{"core/admin/metrics_text.cpp"}) ? QString{}
                                                                           : QStringLiteral("prometheus-cpp");
    if (name.startsWith(QLatin1String{"toml++"}))
        return layer.mayKnowToml && path.endsWith(QLatin1String{".cpp"}) ? QString{} : QStringLiteral("toml++");
    static const QRegularExpression kOwn{QStringLiteral("^(core|app|ui|tests|embedded|lua)/")};
    if (kOwn.match(name).hasMatch()) {
        for (const QString &allowed : layer.tree)
            if (name == allowed || name.startsWith(allowed + QLatin1Char{'/'}))
                return {};
        return QStringLiteral("another layer");
    }
    if (name.startsWith(QLatin1Char{'Q'})
        || (name.startsWith(QLatin1Char{'q'}) && name.endsWith(QLatin1String{".h"}))) {
        const QString module = qtModuleOf(name);
        return layer.qtModules.contains(module) ? QString{} : QStringLiteral("a Qt module it may not use: ") + module;
    }
    return {};
}

} // namespace

class TestLayering : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void includes_data() { rowPerLayer(); }
    void includes()
    {
        QFETCH(const QString, folder);
        const Layer layer = layers().value(folder);
        static const QRegularExpression kInclude{QStringLiteral("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"]"),
                                                 QRegularExpression::MultilineOption};
        QStringList problems;
        for (const QString &path : sourcesOf(folder)) {
            QRegularExpressionMatchIterator it = kInclude.globalMatch(readAll(path));
            while (it.hasNext()) {
                const QString name = it.next().captured(1);
                const QString why = objection(layer, path, name);
                if (!why.isEmpty())
                    problems.append(path.mid(sourceRoot().size() + 1) + QLatin1String{" includes "} + name
                                    + QLatin1String{": "} + why);
            }
        }
        QVERIFY2(problems.isEmpty(), qPrintable(problems.join(QLatin1Char{'\n'})));
    }

    void pureLayersHaveNoClockAndNoFiles_data()
    {
        QTest::addColumn<QString>("folder");
        for (const char *folder : {"core/base", "core/limit", "core/store", "core/sim"})
            QTest::newRow(folder) << QString::fromLatin1(folder);
    }
    void pureLayersHaveNoClockAndNoFiles()
    {
        QFETCH(const QString, folder);
        static const QRegularExpression kImpure{
            QStringLiteral("system_clock|steady_clock|gettimeofday|\\btime\\(|<fstream>|<iostream>|<cstdio>|<"
                           "filesystem>|<unistd|<sys/|random_device")};
        for (const QString &path : sourcesOf(folder)) {
            if (path.endsWith(QLatin1String{"core/base/clock.h"})) // where the one clock is
                continue;
            const QRegularExpressionMatch match = kImpure.match(readAll(path));
            QVERIFY2(!match.hasMatch(), qPrintable(path + QLatin1String{": "} + match.captured()));
        }
    }

    // In the folder of the admin port, but a layer of its own: plain values in, a text out.
    void theMetricsKnowNothingThatRuns()
    {
        QCOMPARE(linkLinesOf(QStringLiteral("weir_metrics")).join(QLatin1Char{' '}).simplified(),
                 QStringLiteral("SOURCES admin/metrics_text.cpp PUBLIC weir_port PRIVATE PkgConfig::prometheus"));
        const Layer metrics{words("core/base core/limit core/config core/telemetry core/admin/metrics_text.h "
                                  "core/engine/port/service_port.h"),
                            {},
                            {}};
        static const QRegularExpression kInclude{QStringLiteral("#include [<\"]([^>\"]+)[>\"]")};
        for (const char *file : {"/core/admin/metrics_text.h", "/core/admin/metrics_text.cpp"}) {
            const QString path = sourceRoot() + QLatin1String{file};
            QVERIFY2(!readAll(path).isEmpty(), file);
            QRegularExpressionMatchIterator it = kInclude.globalMatch(readAll(path));
            while (it.hasNext()) {
                const QString name = it.next().captured(1);
                QVERIFY2(objection(metrics, path, name).isEmpty(), qPrintable(path + QLatin1String{": "} + name));
            }
        }
    }

    void nobodyLinksTheApp()
    {
        for (const QString &folder : words("core ui"))
            for (const QString &path : sourcesOf(folder))
                QVERIFY2(!readAll(path).contains(QLatin1String{"#include \"app/"}), qPrintable(path));
    }

    void linkLines_data() { rowPerLayer(); }
    void linkLines()
    {
        QFETCH(const QString, folder);
        const QStringList allowed = layers().value(folder).targets + words("weir_rules Threads::Threads");
        const QString target = QLatin1String{"weir_"} + folder.section(QLatin1Char{'/'}, -1);
        QStringList problems;
        for (const QString &line : linkLinesOf(target))
            for (const QString &word : line.split(QRegularExpression{QStringLiteral("\\s+")}, Qt::SkipEmptyParts))
                if ((word.startsWith(QLatin1String{"weir_"}) || word.contains(QLatin1String{"::"}))
                    && !allowed.contains(word) && word != target)
                    problems.append(target + QLatin1String{" links "} + word);
        QVERIFY2(problems.isEmpty(), qPrintable(problems.join(QLatin1Char{'\n'})));
    }

    void theTestSeesWhatIsThere()
    {
        QVERIFY(!sourcesOf(QStringLiteral("core/base")).isEmpty());
        QVERIFY(!linkLinesOf(QStringLiteral("weir_limit")).isEmpty());
        QCOMPARE(qtModuleOf(QStringLiteral("QString")), QStringLiteral("QtCore"));
        const Layer limit = layers().value(QStringLiteral("core/limit"));
        for (const char *forbidden : {"QString", "hiredis/hiredis.h", "prometheus/counter.h",
                                      "core/store/bucket_store.h", "app/cli.h", "toml++/toml.h"})
            QVERIFY2(!objection(limit, QStringLiteral("x.cpp"), QLatin1String{forbidden}).isEmpty(), forbidden);
        const Layer redis = layers().value(QStringLiteral("core/redis"));
        QVERIFY(objection(redis, QStringLiteral("x.cpp"), QStringLiteral("hiredis/hiredis.h")).isEmpty());
        QVERIFY(!objection(redis, QStringLiteral("x.h"), QStringLiteral("hiredis/hiredis.h")).isEmpty());
        const Layer config = layers().value(QStringLiteral("core/config"));
        QVERIFY(objection(config, QStringLiteral("x.cpp"), QStringLiteral("toml++/toml.h")).isEmpty());
        QVERIFY(!objection(config, QStringLiteral("x.h"), QStringLiteral("toml++/toml.h")).isEmpty());
    }

private:
    static void rowPerLayer()
    {
        QTest::addColumn<QString>("folder");
        QStringList folders = layers().keys();
        folders.sort();
        for (const QString &folder : folders)
            QTest::newRow(qPrintable(folder)) << folder;
    }

    // Everything that weir_layer() and target_link_libraries() say about `target`.
    static QStringList linkLinesOf(const QString &target)
    {
        static const QRegularExpression kCall{
            QStringLiteral("(?:weir_layer|target_link_libraries)\\(\\s*(\\w+)([^)]*)\\)")};
        QStringList lines;
        for (const QString &file : words("core/CMakeLists.txt ui/CMakeLists.txt")) {
            QRegularExpressionMatchIterator it = kCall.globalMatch(readAll(sourceRoot() + QLatin1Char{'/'} + file));
            while (it.hasNext())
                if (const QRegularExpressionMatch call = it.next(); call.captured(1) == target)
                    lines.append(call.captured(2));
        }
        return lines;
    }
};

QTEST_APPLESS_MAIN(TestLayering)
#include "tst_layering.moc"
