/// Proxies, and the calls that they make.
#pragma once

#include <callgate/call_options.hpp>
#include <callgate/contract.hpp>
#include <callgate/detail/access.hpp>
#include <callgate/detail/failures.hpp>
#include <callgate/expected.hpp>
#include <callgate/future.hpp>
#include <callgate/value.hpp>
#include <callgate/version.hpp>

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

CALLGATE_BEGIN_NAMESPACE

/// The caller's stand-in for an interface that the peer serves. Any number of threads may use a proxy.
///
/// Arguments are whatever msgpack-cxx can pack. Calls throw remote_error if the delegate fails, contract_mismatch if
/// arguments or the result do not match, channel_faulted (or timed_out or closed, which derive from it) if there is no
/// connection, and cancelled. The error's may_have_run() says whether the call may have run.
class Proxy {
public:
    /// Calls a method and waits for its result: proxy.call<int>("Add", 1, 2).
    template <class Result = void, class... Arguments>
    Result call(Name method, const Arguments&... arguments) const {
        return wait_for<Result>(nullptr, method.c_str(), arguments...);
    }

    /// The same with options.
    template <class Result = void, class... Arguments>
    Result call(const CallOptions& options, Name method, const Arguments&... arguments) const {
        return wait_for<Result>(&options, method.c_str(), arguments...);
    }

    /// Calls a method like call(), and returns the error instead of throwing it: if (auto sum =
    /// proxy.try_call<int>("Add", 1, 2)) use(*sum). Throws only std::bad_alloc, and invalid_argument for a name with a
    /// NUL.
    template <class Result = void, class... Arguments>
    Expected<Result> try_call(Name method, const Arguments&... arguments) const {
        return try_for<Result>(nullptr, method.c_str(), arguments...);
    }

    /// The same with options.
    template <class Result = void, class... Arguments>
    Expected<Result> try_call(const CallOptions& options, Name method, const Arguments&... arguments) const {
        return try_for<Result>(&options, method.c_str(), arguments...);
    }

    /// Calls a method without waiting for a result. Returns once the call is queued; like any call, it waits for a
    /// connection and for the peer to catch up. Calls still unsent when the connection is lost are dropped, and the log
    /// reports how many.
    template <class... Arguments>
    void one_way(Name method, const Arguments&... arguments) const {
        queue(nullptr, method.c_str(), arguments...);
    }

    /// The same with options.
    template <class... Arguments>
    void one_way(const CallOptions& options, Name method, const Arguments&... arguments) const {
        queue(&options, method.c_str(), arguments...);
    }

    /// Starts a call and returns at once. Calls started through one proxy are sent in the order they were started, except
    /// those that had not left when their connection was lost. If the outcome does not matter, use one_way().
    template <class Result = void, class... Arguments>
    Future<Result> start(Name method, const Arguments&... arguments) const {
        return begin<Result>(CallOptions(), method.c_str(), arguments...);
    }

    /// The same with options.
    template <class Result = void, class... Arguments>
    Future<Result> start(const CallOptions& options, Name method, const Arguments&... arguments) const {
        return begin<Result>(options, method.c_str(), arguments...);
    }

    /// Gives a client's proxy, and its clones, the description of its interface as this program knows it. It is compared
    /// with the host's before the next call on each connection. If they do not fit, calls throw contract_mismatch, and
    /// none runs. A host without a description is taken to fit. Throws invalid_argument if the description is of another
    /// interface, if the proxy has one, or for the proxy of a connection.
    void describe(const Contract& contract) const {
        const std::string& document = contract.document();
        detail::check(callgate_proxy_describe, c_handle(), document.data(), document.size());
    }

    /// Compares the proxy's description with the host's at once, instead of before the next call. Throws
    /// contract_mismatch with the differences, or what a call throws. Does nothing without a description.
    void verify(const CallOptions& options = {}) const {
        check(attempt(&options, [&](const callgate_call_options* given, callgate_error** failure) {
            return callgate_proxy_verify(c_handle(), given, failure);
        }));
    }

    /// A copy of the proxy whose calls throw an exception of the program instead of channel_faulted, timed_out and
    /// closed. It is created from the const channel_faulted& if its constructor takes that, or else from the message.
    template <class Faulted>
    [[nodiscard]] Proxy faulted_as() && {
        auto translation = *translation_;
        translation.faulted = [](const channel_faulted& original) {
            throw detail::made_of<Faulted>(original);
        };
        return Proxy(std::move(handle_), std::make_shared<const detail::Translation>(std::move(translation)));
    }

    /// Another object of the same proxy, with the same initialisation routine.
    [[nodiscard]] Proxy clone() const {
        callgate_proxy* made = nullptr;
        detail::check(callgate_proxy_clone, c_handle(), &made);
        return Proxy(detail::ProxyHandle(made), translation_);
    }

    /// The interface's name.
    std::string interface_name() const { return std::string(detail::text(callgate_proxy_interface, c_handle())); }

    /// The C handle, borrowed.
    const callgate_proxy* c_handle() const noexcept { return handle_.get(); }

private:
    friend struct detail::Access;

    Proxy(detail::ProxyHandle handle, detail::SharedTranslation translation)
        : handle_(std::move(handle)), translation_(std::move(translation)) {}

    /// Calls a function with the C options, and returns its error if it fails.
    template <class Use>
    std::optional<detail::Failure> attempt(const CallOptions* options, Use use) const {
        callgate_error* failure = nullptr;
        callgate_status status = CALLGATE_STATUS_OK;
        if (options == nullptr)
            status = use(nullptr, &failure);
        else
            options->with_c_options([&](const callgate_call_options* given) { status = use(given, &failure); });
        if (status == CALLGATE_STATUS_OK)
            return std::nullopt;
        const detail::ErrorHandle owner(failure);
        return detail::failure_of(status, failure);
    }

    void check(const std::optional<detail::Failure>& failed) const {
        if (failed)
            detail::raise(*failed, translation_);
    }

    /// Calls a method. For a void result, the reply is not read.
    template <class Result, class... Arguments>
    std::optional<detail::Failure> exchange(const CallOptions* options, const char* method, detail::Buffer& reply,
                                            const Arguments&... arguments) const {
        const detail::Bytes bytes = detail::pack_arguments(arguments...);
        return attempt(options, [&](const callgate_call_options* given, callgate_error** failure) {
            return callgate_proxy_call(c_handle(), method, bytes.data(), bytes.size(), given,
                                       std::is_void_v<Result> ? nullptr : reply.place(), failure);
        });
    }

    template <class Result, class... Arguments>
    Result wait_for(const CallOptions* options, const char* method, const Arguments&... arguments) const {
        detail::Buffer reply;
        check(exchange<Result>(options, method, reply, arguments...));
        return detail::decode_result<Result>(method, reply.data(), reply.size());
    }

    template <class Result, class... Arguments>
    Expected<Result> try_for(const CallOptions* options, const char* method, const Arguments&... arguments) const {
        detail::Buffer reply;
        std::optional<detail::Failure> failed;
        try {
            failed = exchange<Result>(options, method, reply, arguments...);
        } catch (const invalid_argument& refused) { // The arguments cannot be encoded.
            failed = detail::failure_of(refused);
        }
        if (failed)
            return detail::Access::make<Expected<Result>>(std::move(*failed), translation_);
        return detail::try_decode<Result>(method, reply.data(), reply.size(), translation_);
    }

    template <class... Arguments>
    void queue(const CallOptions* options, const char* method, const Arguments&... arguments) const {
        const detail::Bytes bytes = detail::pack_arguments(arguments...);
        check(attempt(options, [&](const callgate_call_options* given, callgate_error** failure) {
            return callgate_proxy_one_way(c_handle(), method, bytes.data(), bytes.size(), given, failure);
        }));
    }

    template <class Result, class... Arguments>
    Future<Result> begin(CallOptions options, const char* method, const Arguments&... arguments) const {
        const detail::Bytes bytes = detail::pack_arguments(arguments...);
        if (!options.token())
            options.cancel(CancelToken());
        using Shared = std::shared_ptr<detail::Started>;
        const auto started = std::make_shared<detail::Started>(translation_, method);
        auto user_data = std::make_unique<Shared>(started);
        check(attempt(&options, [&](const callgate_call_options* given, callgate_error** failure) {
            return callgate_proxy_start(c_handle(), method, bytes.data(), bytes.size(), given,
                                        detail::Started::complete, user_data.release(), detail::release<Shared>,
                                        failure);
        }));
        return detail::Access::make<Future<Result>>(started, *options.token());
    }

    detail::ProxyHandle handle_;
    detail::SharedTranslation translation_;
};

namespace detail {

/// Creates a proxy from its handle.
inline Proxy make_proxy(ProxyHandle handle, SharedContext context) {
    auto translation = std::make_shared<const Translation>(Translation{std::move(context), {}});
    return Access::make<Proxy>(std::move(handle), std::move(translation));
}

/// Creates a proxy from a borrowed handle.
inline Proxy keep(const callgate_proxy* borrowed, SharedContext context) {
    callgate_proxy* made = nullptr;
    check(callgate_proxy_clone, borrowed, &made);
    return make_proxy(ProxyHandle(made), std::move(context));
}

} // namespace detail

CALLGATE_END_NAMESPACE
