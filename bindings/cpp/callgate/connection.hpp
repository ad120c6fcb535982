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

/// One established conversation between a client and a host. Keeping it does not keep it open. Any number of
/// threads may use it. Two objects of the same conversation are equal.
class Connection {
public:
    /// Its number, by which logs name it; unlike any other connection's of this process.
    std::uint64_t id() const noexcept { return callgate_connection_id(c_handle()); }

    /// Which of the client's connections this is: 1 for the first, one more after each reconnect. Always 1 on a host.
    std::uint64_t generation() const noexcept { return callgate_connection_generation(c_handle()); }

    /// Whether it is still open. It may end the moment after.
    bool is_open() const noexcept { return callgate_connection_is_open(c_handle()); }

    /// The user at the other end, if the operating system vouches for one.
    std::optional<std::uint32_t> peer_uid() const noexcept { return known(callgate_connection_peer_uid); }

    /// That user's group.
    std::optional<std::uint32_t> peer_gid() const noexcept { return known(callgate_connection_peer_gid); }

    /// The process at the other end. Information, never proof: process ids are reused.
    std::optional<std::uint32_t> peer_pid() const noexcept { return known(callgate_connection_peer_pid); }

    /// The network address of the other end, e.g. "127.0.0.1:50312", or "".
    std::string peer_address() const {
        return std::string(detail::text(callgate_connection_peer_address, c_handle()));
    }

    /// A proxy of an interface that the other end serves on this connection. It dies with the connection.
    Proxy proxy(Name interface_name) const {
        callgate_proxy* made = nullptr;
        detail::check(callgate_connection_proxy, c_handle(), interface_name.c_str(), &made);
        detail::ProxyHandle handle(made);
        return detail::make_proxy(std::move(handle), context_);
    }

    /// Waits until what was sent on it by now has been handed to the operating system [the drain timeout].
    /// Calls that wait for room at the other end are not counted.
    void flush(Timeout timeout = {}) const {
        detail::check(callgate_connection_flush, c_handle(), timeout.c_value());
    }

    /// Ends it, without waiting for anything.
    void close() const { detail::check(callgate_connection_close, c_handle()); }

    /// One more object of the same conversation.
    [[nodiscard]] Connection clone() const;

    /// C's handle, borrowed.
    const callgate_connection* c_handle() const noexcept { return handle_.get(); }

    friend bool operator==(const Connection& a, const Connection& b) noexcept { return a.id() == b.id(); }
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

/// An object of a conversation that C lends.
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
