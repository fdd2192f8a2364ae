// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/request_judge.h"

namespace weir::http {

policy::Decree RequestJudge::judge(const policy::Plan &plan, std::string_view method, std::string_view target,
                                   const RequestHead &head, const IpAddress &client, bool isPeerTrusted)
{
    const auto question = target.find('?');
    m_fields.clear();
    if (!plan.needs().headers.empty())
        for (const RequestHead::Span &span : head.fields) {
            const Field field = head.field(span);
            m_fields.push_back({field.name, field.value});
        }
    policy::RequestView view{method, target.substr(0, question), {}, client, m_fields, isPeerTrusted};
    if (question != std::string_view::npos)
        view.query = target.substr(question + 1);
    return plan.decide(view, m_buffers);
}

} // namespace weir::http
