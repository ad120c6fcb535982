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
/// Its destructor closes it, as close() does with the drain timeout of its limits: what delegates and handlers
/// capture by reference has to be there until then. Where a delegate may run for longer, close it first, or
/// wait without limit.
class [[nodiscard]] Host {
public:
    /// What it is made by: Host::builder().endpoint("pipe://calculator").delegate(...).start().
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

    /// Where it listens, with the ports that the system chose.
    std::vector<std::string> endpoints() const {
        std::vector<std::string> endpoints;
        const callgate_host* host = handle_.get();
        for (std::size_t i = 0; i < callgate_host_endpoint_count(host); i++)
            endpoints.emplace_back(detail::text(callgate_host_endpoint, host, i));
        return endpoints;
    }

    /// The connections that are open now.
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

    /// Stops listening, ends every connection, and waits until nothing of this host runs or will run. Running
    /// delegates get until the timeout [the drain timeout]; then it throws timed_out, while closing goes on.
    /// In a method that this host serves it begins, and returns at once. Closing twice is fine.
    void close(Timeout timeout = {}) { detail::check(callgate_host_close, handle_.get(), timeout.c_value()); }

    /// Waits until it is closed, by whichever thread [the drain timeout]. Throws timed_out when it is not.
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
