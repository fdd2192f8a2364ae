// SPDX-License-Identifier: GPL-3.0-only
// fuzz_seeds FOLDER: writes the bytes of every case of tests/data/http as a file of its own.
#include <cstdio>

#include "tests/http/corpus.h"

int main(int argc, char **argv)
{
    if (argc != 2 || !QDir{}.mkpath(QString::fromLocal8Bit(argv[1]))) {
        std::fputs("usage: fuzz_seeds FOLDER\n", stderr);
        return 2;
    }
    const QDir folder{QString::fromLocal8Bit(argv[1])};
    for (const weir::test::CorpusCase &which : weir::test::readCorpus()) {
        QFile file{folder.filePath(QString::fromLatin1(which.name))};
        const QByteArray bytes = which.bytes();
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size()) {
            std::fprintf(stderr, "fuzz_seeds: cannot write %s\n", qPrintable(file.fileName()));
            return 1;
        }
    }
    return 0;
}
