// SPDX-License-Identifier: GPL-3.0-only
#include "core/redis/link/client_library.h"

#include <hiredis/hiredis.h>

namespace weir::redis {

std::string clientLibraryVersion()
{
    return std::to_string(HIREDIS_MAJOR) + "." + std::to_string(HIREDIS_MINOR) + "." + std::to_string(HIREDIS_PATCH);
}

} // namespace weir::redis
