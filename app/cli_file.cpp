// SPDX-License-Identifier: GPL-3.0-only
#include "app/cli_file.h"

#include <QDir>
#include <QFileInfo>

#include "core/config/config_file.h"

namespace weir::app {
namespace {

const QString kConfig = QStringLiteral("config");

// A file that is not meant to be there is none; all else is a problem, also that it cannot be read.
QString firstDefault(const QProcessEnvironment &environment)
{
    for (const QString &path : defaultConfigFiles(environment))
        if (const QFileInfo info{path}; info.exists() || info.isSymLink())
            return path;
    return {};
}

} // namespace

std::string readFile(OptionReader &reader, const std::string *text, std::vector<config::ConfigIssue> &issues,
                     std::vector<config::ConfigIssue> &warnings)
{
    const auto said = reader.value(kConfig);
    if (said && said->isEmpty()) {
        reader.fail(kConfig, QStringLiteral("no file is given"), QStringLiteral("a configuration file"));
        return {};
    }
    const QString path = said ? *said : firstDefault(reader.environment());
    if (path.isEmpty())
        return {};
    const std::string absolute = QDir::cleanPath(QDir::current().absoluteFilePath(path)).toStdString();
    FileSource source{path.toStdString(), {}};
    const Result<std::string> read = text ? Result<std::string>{*text} : config::readConfigFile(absolute);
    if (!read) {
        issues.push_back({source.name, read.error().detail, {}});
        return absolute;
    }
    source.file = config::readConfigText(read.value());
    for (const config::FileIssue &issue : source.file.issues)
        (issue.isWarning ? warnings : issues).push_back(config::inFile(source.name, issue));
    reader.setFile(std::move(source));
    return absolute;
}

} // namespace weir::app
