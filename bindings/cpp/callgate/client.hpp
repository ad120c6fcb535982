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

/// Connects to one endpoint and, for its whole life, silently reconnects. Any number of threads may use a client and
/// its proxies.
///
/// The destructor closes the client with the drain_timeout of its limits, like close(). Proxies that outlive it throw
/// closed. Whatever callbacks and handlers capture by reference must live until then.
class [[nodiscard]] Client {
public:
    /// A builder: Client::builder("pipe://calculator").callback_handler(...).connect().
    static ClientBuilder builder(std::string endpoint);

    /// Creates a client of an endpoint ("pipe://name", "unix:///path", "tcp://host:port" or "tls://host:port") with the
    /// default options. It connects in the background: this never waits for a host.
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

    /// Creates a proxy of an interface of the host. It outlives reconnects. Creating it does not contact the host: the
    /// first call reports an interface that the host does not serve.
    Proxy proxy(Name interface_name) const {
        callgate_proxy* made = nullptr;
        detail::check(callgate_proxy_new, c_handle(), interface_name.c_str(), &made);
        return own(made);
    }

    /// Creates a proxy with an initialisation routine, which is called with the const Proxy& on each new connection,
    /// before the proxy's first call or as soon as the client has reconnected. Calls wait for it, except its own. If
    /// it throws, the waiting calls throw initialisation_failed with that error as the cause, and it runs again after
    /// growing pauses. It is destroyed with the last clone of the proxy.
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

    /// Waits until the client is connected [connection_timeout]. A failure that waiting cannot fix, such as
    /// access_denied, is thrown at once. timed_out has the last failure as its cause.
    void wait_connected(Timeout timeout = {}) const {
        detail::check(callgate_client_wait_connected, c_handle(), timeout.c_value());
    }

    /// The client's present connection. Throws channel_faulted if the client is not connected.
    Connection connection() const {
        callgate_connection* made = nullptr;
        detail::check(callgate_client_connection, c_handle(), &made);
        return detail::Access::make<Connection>(detail::ConnectionHandle(made), context_);
    }

    /// What the client has counted since it was started, as OpenMetrics text: connections, calls, errors, bytes and
    /// latencies.
    std::string counters() const {
        detail::Buffer text;
        detail::check(callgate_client_counters, c_handle(), text.place());
        return {text.data(), text.size()};
    }

    /// Waits until the one-way calls made so far have been handed to the operating system [drain_timeout]. Throws
    /// channel_faulted if the connection is lost meanwhile. One-way calls dropped with an earlier connection are not
    /// included.
    void flush(Timeout timeout = {}) const {
        detail::check(callgate_client_flush, c_handle(), timeout.c_value());
    }

    /// Sends what is queued, ends the connection for good, and waits until no callback of this client runs or will run
    /// [drain_timeout]. Waiting calls throw closed. If a callback still runs after the timeout, it throws timed_out,
    /// and closing continues in the background. In a callback of this client, closing begins and returns at once.
    /// Closing twice does no harm.
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
