// SPDX-License-Identifier: GPL-3.0-only
// A warning that nobody expected is a failure.
#pragma once

#include <QMutex>
#include <QRegularExpression>
#include <QStringList>
#include <QTest>
#include <atomic>

namespace weir::test {

/// Collects qWarning and qCritical of every thread and passes them on. Let it listen() in initTestCase(), no earlier: Qt Test
/// puts its own handler over whatever was there when it begins. Call WEIR_NO_WARNINGS() in cleanup(): it fails also when
/// nobody listens.
class WarningsFail {
public:
    WarningsFail() = default;
    ~WarningsFail()
    {
        if (!isListening())
            return; // Qt Test has put back what was there before it began
        qInstallMessageHandler(m_previous);
        s_current = nullptr;
    }
    WarningsFail(const WarningsFail &) = delete;
    WarningsFail &operator=(const WarningsFail &) = delete;

    void listen()
    {
        s_current = this;
        m_previous = qInstallMessageHandler(&WarningsFail::handle);
    }

    /// Nobody has put another handler in its place.
    [[nodiscard]] bool isListening() const
    {
        const QtMessageHandler handler = qInstallMessageHandler(&WarningsFail::handle);
        if (handler != &WarningsFail::handle)
            qInstallMessageHandler(handler);
        return handler == &WarningsFail::handle && s_current == this;
    }

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
        WarningsFail *current = s_current;
        if (!current)
            return;
        current->note(type, message);
        if (current->m_previous)
            current->m_previous(type, context, message);
    }

    void note(QtMsgType type, const QString &message)
    {
        if (type != QtWarningMsg && type != QtCriticalMsg)
            return;
        if (message.startsWith(QLatin1String{"QStandardPaths: "})
            || message.startsWith(QLatin1String{"This plugin does not support"}))
            return; // of the machine, not of the program
        const QMutexLocker lock{&m_mutex};
        for (const QRegularExpression &pattern : m_expected)
            if (pattern.match(message).hasMatch())
                return;
        m_unexpected.append(message);
    }

    static inline std::atomic<WarningsFail *> s_current{nullptr};
    QtMessageHandler m_previous{nullptr};
    QMutex m_mutex;
    QList<QRegularExpression> m_expected;
    QStringList m_unexpected;
};

} // namespace weir::test

#define WEIR_NO_WARNINGS(collector)                                                                                    \
    do {                                                                                                               \
        QVERIFY2((collector).isListening(), "let WarningsFail listen() in initTestCase()");                            \
        const QStringList unexpected = (collector).take();                                                             \
        QVERIFY2(unexpected.isEmpty(), qPrintable(unexpected.join(QLatin1Char{'\n'})));                                \
    } while (false)
