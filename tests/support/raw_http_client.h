// SPDX-License-Identifier: GPL-3.0-only
// An HTTP client that does what it is told, byte by byte: pipelining, half closing, leaving early.
#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>

namespace weir::test {

struct RawResponse {
    QByteArray statusLine;
    int status{0};
    std::multimap<QByteArray, QByteArray> headers; ///< names in lower case
    QByteArray body;

    /// The only value of header `name` (lower case); empty when there is none or more than one.
    [[nodiscard]] QByteArray header(const QByteArray &name) const;
    [[nodiscard]] bool hasHeader(const QByteArray &name) const { return headers.contains(name); }
};

/// Blocking, one socket. Every wait ends after `timeout`; error() then says what was waited for.
class RawHttpClient {
public:
    explicit RawHttpClient(std::chrono::milliseconds timeout = std::chrono::seconds{5}) : m_timeout{timeout} {}
    ~RawHttpClient() { close(); }
    RawHttpClient(const RawHttpClient &) = delete;
    RawHttpClient &operator=(const RawHttpClient &) = delete;

    /// `host` is an IPv4 or IPv6 literal; so is `source`, the own address, of the same kind: which one, when it is empty,
    /// is left to the system.
    bool connectTo(std::uint16_t port, const QByteArray &host = QByteArrayLiteral("127.0.0.1"),
                   const QByteArray &source = {});
    /// All of `bytes`, in order; false when the peer is gone.
    bool send(const QByteArray &bytes);
    /// "METHOD TARGET HTTP/1.1", Host, `headers` (each with its CRLF), the empty line.
    bool sendRequest(const QByteArray &method, const QByteArray &target, const QByteArray &headers = {});

    /// Exactly one response; what follows it stays for the next call. `isHead`: no body comes.
    std::optional<RawResponse> readResponse(bool isHead = false);
    /// Everything until the peer closes; nothing at timeout. A reset counts as closed.
    std::optional<QByteArray> readUntilClosed();

    void halfClose(); ///< no more bytes from here; answers still come
    void abort();     ///< RST
    void close();

    [[nodiscard]] bool isOpen() const { return m_socket >= 0; }
    [[nodiscard]] QString error() const { return m_error; }
    /// The last readResponse() ended inside an answer: a part of it had come.
    [[nodiscard]] bool isCutShort() const { return m_isCutShort; }

private:
    enum class Read { Bytes, Closed, TimedOut };
    Read readMore();
    std::optional<QByteArray> takeHead();
    std::optional<QByteArray> takeBody(qsizetype size);
    bool wait(short events, const char *what);

    std::chrono::milliseconds m_timeout;
    int m_socket{-1};
    QByteArray m_buffer;
    QByteArray m_host;
    QString m_error;
    bool m_isCutShort{false};
};

} // namespace weir::test
