// SPDX-License-Identifier: GPL-3.0-only
// Logs the events of the engine: outages and how they end, other instances, steps of the clock of Redis.
#pragma once

#include <functional>
#include <string>

#include <QObject>

#include "app/limit_parts.h"

namespace weir::app {

/// Thread: that of `parts`, which outlives it.
class OutageLog : public QObject {
    Q_OBJECT
public:
    /// `why` returns why the store did not decide the last time; empty: not known.
    OutageLog(LimitParts &parts, std::function<std::string()> why, QObject *parent = nullptr);

    /// Log buckets that the store has lost; to be called once a second at most, so that a store that forgets often does
    /// not fill the log.
    void tellLosses();

private:
    void tellBegun();
    static void tellSettled(bool isExact, limit::Tokens excess);
    static void tellBlocked(const std::string &limit, const Error &why);
    static void tellStep(Micros by);

    LimitParts &m_parts;
    std::function<std::string()> m_why;
    std::int64_t m_toldLosses{0};
};

} // namespace weir::app
