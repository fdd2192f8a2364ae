// SPDX-License-Identifier: GPL-3.0-only
// A Weir that runs elsewhere, as a panel sees and steers it through its admin port.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <QElapsedTimer>
#include <QEventLoop>
#include <QObject>
#include <QPointer>
#include <QTimer>

#include "core/engine/port/service_port.h"
#include "core/remote/admin_client.h"
#include "core/remote/remote_chart.h"

namespace weir::remote {

class RequestSender;

/// Asks four times a second while watched, else once; no question is asked again before its answer has come or is given up.
/// Without contact everything stays as it was heard last, Status::noContact says so, and it is tried again each second; all
/// is taken up again when that Weir is back, also another process of it, whose counts and ids begin anew. What is broken on
/// purpose cannot be broken from here. Thread: the GUI thread. Nothing but start() waits.
class RemoteService final : public QObject, public engine::ServicePort {
    Q_OBJECT
public:
    explicit RemoteService(Elsewhere where, QObject *parent = nullptr);
    ~RemoteService() override;

    /// Wait for the first numbers, or for why there are none. Handles events until then, for 10 seconds at most. To be called
    /// once, before any window is shown.
    [[nodiscard]] Result<Done> start();
    /// End start() early: it returns an Error without detail.
    void giveUpStart();

    [[nodiscard]] engine::Status status() override;
    [[nodiscard]] engine::News news() override;
    [[nodiscard]] std::vector<telemetry::RequestRecord> takeRequests() override;
    [[nodiscard]] telemetry::RequestPage requestsAfter(std::uint64_t after, std::size_t most) override;
    [[nodiscard]] std::shared_ptr<const telemetry::History> history() override;
    void askHistory(const history::Question &question, QObject *context,
                    std::function<void(Result<history::Answer>)> done) override;
    void setWatched(bool isWatched) override;
    [[nodiscard]] std::shared_ptr<const config::LimitSet> limits() override;
    void changeLimits(const config::LimitSet &next, limit::TokenMode mode, QObject *context,
                      std::function<void(Result<Done>)> done) override;
    void showBucket(const std::string &limit, const std::string &subject) override;
    void watchBuckets(const std::string &limit, const std::string &search) override;
    [[nodiscard]] std::shared_ptr<const engine::BucketList> buckets() override;
    void listBuckets(const std::string &limit, const std::string &search, QObject *context,
                     std::function<void(Result<engine::BucketList>)> done) override;
    void peekBuckets(const std::vector<engine::BucketQuestion> &questions, QObject *context,
                     std::function<void(Result<std::vector<engine::BucketPeek>>)> done) override;
    void setBucketLevel(const std::string &limit, const std::string &subject, limit::Tokens tokens, QObject *context,
                        std::function<void(Result<limit::Tokens>)> done) override;
    void setStoreFailurePolicy(config::StoreFailurePolicy policy, QObject *context,
                               std::function<void(Result<Done>)> done) override;
    [[nodiscard]] bool canBreak() const override { return false; }
    void pauseRefiller(bool) override {}
    void setRefillOnDemand(bool) override {}
    void setHarm(const engine::Harm &) override {}
    void makeStoreForget(QObject *context, std::function<void(Result<Done>)> done) override;
    void killStore(QObject *context, std::function<void(Result<Done>)> done) override;
    void sendRequests(int count, QObject *context, std::function<void(engine::SendReport)> done) override;
    void sendAgain(const std::string &method, const std::string &target, QObject *context,
                   std::function<void(engine::SendReport)> done) override;

private:
    void send(const std::string &method, const std::string &target, int count, QObject *context,
              std::function<void(engine::SendReport)> done);
    using Bucket = std::pair<std::string, std::string>; ///< limit, subject
    /// A question that is asked again and again, but never twice at once.
    struct Poll {
        bool isOut{false};
    };

    void beat();
    void ask(Poll &poll, const std::string &path, const AdminClient::Parameters &parameters,
             std::function<void(const Result<QJsonObject> &)> heard);
    void askStatus();
    void hearStatus(const Result<QJsonObject> &heard);
    void beginAnew(std::int64_t beganAtMs);
    void lose(const Error &why);
    void askLimits(std::int64_t version);
    [[nodiscard]] Result<Done> takeLimits(const QJsonObject &said, const config::LimitSet *expected);
    void noteLimits(std::shared_ptr<const config::LimitSet> next);
    void askLevel();
    void askRequests();
    void hearRequests(const QJsonObject &said);
    void askBuckets();
    void askChart();
    void setPeriod();
    [[nodiscard]] Bucket shown() const;
    [[nodiscard]] const config::LimitEntry *entryOf(const std::string &name) const;
    [[nodiscard]] bool isToldBucket() const;

    AdminClient m_client;
    QTimer m_timer;
    QEventLoop m_starting;
    std::optional<Error> m_startFailure;
    bool m_hasStarted{false};
    bool m_isWatched{false};
    Poll m_statusPoll, m_limitsPoll, m_levelPoll, m_requestsPoll, m_bucketsPoll, m_chartPoll;

    engine::Status m_told;        ///< the last status
    std::int64_t m_toldAtMs{0};   ///< by the clock of that machine, milliseconds since 1970
    std::int64_t m_beganAtMs{0};  ///< that process
    std::string m_noContact;      ///< Status::noContact
    std::uint64_t m_published{0}; ///< grows with everything that is heard
    std::shared_ptr<const config::LimitSet> m_limits;
    QJsonObject m_limitsSaid;
    std::uint64_t m_changes{0};                 ///< that were made from here: what was asked before them is out of date
    std::int64_t m_limitsVersion{-1};           ///< of m_limits; -1: they are to be read anew
    std::optional<Bucket> m_shown;              ///< nothing: the one that is shown there
    std::optional<engine::LevelApprox> m_level; ///< of the shown bucket, as it was looked at
    RemoteChart m_chart;
    bool m_isChartWhole{false};
    std::shared_ptr<const telemetry::History> m_history;
    Bucket m_watched; ///< limit, search
    std::shared_ptr<const engine::BucketList> m_buckets;
    QElapsedTimer m_bucketsAsked;

    telemetry::LatestRequests m_requests;
    std::uint64_t m_taken{0};              ///< the newest that takeRequests() has given
    std::uint64_t m_missed{0};             ///< that were not heard of
    std::optional<std::uint64_t> m_cursor; ///< id of the last request that was heard of, of that process
    std::int64_t m_requestsBeganAtMs{0};
    bool m_isFarBehind{false}; ///< only the newest requests are worth asking for

    std::unique_ptr<RequestSender> m_sender;
};

} // namespace weir::remote
