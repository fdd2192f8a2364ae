// SPDX-License-Identifier: GPL-3.0-only
// Answers leave in the order of the requests, whatever is decided first.
#include <QTest>

#include "core/http/reply_queue.h"

using weir::http::ReplyQueue;

namespace {

// Everything that may go out now.
QByteArray take(ReplyQueue &queue)
{
    QByteArray all;
    while (const auto reply = queue.takeReady())
        all += reply->bytes;
    return all;
}

} // namespace

class TestReplyQueue : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void keepsOrder();
    void endsAfterAnAnswerThatCloses();
    void goesOnAfterEachAnswer();
};

void TestReplyQueue::keepsOrder()
{
    ReplyQueue queue;
    const auto a = queue.open();
    const auto b = queue.open();
    const auto c = queue.open();
    queue.answer(c, {"c"});
    queue.answer(b, {"b"});
    QCOMPARE(queue.unanswered(), 3U);
    QCOMPARE(take(queue), QByteArray{});
    queue.answer(a, {"a"});
    QCOMPARE(take(queue), QByteArray{"abc"});
    QCOMPARE(queue.unanswered(), 0U);
}

void TestReplyQueue::endsAfterAnAnswerThatCloses()
{
    ReplyQueue queue;
    const auto a = queue.open();
    const auto b = queue.open();
    const auto c = queue.open();
    queue.answer(b, {"b"});
    QVERIFY(!queue.isClosed());
    queue.answer(a, {"a", true});
    QCOMPARE(take(queue), QByteArray{"a"});
    QVERIFY(queue.isClosed());
    queue.answer(c, {"c"});
    QCOMPARE(take(queue), QByteArray{});
    QCOMPARE(queue.unanswered(), 0U);
}

void TestReplyQueue::goesOnAfterEachAnswer()
{
    ReplyQueue queue;
    for (int i = 0; i < 100; ++i) {
        const auto first = queue.open();
        const auto second = queue.open();
        queue.answer(first, {QByteArray::number(i)});
        QCOMPARE(take(queue), QByteArray::number(i));
        queue.answer(second, {"x"});
        QCOMPARE(take(queue), QByteArray{"x"});
    }
}

QTEST_APPLESS_MAIN(TestReplyQueue)
#include "tst_reply_queue.moc"
