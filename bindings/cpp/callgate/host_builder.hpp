/// The builder of hosts.
#pragma once

#include <callgate/detail/events.hpp>
#include <callgate/detail/owner_options.hpp>
#include <callgate/detail/serving.hpp>
#include <callgate/host.hpp>
#include <callgate/version.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

CALLGATE_BEGIN_NAMESPACE

/// Collects the options of a host, and starts it. A builder can start several hosts.
///
/// Factories and handlers run on a connection's thread, for several connections at once. They may block, may call any
/// Callgate function, and may close anything.
class HostBuilder {
public:
    /// Adds an endpoint to listen on: "pipe://name", "unix:///path", "tcp://host:port" or
    /// "tls://host:port?certificate=FILE&key=FILE&trust=FILE" (docs/tls.md), where port 0 lets the system choose.
    /// Pipes and paths are accessible to the user who runs the host, and to root, unless the endpoint says
    /// otherwise: "unix:///path?access=everyone", "pipe://name?scope=system&access=everyone" (which only root can
    /// offer), or access=group:NAME for the members of a group. TCP is limited to loopback addresses, since it has
    /// neither authentication nor encryption; "tcp://0.0.0.0:4000?insecure=1" accepts calls from everywhere all the
    /// same.
    HostBuilder& endpoint(std::string endpoint) {
        detail::check_name(endpoint);
        return add([endpoint = std::move(endpoint)](callgate_host* host, const detail::SharedContext&) {
            detail::check(callgate_host_add_endpoint, host, endpoint.c_str());
        });
    }

    /// Serves an interface with one delegate for all connections, and describes it by the delegate's contract().
    HostBuilder& delegate(std::string interface_name, Delegate delegate) {
        auto shared = detail::shared(std::move(delegate));
        served_.emplace_back(interface_name, shared);
        return add_delegate(std::move(interface_name), [shared](const Connection&) { return shared; });
    }

    /// Serves an interface with a delegate per connection: `make` is called with a const Connection& and returns a
    /// Delegate.
    template <class Make, class = std::enable_if_t<std::is_invocable_v<Make&, const Connection&>>>
    HostBuilder& delegate(std::string interface_name, Make make) {
        auto kept = std::make_shared<Make>(std::move(make));
        this->interface_name(interface_name);
        return add_delegate(std::move(interface_name),
                            [kept](const Connection& connection) { return detail::shared((*kept)(connection)); });
    }

    /// Adds a delegate factory, which is asked after those added before it, at most once per connection and interface.
    /// `make` is called with the interface's name and, if it takes a second parameter, the const Connection&. It
    /// returns a std::optional<Delegate>, which is empty to leave the interface to the next factory. If it throws, the
    /// caller gets the exception, and the next call asks it again.
    template <class Make>
    HostBuilder& delegate_factory(Make make) {
        auto kept = std::make_shared<Make>(std::move(make));
        return add_factory([kept](const std::string& asked, const Connection& connection) {
            return detail::shared(detail::call_with_some(*kept, asked, connection));
        });
    }

    /// Serves an interface with a delegate per connection that can call the client back. `make` is called with a Proxy
    /// of the callback interface and, if it takes a second parameter, the const Connection&. The proxy can be called
    /// at once, from any thread, until the connection ends. An interface can have one duplex factory, which takes
    /// precedence over all plain factories.
    template <class Make>
    HostBuilder& duplex_delegate_factory(std::string interface_name, std::string callback_name, Make make) {
        detail::check_name(interface_name);
        detail::check_name(callback_name);
        auto kept = std::make_shared<Make>(std::move(make));
        detail::DuplexFactory factory = [kept](Proxy callback, const Connection& connection) {
            return detail::shared(detail::call_with_some(*kept, std::move(callback), connection));
        };
        return add([interface_name = std::move(interface_name), callback_name = std::move(callback_name),
                    factory = std::move(factory)](callgate_host* host, const detail::SharedContext& context) {
            using Data = detail::DuplexFactoryData;
            detail::add(Data{factory, context}, callgate_host_add_duplex_delegate_factory, host,
                        interface_name.c_str(), callback_name.c_str(), &Data::make);
        });
    }

    /// Describes an interface that the host serves to those who ask, among them clients that compare it with their own
    /// description before their first call. It takes precedence over a delegate's contract(). It is needed for
    /// interfaces whose delegates are made for each connection: describe(*make_calculator().contract("ICalculator")).
    HostBuilder& describe(Contract contract) {
        return add([contract = std::move(contract)](callgate_host* host, const detail::SharedContext&) {
            const std::string& document = contract.document();
            detail::check(callgate_host_add_description, host, document.data(), document.size());
        });
    }

    /// Adds the name of an interface that a delegate factory serves, so that clients that ask find it.
    HostBuilder& interface_name(std::string interface_name) {
        detail::check_name(interface_name);
        return add([name = std::move(interface_name)](callgate_host* host, const detail::SharedContext&) {
            detail::check(callgate_host_add_interface_name, host, name.c_str());
        });
    }

    /// Whether delegates describe their interfaces by their contract() [true].
    HostBuilder& describe_delegates(bool describe) {
        describes_delegates_ = describe;
        return *this;
    }

    /// Whether clients may ask what the host serves, through its interface "callgate.Host" [true].
    HostBuilder& host_interface(bool serve) {
        has_host_interface_ = serve;
        return *this;
    }

    /// Makes the calls of each connection to this interface run one at a time, in order of arrival. Calls nested in a
    /// running one do not wait for it.
    HostBuilder& ordered(std::string interface_name) {
        detail::check_name(interface_name);
        return add([name = std::move(interface_name)](callgate_host* host, const detail::SharedContext&) {
            detail::check(callgate_host_add_ordered_interface, host, name.c_str());
        });
    }

    /// Makes every interface name that begins with `prefix` an alias of the interface. The longest matching prefix
    /// wins.
    HostBuilder& interface_alias(std::string prefix, std::string interface_name) {
        detail::check_name(prefix);
        detail::check_name(interface_name);
        return add([prefix = std::move(prefix), name = std::move(interface_name)](callgate_host* host,
                                                                                  const detail::SharedContext&) {
            detail::check(callgate_host_add_interface_alias, host, prefix.c_str(), name.c_str());
        });
    }

    /// Adds a handler that runs for each client that connects, before the first call of that client runs.
    HostBuilder& client_connected(Connected handler) {
        return add([handler = std::move(handler)](callgate_host* host, const detail::SharedContext& context) {
            using Data = detail::ConnectedData;
            detail::add(Data{handler, context}, callgate_host_add_client_connected_handler, host, &Data::tell);
        });
    }

    /// Adds a handler that runs for each connection that has ended, with the reason.
    HostBuilder& client_disconnected(Disconnected handler) {
        return add([handler = std::move(handler)](callgate_host* host, const detail::SharedContext& context) {
            using Data = detail::DisconnectedData;
            detail::add(Data{handler, context}, callgate_host_add_client_disconnected_handler, host, &Data::tell);
        });
    }

    /// The host's limits.
    HostBuilder& limits(Limits limits) {
        limits_ = limits;
        return *this;
    }

    /// What to record of what passes on the connections, in a file that is created with the host.
    HostBuilder& trace(Trace trace) {
        trace_ = std::move(trace);
        return *this;
    }

    /// Receives the host's log.
    HostBuilder& log(Log log) {
        context_.log = std::move(log);
        return *this;
    }

    /// The exception types of the program that are sent and thrown by a registered name.
    HostBuilder& exceptions(Exceptions exceptions) {
        context_.exceptions = std::move(exceptions);
        return *this;
    }

    /// Creates and starts the host. When this returns, clients can connect.
    Host start() const {
        detail::check_library();
        const auto context = std::make_shared<const detail::Context>(context_);
        const callgate_limits limits = limits_.c_limits();
        callgate_host_options options{};
        detail::set_owner_options(options, limits, context_.log);
        options.no_host_interface = has_host_interface_ ? 0 : 1;
        const std::optional<callgate_trace> trace = detail::c_trace(trace_);
        options.trace = trace ? &*trace : nullptr;
        callgate_host* made = nullptr;
        detail::check(callgate_host_new, static_cast<const callgate_host_options*>(&options), &made);
        detail::HostHandle host(made);
        for (const auto& [name, delegate] : served_)
            describe_delegate(made, name, *delegate);
        for (const Step& step : steps_)
            step(made, context);
        detail::check(callgate_host_start, made);
        return detail::Access::make<Host>(std::move(host), context);
    }

private:
    using Step = std::function<void(callgate_host*, const detail::SharedContext&)>;

    HostBuilder& add(Step step) {
        steps_.push_back(std::move(step));
        return *this;
    }

    /// Adds the description of a delegate's interface, or else its name.
    void describe_delegate(callgate_host* host, const std::string& interface_name, const Delegate& delegate) const {
        const auto contract = describes_delegates_ ? delegate.contract(interface_name) : std::nullopt;
        if (contract)
            detail::check(callgate_host_add_description, host, contract->document().data(),
                          contract->document().size());
        else
            detail::check(callgate_host_add_interface_name, host, Name(interface_name).c_str());
    }

    HostBuilder& add_factory(detail::Factory factory) {
        return add([factory = std::move(factory)](callgate_host* host, const detail::SharedContext& context) {
            using Data = detail::FactoryData;
            detail::add(Data{factory, context}, callgate_host_add_delegate_factory, host, &Data::make);
        });
    }

    HostBuilder& add_delegate(std::string name, std::function<detail::SharedDelegate(const Connection&)> make) {
        return add_factory([name = std::move(name), make = std::move(make)](
                               const std::string& asked, const Connection& connection) -> detail::SharedDelegate {
            return asked == name ? make(connection) : nullptr;
        });
    }

    std::vector<Step> steps_;
    std::vector<std::pair<std::string, detail::SharedDelegate>> served_;
    bool describes_delegates_ = true;
    bool has_host_interface_ = true;
    Limits limits_;
    std::optional<Trace> trace_;
    detail::Context context_;
};

inline HostBuilder Host::builder() {
    return {};
}

CALLGATE_END_NAMESPACE
