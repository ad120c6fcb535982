/// Connections.
#pragma once

#include <callgate/detail/access.hpp>
#include <callgate/detail/failures.hpp>
#include <callgate/proxy.hpp>
#include <callgate/timeout.hpp>
#include <callgate/version.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

CALLGATE_BEGIN_NAMESPACE

/// One established conversation between a client and a host. Keeping the object does not keep the connection open. Any
/// number of threads may use it. Objects of the same end of a connection are equal.
class Connection {
public:
    /// The connection's number, used in the logs of both sides. The host's process assigns it, so connections of one
    /// client process to two hosts can have the same number.
    std::uint64_t id() const noexcept { return callgate_connection_id(c_handle()); }

    /// Which of the client's connections this is: 1 for the first, one more after each reconnect. Always 1 on a host.
    std::uint64_t generation() const noexcept { return callgate_connection_generation(c_handle()); }

    /// Whether the connection is still open. It may end at any moment.
    bool is_open() const noexcept { return callgate_connection_is_open(c_handle()); }

    /// The peer's user, vouched for by the operating system: its uid on Unix, its SID on Windows; "" if unknown (TCP).
    std::string peer_user() const { return std::string(detail::text(callgate_connection_peer_user, c_handle())); }

    /// The name of the peer's user ("DOMAIN\name" on Windows), for people; "" if it has none, or the user is unknown.
    /// The first call for an object looks it up, and may wait for a server.
    std::string peer_user_name() const {
        return std::string(detail::text(callgate_connection_peer_user_name, c_handle()));
    }

    /// The uid of the peer's user, vouched for by the operating system; empty if unknown (TCP, Windows).
    std::optional<std::uint32_t> peer_uid() const noexcept { return known(callgate_connection_peer_uid); }

    /// The peer's group id, or empty.
    std::optional<std::uint32_t> peer_gid() const noexcept { return known(callgate_connection_peer_gid); }

    /// The peer's process id, or empty. For information, never as proof: process ids are reused.
    std::optional<std::uint32_t> peer_pid() const noexcept { return known(callgate_connection_peer_pid); }

    /// The peer's network address, e.g. "127.0.0.1:50312"; "" if it has none.
    std::string peer_address() const {
        return std::string(detail::text(callgate_connection_peer_address, c_handle()));
    }

    /// The fingerprint of the peer's key over TLS, as trust= takes it; "" if the peer has shown no certificate. The peer
    /// has proved that it has the key.
    std::string peer_key() const { return std::string(detail::text(callgate_connection_peer_key, c_handle())); }

    /// The common name in the peer's certificate, for people; "" if there is none. Its authority vouches for it if trust=
    /// names authorities; if it names keys, it is what the peer says of itself.
    std::string peer_common_name() const {
        return std::string(detail::text(callgate_connection_peer_common_name, c_handle()));
    }

    /// The DNS names and URIs in the peer's certificate. The same vouches for them as for the common name.
    std::vector<std::string> peer_names() const {
        std::vector<std::string> names;
        auto rest = detail::text(callgate_connection_peer_names, c_handle());
        while (!rest.empty()) {
            const auto end = rest.find('\n');
            names.emplace_back(rest.substr(0, end));
            rest = end == rest.npos ? rest.substr(rest.size()) : rest.substr(end + 1);
        }
        return names;
    }

    /// Creates a proxy of an interface that the peer serves on this connection. It stops working when the connection
    /// ends.
    Proxy proxy(Name interface_name) const {
        callgate_proxy* made = nullptr;
        detail::check(callgate_connection_proxy, c_handle(), interface_name.c_str(), &made);
        detail::ProxyHandle handle(made);
        return detail::make_proxy(std::move(handle), context_);
    }

    /// Waits until everything sent so far has been handed to the operating system [drain_timeout]. Calls that still
    /// wait for the peer to catch up are not included.
    void flush(Timeout timeout = {}) const {
        detail::check(callgate_connection_flush, c_handle(), timeout.c_value());
    }

    /// Ends the connection without waiting.
    void close() const { detail::check(callgate_connection_close, c_handle()); }

    /// Another object of the same connection.
    [[nodiscard]] Connection clone() const;

    /// The C handle, borrowed.
    const callgate_connection* c_handle() const noexcept { return handle_.get(); }

    friend bool operator==(const Connection& a, const Connection& b) noexcept {
        return callgate_connection_is_same(a.c_handle(), b.c_handle());
    }
    friend bool operator!=(const Connection& a, const Connection& b) noexcept { return !(a == b); }

private:
    friend struct detail::Access;

    Connection(detail::ConnectionHandle handle, detail::SharedContext context)
        : handle_(std::move(handle)), context_(std::move(context)) {}

    std::optional<std::uint32_t> known(std::int64_t (*ask)(const callgate_connection*)) const noexcept {
        const std::int64_t number = ask(c_handle());
        return number < 0 ? std::nullopt : std::optional(static_cast<std::uint32_t>(number));
    }

    detail::ConnectionHandle handle_;
    detail::SharedContext context_;
};

namespace detail {

/// A new object of a borrowed connection.
inline Connection keep(const callgate_connection* borrowed, SharedContext context) {
    callgate_connection* made = nullptr;
    check(callgate_connection_clone, borrowed, &made);
    return Access::make<Connection>(ConnectionHandle(made), std::move(context));
}

} // namespace detail

inline Connection Connection::clone() const {
    return detail::keep(c_handle(), context_);
}

CALLGATE_END_NAMESPACE
