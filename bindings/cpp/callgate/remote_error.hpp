/// The errors of the peer's delegates.
#pragma once

#include <callgate/error.hpp>
#include <callgate/value.hpp>
#include <callgate/version.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

CALLGATE_BEGIN_NAMESPACE

/// The delegate failed. A delegate may throw one: the caller gets it unchanged.
class remote_error : public error {
public:
    explicit remote_error(std::string type_name, std::string message, std::string trace = {})
        : remote_error(Details{std::move(type_name), std::move(trace), {}},
                       ErrorParts{Status::remote_error, Execution::ran, std::move(message), 0, nullptr}) {}

    /// The name of the error's type in the delegate's language, e.g. "std::out_of_range".
    const std::string& type_name() const noexcept { return details_->type_name; }

    /// The delegate's stack trace as text, or empty.
    const std::string& trace() const noexcept { return details_->trace; }

    /// Whether the delegate attached a value.
    bool has_data() const noexcept { return !details_->data.empty(); }

    /// The value that the delegate attached. Throws contract_mismatch if there is none, or if it has another type.
    template <class T>
    T data() const {
        if (!has_data())
            throw contract_mismatch("the remote error has no data", Execution::ran);
        return detail::decode<T>(details_->data.data(), details_->data.size());
    }

    /// A copy of the error with a value for the caller.
    template <class T>
    remote_error with_data(const T& value) const {
        const auto bytes = detail::packed("the data of an error", [&](auto& packer) {
            detail::pack_one(packer, value);
        });
        return with_packed_data({bytes.data(), bytes.data() + bytes.size()});
    }

    /// The value as MessagePack; empty if there is none.
    const std::vector<char>& packed_data() const noexcept { return details_->data; }

    /// A copy of the error with a value that is already MessagePack.
    remote_error with_packed_data(std::vector<char> data) const {
        Details details{type_name(), trace(), std::move(data)};
        return remote_error(std::move(details), {status(), execution(), message(), os_code(), nullptr});
    }

private:
    struct Details {
        std::string type_name;
        std::string trace;
        std::vector<char> data;
    };

    remote_error(Details details, ErrorParts parts)
        : error(describe(details.type_name, parts.message), std::make_shared<const ErrorParts>(parts)),
          details_(std::make_shared<const Details>(std::move(details))) {}

    static std::string describe(const std::string& type_name, const std::string& message) {
        return type_name.empty() ? message : type_name + ": " + message;
    }

    std::shared_ptr<const Details> details_;
};

CALLGATE_END_NAMESPACE
