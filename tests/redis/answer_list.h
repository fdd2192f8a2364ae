// SPDX-License-Identifier: GPL-3.0-only
// What handlers of a link were told, and how often.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "core/redis/link/redis_link.h"

namespace weir::test {

/// Hands out handlers; must outlive the link that has them. Answers stand at the place of their call.
class Answers {
public:
    struct Answer {
        int calls{0};
        redis::Reply reply;
        std::optional<Error> error;
    };

    redis::RedisLink::Handler handler()
    {
        m_answers.emplace_back();
        return [this, index = m_answers.size() - 1](Result<redis::Reply> result) {
            Answer &answer = m_answers[index];
            ++answer.calls;
            m_order.push_back(index);
            if (result)
                answer.reply = std::move(result).value();
            else
                answer.error = result.error();
        };
    }

    [[nodiscard]] std::size_t asked() const { return m_answers.size(); }
    /// How many handlers were called at least once.
    [[nodiscard]] std::size_t answered() const
    {
        std::size_t count = 0;
        for (const Answer &answer : m_answers)
            count += answer.calls > 0 ? 1 : 0;
        return count;
    }
    [[nodiscard]] bool isEachCalledOnce() const { return answered() == asked() && m_order.size() == asked(); }
    [[nodiscard]] bool isInOrder() const { return std::is_sorted(m_order.begin(), m_order.end()); }
    [[nodiscard]] bool allFailedWith(Error::Code code) const
    {
        for (const Answer &answer : m_answers)
            if (!answer.error || answer.error->code != code)
                return false;
        return true;
    }
    [[nodiscard]] const Answer &operator[](std::size_t index) const { return m_answers[index]; }

private:
    std::vector<Answer> m_answers;
    std::vector<std::size_t> m_order;
};

} // namespace weir::test
