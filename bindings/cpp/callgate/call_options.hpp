/// The options of calls.
#pragma once

#include <callgate/cancel_token.hpp>
#include <callgate/timeout.hpp>
#include <callgate/version.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

CALLGATE_BEGIN_NAMESPACE

class DeferredCall;

/// The options of a call: proxy.call<int>(CallOptions().timeout(500ms), "Add", 1, 2).
class CallOptions {
public:
    /// How long the call may take, all waiting included [call_timeout].
    CallOptions& timeout(Timeout timeout) {
        timeout_ = timeout;
        return *this;
    }

    /// A token that can cancel the call from another thread.
    CallOptions& cancel(CancelToken token) {
        cancel_ = std::move(token);
        return *this;
    }

    /// Adds a metadata entry, sent with the call: at most 256, of 64 KiB together. Keys have no control characters.
    CallOptions& metadata(std::string key, std::string value) {
        detail::check_name(key);
        metadata_.emplace_back(std::move(key), std::move(value));
        return *this;
    }

    /// The signature that distinguishes overloads of a method.
    CallOptions& signature(std::string signature) {
        detail::check_name(signature);
        signature_ = std::move(signature);
        return *this;
    }

    /// The inbound call on whose behalf this call is made [the one that this thread is serving]. Set it when another
    /// thread makes the call. An inbound call that already has its reply counts as none.
    CallOptions& parent(const DeferredCall& call);

    /// The cancel token, or empty.
    const std::optional<CancelToken>& token() const noexcept { return cancel_; }

    /// Calls a function with the C options, which borrow from these.
    template <class Use>
    void with_c_options(Use use) const {
        std::vector<callgate_metadata> entries;
        entries.reserve(metadata_.size());
        for (const auto& [key, value] : metadata_)
            entries.push_back({key.c_str(), value.data(), value.size()});
        const std::shared_ptr<callgate_call> parent = parent_.lock();
        callgate_call_options options{};
        options.struct_size = sizeof options;
        options.timeout_ms = timeout_.c_value();
        options.signature = signature_.empty() ? nullptr : signature_.c_str();
        options.metadata = entries.data();
        options.metadata_count = entries.size();
        options.cancel = cancel_ ? cancel_->c_handle() : nullptr;
        options.parent = parent.get();
        use(&options);
    }

private:
    Timeout timeout_;
    std::optional<CancelToken> cancel_;
    std::vector<std::pair<std::string, std::string>> metadata_;
    std::string signature_;
    std::weak_ptr<callgate_call> parent_;
};

CALLGATE_END_NAMESPACE
