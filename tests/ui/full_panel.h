// SPDX-License-Identifier: GPL-3.0-only
// A panel in which everything that can be shown is shown: long names, many limits, much traffic.
#pragma once

#include <QDateTime>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>

#include "tests/ui/fake_service.h"
#include "ui/window/main_window.h"

namespace weir::test {

inline config::LimitSet manyLimits()
{
    using config::KeyPart;
    config::LimitSet set;
    for (const char *name : {"global", "per-client-of-the-public-interface", "per-key", "shadow", "export"})
        set.limits.emplace_back().name = name;
    set.limits[0].spec = {1000, 1000, Micros{60'000'000}};
    set.limits[1].key = {{}};
    set.limits[1].match.path = "/api/version-2/*";
    set.limits[1].match.methods = {"GET", "POST"};
    set.limits[1].spec = {50, 10, Micros{1'000'000}, {}, limit::Algorithm::Gcra};
    set.limits[2].key = {{KeyPart::Kind::Header, "X-Api-Key"}};
    set.limits[2].spec = {100, 100, Micros{3600'000'000}, {}, limit::Algorithm::SlidingCounter};
    set.limits[3].isShadow = true;
    set.limits[4].isOn = false;
    set.limits[4].cost.header = "X-Cost";
    return set;
}

class FullPanel {
public:
    FullPanel()
    {
        settings = std::make_unique<QSettings>(m_dir.filePath(QStringLiteral("weir.ini")), QSettings::IniFormat);
        fill();
        window = std::make_unique<ui::MainWindow>(service, *settings);
    }

    FakeService service;
    std::unique_ptr<QSettings> settings;
    std::unique_ptr<ui::MainWindow> window;

    void breakSomething()
    {
        service.now.failure.isDegraded = true;
        service.now.failure.since = std::chrono::steady_clock::now() - std::chrono::minutes{72};
        service.now.failure.by = telemetry::DecidedBy::Local;
        service.now.failure.breaker = engine::CircuitBreaker::State::Open;
        service.now.failure.shareOf = 3;
        service.now.harm.isServerHung = true;
        service.now.config.problem = "limit[3].capacity must be between 1 and 1000000000.";
        service.now.store.notice = "The files of the private Redis were broken and moved to /var/lib/weir/broken.";
        service.now.store.noticeAtMs = 1'800'000'000'000;
        window->takeNewest();
    }

private:
    void fill()
    {
        const std::int64_t second = QDateTime::currentSecsSinceEpoch();
        service.set = std::make_shared<const config::LimitSet>(manyLimits());
        service.now.limit.name = service.set->limits[1].name;
        service.now.limit.spec = service.set->limits[1].spec;
        service.now.subject = "2001:db8:aaaa:bbbb::/64";
        service.now.level.tokens = 17;
        service.now.level.nextRefill = Micros{80'000};
        service.now.refill.lastAtMs = second * 1000;
        service.now.refill.lastTokens = 10;
        service.now.refill.tickedAtMs = second * 1000;
        service.now.refill.lastBy = "a-host-with-a-name:1234567";
        service.now.config.file = "/etc/weir/weir.toml";
        service.now.config.readAtMs = second * 1000;
        service.now.decisionP50 = Micros{120};
        service.now.decisionP99 = Micros{12'400};
        service.now.totals.admitted = 123'456;
        service.now.totals.refused = 98'765;
        service.now.totals.undecided = 4;
        service.now.totals.connections = 1234;
        service.now.totals.turnedAwayBy[0] = 17;
        service.now.lease = {.most = 1000, .held = 37, .bound = 4000};
        for (const config::LimitEntry &limit : service.set->limits)
            service.now.limits.push_back({limit.name, 123'456, limit.name == "global" ? 0 : 12'345, 321, 7});
        for (const int status : {200, 429, 404, 403, 503, 200}) {
            RequestPlace place;
            auto request = record(second * 1'000'000, status, place.target, place.client);
            if (status != 403) {
                request.limit = std::string_view{"per-client-of-the-public-interface"};
                request.isRefused = status == 429;
                request.key = std::string_view{"2001:db8:aaaa:bbbb::/64"};
                request.cost = 1;
            }
            service.waiting.push_back(request);
        }
        service.waiting.push_back(
            turnedAway(second * 1'000'000, 431, "The head of the request is larger than 16 KiB."));
        service.past = historyOf(second, 60, [](telemetry::SecondBin &bin, int i) {
            bin.admitted = i % 7;
            bin.refused = i % 5;
            bin.undecided = i == 30 ? 4 : 0;
            bin.tokens = 50 - i % 50;
        });
        history::Answer answer{60, {}, {}};
        for (int i = 0; i < 12; ++i) {
            history::Row row{{}, second - 3600 + i * 60, {}};
            row.counts.admitted = i * 7;
            row.counts.refused = i % 5;
            row.counts.undecided = row.counts.awayS = i == 6 ? 4 : 0;
            answer.rows.push_back(row);
            answer.marks.push_back({(second - 3600 + i * 60) * 1000,
                                    i % 4 == 0 ? history::Mark::Kind::Failure : history::Mark::Kind::Change,
                                    i % 3 == 0 ? "" : "a-host-with-a-name:1234567",
                                    "has filled the bucket of per-client-of-the-public-interface for 203.0.113.7"});
        }
        service.answered = answer;
        auto list = std::make_shared<engine::BucketList>();
        list->limit = service.set->limits[1].name;
        for (const char *subject : {"2001:db8:aaaa:bbbb::/64", "203.0.113.7", "(others)"})
            list->rows.push_back({subject, 17, 123'456, 54'321, 0, second * 1000});
        list->rows[2].refused = 0;
        list->live = 321;
        service.bucketList = list;
    }

    struct RequestPlace {
        std::string_view target{
            "/api/version-2/customers/0123456789/orders?from=2026-01-01&to=2026-12-31&expand=lines"};
        std::string_view client{"2001:0db8:aaaa:bbbb:cccc:dddd:eeee:ffff"};
    };
    QTemporaryDir m_dir;
};

} // namespace weir::test
