// SPDX-License-Identifier: GPL-3.0-only
// Answers leave in the order of the requests, whatever is decided first.
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include "core/http/reply_queue.h"

using weir::http::ReplyQueue;

class TestReplyQueue : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void keepsOrder();
    void endsAfterAnAnswerThatCloses();
    void cutsAClientThatNeverReads();

private:
    std::unique_ptr<QTcpServer> m_server;
    std::unique_ptr<QTcpSocket> m_client;
    QTcpSocket *m_socket{nullptr};
};

void TestReplyQueue::init()
{
    m_server = std::make_unique<QTcpServer>();
    QVERIFY(m_server->listen(QHostAddress::LocalHost));
    m_client = std::make_unique<QTcpSocket>();
    m_client->connectToHost(QHostAddress::LocalHost, m_server->serverPort());
    QVERIFY(m_server->waitForNewConnection(5000));
    m_socket = m_server->nextPendingConnection();
    QTRY_COMPARE(m_client->state(), QAbstractSocket::ConnectedState);
}

void TestReplyQueue::cleanup()
{
    m_client.reset();
    m_server.reset();
}

void TestReplyQueue::keepsOrder()
{
    ReplyQueue queue{*m_socket};
    const auto a = queue.open();
    const auto b = queue.open();
    const auto c = queue.open();
    queue.answer(c, "c", false);
    queue.answer(b, "b", false);
    QCOMPARE(queue.unanswered(), 3U);
    QCOMPARE(m_socket->bytesToWrite(), 0);
    queue.answer(a, "a", false);
    QCOMPARE(queue.unanswered(), 0U);
    QTRY_COMPARE(m_client->bytesAvailable(), 3);
    QCOMPARE(m_client->readAll(), QByteArray{"abc"});
}

void TestReplyQueue::endsAfterAnAnswerThatCloses()
{
    ReplyQueue queue{*m_socket};
    const auto a = queue.open();
    const auto b = queue.open();
    queue.answer(b, "b", false);
    queue.answer(a, "a", true);
    QTRY_COMPARE(m_client->state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(m_client->readAll(), QByteArray{"a"});
    QVERIFY(queue.isClosed());
}

void TestReplyQueue::cutsAClientThatNeverReads()
{
    ReplyQueue queue{*m_socket};
    m_client->setReadBufferSize(1);
    const QByteArray answer(64 * 1024, 'x');
    // The kernel's buffers take some megabytes first; 100 MB are more than any of them.
    for (int i = 0; i < 1600 && !queue.isClosed(); ++i)
        queue.answer(queue.open(), answer, false);
    QVERIFY(queue.isCut());
    QCOMPARE(m_socket->state(), QAbstractSocket::UnconnectedState);
}

QTEST_GUILESS_MAIN(TestReplyQueue)
#include "tst_reply_queue.moc"
