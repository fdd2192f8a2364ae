// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/answers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <string>

#include "core/limit/promise.h"

namespace weir::http {
namespace {

using limit::Verdict;

// Spelled as in the study, byte for byte.
constexpr std::string_view kGreeting = R"({"message":"Congrats, your request was succesfull!"})";
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kProblem = "application/problem+json";
// draft-ietf-httpapi-ratelimit-headers, problem types
constexpr std::string_view kQuotaExceeded = "https://iana.org/assignments/http-problem-types#quota-exceeded";
constexpr std::int64_t kStoreRetryS = 1;
constexpr std::string_view kMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
constexpr std::string_view kAllow = "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n";

// A weir: water behind a dam. Small enough to be sent without a second thought.
constexpr std::string_view kIcon =
    R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M6 4h20l-3 22a3 3 0 0 1-3 2h-8a3 3 0 0 1-3-2z" )"
    R"(fill="#dfe7f1"/><path d="M7.6 15q4-2.600 8.400 0t8.400 0L23 26a3 3 0 0 1-3 2h-8a3 3 0 0 1-3-2z" fill="#2f8fe8"/></svg>)";

void append(std::string &out, std::string_view text)
{
    out.append(text);
}

void append(std::string &out, std::int64_t number)
{
    std::array<char, 24> digits; // NOLINT(cppcoreguidelines-pro-type-member-init): to_chars fills what is used
    const auto *end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

std::string_view statusLine(int status)
{
    switch (status) {
    case 200:
        return "HTTP/1.1 200 OK\r\n";
    case 201:
        return "HTTP/1.1 201 Created\r\n";
    case 204:
        return "HTTP/1.1 204 No Content\r\n";
    case 400:
        return "HTTP/1.1 400 Bad Request\r\n";
    case 401:
        return "HTTP/1.1 401 Unauthorized\r\n";
    case 403:
        return "HTTP/1.1 403 Forbidden\r\n";
    case 404:
        return "HTTP/1.1 404 Not Found\r\n";
    case 405:
        return "HTTP/1.1 405 Method Not Allowed\r\n";
    case 408:
        return "HTTP/1.1 408 Request Timeout\r\n";
    case 409:
        return "HTTP/1.1 409 Conflict\r\n";
    case 413:
        return "HTTP/1.1 413 Content Too Large\r\n";
    case 414:
        return "HTTP/1.1 414 URI Too Long\r\n";
    case 415:
        return "HTTP/1.1 415 Unsupported Media Type\r\n";
    case 417:
        return "HTTP/1.1 417 Expectation Failed\r\n";
    case 421:
        return "HTTP/1.1 421 Misdirected Request\r\n";
    case 422:
        return "HTTP/1.1 422 Unprocessable Content\r\n";
    case 429:
        return "HTTP/1.1 429 Too Many Requests\r\n";
    case 431:
        return "HTTP/1.1 431 Request Header Fields Too Large\r\n";
    case 501:
        return "HTTP/1.1 501 Not Implemented\r\n";
    case 503:
        return "HTTP/1.1 503 Service Unavailable\r\n";
    case 505:
        return "HTTP/1.1 505 HTTP Version Not Supported\r\n";
    default:
        return "HTTP/1.1 500 Internal Server Error\r\n";
    }
}

// RFC 9110, 5.6.7; made anew once a second in each thread.
std::string_view httpDate()
{
    thread_local std::time_t madeAt = 0;
    thread_local std::array<char, 40> text{};
    thread_local std::size_t size = 0;
    const std::time_t now = std::time(nullptr);
    if (now != madeAt) {
        madeAt = now;
        std::tm utc{};
        gmtime_r(&now, &utc);
        size = std::strftime(text.data(), text.size(), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc);
    }
    return {text.data(), size};
}

// No common client can wait for longer. setTimeout() of JavaScript takes less than 2^31 ms, which is 24.8 days, and returns at
// once when it is told more: got, axios-retry and loops by hand asked again without a pause (tests/service, tst_retrying_clients).
// Less than that, for axios-retry adds up to a fifth. Who comes back then is told the rest.
constexpr std::int64_t kLongestRetryAfterS{20 * 86'400};

// Recipients need not count seconds any further (RFC 9111, 1.2.2: delta-seconds), nor take more for a number.
constexpr Micros kLongestWindow{2'147'483'647LL * 1'000'000};

// draft-ietf-httpapi-ratelimit-headers-11, 3.1: q units a window of w whole seconds, which is rounded up, so that who keeps to
// it is never refused. Less than a second would become many times slower: no w, and r and t have to do.
void appendPolicy(std::string &out, const limit::Limit &limit)
{
    const limit::Pace pace = limit::paceOf(limit.spec, kLongestWindow);
    append(out, "\"");
    append(out, limit.name);
    append(out, "\";q=");
    append(out, pace.tokens);
    if (pace.window >= Micros{1'000'000}) {
        append(out, ";w=");
        append(out, wholeSeconds(pace.window));
    }
}

void appendLevel(std::string &out, const limit::Limit &limit, const Verdict &verdict, std::int64_t laterS)
{
    append(out, "\"");
    append(out, limit.name);
    append(out, "\";r=");
    append(out, verdict.tokensLeft);
    append(out, ";t=");
    append(out, wholeSeconds(verdict.nextRefill) + (verdict.kind == Verdict::Kind::Refused ? laterS : 0));
}

// Of several limits an item for each, in their order (RFC 9651, lists).
void appendRateLimit(std::string &out, const engine::Decision &decision, std::int64_t laterS)
{
    const engine::LimitVerdict one{decision.limit, decision.verdict}; // only shadows had a say
    const auto all = decision.all.empty() ? std::span{&one, 1} : decision.all;
    append(out, "RateLimit-Policy: ");
    for (const engine::LimitVerdict &each : all) {
        append(out, &each == all.data() ? "" : ", ");
        appendPolicy(out, *each.limit);
    }
    append(out, "\r\nRateLimit: ");
    for (const engine::LimitVerdict &each : all) {
        append(out, &each == all.data() ? "" : ", ");
        appendLevel(out, *each.limit, each.verdict, laterS);
    }
    append(out, "\r\n");
}

// What a page of another origin may see: without the list it gets some usual fields only (Fetch, 3.3.6).
void appendCors(std::string &out, const Cors &cors)
{
    append(out, "Access-Control-Allow-Origin: ");
    append(out, cors.origin);
    append(out, "\r\nAccess-Control-Expose-Headers: RateLimit, RateLimit-Policy, Retry-After, Weir-Decided-By\r\n");
    if (cors.origin != "*")
        append(out, "Vary: Origin\r\n");
}

struct Content {
    int status;
    std::string_view type;
    std::string_view body;
    std::string_view extra{}; ///< header lines with their CR LF
};

QByteArray compose(const Content &content, const RequestFacts &facts, const engine::Decision *decision, bool drains)
{
    thread_local std::string out; // keeps its memory from answer to answer
    out.clear();
    append(out, statusLine(content.status));
    append(out, httpDate());
    if (!content.type.empty()) {
        append(out, "Content-Type: ");
        append(out, content.type);
        append(out, "\r\n");
    }
    if (content.status != 204) {
        append(out, "Content-Length: ");
        append(out, static_cast<std::int64_t>(content.body.size()));
        append(out, "\r\n");
    }
    if (decision && decision->hasVerdict())
        appendRateLimit(out, *decision, facts.retryLaterS);
    if (decision && decision->by == engine::Decision::By::Local)
        append(out, "Weir-Decided-By: local\r\n");
    if (decision && decision->by == engine::Decision::By::Allow)
        append(out, "Weir-Decided-By: allow\r\n");
    append(out, content.extra);
    if (!facts.cors.origin.empty())
        appendCors(out, facts.cors);
    if (facts.closes || drains)
        append(out, "Connection: close\r\n");
    else if (facts.isHttp10 || facts.keepAliveS > 0)
        append(out, "Connection: keep-alive\r\n");
    if (!facts.closes && !drains && facts.keepAliveS > 0) {
        append(out, "Keep-Alive: timeout=");
        append(out, facts.keepAliveS);
        append(out, "\r\n");
    }
    append(out, "\r\n");
    if (!facts.isHead)
        append(out, content.body);
    return {out.data(), static_cast<qsizetype>(out.size())};
}

std::string problemBody(int status, std::string_view type, std::string_view title, std::string_view detail,
                        std::string_view members = {})
{
    std::string body = R"({"type":")";
    body.append(type).append(R"(","title":")").append(title).append(R"(","status":)").append(std::to_string(status));
    body.append(R"(,"detail":")").append(detail).append("\"").append(members).append("}");
    return body;
}

Answer notFound(const RequestFacts &facts, const engine::Decision *decision, bool drains)
{
    const std::string body =
        problemBody(404, "about:blank", "Not Found", "There is nothing at this path; GET / answers.");
    return {compose({404, kProblem, body}, facts, decision, drains), 404, -1};
}

// "/" is asked whether a call may go out; with which method is the business of who asks: gateways that
// ask for each of their requests use the method of that request. Without a decision: no limit had a say.
Answer admitted(const RequestFacts &facts, const engine::Decision *decision, bool drains)
{
    if (facts.isInquiry())
        return {compose({200, {}, {}}, facts, decision, drains), 200, -1};
    const bool isForTheServer = facts.target == "*"; // OPTIONS only: the guard sees to it
    if (facts.path() != "/" && !isForTheServer)
        return notFound(facts, decision, drains);
    if (facts.method == "OPTIONS")
        return {compose({204, {}, {}, kAllow}, facts, decision, drains), 204, -1};
    if (facts.method != "TRACE")
        return {compose({200, kJson, kGreeting}, facts, decision, drains), 200, -1};
    const std::string body = problemBody(405, "about:blank", "Method Not Allowed", "TRACE is not answered here.");
    return {compose({405, kProblem, body, kAllow}, facts, decision, drains), 405, -1};
}

// Those that said no, by name.
std::string violatedPolicies(const engine::Decision &decision)
{
    std::string names;
    for (const engine::LimitVerdict &each : decision.all)
        if (each.verdict.kind != Verdict::Kind::Admitted)
            names += (names.empty() ? "\"" : ",\"") + each.limit->name + '"';
    return names;
}

Answer refused(const RequestFacts &facts, const engine::Decision &decision, bool drains)
{
    const bool isImpossible = decision.verdict.kind == Verdict::Kind::Impossible;
    const std::int64_t retryAfter =
        isImpossible ? -1 : std::max<std::int64_t>(1, wholeSeconds(decision.verdict.retryAfter)) + facts.retryLaterS;
    const std::string wait = std::to_string(retryAfter);
    const char *const empty =
        facts.retryLaterS > 0 ? "The bucket is empty; try again in " : "The bucket is empty; the next token comes in ";
    const std::string detail = isImpossible
                                   ? "The request costs more than the bucket can ever hold, so no retry can succeed."
                                   : empty + wait + " s.";
    std::string members = isImpossible ? std::string{} : R"(,"retry_after":)" + wait;
    members += R"(,"violated-policies":[)" + violatedPolicies(decision) + "]";
    std::string extra = isImpossible
                            ? std::string{}
                            : "Retry-After: " + std::to_string(std::min(retryAfter, kLongestRetryAfterS)) + "\r\n";
    extra += "Cache-Control: no-store\r\n";
    const std::uint16_t status = facts.isInquiry() ? facts.denyStatus : 429;
    const std::string body = problemBody(status, kQuotaExceeded, "Too Many Requests", detail, members);
    return {compose({status, kProblem, body, extra}, facts, &decision, drains), status, retryAfter};
}

// For strangers: the kind of trouble, not where our store is.
std::string_view reasonWord(Error::Code code)
{
    switch (code) {
    case Error::Code::Timeout:
        return "store-timeout";
    case Error::Code::Overloaded:
        return "store-overloaded";
    case Error::Code::Configuration:
        return "store-configuration";
    case Error::Code::State:
        return "store-content";
    default:
        return "store-unavailable";
    }
}

Answer storeAway(const RequestFacts &facts, const engine::Decision &decision, bool drains)
{
    std::string members = R"(,"retry_after":1,"reason":")";
    members.append(reasonWord(decision.error->code)).append("\"");
    const std::string body = problemBody(503, "about:blank", "Service Unavailable",
                                         "The store of the tokens cannot decide right now; try again in 1 s.", members);
    return {compose({503, kProblem, body, "Retry-After: 1\r\nCache-Control: no-store\r\n"}, facts, &decision, drains),
            503, kStoreRetryS};
}

} // namespace

Answer decidedAnswer(const RequestFacts &facts, const engine::Decision &decision, bool drains)
{
    if (decision.by == engine::Decision::By::Allow)
        return admitted(facts, &decision, drains);
    if (decision.by == engine::Decision::By::Reject)
        return storeAway(facts, decision, drains);
    return decision.verdict.kind == Verdict::Kind::Admitted ? admitted(facts, &decision, drains)
                                                            : refused(facts, decision, drains);
}

Answer exemptAnswer(const RequestFacts &facts, bool drains)
{
    return admitted(facts, nullptr, drains);
}

Answer blockedAnswer(const RequestFacts &facts, bool lacksKey, bool drains)
{
    const std::string body =
        problemBody(403, "about:blank", "Forbidden",
                    lacksKey ? "The request lacks what it is limited by." : "This client is blocked here.");
    return {compose({403, kProblem, body, "Cache-Control: no-store\r\n"}, facts, nullptr, drains), 403, -1};
}

// Nothing is asked yet, so nothing is counted. An origin that may not ask is told no more than that there are methods.
Answer preflightAnswer(const RequestFacts &facts, bool drains)
{
    std::string extra{kAllow};
    if (!facts.cors.origin.empty()) {
        extra.append("Access-Control-Allow-Methods: ").append(kMethods).append("\r\nAccess-Control-Max-Age: 600\r\n");
        if (!facts.cors.wantedHeaders.empty())
            extra.append("Access-Control-Allow-Headers: ").append(facts.cors.wantedHeaders).append("\r\n");
    }
    return {compose({204, {}, {}, extra}, facts, nullptr, drains), 204, -1};
}

Answer faviconAnswer(const RequestFacts &facts, bool drains)
{
    return {compose({200, "image/svg+xml", kIcon, "Cache-Control: max-age=86400\r\n"}, facts, nullptr, drains), 200,
            -1};
}

QByteArray adminAnswer(const RequestFacts &facts, const AdminAnswer &answer)
{
    return compose({answer.status, answer.type, answer.body, answer.fields}, facts, nullptr, false);
}

AdminAnswer problemOf(int status, std::string_view title, std::string_view detail)
{
    return {status, std::string{kProblem}, problemBody(status, "about:blank", title, detail),
            "Cache-Control: no-store\r\n"};
}

QByteArray problemAnswer(int status, std::string_view title, std::string_view detail)
{
    RequestFacts facts;
    facts.closes = true;
    return adminAnswer(facts, problemOf(status, title, detail));
}

} // namespace weir::http
