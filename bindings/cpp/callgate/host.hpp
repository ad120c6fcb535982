/// Hosts.
#pragma once

#include <callgate/connection.hpp>
#include <callgate/detail/access.hpp>
#include <callgate/detail/failures.hpp>
#include <callgate/timeout.hpp>
#include <callgate/version.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

CALLGATE_BEGIN_NAMESPACE

class HostBuilder;

/// Listens on endpoints and serves interfaces through delegates. Any number of threads may use a host.
///
/// The destructor closes the host with the drain_timeout of its limits, like close(). Whatever delegates and handlers
/// capture by reference must live until then. If a delegate may run longer, call close() or wait() with a longer
/// timeout first.
class [[nodiscard]] Host {
public:
    /// A builder: Host::builder().endpoint("pipe://calculator").delegate(...).start().
    static HostBuilder builder();

    Host(Host&&) noexcept = default;
    Host& operator=(Host&& other) noexcept {
        Host old(std::move(*this));
        handle_ = std::move(other.handle_);
        context_ = std::move(other.context_);
        return *this;
    }

    ~Host() {
        if (handle_)
            callgate_host_close(handle_.get(), CALLGATE_TIMEOUT_DEFAULT, nullptr);
    }

    /// The endpoints that the host listens on, with the ports that the system chose.
    std::vector<std::string> endpoints() const {
        std::vector<std::string> endpoints;
        const callgate_host* host = handle_.get();
        for (std::size_t i = 0; i < callgate_host_endpoint_count(host); i++)
            endpoints.emplace_back(detail::text(callgate_host_endpoint, host, i));
        return endpoints;
    }

    /// What the host has counted since it was started, as OpenMetrics text: connections, calls, errors, bytes and
    /// latencies.
    std::string counters() const {
        detail::Buffer text;
        detail::check(callgate_host_counters, static_cast<const callgate_host*>(handle_.get()), text.place());
        return {text.data(), text.size()};
    }

    /// The host's open connections.
    std::vector<Connection> connections() const {
        std::vector<callgate_connection*> handles;
        std::size_t count = list(handles);
        while (count > handles.size()) {
            handles.assign(count, nullptr);
            count = list(handles);
            if (count > handles.size())
                free_all(handles);
        }
        handles.resize(count);
        return keep(handles);
    }

    /// Stops listening, ends every connection, and waits until no callback of this host runs or will run. Running
    /// delegates may finish until the timeout [drain_timeout]; after that it throws timed_out, and closing continues
    /// in the background. In a callback of this host, closing begins and returns at once; wait() waits for its end.
    /// Closing twice does no harm.
    void close(Timeout timeout = {}) { detail::check(callgate_host_close, handle_.get(), timeout.c_value()); }

    /// Waits until the host is closed, by whichever thread [drain_timeout]. Throws timed_out if it is not closed by
    /// then.
    void wait(Timeout timeout = {}) { detail::check(callgate_host_wait, handle_.get(), timeout.c_value()); }

private:
    friend struct detail::Access;

    Host(detail::HostHandle handle, detail::SharedContext context)
        : handle_(std::move(handle)), context_(std::move(context)) {}

    std::size_t list(std::vector<callgate_connection*>& handles) const {
        std::size_t count = 0;
        detail::check(callgate_host_connections, handle_.get(), handles.data(), handles.size(), &count);
        return count;
    }

    static void free_all(const std::vector<callgate_connection*>& handles) noexcept {
        for (callgate_connection* handle : handles)
            callgate_connection_free(handle);
    }

    std::vector<Connection> keep(const std::vector<callgate_connection*>& handles) const {
        std::vector<Connection> connections;
        connections.reserve(handles.size());
        for (callgate_connection* handle : handles)
            connections.push_back(detail::Access::make<Connection>(detail::ConnectionHandle(handle), context_));
        return connections;
    }

    detail::HostHandle handle_;
    detail::SharedContext context_;
};

CALLGATE_END_NAMESPACE
