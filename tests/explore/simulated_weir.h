// SPDX-License-Identifier: GPL-3.0-only
// One process: the real engine with all its parts, as app::ServiceCore has them, and workers as http::ServerWorker, without HTTP
// and without threads.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <QObject>

#include "app/change_queue.h"
#include "app/limits_in_force.h"
#include "core/engine/decide/limiter.h"
#include "tests/explore/simulated_store.h"

namespace weir::explore {

struct WeirOptions {
    std::string name; ///< as store::SettleRequest::instance
    config::LimitSet limitSet;
    int workers{1};
    limit::Tokens lease{0};
    bool waitsForStore{true}; ///< config::Config::waitForRedis
};

/// Made and used in the name of its process (Timeline::runAs). To destroy it is kill -9.
class SimulatedWeir final : public QObject {
    Q_OBJECT
public:
    using Answer = std::function<void(const engine::Decision &)>;

    SimulatedWeir(Timeline &timeline, SimulatedServer &server, test::Random &random, WeirOptions options);
    ~SimulatedWeir() override;

    [[nodiscard]] bool isServing() const { return !m_workers.empty(); }
    [[nodiscard]] int workers() const { return static_cast<int>(m_workers.size()); }
    /// One request to that worker; `charges` as Plan::decide() makes them. `answer` once.
    void ask(int worker, const std::vector<policy::Charge> &charges, Answer answer);
    void changeLimits(const config::LimitSet &limitSet, limit::TokenMode mode);
    void setLevel(std::size_t limit, const std::string &subject, limit::Tokens tokens);
    void breakLinks();
    void breakLink(int worker);

    // What it says about itself.
    [[nodiscard]] limit::Tokens excess() const;
    [[nodiscard]] limit::Tokens unsettled() const; ///< spent in the present outage
    [[nodiscard]] std::int64_t outages() const;
    [[nodiscard]] SteadyInstant outageSince() const;
    [[nodiscard]] std::int64_t instances() const; ///< that it counts
    [[nodiscard]] bool isAway() const;            ///< decides by itself
    [[nodiscard]] std::int64_t exactReturns() const;
    [[nodiscard]] telemetry::Totals totals() const;
    [[nodiscard]] bool isDecidedByStore() const;
    [[nodiscard]] std::string state() const; ///< in a few words

private:
    struct Worker {
        explicit Worker(SimulatedWeir &weir);
        std::unique_ptr<SimulatedLink> store;
        telemetry::WorkerTelemetry telemetry;
        telemetry::LevelBoard levels;
        engine::Limiter limiter;
    };

    // As app::StartUp.
    void begin();
    void beginWithout();
    void serve();
    // As app::ServiceCore.
    void onReady();
    void adopt();
    /// As app::FileReload: until the store has heard of it.
    void enterAssumed(std::chrono::milliseconds delay);
    void onDecided(engine::Ticket ticket, const engine::Decision &decision);

    Timeline &m_timeline;
    SimulatedServer &m_server;
    test::Random &m_random;
    WeirOptions m_options;
    std::unique_ptr<SimulatedLink> m_store;
    telemetry::LevelBoard m_levels;
    app::LimitParts m_parts;
    app::LimitsInForce m_inForce;
    std::vector<std::unique_ptr<Worker>> m_workers;
    app::ChangeQueue m_changes;
    std::unordered_map<engine::Ticket, Answer> m_waiting;
    engine::Ticket m_asked{0};
    bool m_isBeginning{false};
};

} // namespace weir::explore
