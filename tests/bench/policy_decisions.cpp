// SPDX-License-Identifier: GPL-3.0-only
// What it costs to find out which limits a request meets: nanoseconds a request, the best of several rounds.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include "core/policy/live_keys.h"
#include "core/policy/plan.h"
#include "core/policy/top_keys.h"

using namespace weir;
using namespace weir::policy;
using config::KeyPart;

namespace {

constexpr int kRounds = 7;
constexpr Micros kNow{1'700'000'000'000'000};

template<class Call>
void measure(const char *name, int calls, Call &&call)
{
    double best = std::numeric_limits<double>::max();
    for (int round = 0; round < kRounds; ++round) {
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < calls; ++i)
            call(i);
        const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
        best = std::min(best, spent.count() / calls);
    }
    std::printf("%-52s %9.0f ns\n", name, best);
}

// A request as a browser sends it, with fifteen fields.
struct Browser {
    std::vector<HeaderField> fields{{"Host", "api.example"}, {"User-Agent", "Mozilla/5.0"}, {"Accept", "*/*"}};
    RequestView view;

    explicit Browser(std::string_view key)
    {
        for (int i = 0; i < 10; ++i)
            fields.push_back({"X-Some-Other-Field", "value"});
        fields.push_back({"Cookie", "a=1; theme=dark; sid=0123456789abcdef"});
        fields.push_back({"X-Api-Key", key});
        view = {"GET", "/api/v1/items", "page=2&token=abc", *parseIpAddress("203.0.113.77"), fields, false};
    }
};

config::LimitRule limitFor(std::string path, std::vector<KeyPart> key)
{
    config::LimitRule rule;
    rule.match.path = std::move(path);
    rule.key = std::move(key);
    return rule;
}

void measurePlan(const char *name, const config::LimitSet &set, const Browser &browser, int calls = 300'000)
{
    const Plan plan{set};
    PlanBuffers buffers;
    std::size_t charges = 0;
    measure(name, calls, [&](int) { charges += plan.decide(browser.view, buffers).charges.size(); });
    if (charges == std::numeric_limits<std::size_t>::max()) // so that the work is not left out
        std::puts("");
}

void measurePlans()
{
    const Browser browser{"0123456789abcdef0123456789abcdef"};
    const KeyPart ip{};
    const KeyPart header{KeyPart::Kind::Header, "X-Api-Key"};
    const KeyPart cookie{KeyPart::Kind::Cookie, "sid"};
    const KeyPart query{KeyPart::Kind::Query, "token"};
    config::LimitSet set;
    set.limits = {limitFor("", {})};
    measurePlan("one limit for all", set, browser);
    set.limits = {limitFor("", {ip})};
    measurePlan("one limit by address", set, browser);
    set.limits = {limitFor("", {header})};
    measurePlan("one limit by header", set, browser);
    set.limits = {limitFor("", {ip, header, cookie, query})};
    measurePlan("one limit by address, header, cookie and query", set, browser);
    set.limits = {limitFor("", {}), limitFor("/api/*", {ip}), limitFor("/api/*", {header})};
    measurePlan("three limits", set, browser);
    set.limits.clear();
    for (int i = 0; i < 100; ++i)
        set.limits.push_back(limitFor("/route" + std::to_string(i) + "/*", {ip}));
    measurePlan("100 limits, none for this path", set, browser);
    set.limits = {limitFor("", {ip})};
    for (int i = 0; i < 10'000; ++i) {
        const std::string network = std::to_string(i / 256 + 1) + '.' + std::to_string(i % 256) + ".0.0/17";
        set.block.networks.push_back(std::get<Network>(parseNetwork(network)));
        set.block.keys.push_back({header, std::to_string(i)});
    }
    measurePlan("by address, 10,000 networks and 10,000 keys blocked", set, browser);
    set = {};
    set.limits = {limitFor("", {header})};
    const std::string large(64'000, ' ');
    measurePlan("one limit by a header of 64,000 bytes to escape", set, Browser{large}, 300);
}

void measureTables()
{
    constexpr int kKeys = 100'000;
    std::vector<std::string> subjects;
    for (int i = 0; i < 10 * kKeys; ++i)
        subjects.push_back("10.0." + std::to_string(i));
    LiveKeys live{kKeys, Micros{60'000'000}};
    std::int64_t own = 0;
    measure("live keys, 100,000 known", kKeys,
            [&](int i) { own += live.enter(subjects[static_cast<std::size_t>(i)], kNow).size() > 0; });
    measure("live keys, full, 900,000 others", 9 * kKeys,
            [&](int i) { own += live.enter(subjects[static_cast<std::size_t>(kKeys + i)], kNow).size() > 0; });
    TopKeys top{1000};
    measure("top of 1,000, 1,000,000 keys", 10 * kKeys,
            [&](int i) { top.record(subjects[static_cast<std::size_t>(i)], true, kNow); });
    measure("top of 1,000, 500 keys", kKeys,
            [&](int i) { top.record(subjects[static_cast<std::size_t>(i % 500)], true, kNow); });
    if (own < 0)
        std::puts("");
}

} // namespace

int main()
{
    measurePlans();
    measureTables();
    return 0;
}
