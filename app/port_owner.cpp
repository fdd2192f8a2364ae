// SPDX-License-Identifier: GPL-3.0-only
#include "app/port_owner.h"

#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace weir::app {
namespace {

namespace fs = std::filesystem;

std::optional<std::int64_t> wholeNumber(const std::string &text, int base)
{
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

// A line of proc_net_tcp(5): sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode ...
void addListeningInodes(const char *table, std::uint16_t port, std::set<std::string> &links)
{
    std::ifstream file{table};
    std::string line;
    std::getline(file, line); // the heading
    while (std::getline(file, line)) {
        std::istringstream words{line};
        std::string slot, local, remote, state, queues, timer, retransmits, uid, timeout, inode;
        words >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> uid >> timeout >> inode;
        const std::size_t colon = local.rfind(':');
        constexpr const char *kListening = "0A";
        if (state != kListening || colon == std::string::npos)
            continue;
        if (wholeNumber(local.substr(colon + 1), 16) == port)
            links.insert("socket:[" + inode + "]");
    }
}

bool holdsOneOf(const fs::path &process, const std::set<std::string> &links)
{
    std::error_code error;
    for (fs::directory_iterator it{process / "fd", error}, end; !error && it != end; it.increment(error)) {
        std::array<char, 64> target{};
        const ssize_t size = readlink(it->path().c_str(), target.data(), target.size());
        if (size > 0 && links.contains(std::string{target.data(), static_cast<std::size_t>(size)}))
            return true;
    }
    return false;
}

} // namespace

std::optional<PortOwner> findPortOwner(std::uint16_t port)
{
    std::set<std::string> links;
    addListeningInodes("/proc/net/tcp", port, links);
    addListeningInodes("/proc/net/tcp6", port, links);
    if (links.empty())
        return std::nullopt;
    std::error_code error;
    for (fs::directory_iterator it{"/proc", error}, end; !error && it != end; it.increment(error)) {
        const auto pid = wholeNumber(it->path().filename().string(), 10);
        if (!pid || !holdsOneOf(it->path(), links))
            continue;
        std::string name;
        std::getline(std::ifstream{it->path() / "comm"}, name);
        return PortOwner{*pid, name};
    }
    return std::nullopt;
}

} // namespace weir::app
