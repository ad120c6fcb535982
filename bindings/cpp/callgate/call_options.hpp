/// Options of calls.
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

/// Options of a call: proxy.call<int>(CallOptions().timeout(500ms), "Add", 1, 2).
class CallOptions {
public:
    /// How long the call takes at most, all waiting included [the call timeout of the limits].
    CallOptions& timeout(Timeout timeout) {
        timeout_ = timeout;
        return *this;
    }

    /// What can withdraw it.
    CallOptions& cancel(CancelToken token) {
        cancel_ = std::move(token);
        return *this;
    }

    /// One more entry of text that goes along with the call.
    CallOptions& metadata(std::string key, std::string value) {
        detail::check_name(key);
        metadata_.emplace_back(std::move(key), std::move(value));
        return *this;
    }

    /// What tells apart methods of one name.
    CallOptions& signature(std::string signature) {
        detail::check_name(signature);
        signature_ = std::move(signature);
        return *this;
    }

    /// The call that it is nested in, until that is answered, for a thread that answers it later [the one that the
    /// thread serves].
    CallOptions& parent(const DeferredCall& call);

    /// The token, if there is one.
    const std::optional<CancelToken>& token() const noexcept { return cancel_; }

    /// Runs a function with C's options, which borrow from these.
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
