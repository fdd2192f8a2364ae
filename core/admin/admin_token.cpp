// SPDX-License-Identifier: GPL-3.0-only
#include "core/admin/admin_token.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include <QByteArray>
#include <QRandomGenerator>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weir::admin {
namespace {

// A token that a person has chosen: 32 letters and digits are beyond guessing, and what is longer is some other file.
constexpr std::size_t kLeastCharacters = 32;
constexpr std::size_t kMostCharacters = 512;

class Descriptor {
public:
    explicit Descriptor(int number) : m_number{number} {}
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    ~Descriptor()
    {
        if (m_number >= 0)
            ::close(m_number);
    }
    [[nodiscard]] int number() const { return m_number; }
    [[nodiscard]] bool isOpen() const { return m_number >= 0; }

private:
    int m_number;
};

Error unusable(const std::string &path, const std::string &why)
{
    return {Error::Code::Configuration, "the token file " + path + " cannot be used: " + why, false};
}

Error unwritable(const std::string &path, int number)
{
    return {Error::Code::Io,
            "the token file " + path + " cannot be made (" + std::strerror(number)
                + "); make its folder writable, or choose another one with --data-dir DIR",
            false};
}

// What may stand behind "Bearer " (RFC 6750, 2.1).
bool isOfToken(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || std::string_view{"-._~+/="}.find(c) != std::string_view::npos;
}

// Nothing: there is no such file.
std::optional<Result<std::string>> read(const std::string &path)
{
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)};
    if (!file.isOpen() && errno == ENOENT)
        return std::nullopt;
    if (!file.isOpen() && errno == ELOOP)
        return unusable(path, "it is a link; remove it, and Weir makes a new one");
    if (!file.isOpen())
        return unusable(path, std::string{std::strerror(errno)} + "; make it your own with rights 0600, or remove it");
    struct stat facts {};
    if (::fstat(file.number(), &facts) != 0 || !S_ISREG(facts.st_mode))
        return unusable(path, "it is no plain file; remove it, and Weir makes a new one");
    if (facts.st_uid != ::geteuid())
        return unusable(path,
                        "it belongs to another user, who knows what is in it; remove it, and Weir makes a new one");
    if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return unusable(path, "others than its owner may read or write it; remove it, and Weir makes a new one");
    std::array<char, kMostCharacters + 2> bytes{};
    std::size_t size = 0;
    for (ssize_t more = 1; more > 0 && size < bytes.size();
         size += static_cast<std::size_t>(std::max<ssize_t>(more, 0)))
        more = ::read(file.number(), bytes.data() + size, bytes.size() - size);
    std::string token{bytes.data(), size};
    if (token.ends_with('\n'))
        token.pop_back();
    if (token.empty())
        return unusable(path, "it is empty; remove it, and Weir makes a new one");
    if (!std::all_of(token.begin(), token.end(), isOfToken))
        return unusable(path, "it holds other characters than a token has; remove it, and Weir makes a new one");
    if (token.size() < kLeastCharacters)
        return unusable(path, "its token is shorter than " + std::to_string(kLeastCharacters)
                                  + " characters; remove it, and Weir makes a new one");
    if (token.size() > kMostCharacters)
        return unusable(path, "its token is longer than " + std::to_string(kMostCharacters)
                                  + " characters; remove it, and Weir makes a new one");
    return token;
}

std::string newToken()
{
    std::array<quint32, kTokenBytes / sizeof(quint32)> words{};
    QRandomGenerator::system()->fillRange(words.data(), static_cast<qsizetype>(words.size()));
    return QByteArray::fromRawData(reinterpret_cast<const char *>(words.data()), kTokenBytes).toHex().toStdString();
}

bool writeAll(int file, const std::string &text)
{
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t more = ::write(file, text.data() + done, text.size() - done);
        if (more < 0 && errno != EINTR)
            return false;
        done += static_cast<std::size_t>(std::max<ssize_t>(more, 0));
    }
    return ::fsync(file) == 0;
}

// Written whole under another name, then linked: nobody ever reads half of one, and the first one stays.
std::optional<Error> make(const std::string &path)
{
    std::string draft = path + ".XXXXXX";
    const Descriptor file{::mkostemp(draft.data(), O_CLOEXEC)}; // 0600
    if (!file.isOpen())
        return unwritable(path, errno);
    const bool isMade =
        writeAll(file.number(), newToken() + "\n") && (::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST);
    const int whyNot = errno;
    ::unlink(draft.c_str());
    return isMade ? std::nullopt : std::optional{unwritable(path, whyNot)};
}

} // namespace

std::string AdminToken::pathIn(const std::string &folder)
{
    return folder + "/admin-token";
}

Result<std::string> AdminToken::readOrMake(const std::string &folder)
{
    const std::string path = pathIn(folder);
    if (auto token = read(path))
        return *std::move(token);
    if (auto why = make(path))
        return *std::move(why);
    if (auto token = read(path))
        return *std::move(token);
    return unusable(path, "it was removed while it was made; start Weir again");
}

} // namespace weir::admin
