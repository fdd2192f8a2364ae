// SPDX-License-Identifier: GPL-3.0-only
// Asks the admin port of a Weir elsewhere, one question after the other or several at once.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <QJsonObject>
#include <QNetworkAccessManager>
#include <QObject>
#include <QUrl>

#include "core/base/result.h"

namespace weir::remote {

/// Where a Weir is, and what it knows this panel by.
struct Elsewhere {
    QUrl url;          ///< of its admin port: scheme, host and port
    std::string token; ///< empty: none; then it is only looked at, and from its own machine alone
};

/// Thread: one, of which an event loop must run. Nothing blocks: Qt speaks HTTP in a thread of its own. Connections are kept;
/// no proxy is used and no redirect followed, so that the token goes nowhere else. What is asked when this dies is not
/// answered.
class AdminClient : public QObject {
    Q_OBJECT
public:
    /// By name; values are encoded here.
    using Parameters = std::vector<std::pair<std::string, std::string>>;
    using Heard = std::function<void(Result<QJsonObject>)>;

    explicit AdminClient(Elsewhere where, QObject *parent = nullptr);
    ~AdminClient() override;

    /// Ask for `path`. `heard` runs later in this thread, once: with the object, or with what that Weir objects, or why there is
    /// no answer within 5 seconds.
    void get(const std::string &path, const Parameters &parameters, Heard heard);
    /// Send a change; in an Error mayBeDone tells whether it may have been done all the same.
    void send(const char *method, const std::string &path, const Parameters &parameters, const QJsonObject &body,
              Heard heard);

    /// Return where that is, for people: "http://192.0.2.1:8001".
    [[nodiscard]] std::string address() const;

private:
    [[nodiscard]] QNetworkRequest requestOf(const std::string &path, const Parameters &parameters) const;
    void await(QNetworkReply *reply, bool isChange, Heard heard);

    Elsewhere m_where;
    QNetworkAccessManager m_network;
};

} // namespace weir::remote
