// SPDX-License-Identifier: GPL-3.0-only
#include "core/http/request_judge.h"

namespace weir::http {
namespace {

/// The fields of a head that the parser has written anew: "NAME: VALUE" lines after the first, up to the empty one.
void readFields(std::string_view text, std::vector<policy::HeaderField> &fields)
{
    constexpr std::string_view kLineEnd = "\r\n";
    text.remove_prefix(text.find(kLineEnd) + kLineEnd.size());
    while (!text.starts_with(kLineEnd)) {
        const auto colon = text.find(": "), end = text.find(kLineEnd);
        fields.push_back({text.substr(0, colon), text.substr(colon + 2, end - colon - 2)});
        text.remove_prefix(end + kLineEnd.size());
    }
}

} // namespace

policy::Decree RequestJudge::judge(const policy::Plan &plan, const RequestHead &head, const IpAddress &client,
                                   bool isPeerTrusted)
{
    const std::string_view target = head.target;
    const auto question = target.find('?');
    m_fields.clear();
    if (!plan.needs().headers.empty())
        readFields(head.text, m_fields);
    policy::RequestView view{head.method, target.substr(0, question), {}, client, m_fields, isPeerTrusted};
    if (question != std::string_view::npos)
        view.query = target.substr(question + 1);
    return plan.decide(view, m_buffers);
}

} // namespace weir::http
