// SPDX-License-Identifier: GPL-3.0-only
// A Weir in a process of its own, with what its panel would show.
#pragma once

#include <map>

#include "tests/support/weir_process.h"

namespace weir::test {

/// What asked_weir tells of itself. All are of this process since its start, unless said otherwise.
struct Shown {
    std::int64_t admitted{0}, refused{0}, undecided{0};         ///< requests
    std::int64_t byStore{0}, local{0}, allowed{0}, rejected{0}; ///< requests, by who decided
    std::int64_t inDoubt{0};                                    ///< tokens of takes without an answer
    std::int64_t foundTaken{0};                                 ///< of those, found taken at the end of an outage
    std::int64_t outages{0}, exactReturns{0};
    std::int64_t excess{0}; ///< tokens, possible
    std::int64_t statesLost{0};
    std::int64_t instances{0}; ///< as last counted
    bool isFromStore{false};   ///< the store decides now
    bool isKnown{false};       ///< it has answered
};

/// Thread: the main thread.
class SoakedWeir {
public:
    SoakedWeir() { m_process.setWrapper({QStringLiteral(WEIR_ASKED_BINARY)}); }

    bool start(const QStringList &arguments) { return m_process.start(arguments); }
    [[nodiscard]] Shown shown()
    {
        const QByteArray question = "status " + QByteArray::number(++m_questions);
        const QByteArray answer = m_process.ask(question + ' ');
        std::map<QByteArray, std::int64_t> fields;
        for (const QByteArray &word : answer.split(' '))
            if (const qsizetype at = word.indexOf('='); at > 0)
                fields[word.left(at)] = word.mid(at + 1).toLongLong();
        return {.admitted = fields["admitted"],
                .refused = fields["refused"],
                .undecided = fields["undecided"],
                .byStore = fields["store"],
                .local = fields["local"],
                .allowed = fields["allow"],
                .rejected = fields["reject"],
                .inDoubt = fields["inDoubt"],
                .foundTaken = fields["foundtaken"],
                .outages = fields["outages"],
                .exactReturns = fields["exact"],
                .excess = fields["excess"],
                .statesLost = fields["lost"],
                .instances = fields["instances"],
                .isFromStore = fields["fromstore"] == 1,
                .isKnown = !answer.isEmpty()};
    }
    [[nodiscard]] WeirProcess &process() { return m_process; }
    [[nodiscard]] std::uint16_t port() const { return m_process.port(); }

private:
    WeirProcess m_process;
    int m_questions{0};
};

} // namespace weir::test
