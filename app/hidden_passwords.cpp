// SPDX-License-Identifier: GPL-3.0-only
#include "app/hidden_passwords.h"

#include <algorithm>
#include <cstring>

namespace weir::app {

void hidePasswords(int argc, char **argv)
{
    for (int i = 1; i < argc; ++i) {
        char *url = std::strstr(argv[i], "://");
        char *host = url ? std::strrchr(url, '@') : nullptr;
        char *password = host ? std::strchr(url + 3, ':') : nullptr;
        if (password && password < host)
            std::fill(password + 1, host, 'x');
    }
}

} // namespace weir::app
