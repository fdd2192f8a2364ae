// SPDX-License-Identifier: GPL-3.0-only
// One request to the admin port on its way to its answer, and the table of what can be asked.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <QJsonObject>

#include "core/admin/request_target.h"
#include "core/http/admin_desk.h"

namespace weir::admin {

using Reply = std::function<void(http::AdminAnswer)>;

/// A request that may be answered: allowed, of a known route, with parameters and a body of the right form.
struct Call {
    IpAddress peer;
    std::string name{}; ///< of the limit, where the route has one
    Parameters parameters;
    QJsonObject body{};
    bool hasBody{false};
    Reply reply; ///< once
};

enum class BodyRule : std::uint8_t { None, Optional, Required };

/// One thing that can be asked.
struct Route {
    std::string method;     ///< "GET", which stands for HEAD as well
    std::string pattern;    ///< "/v1/limits/{name}/fill"
    std::string parameters; ///< names between spaces
    BodyRule body{BodyRule::None};
    std::function<void(Call)> answer;
};

} // namespace weir::admin
