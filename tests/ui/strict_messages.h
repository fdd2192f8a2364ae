// SPDX-License-Identifier: GPL-3.0-only
// A warning that nobody expected fails the test that caused it.
#pragma once

#include <QTest>
#include <QtGlobal>

namespace weir::test {

inline QtMessageHandler &messagesBefore()
{
    static QtMessageHandler handler = nullptr;
    return handler;
}

inline QStringList &unexpectedMessages()
{
    static QStringList messages;
    return messages;
}

/// Put one into a test's class. Messages that come from the machine, not from the program, are let through.
class StrictMessages {
public:
    StrictMessages() { messagesBefore() = qInstallMessageHandler(&StrictMessages::take); }
    ~StrictMessages() { qInstallMessageHandler(messagesBefore()); }

    /// Call it from cleanup().
    static void verify()
    {
        const QStringList messages = std::exchange(unexpectedMessages(), {});
        QVERIFY2(messages.isEmpty(), qPrintable(messages.join(u'\n')));
    }

private:
    static void take(QtMsgType type, const QMessageLogContext &context, const QString &text)
    {
        const bool isMachine = text.startsWith(QLatin1String("QStandardPaths: "))
                               || text.startsWith(QLatin1String("This plugin does not support"));
        if ((type == QtWarningMsg || type == QtCriticalMsg) && !isMachine)
            unexpectedMessages() << text;
        if (messagesBefore())
            messagesBefore()(type, context, text);
    }
};

} // namespace weir::test
