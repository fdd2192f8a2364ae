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

// So that the work it came from is not left out.
void keep(std::size_t sum)
{
    static volatile std::size_t kept = 0;
    kept = kept + sum;
}

template<class Call>
void measure(const char *name, std::size_t calls, Call &&call)
{
    double best = std::numeric_limits<double>::max();
    for (int round = 0; round < kRounds; ++round) {
        const auto start = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < calls; ++i)
            call(i);
        const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
        best = std::min(best, spent.count() / static_cast<double>(calls));
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

config::LimitEntry limitFor(std::string path, std::vector<KeyPart> key)
{
    config::LimitEntry rule;
    rule.match.path = std::move(path);
    rule.key = std::move(key);
    return rule;
}

void measurePlan(const char *name, const config::LimitSet &set, const Browser &browser, std::size_t calls = 300'000)
{
    const Plan plan{set};
    PlanBuffers buffers;
    std::size_t charges = 0;
    measure(name, calls, [&](std::size_t) { charges += plan.decide(browser.view, buffers).charges.size(); });
    keep(charges);
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
    constexpr std::size_t kKeys = 100'000;
    std::vector<std::string> subjects(10 * kKeys);
    for (std::size_t i = 0; i < subjects.size(); ++i)
        subjects[i] = "10.0." + std::to_string(i);
    LiveKeys live{kKeys, Micros{60'000'000}};
    std::size_t letters = 0;
    measure("live keys, 100,000 known", kKeys, [&](std::size_t i) { letters += live.enter(subjects[i], kNow).size(); });
    measure("live keys, full, 900,000 others", 9 * kKeys,
            [&](std::size_t i) { letters += live.enter(subjects[kKeys + i], kNow).size(); });
    TopKeys top{1000};
    measure("top of 1,000, 1,000,000 keys", 10 * kKeys, [&](std::size_t i) { top.record(subjects[i], true, kNow); });
    measure("top of 1,000, 500 keys", kKeys, [&](std::size_t i) { top.record(subjects[i % 500], true, kNow); });
    keep(letters);
}

} // namespace

int main()
{
    measurePlans();
    measureTables();
    return 0;
}
