// SPDX-License-Identifier: GPL-3.0-only
#include "app/service_core.h"

#include <chrono>
#include <utility>

#include "app/data_dir.h"
#include "app/deed_words.h"
#include "app/service_log.h"

namespace weir::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kDrainDeadline = 2s; // promised: what is pending is answered by then, or 503

std::string urlOf(const config::ListenAddress &address)
{
    return "http://" + config::printListenAddress(address);
}

std::string levelDeed(const std::string &limit, const std::string &subject, limit::Tokens tokens, limit::Tokens level)
{
    const std::string bucket = "the bucket of " + limit + (subject.empty() ? "" : " for " + subject);
    if (tokens <= 0)
        return "has emptied " + bucket;
    return tokens > level ? "has filled " + bucket : "has set " + bucket + " to " + std::to_string(level) + " tokens";
}

} // namespace

Q_LOGGING_CATEGORY(lcService, "weir.service")

ServiceCore::ServiceCore(config::Config config, const Boards &boards, std::atomic<StatePtr> &published,
                         http::AdminDesk desk)
    : m_config{std::move(config)},
      m_boards{boards},
      m_desk{std::move(desk)},
      m_store{m_config},
      m_inForce{m_parts, m_config.lease},
      m_file{m_config},
      m_changes{
          m_inForce,
          m_file,
          {[this] { return m_store.store(); }, [this](std::function<void()> done) { whenAdopted(std::move(done)); }}},
      m_status{{m_parts, m_inForce, m_file, m_store}, boards, published},
      m_startUp{m_config, m_store, m_inForce}
{
    connect(&m_inForce, &LimitsInForce::changed, this, [this](const engine::PoliciesPtr &before) {
        if (m_pool)
            m_pool->adopt(m_inForce.policies());
        tellDeeds(before);
    });
    connect(&m_store, &StoreConnection::ready, this, [this] {
        if (m_inForce.isAssumed())
            m_changes.applyFile();
        else if (m_parts.refiller()) // it was there before and is back; it may have forgotten
            m_parts.refiller()->tick();
    });
    connect(&m_inForce, &LimitsInForce::confirmed, this, [this] {
        m_parts.release();
        connect(
            &m_parts, &LimitParts::settled, this, [this] { m_changes.applyFile(); }, Qt::SingleShotConnection);
    });
}

ServiceCore::~ServiceCore()
{
    stop();
}

void ServiceCore::start(std::function<void(Result<std::vector<std::string>>)> done)
{
    m_startUp.begin(static_cast<int>(workers()), [this, done = std::move(done)](Result<StartUp::Ports> ports) {
        if (ports)
            done(serve(std::move(ports).value()));
        else
            done(ports.error());
    });
}

Result<std::vector<std::string>> ServiceCore::serve(StartUp::Ports ports)
{
    std::vector<std::string> urls;
    for (const http::ListenGroup &port : ports.data)
        urls.push_back(urlOf(port.address()));
    const std::string adminUrl = ports.admin.empty() ? std::string{} : urlOf(ports.admin.front().address());
    m_store.noteStarted();
    m_changes.start();
    m_parts.start(*m_store.store(), m_inForce.policies(), m_boards.back()->levels);
    m_deeds = std::make_unique<engine::DeedBoard>(*m_store.store(), m_parts.names().instance);
    connect(m_deeds.get(), &engine::DeedBoard::heard, &m_status, &ServiceStatus::noteDeed);
    if (m_inForce.isAssumed())
        m_parts.beginAlone(); // before a worker asks the store
    if (const Result<Done> started = startPool(std::move(ports)); !started)
        return started.error();
    m_status.start(urls, adminUrl);
    keepHistory();
    return urls;
}

Result<Done> ServiceCore::startPool(StartUp::Ports ports)
{
    m_pool = std::make_unique<http::ServerPool>(http::fittedToDescriptors(m_config.http),
                                                http::ProxyTrust{m_config.trustedProxies, m_config.clientHeader});
    connect(m_pool.get(), &http::ServerPool::newerLimitFound, m_parts.keeper(), &engine::LimitKeeper::learn);
    m_status.watchFront(&m_pool->notes());
    std::vector<telemetry::WorkerBoard *> boards;
    for (std::size_t i = 0; i < workers(); ++i)
        boards.push_back(m_boards[i].get());
    const auto makeStore = m_store.makeStore();
    const Result<Done> started =
        m_pool->start(std::move(ports.data), makeStore, m_inForce.policies(), m_parts.table(), boards);
    if (!started || ports.admin.empty())
        return started;
    // Who asks there is a proxy on this machine, unless others are named.
    std::vector<Network> proxies = m_config.trustedProxies;
    if (proxies.empty())
        for (const char *loopback : {"127.0.0.0/8", "::1/128"})
            proxies.push_back(std::get<Network>(parseNetwork(loopback)));
    return m_pool->startAdmin(std::move(ports.admin.front()), config::HttpLimits{},
                              http::ProxyTrust{std::move(proxies), m_config.clientHeader}, m_desk, makeStore,
                              m_inForce.policies(), m_parts.table(), *m_boards[workers()]);
}

// Workers first, so that the store is there for what they still owe; the server of the store last.
void ServiceCore::stop()
{
    // A timer may be due already, in this very turn of the event loop: it must not find what is gone.
    m_startUp.giveUp();
    m_status.stop();
    m_changes.stop();
    m_parts.table().thaw(); // nobody will
    m_status.watchFront(nullptr);
    if (m_pool)
        m_pool->stop(kDrainDeadline);
    m_pool.reset();
    m_status.feedRest();
    m_status.watchHistory(nullptr);
    m_history.reset();
    m_deeds.reset();
    m_parts.stop();
    m_store.close();
}

void ServiceCore::whenAdopted(std::function<void()> done)
{
    if (!m_pool)
        return done();
    m_pool->whenAdopted(std::move(done));
}

void ServiceCore::changeLimits(const config::LimitSet &next, limit::TokenMode mode,
                               std::function<void(Result<Done>)> done)
{
    m_changes.change(next, mode, std::move(done));
}

// What others make of the numbers is in the register; everything else in the book is of our own making.
void ServiceCore::tellDeeds(const engine::PoliciesPtr &before)
{
    const engine::LimitBookPtr &book = m_inForce.policies()->book;
    if (!m_deeds || !before || !before->book || before->book == book)
        return;
    for (std::string &sentence : deedsOf(before->book->set, book->set)) {
        m_status.noteOwnDeed(sentence);
        m_deeds->tell({{}, {}, {}, std::move(sentence), {}});
    }
}

void ServiceCore::keepHistory()
{
    if (!m_config.keepsHistory)
        return;
    const QString folder = QString::fromStdString(m_config.dataDir);
    if (const Result<Done> made = DataDir::make(folder); !made)
        qCWarning(lcService, "no history is kept: %s", made.error().detail.c_str());
    m_history = std::make_unique<HistoryFeed>(folder + QLatin1String{"/history.sqlite"});
    m_status.watchHistory(m_history.get());
}

void ServiceCore::askHistory(const history::Question &question, std::function<void(Result<history::Answer>)> done)
{
    if (m_history)
        m_history->keeper().ask(question, std::move(done));
    else
        done(Error{Error::Code::Unavailable, "no history is kept (history = false)", false});
}

void ServiceCore::showBucket(const std::string &limit, const std::string &subject)
{
    m_inForce.show(limit, subject);
}

void ServiceCore::watchBuckets(const std::string &limit, const std::string &search)
{
    m_status.watchBuckets(limit, search);
}

void ServiceCore::setBucketLevel(const std::string &limit, const std::string &subject, limit::Tokens tokens,
                                 const std::function<void(Result<limit::Tokens>)> &done)
{
    m_inForce.setLevel(limit, subject, tokens,
                       [this, limit, subject, tokens, done](const Result<limit::Tokens> &result) {
                           if (result) {
                               m_status.noteLevelSet(limit, subject);
                               const std::string deed = levelDeed(limit, subject, tokens, result.value());
                               m_status.noteOwnDeed(deed);
                               m_deeds->tell({{}, limit, subject, deed, {}});
                           }
                           done(result);
                       });
}

void ServiceCore::readConfigAgain(const std::function<void(Done)> &done)
{
    m_changes.readAgain(done);
}

void ServiceCore::whenTurned(const std::function<void(Done)> &done)
{
    whenAdopted([done] { done({}); });
}

void ServiceCore::setStoreFailurePolicy(config::StoreFailurePolicy policy, std::function<void(Result<Done>)> done)
{
    m_changes.setPolicy(m_inForce.policies()->limit.name, policy, std::move(done));
}

void ServiceCore::setWatched(bool isWatched)
{
    m_status.setWatched(isWatched);
}

void ServiceCore::pauseRefiller(bool isPaused)
{
    if (m_parts.refiller())
        m_parts.refiller()->pause(isPaused);
    m_status.publish();
}

void ServiceCore::setRefillOnDemand(bool isOn)
{
    m_inForce.setRefillOnDemand(isOn);
}

void ServiceCore::setHarm(const engine::Harm &harm)
{
    m_store.harm().set(harm);
    m_inForce.noteChange(); // the clock may have been stepped
    m_status.publish();
}

} // namespace weir::app
