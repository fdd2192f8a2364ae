// SPDX-License-Identifier: GPL-3.0-only
// Requests for the tests of the policies: a view together with the texts it looks at.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/policy/request_view.h"

namespace weir::test {

struct RequestMade {
    std::string method{"GET"};
    std::string target{"/"};
    std::string client{"192.0.2.1"};
    std::vector<std::pair<std::string, std::string>> headers{};
    bool isPeerTrusted{false};

    /// Holds until the next view() and while this is not changed.
    [[nodiscard]] policy::RequestView view()
    {
        m_fields.clear();
        for (const auto &[name, value] : headers)
            m_fields.push_back({name, value});
        const std::size_t mark = target.find('?');
        const std::string_view text{target};
        return {method,
                text.substr(0, mark),
                mark == std::string::npos ? std::string_view{} : text.substr(mark + 1),
                parseIpAddress(client).value_or(IpAddress{}),
                m_fields,
                isPeerTrusted};
    }

    std::vector<policy::HeaderField> m_fields{}; // of view()
};

} // namespace weir::test
