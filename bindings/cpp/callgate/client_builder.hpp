/// The builder of clients.
#pragma once

#include <callgate/client.hpp>
#include <callgate/detail/events.hpp>
#include <callgate/detail/owner_options.hpp>
#include <callgate/detail/serving.hpp>
#include <callgate/version.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

CALLGATE_BEGIN_NAMESPACE

/// When a client's proxies compare their descriptions of interfaces with the host's.
enum class Verify : callgate_verify {
    /// Before their first call on each connection, in the thread of that call and within its timeout.
    at_first_call = CALLGATE_VERIFY_AT_FIRST_CALL,
    /// Only Proxy::verify() compares. Calls that do not fit fail one by one.
    never = CALLGATE_VERIFY_NEVER,
    /// As soon as the client has connected or the proxy is described, in the background. Differences are logged as
    /// errors. A call that is made meanwhile compares too.
    when_connecting = CALLGATE_VERIFY_WHEN_CONNECTING,
};

/// Collects the options of a client, and starts it. A builder can start several clients.
///
/// Connection handlers run on the client's thread, one at a time. They may block, which delays the client. They may
/// call any Callgate function, and may close anything.
class ClientBuilder {
public:
    /// A client of an endpoint ("pipe://name", "unix:///path", "tcp://host:port" or "tls://host:port"), or of hosts that
    /// can stand in for one another: up to 64 endpoints, separated by commas. It stays with a host until the connection
    /// ends, then connects to the same endpoint again, and if that fails, at once to the next one. A call that may have
    /// run is not made again.
    explicit ClientBuilder(std::string endpoints) : endpoints_(std::move(endpoints)) { detail::check_name(endpoints_); }

    /// Serves a callback interface to the host on all of the client's connections. A second handler for the same
    /// interface makes connect() throw invalid_argument.
    ClientBuilder& callback_handler(std::string interface_name, Delegate delegate) {
        detail::check_name(interface_name);
        return add([name = std::move(interface_name), shared = detail::shared(std::move(delegate))](
                       callgate_client* client, const detail::SharedContext& context) {
            using Data = detail::Serving;
            detail::add(Data{shared, context}, callgate_client_add_callback_handler, client, name.c_str(),
                        &Data::invoke);
        });
    }

    /// Makes every name of a callback interface that begins with `prefix` an alias of the interface. The longest
    /// matching prefix wins.
    ClientBuilder& interface_alias(std::string prefix, std::string interface_name) {
        detail::check_name(prefix);
        detail::check_name(interface_name);
        return add([prefix = std::move(prefix), name = std::move(interface_name)](callgate_client* client,
                                                                                  const detail::SharedContext&) {
            detail::check(callgate_client_add_interface_alias, client, prefix.c_str(), name.c_str());
        });
    }

    /// Adds a handler that runs when the client first connects.
    ClientBuilder& connected(Connected handler) {
        return add_connected(callgate_client_add_connected_handler, std::move(handler));
    }

    /// Adds a handler that runs after each reconnect; generation() counts the connections.
    ClientBuilder& reconnected(Connected handler) {
        return add_connected(callgate_client_add_reconnected_handler, std::move(handler));
    }

    /// Adds a handler that runs once for each connection that has ended, with the reason. The client reconnects after
    /// it has returned.
    ClientBuilder& disconnected(Disconnected handler) {
        return add([handler = std::move(handler)](callgate_client* client, const detail::SharedContext& context) {
            using Data = detail::DisconnectedData;
            detail::add(Data{handler, context}, callgate_client_add_disconnected_handler, client, &Data::tell);
        });
    }

    /// The client's limits.
    ClientBuilder& limits(Limits limits) {
        limits_ = limits;
        return *this;
    }

    /// How long a call may take, all waiting included [30 s].
    ClientBuilder& call_timeout(Timeout timeout) {
        limits_.call_timeout = timeout;
        return *this;
    }

    /// How long a call waits for a connection [6 s].
    ClientBuilder& connection_timeout(Timeout timeout) {
        limits_.connection_timeout = timeout;
        return *this;
    }

    /// The user that the host must run as: a uid or a name on Unix, a SID or a name on Windows. If the host runs as
    /// another user, root included, calls throw access_denied. Not for TCP. connect() throws invalid_argument if there
    /// is no such user.
    ClientBuilder& host_user(std::string user) {
        detail::check_name(user);
        host_user_ = std::move(user);
        return *this;
    }

    /// The uid of the user that the host must run as, on Unix.
    ClientBuilder& host_user(std::uint32_t uid) { return host_user(std::to_string(uid)); }

    /// Tries several endpoints in a random order, which is chosen once, so that clients spread over the hosts.
    ClientBuilder& shuffle_endpoints() {
        shuffled_ = true;
        return *this;
    }

    /// When proxies that have a description compare it with the host's [at_first_call].
    ClientBuilder& verify(Verify when) {
        verify_ = when;
        return *this;
    }

    /// What to record of what passes on the connections, in a file that is created with the client.
    ClientBuilder& trace(Trace trace) {
        trace_ = std::move(trace);
        return *this;
    }

    /// Receives the client's log.
    ClientBuilder& log(Log log) {
        context_.log = std::move(log);
        return *this;
    }

    /// The exception types of the program that are sent and thrown by a registered name.
    ClientBuilder& exceptions(Exceptions exceptions) {
        context_.exceptions = std::move(exceptions);
        return *this;
    }

    /// Creates the client, which connects in the background: this never waits for a host.
    Client connect() const {
        detail::check_library();
        const auto context = std::make_shared<const detail::Context>(context_);
        const callgate_limits limits = limits_.c_limits();
        callgate_client_options options{};
        detail::set_owner_options(options, limits, context_.log);
        options.host_user = host_user_ ? host_user_->c_str() : nullptr;
        options.shuffle_endpoints = shuffled_ ? 1 : 0;
        options.verify = static_cast<callgate_verify>(verify_);
        const std::optional<callgate_trace> trace = detail::c_trace(trace_);
        options.trace = trace ? &*trace : nullptr;
        callgate_client* made = nullptr;
        detail::check(callgate_client_new, endpoints_.c_str(), static_cast<const callgate_client_options*>(&options),
                      &made);
        detail::ClientHandle client(made);
        for (const Step& step : steps_)
            step(made, context);
        detail::check(callgate_client_start, made);
        return detail::Access::make<Client>(std::move(client), context);
    }

private:
    using Step = std::function<void(callgate_client*, const detail::SharedContext&)>;
    using AddConnected = decltype(callgate_client_add_connected_handler);

    ClientBuilder& add(Step step) {
        steps_.push_back(std::move(step));
        return *this;
    }

    ClientBuilder& add_connected(AddConnected* function, Connected handler) {
        return add([function, handler = std::move(handler)](callgate_client* client,
                                                            const detail::SharedContext& context) {
            using Data = detail::ConnectedData;
            detail::add(Data{handler, context}, function, client, &Data::tell);
        });
    }

    std::string endpoints_;
    std::vector<Step> steps_;
    Limits limits_;
    std::optional<Trace> trace_;
    std::optional<std::string> host_user_;
    Verify verify_ = Verify::at_first_call;
    bool shuffled_ = false;
    detail::Context context_;
};

inline ClientBuilder Client::builder(std::string endpoint) {
    return ClientBuilder(std::move(endpoint));
}

inline Client Client::connect(std::string endpoint) {
    return builder(std::move(endpoint)).connect();
}

CALLGATE_END_NAMESPACE
