// SPDX-License-Identifier: GPL-3.0-only
// A configuration file of limits, and the Weir that serves it.
#pragma once

#include <QFile>
#include <QSaveFile>
#include <QTemporaryDir>

#include <memory>

#include "core/config/toml_reader.h"
#include "tests/http/running_service.h"

namespace weir::test {

/// One limit that no interval refills during a test.
inline QByteArray limitText(const char *name, int capacity, const char *rest = "")
{
    return QByteArray{"[[limit]]\nname = \""} + name + "\"\ncapacity = " + QByteArray::number(capacity)
           + "\nrefill = 1\nevery = \"366d\"\n" + rest;
}

inline const char *const kByKey = "key = [\"header:X-Api-Key\"]\n";

class LimitsFile {
public:
    [[nodiscard]] QString path() const { return m_folder.filePath(QStringLiteral("weir.toml")); }
    [[nodiscard]] QByteArray text() const
    {
        QFile file{path()};
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray{"cannot be read"};
    }
    /// As an editor does it.
    void write(const QByteArray &text) const
    {
        QSaveFile file{path()};
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
        QVERIFY(file.commit());
    }
    /// A Weir that was started with `text`, and reads and writes the file.
    [[nodiscard]] std::unique_ptr<RunningService> serve(const RedisServer &redis, const QByteArray &text) const
    {
        write(text);
        return start(redis, text, true);
    }
    /// The same without a file.
    [[nodiscard]] std::unique_ptr<RunningService> serveWithout(const RedisServer &redis, const QByteArray &text) const
    {
        return start(redis, text, false);
    }

private:
    [[nodiscard]] std::unique_ptr<RunningService> start(const RedisServer &redis, const QByteArray &text,
                                                        bool hasFile) const
    {
        const config::Config said = config::readConfigText(text.toStdString()).config;
        return std::make_unique<RunningService>(redis, limit::LimitSpec{}, 2, config::StoreFailurePolicy::Local,
                                                [&](config::Config &config) {
                                                    config.limit = said.limit;
                                                    config.limitSet = said.limitSet;
                                                    config.onStoreFailure = said.onStoreFailure;
                                                    if (hasFile)
                                                        config.file = path().toStdString();
                                                });
    }

    QTemporaryDir m_folder;
};

/// "name=capacity" of each limit in force, as everybody is told.
inline QByteArray inForce(RunningService &service)
{
    const auto set = service->limits(); // the next one may replace it at any moment
    QByteArray list;
    for (const config::LimitEntry &entry : set->limits)
        list += entry.name + '=' + std::to_string(entry.spec.capacity) + ' ';
    return list;
}

/// Asks for `next`; `done` gets the answer, later.
inline void change(RunningService &service, const config::LimitSet &next, std::optional<Result<Done>> &done)
{
    static QObject context;
    service->changeLimits(next, limit::TokenMode::Keep, &context,
                          [&done](const Result<Done> &result) { done = result; });
}

} // namespace weir::test
