// SPDX-License-Identifier: GPL-3.0-only
// A Prometheus of the test's own on a free port of loopback: it scrapes once a second, and answers queries.
#pragma once

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>

#include <csignal>
#include <optional>

#include "tests/support/child_process.h"
#include "tests/support/free_port.h"
#include "tests/support/program_of.h"
#include "tests/support/raw_http_client.h"

namespace weir::test {

/// Thread: the test's.
class Prometheus {
public:
    /// Scrape http://127.0.0.1:`port`/metrics as the job "weir"; `more` are further lines of that job, such as a token
    /// ("    bearer_token_file: PATH\n"), `rules` a file of alerts. False: it is not there, or it does not answer in time.
    bool start(std::uint16_t port, const QByteArray &more = {}, const QString &rules = {})
    {
        QFile config{m_folder.filePath(QStringLiteral("prometheus.yml"))};
        if (programOf("prometheus").isEmpty() || !config.open(QIODevice::WriteOnly))
            return false;
        config.write("global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }\n");
        if (!rules.isEmpty())
            config.write("rule_files: [\"" + QFile::encodeName(rules) + "\"]\n");
        config.write("scrape_configs:\n  - job_name: weir\n    static_configs: [{ targets: [\"127.0.0.1:"
                     + QByteArray::number(port) + "\"] }]\n" + more);
        config.close();
        m_child.process().setProgram(programOf("prometheus"));
        m_child.process().setArguments(
            {QStringLiteral("--config.file=") + config.fileName(),
             QStringLiteral("--storage.tsdb.path=") + m_folder.filePath(QStringLiteral("data")),
             QStringLiteral("--web.listen-address=127.0.0.1:%1").arg(m_port), QStringLiteral("--log.level=warn")});
        constexpr int kReadyMs = 30'000;
        return m_child.start() && QTest::qWaitFor([this] { return get("/-/ready").has_value(); }, kReadyMs);
    }

    /// The first sample of the answer to a query in PromQL; nothing: there is none, or it is no query.
    [[nodiscard]] std::optional<double> query(const QByteArray &expression) const
    {
        const QJsonArray first = results(expression).first().toObject().value(QStringLiteral("value")).toArray();
        return first.size() == 2 ? std::optional{first[1].toString().toDouble()} : std::nullopt;
    }
    /// How many samples it has.
    [[nodiscard]] qsizetype count(const QByteArray &expression) const { return results(expression).size(); }
    /// Why the last scrape did not work; empty: it did. Nothing: there was none yet.
    [[nodiscard]] std::optional<QString> lastScrapeError() const
    {
        const auto body = get("/api/v1/targets");
        const QJsonObject target = QJsonDocument::fromJson(body.value_or(QByteArray{}))
                                       .object()
                                       .value(QStringLiteral("data"))
                                       .toObject()
                                       .value(QStringLiteral("activeTargets"))
                                       .toArray()
                                       .first()
                                       .toObject();
        const QString health = target.value(QStringLiteral("health")).toString();
        if (health.isEmpty() || health == QLatin1String{"unknown"})
            return std::nullopt;
        return target.value(QStringLiteral("lastError")).toString();
    }

    [[nodiscard]] std::uint16_t port() const { return m_port; }
    /// Its warnings and errors so far.
    [[nodiscard]] QByteArray told() { return m_child.errors(); }
    /// Its exit code, or -1 when it does not end in time.
    int stop()
    {
        constexpr auto kEndTime = std::chrono::seconds{60};
        m_child.signal(SIGTERM);
        return m_child.waitForExit(kEndTime);
    }

private:
    /// The body of an answer 200. HTTP/1.0, so that it comes in one piece.
    [[nodiscard]] std::optional<QByteArray> get(const QByteArray &target) const
    {
        RawHttpClient client;
        if (!client.connectTo(m_port) || !client.send("GET " + target + " HTTP/1.0\r\n\r\n"))
            return std::nullopt;
        const QByteArray answer = client.readUntilClosed().value_or(QByteArray{});
        const qsizetype body = answer.indexOf("\r\n\r\n");
        const bool isGood = answer.startsWith("HTTP/1.0 200 ") && body > 0;
        return isGood ? std::optional{answer.mid(body + 4)} : std::nullopt;
    }
    [[nodiscard]] QJsonArray results(const QByteArray &expression) const
    {
        const auto body = get("/api/v1/query?query=" + QUrl::toPercentEncoding(QString::fromUtf8(expression)));
        return QJsonDocument::fromJson(body.value_or(QByteArray{}))
            .object()
            .value(QStringLiteral("data"))
            .toObject()
            .value(QStringLiteral("result"))
            .toArray();
    }

    QTemporaryDir m_folder;
    const std::uint16_t m_port{freePort()};
    ChildProcess m_child;
};

} // namespace weir::test
