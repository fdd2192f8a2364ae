// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/file_swap.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "core/config/descriptor.h"

namespace weir::config {
namespace {

Error cannotWrite()
{
    return {Error::Code::Io, "it cannot be written (" + std::generic_category().message(errno) + ")", false};
}

Error hasChanged()
{
    return {Error::Code::State, "it has changed since it was read, so nothing was written", false};
}

// As it is now; one byte more than `most` tells that there is more.
std::optional<std::string> contentOf(int file, std::size_t most)
{
    std::string text(most + 1, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t part = ::pread(file, text.data() + size, text.size() - size, static_cast<off_t>(size));
        if (part < 0 && errno == EINTR)
            continue;
        if (part < 0)
            return std::nullopt;
        if (part == 0)
            break;
        size += static_cast<std::size_t>(part);
    }
    text.resize(size);
    return text;
}

bool write(int file, std::string_view text)
{
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t part = ::pwrite(file, text.data() + size, text.size() - size, static_cast<off_t>(size));
        if (part < 0 && errno != EINTR)
            return false;
        size += part > 0 ? static_cast<std::size_t>(part) : 0;
    }
    return ::ftruncate(file, static_cast<off_t>(text.size())) == 0 && ::fsync(file) == 0;
}

std::string attributeOf(int file, const char *name, bool &isThere)
{
    std::array<char, 4096> value{};
    const ssize_t size = ::fgetxattr(file, name, value.data(), value.size());
    isThere = size >= 0;
    return {value.data(), isThere ? static_cast<std::size_t>(size) : 0};
}

// Access lists are attributes as well.
bool copyAttributes(int from, int to)
{
    std::array<char, 4096> names{};
    const ssize_t size = ::flistxattr(from, names.data(), names.size());
    if (size < 0)
        return errno == ENOTSUP;
    for (const char *name = names.data(); name < names.data() + size; name += std::string_view{name}.size() + 1) {
        bool isThere = false, isThereAlready = false;
        const std::string value = attributeOf(from, name, isThere);
        const std::string present = attributeOf(to, name, isThereAlready);
        if (isThereAlready && present == value) // a label that every new file gets here
            continue;
        if (!isThere || ::fsetxattr(to, name, value.data(), value.size(), 0) != 0)
            return false;
    }
    return true;
}

// The new file as the old one; false when that cannot be.
bool makeLike(int old, int made)
{
    struct stat before {
    }, now{};
    if (::fstat(old, &before) != 0 || ::fstat(made, &now) != 0 || before.st_nlink != 1)
        return false;
    const bool isOurs = before.st_uid == now.st_uid && before.st_gid == now.st_gid;
    if (!isOurs && ::fchown(made, before.st_uid, before.st_gid) != 0)
        return false;
    return ::fchmod(made, before.st_mode & 07777) == 0 && copyAttributes(old, made);
}

// A new file beside the one that it is for; its name is gone with this, whatever has that by then.
class Beside {
public:
    explicit Beside(const std::string &path) : m_name{path + ".XXXXXX"}, m_file{::mkostemp(m_name.data(), O_CLOEXEC)} {}
    ~Beside()
    {
        if (m_file.isOpen() && !m_isGone)
            ::unlink(m_name.c_str());
    }
    [[nodiscard]] bool isOpen() const { return m_file.isOpen(); }
    [[nodiscard]] int file() const { return m_file; }
    [[nodiscard]] const char *name() const { return m_name.c_str(); }
    void noteGone() { m_isGone = true; }

private:
    std::string m_name;
    Descriptor m_file;
    bool m_isGone{false};
};

Result<Done> writeAsItLies(const std::string &path, std::string_view before, std::string_view after)
{
    const Descriptor file{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
    if (!file.isOpen())
        return cannotWrite();
    const auto now = contentOf(file, before.size());
    if (!now)
        return cannotWrite();
    if (*now != before)
        return hasChanged();
    if (after.size() > before.size()) // room first: half a file is worse than none
        if (const int why = ::posix_fallocate(file, 0, static_cast<off_t>(after.size()));
            why != 0 && why != EOPNOTSUPP) {
            [[maybe_unused]] const int cut = ::ftruncate(file, static_cast<off_t>(before.size()));
            errno = why;
            return cannotWrite();
        }
    if (write(file, after))
        return Done{};
    const Error why = cannotWrite();
    write(file, before);
    return why;
}

// The two change places, so that what an editor has written meanwhile is seen, and put back. Nothing: no file can be put there.
std::optional<Result<Done>> exchange(const std::string &path, Beside &made, int old, std::string_view before)
{
    if (::renameat2(AT_FDCWD, made.name(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) == 0) {
        const Descriptor found{::open(made.name(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
        const auto now = found.isOpen() ? contentOf(found, before.size()) : std::nullopt;
        if (now && *now == before)
            return Done{};
        if (::renameat2(AT_FDCWD, made.name(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) != 0)
            made.noteGone(); // what was found stays beside it rather than being lost
        return hasChanged();
    }
    if (errno != EINVAL && errno != ENOSYS) // this file system cannot exchange
        return std::nullopt;
    const auto now = contentOf(old, before.size());
    if (!now || *now != before)
        return hasChanged();
    if (::rename(made.name(), path.c_str()) != 0)
        return std::nullopt;
    made.noteGone();
    return Done{};
}

} // namespace

Result<Done> swapFile(const std::string &path, std::string_view before, std::string_view after)
{
    const Descriptor old{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (!old.isOpen())
        return cannotWrite();
    Beside made{path};
    if (!made.isOpen() || !makeLike(old, made.file()))
        return writeAsItLies(path, before, after);
    if (!write(made.file(), after))
        return cannotWrite();
    if (const auto exchanged = exchange(path, made, old, before))
        return *exchanged;
    return writeAsItLies(path, before, after);
}

Result<Done> makeFile(const std::string &path, std::string_view text)
{
    Beside made{path};
    if (!made.isOpen() || !write(made.file(), text))
        return cannotWrite();
    if (::link(made.name(), path.c_str()) == 0)
        return Done{};
    if (errno == EEXIST)
        return hasChanged();
    if (::access(path.c_str(), F_OK) == 0 || ::rename(made.name(), path.c_str()) != 0) // no links here
        return cannotWrite();
    made.noteGone();
    return Done{};
}

} // namespace weir::config
