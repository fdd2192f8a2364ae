// SPDX-License-Identifier: GPL-3.0-only
// The path that a program behind may serve a request as, whatever spelling was sent.
#pragma once

#include <string>
#include <string_view>

namespace weir::policy {

/// Return `path` as the most lenient of common servers would read it, with a "/" at its end: in lower case; "%XX"
/// decoded, however often it was encoded, and so are ASCII characters in overlong UTF-8; "\" is "/", several of them
/// are one; "." and ".." are resolved, after ";a=b" and the dots and white space at the end of a segment are gone; what
/// follows a NUL is cut off. Then as canonicalPath() spells it.
///
/// No server does all of that, so two requests that are served differently may have one folded path. Charging by it may
/// charge too much; nothing may be granted by it. "*" stays as it is. Linear time; `buffer` and `spare` keep their
/// memory.
[[nodiscard]] std::string_view foldedPath(std::string_view path, std::string &buffer, std::string &spare);

/// Return the text of a pattern for folded paths: lower case and decoded, with its stars and slashes where they are.
[[nodiscard]] std::string foldedPattern(std::string_view text);

} // namespace weir::policy
