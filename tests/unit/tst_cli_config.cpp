// SPDX-License-Identifier: GPL-3.0-only
// The configuration file beside flags and variables, and the one that --print-config prints.
#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include "app/cli_options.h"
#include "core/config/settings.h"
#include "core/config/toml_reader.h"
#include "tests/unit/cli_reading.h"

using namespace weir;
using namespace weir::app;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

QString printedConfig()
{
    return invocation(read(QStringLiteral("--print-config"))).text;
}

// Every default taken out of its comment: "#key = value". Prose has a space after the "#".
QString uncommented(QString text)
{
    static const QRegularExpression kKey{QStringLiteral("^#([a-z])"), QRegularExpression::MultilineOption};
    return text.replace(kKey, QStringLiteral("\\1"));
}

config::ConfigFile readText(const QString &text)
{
    return config::readConfigText(text.toStdString());
}

bool areSameLimits(const config::Config &a, const config::Config &b)
{
    return config::limitsOf(a) == config::limitsOf(b);
}

} // namespace

class TestCliConfig : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { QVERIFY(QDir{m_folder.path()}.removeRecursively() && QDir{}.mkpath(m_folder.path())); }

    void flagsBeatVariablesBeatTheFileBeatsDefaults()
    {
        write("weir.toml", "capacity = 10\nrefill = 3\nevery = '1h'\non_store_failure = 'reject'\n[server]\n"
                           "listen = '127.0.0.1:1'\nthreads = 2\nlease = 7\nmax_url = '1KiB'\nmax_body = '1KiB'\n"
                           "trust_proxy = '10.0.0.0/8'\nclient_header = 'X-Real-IP'\nlog_format = 'journal'\ndata_dir "
                           "= '/d'\nidle_timeout = "
                           "'1s'\n[redis]\nurl = 'redis://h'\n");
        const Invocation said =
            invocation(readWith(QStringLiteral("--capacity 30 --threads 3"),
                                {QStringLiteral("WEIR_CAPACITY=20"), QStringLiteral("WEIR_REFILL=4"),
                                 QStringLiteral("WEIR_MAX_URL=2KiB")}));
        QVERIFY(said.config.limit.appliedTo({}) == (limit::LimitSpec{.capacity = 30, .refill = 4, .interval = 1h}));
        QCOMPARE(int(said.config.onStoreFailure), int(config::StoreFailurePolicy::Reject));
        QCOMPARE(config::printListenAddress(said.config.listen.at(0)), std::string{"127.0.0.1:1"});
        QCOMPARE(said.config.threads, 3);
        QCOMPARE(said.config.lease, limit::Tokens{7});
        QCOMPARE(said.config.http.maxUrlBytes, std::size_t{2048});
        QCOMPARE(said.config.http.maxBodyBytes, std::uint64_t{1024});
        QCOMPARE(said.config.http.maxHeaderBytes, config::HttpLimits{}.maxHeaderBytes);
        QVERIFY(said.config.http.idleTimeout == 1s);
        QCOMPARE(said.config.trustedProxies.size(), std::size_t{1});
        QCOMPARE(said.config.clientHeader, std::string{"X-Real-IP"});
        QCOMPARE(int(said.config.logFormat), int(config::LogFormat::Journal));
        QCOMPARE(said.config.dataDir, std::string{"/d"});
        QCOMPARE(said.config.redisUrl, std::string{"redis://h"});
        QCOMPARE(said.config.file, m_folder.filePath(QStringLiteral("weir.toml")).toStdString());
        // Lists are replaced, not added to.
        QCOMPARE(invocation(readWith(QStringLiteral("--listen 127.0.0.1:2 --trust-proxy ::1"))).config.listen.size(),
                 std::size_t{1});
    }

    void theFileIsFoundWhereItBelongs()
    {
        const QString home = QStringLiteral("HOME=") + m_folder.filePath(QStringLiteral("home"));
        const QString all = QStringLiteral("XDG_CONFIG_DIRS=relative:") + m_folder.filePath(QStringLiteral("b"))
                            + QLatin1Char{':'} + m_folder.filePath(QStringLiteral("c"));
        const QString own = QStringLiteral("XDG_CONFIG_HOME=") + m_folder.filePath(QStringLiteral("a"));
        const auto threads = [](const CliResult &result) { return invocation(result).config.threads; };
        QCOMPARE(threads(read({}, {home, all, own})), 0);
        write("c/weir/weir.toml", "[server]\nthreads = 4\n");
        QCOMPARE(threads(read({}, {home, all, own})), 4);
        write("b/weir/weir.toml", "[server]\nthreads = 3\n");
        QCOMPARE(threads(read({}, {home, all, own})), 3);
        write("a/weir/weir.toml", "[server]\nthreads = 2\n");
        QCOMPARE(threads(read({}, {home, all, own})), 2);
        write("home/.config/weir/weir.toml", "[server]\nthreads = 1\n");
        QCOMPARE(threads(read({}, {home, all})), 1);
        write("named.toml", "[server]\nthreads = 5\n");
        const QString named = m_folder.filePath(QStringLiteral("named.toml"));
        QCOMPARE(threads(read({}, {home, all, QStringLiteral("WEIR_CONFIG=") + named})), 5);
        QCOMPARE(threads(read(QStringLiteral("--config ") + named, {QStringLiteral("WEIR_CONFIG=/nowhere")})), 5);
        QVERIFY(invocation(read({}, {home})).config.file.starts_with(m_folder.path().toStdString()));
    }

    void aFileThatIsThereMustBeRight()
    {
        const QString own = QStringLiteral("XDG_CONFIG_HOME=") + m_folder.path();
        write("weir/weir.toml", "capactiy = 5\n");
        const QString path = m_folder.filePath(QStringLiteral("weir/weir.toml"));
        QCOMPARE(printed(read({}, {own})),
                 QStringList{path + QStringLiteral(":1: capactiy: there is no such key. Did you mean capacity?")});
        QVERIFY(QFile::remove(path) && QFile::link(QStringLiteral("/nowhere"), path));
        QCOMPARE(printed(read({}, {own})),
                 QStringList{path + QStringLiteral(": it is a link to a file that is not there.")});
    }

    void problemsNameWhereTheValueCameFrom()
    {
        write("weir.toml", "capacity = 10\nrefill = 10\n\n[server]\nmax_url = '100KiB'\n");
        const QString path = m_folder.filePath(QStringLiteral("weir.toml"));
        QCOMPARE(printed(readWith(QStringLiteral("--capacity 5"))),
                 QStringList{path
                             + QStringLiteral(":2: refill: 10 tokens is more than the capacity of 5. Use a refill from "
                                              "1 to 5, or a larger capacity.")});
        QCOMPARE(printed(readWith(QStringLiteral("--max-header 190KiB"))).value(0).section(QLatin1Char{':'}, 0, 0),
                 QStringLiteral("--max-header"));
        QCOMPARE(
            printed(readWith({}, {QStringLiteral("WEIR_MAX_HEADER=150KiB")})).value(0).section(QLatin1Char{':'}, 0, 0),
            QStringLiteral("WEIR_MAX_HEADER"));
    }

    void optionsAreAboutTheLimitGlobal()
    {
        write("weir.toml", "[[limit]]\nname = 'a'\n[[limit]]\nname = 'global'\ncapacity = 10\nkey = 'ip'\n");
        const auto limits =
            invocation(readWith(QStringLiteral("--capacity 3 --on-store-failure allow"))).config.limitSet.limits;
        QCOMPARE(limits.size(), std::size_t{2});
        QCOMPARE(limits[0].spec.capacity, limit::Tokens{5});
        QVERIFY(limits[1].spec == (limit::LimitSpec{.capacity = 3, .refill = 3}));
        QCOMPARE(int(limits[1].onStoreFailure), int(config::StoreFailurePolicy::Allow));
        QVERIFY(printed(readWith(QStringLiteral("--refill 11"))).value(0).startsWith(QLatin1String{"--refill: "}));

        write("weir.toml", "[[limit]]\nname = 'a'\n");
        const QStringList lines =
            printed(readWith(QStringLiteral("--capacity 3"), {QStringLiteral("WEIR_START=empty")}));
        QCOMPARE(lines.size(), 2);
        QVERIFY(lines[0].startsWith(QLatin1String{"--capacity: it is for the limit global"}));
        QVERIFY(lines[1].startsWith(QLatin1String{"WEIR_START: it is for the limit global"}));

        write("weir.toml", "[[limit]]\nname = 'global'\nalgorithm = 'fixed-window'\ncapacity = 10\n");
        QCOMPARE(invocation(readWith(QStringLiteral("--capacity 7"))).config.limitSet.limits[0].spec.refill,
                 limit::Tokens{7});
        QVERIFY(printed(readWith(QStringLiteral("--refill 7"))).value(0).startsWith(QLatin1String{"--refill: "}));
    }

    void anotherRedisTakesNoFilesOfTheFiles()
    {
        write("weir.toml", "[redis]\nurl = 'rediss://h'\nca = '/nowhere/ca.pem'\n");
        QVERIFY(printed(readWith({})).value(0).contains(QLatin1String{"weir.toml:3: redis.ca: cannot read"}));
        const auto plain = invocation(readWith(QStringLiteral("--redis redis://other"))).config;
        QCOMPARE(plain.redisUrl, std::string{"redis://other"});
        QVERIFY(plain.redisTls.ca.empty());
    }

    void warningsDoNotStopIt()
    {
        write("weir.toml", "[[limit]]\nname = 'a'\ncost = 0\n");
        const Invocation said = invocation(readWith(QStringLiteral("serve")));
        QCOMPARE(int(said.command), int(Invocation::Command::Serve));
        QCOMPARE(said.warnings.size(), std::size_t{1});
    }

    void aTextThatWasReadAlreadyIsNotReadAgain()
    {
        const std::string text = "[server]\nthreads = 6\n";
        const QStringList arguments{QStringLiteral("weir"), QStringLiteral("--config"),
                                    QStringLiteral("/nowhere/weir.toml")};
        QCOMPARE(invocation(readCommandLine(arguments, home(), &text)).config.threads, 6);
        const std::string bad = "[server]\nthreads = 0\n";
        QVERIFY(printed(readCommandLine(arguments, home(), &bad))
                    .value(0)
                    .startsWith(QLatin1String{"/nowhere/weir.toml:2: "}));
    }

    void whatIsPrintedReadsBackAsTheDefaults()
    {
        const config::ConfigFile file = readText(printedConfig());
        QVERIFY(file.issues.empty());
        QVERIFY(file.config.limit.isEmpty());
        QVERIFY(areSameLimits(file.config, {}));
        write("weir.toml", printedConfig().toUtf8());
        const config::Config said = invocation(readWith({})).config;
        const config::Config plain = invocation(read({})).config;
        QCOMPARE(said.listen, plain.listen);
        QCOMPARE(said.dataDir, plain.dataDir);
        QCOMPARE(said.threads, plain.threads);
        QVERIFY(said.http == plain.http && said.redisUrl.empty() && !said.isPublic && said.trustedProxies.empty());
        QCOMPARE(said.clientHeader, plain.clientHeader);
        QCOMPARE(int(said.logFormat), int(plain.logFormat));
    }

    void itsCommentsSayTheDefaults()
    {
        const config::ConfigFile file = readText(uncommented(printedConfig()));
        QVERIFY2(file.issues.empty(), file.issues.empty() ? "" : printIssue(file.issues.front().issue).c_str());
        QVERIFY(areSameLimits(file.config, {}));
        QCOMPARE(file.config.listen, config::Config{}.listen);
        QCOMPARE(file.config.isPublic, config::Config{}.isPublic);
        QVERIFY(file.config.http == config::HttpLimits{});
        QVERIFY(file.config.trustedProxies.empty());
        QCOMPARE(file.config.clientHeader, config::Config{}.clientHeader);
        QCOMPARE(int(file.config.logFormat), int(config::Config{}.logFormat));
        // Every key is there.
        for (const config::Setting &setting : config::settings())
            QVERIFY2(file.lines.count(setting.path()) > 0, setting.path().c_str());
    }

    void itsExampleOfALimitCanBeUsed()
    {
        QString block;
        for (const QString &line : printedConfig().split(QLatin1Char{'\n'}))
            if (line.startsWith(QLatin1String{"#   "}))
                block += line.mid(4) + QLatin1Char{'\n'};
        const config::ConfigFile file = readText(block);
        QVERIFY2(file.issues.empty(), file.issues.empty() ? "" : printIssue(file.issues.front().issue).c_str());
        QCOMPARE(file.config.limitSet.limits.size(), std::size_t{1});
        for (const char *key : {"name", "enabled", "match", "key", "algorithm", "capacity", "refill", "every", "start",
                                "cost", "cost_by_route", "cost_header", "on_store_failure", "shadow", "match.path",
                                "match.methods", "match.network", "match.header"})
            QVERIFY2(file.lines.count(std::string{"limit[1]."} + key) == 1, key);
    }

private:
    void write(const char *name, const QByteArray &text)
    {
        const QString path = m_folder.filePath(QLatin1String{name});
        QVERIFY(QDir{}.mkpath(QFileInfo{path}.path()));
        QFile file{path};
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
    }

    CliResult readWith(const QString &line, const QStringList &variables = {})
    {
        return read(line + QLatin1String{" --config "} + m_folder.filePath(QStringLiteral("weir.toml")), variables);
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestCliConfig)
#include "tst_cli_config.moc"
