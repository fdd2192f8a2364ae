// SPDX-License-Identifier: GPL-3.0-only
// A tool of the build: writes the manual pages, the completions and the configuration of the service. Usage: weir_docs FOLDER-OF-TEMPLATES FOLDER
#include <cstdio>

#include <QDir>
#include <QFile>

#include "app/docs/documents.h"
#include "app/example_config.h"
#include "build_facts.h"

namespace {

using namespace weir;

bool write(const QString &path, const QString &text)
{
    QFile file{path};
    const QByteArray bytes = text.toUtf8();
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.flush();
}

struct Part {
    const char *mark;
    QString text;
};

bool writeManual(const QString &templatePath, const QString &path, const QList<Part> &parts)
{
    QFile file{templatePath};
    if (!file.open(QIODevice::ReadOnly))
        return false;
    QString text = QString::fromUtf8(file.readAll());
    text.replace(QLatin1String{"@VERSION@"}, QLatin1String{build::kVersion});
    for (const Part &part : parts)
        text.replace(QLatin1String{part.mark} + QLatin1Char{'\n'}, part.text);
    return write(path, text);
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    const QDir templates{QString::fromLocal8Bit(argv[1])}, target{QString::fromLocal8Bit(argv[2])};
    const QString example = app::exampleConfig(), service = app::serviceConfig(example);
    const bool isWritten =
        QDir{}.mkpath(target.path())
        && writeManual(templates.filePath(QStringLiteral("weir.1.in")), target.filePath(QStringLiteral("weir.1")),
                       {{"@COMMANDS@", app::commandsAsManual()}, {"@OPTIONS@", app::optionsAsManual()}})
        && writeManual(templates.filePath(QStringLiteral("weir.toml.5.in")),
                       target.filePath(QStringLiteral("weir.toml.5")), {{"@KEYS@", app::keysAsManual(example)}})
        && !service.isEmpty() && write(target.filePath(QStringLiteral("weir.toml")), service)
        && write(target.filePath(QStringLiteral("weir.bash")), app::bashCompletion())
        && write(target.filePath(QStringLiteral("_weir")), app::zshCompletion())
        && write(target.filePath(QStringLiteral("weir.fish")), app::fishCompletion());
    if (!isWritten)
        std::fprintf(stderr, "weir_docs: cannot write to %s\n", argv[2]);
    return isWritten ? 0 : 1;
}
