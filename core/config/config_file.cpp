// SPDX-License-Identifier: GPL-3.0-only
#include "core/config/config_file.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>

#include "core/base/byte_size.h"
#include "core/config/toml_reader.h"

namespace weir::config {
namespace {

Error cannot(std::string why, bool isTransient = false)
{
    return {Error::Code::Io, std::move(why), isTransient};
}

} // namespace

Result<std::string> readConfigFile(const std::string &path)
{
    const QFileInfo info{QString::fromStdString(path)};
    if (info.isDir())
        return cannot("it is a folder, not a file");
    if (!info.exists())
        return cannot(info.isSymLink() ? "it is a link to a file that is not there" : "there is no such file", true);
    QFile file{info.filePath()};
    if (!file.open(QIODevice::ReadOnly))
        return cannot("it cannot be read (" + file.errorString().toStdString() + ")");
    // One byte more than allowed tells a file that is too large, of a pipe or of a device without an end as well.
    std::string text;
    while (text.size() <= kMostFileBytes) {
        const QByteArray part = file.read(static_cast<qint64>(kMostFileBytes + 1 - text.size()));
        if (part.isEmpty())
            break;
        text.append(part.constData(), static_cast<std::size_t>(part.size()));
    }
    if (file.error() != QFileDevice::NoError)
        return cannot("it cannot be read (" + file.errorString().toStdString() + ")");
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
    if (!now && !QDir{}.mkpath(info.absolutePath()))
        return cannot("its folder cannot be made");
    // Of a link the file behind it; renaming over the link would leave that one as it was.
    QSaveFile file{now ? info.canonicalFilePath() : info.absoluteFilePath()};
    if (!file.open(QIODevice::WriteOnly))
        return cannot("it cannot be written (" + file.errorString().toStdString() + ")");
    if (!now)
        file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    file.write(after.data(), static_cast<qint64>(after.size()));
    if (!file.commit())
        return cannot("it cannot be written (" + file.errorString().toStdString() + ")");
    return Done{};
}

} // namespace weir::config
