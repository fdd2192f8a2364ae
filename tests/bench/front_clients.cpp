// SPDX-License-Identifier: GPL-3.0-only
// What clients that misuse a server cost its honest ones. `front_clients slow PORT PID` and
// `front_clients full PORT PID`: figures of a Weir with process PID that listens on 127.0.0.1:PORT.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

#include "tests/support/raw_http_client.h"

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using weir::test::RawHttpClient;

namespace {

const QByteArray kRequest = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr int kSlow = 5000;
constexpr int kHonest = 10;
constexpr auto kEvery = 20ms; // 50 requests a second each
constexpr auto kFor = 10s;

using Clients = std::vector<std::unique_ptr<RawHttpClient>>;

long residentKiB(int pid)
{
    std::ifstream file{"/proc/" + std::to_string(pid) + "/status"};
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("VmRSS:"))
            return std::atol(line.c_str() + std::strlen("VmRSS:"));
    return 0;
}

double cpuSeconds(int pid)
{
    std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    std::istringstream fields{text.substr(text.rfind(')') + 2)};
    std::string skipped;
    for (int i = 0; i < 11; ++i) // proc(5): utime and stime are fields 14 and 15
        fields >> skipped;
    double user = 0, system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

bool ask(RawHttpClient &client)
{
    if (!client.send(kRequest))
        return false;
    const auto response = client.readResponse();
    return response && response->status == 200;
}

// Sends at fixed times, whatever the answers take: a stall is seen in all that it delays.
void beHonest(std::uint16_t port, std::vector<double> &milliseconds, int &failures, std::mutex &mutex)
{
    RawHttpClient client;
    client.connectTo(port);
    const auto start = steady_clock::now();
    for (auto at = start; at < start + kFor; at += kEvery) {
        std::this_thread::sleep_until(at);
        const bool isGood = ask(client);
        const std::lock_guard lock{mutex};
        milliseconds.push_back(std::chrono::duration<double, std::milli>(steady_clock::now() - at).count());
        failures += isGood ? 0 : 1;
    }
}

void measureSlow(std::uint16_t port, int pid)
{
    RawHttpClient warm;
    warm.connectTo(port);
    for (int i = 0; i < 200; ++i)
        ask(warm);
    const long before = residentKiB(pid);
    Clients slow;
    for (int i = 0; i < kSlow; ++i) {
        slow.push_back(std::make_unique<RawHttpClient>());
        if (!slow.back()->connectTo(port))
            std::exit(1);
        slow.back()->send("GET / HTTP/1.1\r\nHost: a\r\nX-Slow: " + QByteArray(i % 100, 'a'));
    }
    ask(warm); // they are all in
    const double each = static_cast<double>(residentKiB(pid) - before) / kSlow;
    const double cpuBefore = cpuSeconds(pid);
    std::vector<double> milliseconds;
    int failures = 0;
    std::mutex mutex;
    std::vector<std::thread> honest;
    for (int i = 0; i < kHonest; ++i)
        honest.emplace_back([&] { beHonest(port, milliseconds, failures, mutex); });
    for (std::thread &thread : honest)
        thread.join();
    std::sort(milliseconds.begin(), milliseconds.end());
    const auto quantile = [&](double q) {
        return milliseconds[static_cast<std::size_t>(q * static_cast<double>(milliseconds.size() - 1))];
    };
    std::printf("%d slow heads: %.1f KiB each; %d honest clients: %zu answers, %d failures, p50 %.2f ms, p99 %.2f ms, "
                "worst %.2f ms; CPU %.1f %%\n",
                kSlow, each, kHonest, milliseconds.size(), failures, quantile(0.5), quantile(0.99), quantile(1.0),
                100 * (cpuSeconds(pid) - cpuBefore) / std::chrono::duration<double>(kFor).count());
}

void measureFull(std::uint16_t port, int pid)
{
    Clients clients;
    for (int i = 0; i < 200; ++i) {
        clients.push_back(std::make_unique<RawHttpClient>());
        clients.back()->connectTo(port);
    }
    const double before = cpuSeconds(pid);
    const auto start = steady_clock::now();
    std::this_thread::sleep_for(5s);
    const double share =
        (cpuSeconds(pid) - before) / std::chrono::duration<double>(steady_clock::now() - start).count();
    clients.clear();
    const auto left = steady_clock::now();
    bool isAnswered = false;
    while (!isAnswered && steady_clock::now() - left < 10s) {
        RawHttpClient client;
        isAnswered = client.connectTo(port) && ask(client);
    }
    std::printf("200 connections under a descriptor limit of 64: CPU %.1f %%, answers %s %.3f s after they have left\n",
                100 * share, isAnswered ? "again" : "not within",
                std::chrono::duration<double>(steady_clock::now() - left).count());
}

} // namespace

int main(int argc, char **argv)
{
    rlimit descriptors{};
    ::getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &descriptors);
    if (argc != 4)
        return 2;
    const auto port = static_cast<std::uint16_t>(std::atoi(argv[2]));
    const int pid = std::atoi(argv[3]);
    if (std::strcmp(argv[1], "slow") == 0)
        measureSlow(port, pid);
    else
        measureFull(port, pid);
    return 0;
}
