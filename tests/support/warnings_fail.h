// SPDX-License-Identifier: GPL-3.0-only
// A warning that nobody expected is a failure.
#pragma once

#include <QMutex>
#include <QRegularExpression>
#include <QStringList>
#include <QTest>

namespace weir::test {

/// Collects qWarning and qCritical of every thread and passes them on. Make one in initTestCase()
/// (Qt Test puts its own handler in before) and call WEIR_NO_WARNINGS() in cleanup().
class WarningsFail {
public:
    WarningsFail()
    {
        s_current = this;
        m_previous = qInstallMessageHandler(&WarningsFail::handle);
    }
    ~WarningsFail()
    {
        qInstallMessageHandler(m_previous);
        s_current = nullptr;
    }
    WarningsFail(const WarningsFail &) = delete;
    WarningsFail &operator=(const WarningsFail &) = delete;

    /// Messages that match are fine until the end of the test function.
    void expect(const QString &pattern)
    {
        const QMutexLocker lock{&m_mutex};
        m_expected.append(QRegularExpression{pattern});
    }

    /// The unexpected messages since the last call; forgets what was expected.
    QStringList take()
    {
        const QMutexLocker lock{&m_mutex};
        m_expected.clear();
        return std::exchange(m_unexpected, {});
    }

private:
    static void handle(QtMsgType type, const QMessageLogContext &context, const QString &message)
    {
        s_current->note(type, message);
        if (s_current->m_previous)
            s_current->m_previous(type, context, message);
    }

    void note(QtMsgType type, const QString &message)
    {
        if (type != QtWarningMsg && type != QtCriticalMsg)
            return;
        const QMutexLocker lock{&m_mutex};
        for (const QRegularExpression &pattern : m_expected)
            if (pattern.match(message).hasMatch())
                return;
        m_unexpected.append(message);
    }

    static inline WarningsFail *s_current{nullptr};
    QtMessageHandler m_previous{nullptr};
    QMutex m_mutex;
    QList<QRegularExpression> m_expected;
    QStringList m_unexpected;
};

} // namespace weir::test

#define WEIR_NO_WARNINGS(collector)                                                                                    \
    do {                                                                                                               \
        const QStringList unexpected = (collector).take();                                                             \
        QVERIFY2(unexpected.isEmpty(), qPrintable(unexpected.join(QLatin1Char{'\n'})));                                \
    } while (false)
