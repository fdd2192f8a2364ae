// SPDX-License-Identifier: GPL-3.0-only
#include <QCoreApplication>
#include <QFileInfo>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include "app/port_owner.h"

using namespace weir::app;

class TestPortOwner : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tellsWhoListens_data()
    {
        QTest::addColumn<QHostAddress>("address");
        QTest::newRow("IPv4") << QHostAddress{QHostAddress::LocalHost};
        QTest::newRow("IPv6") << QHostAddress{QHostAddress::LocalHostIPv6};
    }
    void tellsWhoListens()
    {
        QFETCH(const QHostAddress, address);
        QTcpServer server;
        if (!server.listen(address))
            QSKIP("this machine has no such loopback address");
        const auto owner = findPortOwner(server.serverPort());
        QVERIFY(owner.has_value());
        QCOMPARE(qint64{owner->pid}, QCoreApplication::applicationPid());
        // The kernel keeps 15 bytes of a name.
        QCOMPARE(QString::fromStdString(owner->name),
                 QFileInfo{QCoreApplication::applicationFilePath()}.fileName().left(15));
    }

    void aConnectedPortIsNotAListeningOne()
    {
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        QTcpSocket socket;
        socket.connectToHost(QHostAddress{QHostAddress::LocalHost}, server.serverPort());
        QVERIFY(socket.waitForConnected());
        QVERIFY(!findPortOwner(socket.localPort()));
    }

    void nobodyOwnsAFreePort()
    {
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        const quint16 port = server.serverPort();
        server.close();
        QVERIFY(!findPortOwner(port));
    }
};

QTEST_GUILESS_MAIN(TestPortOwner)
#include "tst_port_owner.moc"
