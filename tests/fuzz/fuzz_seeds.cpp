// SPDX-License-Identifier: GPL-3.0-only
// fuzz_seeds FOLDER: writes where each fuzzer begins, one file an input, into a folder of its own: the bytes of every
// case of tests/data/http, and the seeds of the client's address and of subjects.
#include <cstdio>
#include <span>

#include "tests/fuzz/client_address_seeds.h"
#include "tests/fuzz/subject_key_seeds.h"
#include "tests/http/corpus.h"

namespace {

// False, with a word on stderr, when it cannot be written.
bool write(const QDir &folder, const QString &name, const QByteArray &bytes)
{
    QFile file{folder.filePath(name)};
    if (folder.mkpath(QStringLiteral(".")) && file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size())
        return true;
    std::fprintf(stderr, "fuzz_seeds: cannot write %s\n", qPrintable(file.fileName()));
    return false;
}

bool writeAll(const QDir &folder, std::span<const std::string_view> seeds)
{
    int number = 0;
    for (const std::string_view seed : seeds)
        if (!write(folder, QString::number(++number), {seed.data(), static_cast<qsizetype>(seed.size())}))
            return false;
    return true;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 2) {
        std::fputs("usage: fuzz_seeds FOLDER\n", stderr);
        return 2;
    }
    const QDir folder{QString::fromLocal8Bit(argv[1])};
    const QDir requests{folder.filePath(QStringLiteral("request_parser"))};
    for (const weir::test::CorpusCase &which : weir::test::readCorpus())
        if (!write(requests, QString::fromLatin1(which.name), which.bytes()))
            return 1;
    const bool isWritten =
        writeAll(QDir{folder.filePath(QStringLiteral("client_address"))}, weir::test::kClientAddressSeeds)
        && writeAll(QDir{folder.filePath(QStringLiteral("subject_key"))}, weir::test::kSubjectKeySeeds);
    return isWritten ? 0 : 1;
}
