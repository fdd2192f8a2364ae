// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/config_file.h"

#include <QDir>
#include <QDeadlineTimer>
#include <QFileInfo>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "core/base/byte_size.h"
#include "core/config/descriptor.h"
#include "core/config/file_swap.h"
#include "core/config/toml_reader.h"

namespace weir::config {
namespace {

Error cannot(std::string why, bool isTransient = false)
{
    return {Error::Code::Io, std::move(why), isTransient};
}

Error cannotBeRead()
{
    return cannot("it cannot be read (" + std::generic_category().message(errno) + ")");
}

// For whoever writes into a pipe at the start.
constexpr std::chrono::seconds kPipePatience{5};

bool hasNews(int descriptor, const QDeadlineTimer &deadline)
{
    pollfd asked{descriptor, POLLIN, 0};
    const auto left = std::max<qint64>(0, deadline.remainingTime());
    return ::poll(&asked, 1, static_cast<int>(left)) > 0;
}

} // namespace

Result<std::string> readConfigFile(const std::string &path)
{
    const QFileInfo info{QString::fromStdString(path)};
    if (info.isDir())
        return cannot("it is a folder, not a file");
    if (!info.exists())
        return cannot(info.isSymLink() ? "it is a link to a file that is not there" : "there is no such file", true);
    const Descriptor file{
        ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)}; // a pipe without a writer waits for one
    if (!file.isOpen())
        return cannotBeRead();
    // One byte more than allowed tells a file that is too large, of a pipe or of a device without an end as well.
    std::string text(kMostFileBytes + 1, '\0');
    std::size_t size = 0;
    const QDeadlineTimer deadline{kPipePatience};
    while (size < text.size()) {
        if (!info.isFile() && !hasNews(file, deadline))
            return cannot("it is a pipe or a device from which nothing comes");
        const ssize_t part = ::read(file, text.data() + size, text.size() - size);
        if (part == 0)
            break;
        if (part < 0 && errno != EINTR && errno != EAGAIN)
            return cannotBeRead();
        size += part > 0 ? static_cast<std::size_t>(part) : 0;
    }
    text.resize(size);
    if (text.size() > kMostFileBytes)
        return cannot("it has more than " + printByteSizeSpaced(kMostFileBytes) + ", so it is no configuration");
    return text;
}

Result<Done> replaceConfigFile(const std::string &path, std::string_view before, std::string_view after)
{
    const QFileInfo info{QString::fromStdString(path)};
    const Result<std::string> now = readConfigFile(path);
    if (!now && (!now.error().transient || info.isSymLink()))
        return now.error();
    if ((now ? now.value() : std::string{}) != before)
        return Error{Error::Code::State, "it has changed since it was read, so nothing was written"};
    if (now && !info.isFile())
        return cannot("it is no file that could be written");
    if (now) // of a link the file behind it: in its own place it would leave that one as it was
        return swapFile(info.canonicalFilePath().toStdString(), before, after);
    if (!QDir{}.mkpath(info.absolutePath()))
        return cannot("its folder cannot be made");
    return makeFile(info.absoluteFilePath().toStdString(), after);
}

} // namespace weir::config
