// SPDX-License-Identifier: GPL-3.0-only
// What the metrics of a Weir are made of that has something to say of everything.
#pragma once

#include "core/admin/metrics_text.h"

namespace weir::test {

inline admin::MetricsSource fullSource()
{
    config::LimitSet limits;
    limits.limits.resize(2);
    limits.limits[0].name = "all";
    limits.limits[1].name = "key";
    limits.limits[1].key = {{config::KeyPart::Kind::Ip, {}}};
    admin::MetricsSource source;
    source.limits = std::make_shared<const config::LimitSet>(limits);
    engine::LimitCounts all, key;
    all.limit = "all";
    all.tokens = 7;
    key.limit = "key";
    source.status.limits = {all, key};
    source.status.config.file = "/etc/weir/weir.toml";
    source.status.config.readAtMs = 1'700'000'000'500;
    source.build = {"1.2.3", "6.4.2", "abc"};
    return source;
}

} // namespace weir::test
