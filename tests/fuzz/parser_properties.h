// SPDX-License-Identifier: GPL-3.0-only
// What holds for the request parser whatever the bytes. No Qt: the fuzzer is built from this alone.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "core/http/request_parser.h"

namespace weir::test {

/// Feeds a parser as the socket guard does, and writes down what came of it.
class ParserLog {
public:
    ParserLog() { m_parser.keepBodies(); }

    void feed(std::string_view bytes)
    {
        while (!bytes.empty() && !m_isOver && m_broken.empty()) {
            const std::size_t taken = m_parser.feed(bytes);
            if (taken == 0 || taken > bytes.size()) {
                m_broken = "takes nothing, or more than was given";
                return;
            }
            bytes.remove_prefix(taken);
            m_taken += taken;
            note(bytes.empty());
        }
    }

    [[nodiscard]] std::string text() const
    {
        return m_text + (m_parser.hasBegun() ? "begun" : "idle") + (m_parser.isInBody() ? " in a body" : "");
    }
    [[nodiscard]] std::string_view broken() const { return m_broken; }

private:
    using State = http::RequestParser::State;

    void note(bool isAllTaken)
    {
        switch (m_parser.state()) {
        case State::Complete:
            noteRequest(m_parser.head());
            m_parser.reset();
            break;
        case State::Rejected: // where exactly it stops reading is its own business
            m_text += std::to_string(m_parser.rejection().status) + ' ' + m_parser.rejection().sentence();
            m_isOver = true;
            break;
        case State::Incomplete:
            if (!isAllTaken)
                m_broken = "leaves bytes that belong to a request which is not whole";
            break;
        }
    }

    void noteRequest(const http::RequestHead &head)
    {
        const auto isPrintable = [](char c) { return c > 0x20 && c < 0x7f; };
        if (!std::all_of(head.method.begin(), head.method.end(), isPrintable)
            || !std::all_of(head.target.begin(), head.target.end(), isPrintable))
            m_broken = "lets control characters through";
        if (head.method.empty() || head.target.empty())
            m_broken = "lets a request without method or target through";
        constexpr config::HttpLimits kLimits;
        if (head.method.size() > http::kMaxMethodBytes || head.target.size() > kLimits.maxUrlBytes
            || head.bodyBytes > kLimits.maxBodyBytes)
            m_broken = "exceeds its limits";
        if (head.body.size() != head.bodyBytes)
            m_broken = "keeps another body than it counts";
        checkText(head);
        m_text += head.method + ' ' + head.target + (head.isHttp10 ? " 1.0" : " 1.1") + (head.closes ? " closes " : " ")
                  + std::to_string(head.bodyBytes) + ' ' + head.body + " ends at " + std::to_string(m_taken) + '\n';
    }

    // What QHttpServer gets to see must be the same request to a reader as strict as this one, whole and
    // without a body: nothing in it can be read in two ways.
    void checkText(const http::RequestHead &head)
    {
        http::RequestParser again;
        const std::size_t taken = again.feed(head.text);
        if (again.state() != State::Complete && !isWithoutHost(again))
            m_broken = "writes a head anew that is none";
        else if (again.state() == State::Complete
                 && (taken != head.text.size() || again.head().text != head.text || again.head().bodyBytes != 0
                     || again.head().method != head.method || again.head().target != head.target))
            m_broken = "writes another head anew";
    }

    // HTTP/1.0 needs no Host; the head is written anew as HTTP/1.1 all the same.
    static bool isWithoutHost(const http::RequestParser &parser)
    {
        return parser.state() == State::Rejected && parser.rejection().detail.find("Host field") != std::string::npos;
    }

    http::RequestParser m_parser;
    std::string m_text;
    std::string_view m_broken;
    std::size_t m_taken{0};
    bool m_isOver{false};
};

/// Which property `bytes` break when they come in two pieces; empty: none.
inline std::string brokenProperty(std::string_view bytes, std::size_t cut)
{
    ParserLog whole;
    whole.feed(bytes);
    ParserLog parts;
    parts.feed(bytes.substr(0, cut));
    parts.feed(bytes.substr(cut));
    if (!whole.broken().empty() || !parts.broken().empty())
        return std::string{whole.broken().empty() ? parts.broken() : whole.broken()};
    if (whole.text() != parts.text())
        return "cut at " + std::to_string(cut) + ": \"" + parts.text() + "\" instead of \"" + whole.text() + '"';
    return {};
}

} // namespace weir::test
