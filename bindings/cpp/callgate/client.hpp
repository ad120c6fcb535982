/// Clients.
#pragma once

#include <callgate/connection.hpp>
#include <callgate/detail/access.hpp>
#include <callgate/detail/failures.hpp>
#include <callgate/detail/initialisation.hpp>
#include <callgate/timeout.hpp>
#include <callgate/version.hpp>

#include <memory>
#include <string>
#include <utility>

CALLGATE_BEGIN_NAMESPACE

class ClientBuilder;

/// Connects to one endpoint, and silently connects again when the connection is lost. Any number of threads may
/// use a client and its proxies.
///
/// Its destructor closes it, as close() does with the drain timeout of its limits; proxies that outlive it throw
/// closed. What callbacks and handlers capture by reference has to be there until then.
class [[nodiscard]] Client {
public:
    /// What it is made by: Client::builder("pipe://calculator").callback_handler(...).connect().
    static ClientBuilder builder(std::string endpoint);

    /// A client of an endpoint, without callbacks: "pipe://name", "unix:///path" or "tcp://host:port". It
    /// connects in the background and never waits for a host.
    static Client connect(std::string endpoint);

    Client(Client&&) noexcept = default;
    Client& operator=(Client&& other) noexcept {
        Client old(std::move(*this));
        handle_ = std::move(other.handle_);
        context_ = std::move(other.context_);
        return *this;
    }

    ~Client() {
        if (handle_)
            callgate_client_close(handle_.get(), CALLGATE_TIMEOUT_DEFAULT, nullptr);
    }

    /// A proxy of an interface of the host, which outlives reconnects. Asks the host nothing: an interface that
    /// it does not serve is told by the first call.
    Proxy proxy(Name interface_name) const {
        callgate_proxy* made = nullptr;
        detail::check(callgate_proxy_new, c_handle(), interface_name.c_str(), &made);
        return own(made);
    }

    /// A proxy with a routine that initialises it: it is given the const Proxy& before the first call on each
    /// new connection, and as soon as the client is connected again. Calls wait for it, but for those that it
    /// makes itself. Those that wait while it throws get initialisation_failed, with that as the cause, and it
    /// is tried again after growing pauses. It is destroyed with the last clone of the proxy.
    template <class Routine>
    Proxy proxy(Name interface_name, Routine routine) const {
        using Data = detail::Initialisation;
        auto kept = std::make_shared<Routine>(std::move(routine));
        auto data = std::make_unique<Data>(Data{[kept](const Proxy& proxy) { (*kept)(proxy); }, context_});
        callgate_proxy* made = nullptr;
        detail::check(callgate_proxy_new_initialised, c_handle(), interface_name.c_str(), &Data::run,
                      static_cast<void*>(data.release()), detail::release<Data>, &made);
        return own(made);
    }

    /// Waits until it is connected [the connection timeout]. A cause that waiting will not mend is thrown at
    /// once; timed_out has the last cause.
    void wait_connected(Timeout timeout = {}) const {
        detail::check(callgate_client_wait_connected, c_handle(), timeout.c_value());
    }

    /// The connection that it has now. Throws channel_faulted when it has none.
    Connection connection() const {
        callgate_connection* made = nullptr;
        detail::check(callgate_client_connection, c_handle(), &made);
        return detail::Access::make<Connection>(detail::ConnectionHandle(made), context_);
    }

    /// Waits until the one-way calls made by now have been handed to the operating system [the drain timeout].
    /// Those whose connection was lost before are gone; if it is lost meanwhile, channel_faulted.
    void flush(Timeout timeout = {}) const {
        detail::check(callgate_client_flush, c_handle(), timeout.c_value());
    }

    /// Sends what is queued, ends the connection for good, and waits until nothing of this client runs [the
    /// drain timeout]. Calls that wait throw closed. In a callback of this client it begins, and returns at
    /// once. Closing twice is fine.
    void close(Timeout timeout = {}) { detail::check(callgate_client_close, handle_.get(), timeout.c_value()); }

private:
    friend struct detail::Access;

    Client(detail::ClientHandle handle, detail::SharedContext context)
        : handle_(std::move(handle)), context_(std::move(context)) {}

    const callgate_client* c_handle() const noexcept { return handle_.get(); }

    Proxy own(callgate_proxy* made) const { return detail::make_proxy(detail::ProxyHandle(made), context_); }

    detail::ClientHandle handle_;
    detail::SharedContext context_;
};

CALLGATE_END_NAMESPACE
