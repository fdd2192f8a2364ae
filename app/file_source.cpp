// SPDX-License-Identifier: GPL-3.0-only
#include "app/file_source.h"

#include <QDir>

#include "core/config/settings.h"

namespace weir::app {
namespace {

std::string pathOf(const QString &option)
{
    const config::Setting *setting = config::settingOf(option.toStdString());
    return setting ? setting->path() : std::string{};
}

QString orDefault(const QString &text, const QString &fallback)
{
    return text.isEmpty() ? fallback : text;
}

} // namespace

bool FileSource::says(const QString &option) const
{
    return file.lines.count(pathOf(option)) > 0;
}

bool FileSource::hasFailed(const QString &option) const
{
    return file.failed.count(pathOf(option)) > 0;
}

std::string FileSource::whereOf(const QString &option, bool isWarning) const
{
    const auto line = file.lines.find(pathOf(option));
    const int number = line == file.lines.end() ? 0 : line->second;
    return config::inFile(name, {number, 0, isWarning, {pathOf(option), {}, {}}}).where;
}

QStringList defaultConfigFiles(const QProcessEnvironment &environment)
{
    const auto variable = [&](const char *name) { return environment.value(QLatin1String{name}); };
    QStringList folders{variable("XDG_CONFIG_HOME")};
    if (!QDir::isAbsolutePath(folders.front()) && QDir::isAbsolutePath(variable("HOME")))
        folders = QStringList{variable("HOME") + QLatin1String{"/.config"}};
    folders += orDefault(variable("XDG_CONFIG_DIRS"), QStringLiteral("/etc/xdg")).split(QLatin1Char{':'});
    QStringList files;
    for (const QString &folder : folders)
        if (QDir::isAbsolutePath(folder))
            files += QDir::cleanPath(folder + QLatin1String{"/weir/weir.toml"});
    return files;
}

} // namespace weir::app
