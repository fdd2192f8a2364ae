// SPDX-License-Identifier: GPL-3.0-only
// A bare QHttpServer that answers a constant: the yardstick. `bare_server THREADS`; prints its address like Weir.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include <QCoreApplication>
#include <QHttpServer>
#include <QHttpServerResponse>
#include <QTcpServer>
#include <QThread>

#include "core/http/listen_group.h"

int main(int argc, char **argv)
{
    QCoreApplication application{argc, argv};
    const int count = argc > 1 ? std::atoi(argv[1]) : 1;
    auto group = weir::http::openListenGroup({"127.0.0.1", 0}, count);
    if (!group)
        return 1;
    std::vector<std::unique_ptr<QThread>> threads;
    for (int i = 0; i < count; ++i) {
        const int descriptor = group.value().takeDescriptor();
        auto thread = std::make_unique<QThread>();
        auto *gate = new QObject;
        gate->moveToThread(thread.get());
        thread->start();
        QMetaObject::invokeMethod(
            gate,
            [descriptor] {
                auto *server = new QHttpServer;
                server->route(QStringLiteral("/"), [] {
                    return QHttpServerResponse{
                        QByteArrayLiteral("application/json"),
                        QByteArrayLiteral("{\"message\":\"Congrats, your request was succesfull!\"}")};
                });
                auto *listener = new QTcpServer;
                listener->setSocketDescriptor(descriptor);
                server->bind(listener);
            },
            Qt::BlockingQueuedConnection);
        threads.push_back(std::move(thread));
    }
    std::printf("listening on http://127.0.0.1:%d\n", int{group.value().address().port});
    std::fflush(stdout);
    return QCoreApplication::exec(); // ended by a signal
}
