// SPDX-License-Identifier: GPL-3.0-only
#include "app/cli_options.h"

#include <array>

namespace weir::app {
namespace {

using Scope = OptionInfo::Scope;

constexpr std::array kOptions{
    OptionInfo{
        "config", "FILE", "WEIR_CONFIG",
        "Read this configuration. Default: $XDG_CONFIG_HOME/weir/weir.toml or ~/.config/weir/weir.toml, if there",
        Scope::Server},
    OptionInfo{"listen", "ADDR:PORT", "WEIR_LISTEN",
               "Where requests come in; port 0 is any free port; may be repeated ([::1]:8000). Default: 127.0.0.1:8000",
               Scope::Server, true},
    OptionInfo{"public", "", "WEIR_PUBLIC", "Allow addresses that other machines can reach", Scope::Server},
    OptionInfo{"redis", "URL", "WEIR_REDIS",
               "Use this Redis: [USER:PASS@] in redis://HOST:PORT/DB, rediss://HOST:PORT/DB (TLS), unix:/PATH,\n"
               "        sentinel://HOST,HOST,HOST/NAME or cluster://HOST,HOST. Default: a private one",
               Scope::Server},
    OptionInfo{"redis-ca", "FILE", "WEIR_REDIS_CA",
               "rediss://: certificates (PEM) to trust. Default: those that this system trusts", Scope::Server},
    OptionInfo{"redis-cert", "FILE", "WEIR_REDIS_CERT", "rediss://: the client certificate (PEM), with --redis-key",
               Scope::Server},
    OptionInfo{"redis-key", "FILE", "WEIR_REDIS_KEY", "rediss://: its private key (PEM, without a passphrase)",
               Scope::Server},
    OptionInfo{"capacity", "N", "WEIR_CAPACITY", "Most tokens in the bucket, 1 to 1000000000. Default: 5",
               Scope::Server},
    OptionInfo{"refill", "N", "WEIR_REFILL", "Tokens that each interval adds, 1 to the capacity. Default: 5",
               Scope::Server},
    OptionInfo{"every", "DURATION", "WEIR_EVERY", "The interval: 500ms 10s 1min 1h 1d; 10ms to 366d. Default: 1min",
               Scope::Server},
    OptionInfo{"start", "LEVEL", "WEIR_START", "Level of a new bucket: full or empty. Default: full", Scope::Server,
               false, "full empty"},
    OptionInfo{
        "on-store-failure", "POLICY", "WEIR_ON_STORE_FAILURE",
        "Without Redis: local goes on from the last known level, reject answers 503, allow answers as if admitted. "
        "Default: local",
        Scope::Server, false, "local reject allow"},
    OptionInfo{"threads", "N", "WEIR_THREADS", "Server threads, 1 to 8. Default: one per core but one",
               Scope::Server},
    OptionInfo{
        "lease", "N", "WEIR_LEASE",
        "Most tokens of a busy bucket that each server thread takes ahead, so that Redis is asked less often; 0 to\n"
        "        10000. What is not used in 0.1 s goes back; near an empty bucket none are taken. Default: 0, off",
        Scope::Server},
    OptionInfo{"data-dir", "DIR", "WEIR_DATA_DIR",
               "What must survive a restart. Default: $XDG_STATE_HOME/weir or ~/.local/state/weir", Scope::Server},
    OptionInfo{"admin", "off", "WEIR_ADMIN", "The admin port; this version has none, so only off", Scope::Server, false,
               "off"},
    OptionInfo{"log-format", "FORMAT", "WEIR_LOG_FORMAT",
               "How the log is written: text, json (an object a line) or journal (for journald: a priority instead of\n"
               "        the time). QT_LOGGING_RULES says which levels of which categories, see weir(1). Default: text",
               Scope::Server, false, "text json journal"},
    OptionInfo{"trust-proxy", "CIDR,...", "WEIR_TRUST_PROXY",
               "Proxies that are believed about the client's address, such as 127.0.0.1,10.0.0.0/8; may be repeated.\n"
               "        Default: none",
               Scope::Server, true},
    OptionInfo{
        "client-header", "NAME", "WEIR_CLIENT_HEADER",
        "The header field in which those proxies write it: X-Forwarded-For, Forwarded, or one of a single address\n"
        "        such as X-Real-IP or CF-Connecting-IP. All others are ignored. Default: X-Forwarded-For",
        Scope::Server},
    OptionInfo{"max-url", "SIZE", "WEIR_MAX_URL",
               "Longest request target; more is 414. SIZE: 65536 64KiB 1MiB; 256B to 192KiB. Default: 64KiB",
               Scope::Server},
    OptionInfo{"max-header", "SIZE", "WEIR_MAX_HEADER",
               "Most bytes of header fields in a request; more is 431; 256B to 192KiB, and 240KiB together with "
               "--max-url. Default: 64KiB",
               Scope::Server},
    OptionInfo{"max-header-fields", "N", "WEIR_MAX_HEADER_FIELDS",
               "Most header fields in a request; more is 431; 1 to 100. Default: 100", Scope::Server},
    OptionInfo{"max-body", "SIZE", "WEIR_MAX_BODY",
               "Longest content of a request; more is 413; 0B to 1GiB. Default: 1MiB", Scope::Server},
    OptionInfo{"max-connections", "N", "WEIR_MAX_CONNECTIONS",
               "Most connections at a time, or what the descriptor limit leaves; more get 503; 1 to 1000000. "
               "Default: 10000",
               Scope::Server},
    OptionInfo{"max-connections-per-address", "N", "WEIR_MAX_CONNECTIONS_PER_ADDRESS",
               "Most connections from one address, loopback exempt; 1 to 1000000. Default: 1000", Scope::Server},
    OptionInfo{"header-timeout", "DURATION", "WEIR_HEADER_TIMEOUT",
               "From the first byte of a request to the end of its header; then 408; 100ms to 1d. Default: 10s",
               Scope::Server},
    OptionInfo{"body-timeout", "DURATION", "WEIR_BODY_TIMEOUT",
               "From there to the end of its content; then 408; 100ms to 1d. Default: 30s", Scope::Server},
    OptionInfo{"idle-timeout", "DURATION", "WEIR_IDLE_TIMEOUT",
               "How long a connection stays open without a request; 100ms to 1d. Default: 15s", Scope::Server},
    OptionInfo{"max-unread", "SIZE", "WEIR_MAX_UNREAD",
               "Most bytes of answers that a client leaves unread before it is cut off; 64KiB to 64MiB. Default: "
               "256KiB",
               Scope::Server},
    OptionInfo{"screenshot", "FILE", "", "Render a page of the panel to a PNG file and exit", Scope::PanelOnly},
    OptionInfo{"page", "NAME", "", "The page: live, limits, failures, help or algorithms (in the help). Default: live",
               Scope::PanelOnly, false, "live limits failures help algorithms"},
    OptionInfo{"size", "WxH", "", "Pixels. Default: 1280x820", Scope::PanelOnly},
    OptionInfo{"theme", "NAME", "", "system, light or dark. Default: system", Scope::PanelOnly, false,
               "system light dark"},
    OptionInfo{"after", "DURATION", "", "How long it runs before the picture. Default: 3s", Scope::PanelOnly},
    OptionInfo{"print-config", "", "", "A configuration file with every key, its default and what it means",
               Scope::Meta},
    OptionInfo{"help", "", "", "This text", Scope::Meta},
    OptionInfo{"version", "", "", "The version, its commit and libraries, and what is built in", Scope::Meta},
};

constexpr const char *kPanelHead = "Weir: see, tune and prove a rate limit.\n\n"
                                   "Usage: weir [OPTIONS]         the panel, with its server\n"
                                   "       weir serve [OPTIONS]   the server without a window\n"
                                   "       weir check-config FILE what is wrong with a configuration\n\n";
constexpr const char *kServeHead = "Usage: weir serve [OPTIONS]   the rate-limiting server without a window\n\n"
                                   "The first line on stdout is \"listening on http://ADDR:PORT\" once requests are\n"
                                   "answered; the log goes to stderr. SIGTERM answers what is pending and exits 0.\n\n";
constexpr const char *kCheckText =
    "Usage: weir check-config FILE   what is wrong with a configuration file\n\n"
    "Every problem is one line on stderr: FILE:LINE: KEY: what is wrong. What would be right.\n"
    "Limits are counted from 1. Warnings are about what can be used and cannot be meant.\n\n"
    "Exit codes: 0 it can be used, 1 it cannot, 2 wrong usage.\n";
constexpr const char *kFoot =
    "\nAn option beats its environment variable, which beats the configuration file, which beats\n"
    "the default.\n"
    "Exit codes: 0 fine, 1 failure at run time, 2 wrong usage or configuration.\n";

void appendOptions(QString &text, Scope scope)
{
    for (const OptionInfo &option : kOptions) {
        if (option.scope != scope)
            continue;
        QString head =
            QStringLiteral("  --%1 %2").arg(QLatin1String{option.name}, QLatin1String{option.value}).trimmed();
        head.prepend(QLatin1String{"  "});
        if (*option.variable)
            head += QStringLiteral(" [%1]").arg(QLatin1String{option.variable});
        text += head + QLatin1Char{'\n'} + QStringLiteral("        %1\n").arg(QLatin1String{option.description});
    }
}

} // namespace

QString checkConfigHelpText()
{
    return QLatin1String{kCheckText};
}

std::span<const OptionInfo> allOptions()
{
    return kOptions;
}

QString helpText(bool isServe)
{
    QString text = QLatin1String{isServe ? kServeHead : kPanelHead};
    text += QLatin1String{"Options [environment variable]:\n"};
    appendOptions(text, Scope::Server);
    if (!isServe)
        appendOptions(text, Scope::PanelOnly);
    appendOptions(text, Scope::Meta);
    return text + QLatin1String{kFoot};
}

} // namespace weir::app
