// SPDX-License-Identifier: GPL-3.0-only
// A Weir with a configuration file and a Redis of its own.
#pragma once

#include <QFile>
#include <QSaveFile>
#include <QTemporaryDir>

#include "tests/soak/soaked_weir.h"
#include "tests/support/process_memory.h"
#include "tests/support/redis_server.h"

namespace weir::test {

/// Thread: the main thread.
class Site {
public:
    bool begin(const QByteArray &config)
    {
        return m_redis.start() && write(config)
               && m_weir.start({QStringLiteral("serve"), QStringLiteral("--threads"), QStringLiteral("2"),
                                QStringLiteral("--redis"), m_redis.url(), QStringLiteral("--config"), path()});
    }
    [[nodiscard]] bool write(const QByteArray &config) const
    {
        QSaveFile file{path()};
        return file.open(QIODevice::WriteOnly) && file.write(config) == config.size() && file.commit();
    }
    [[nodiscard]] SoakedWeir &weir() { return m_weir; }
    [[nodiscard]] RedisServer &redis() { return m_redis; }
    [[nodiscard]] double weirMb() { return mbOf(m_weir.process().pid()); }
    [[nodiscard]] double redisMb() const { return mbOf(m_redis.pid()); }

private:
    static double mbOf(std::int64_t pid) { return static_cast<double>(residentBytes(pid)) / (1024 * 1024); }
    [[nodiscard]] QString path() const { return m_folder.filePath(QStringLiteral("weir.toml")); }
    QTemporaryDir m_folder;
    RedisServer m_redis;
    SoakedWeir m_weir;
};

} // namespace weir::test
