/// Converts the arguments of calls to the parameters of functions.
#pragma once

#include <callgate/detail/text.hpp>
#include <callgate/value.hpp>
#include <callgate/version.hpp>

#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

/// The arguments of a call, converted to the parameter types of a function. Some refer to the call's bytes.
template <class... Parameters>
class Arguments {
public:
    /// Throws contract_mismatch if they do not match.
    explicit Arguments(const callgate_call* call) : values_(read(call, zone_, indices())) {}

    /// Calls a function with the leading arguments, followed by these.
    template <class Result, class Function, class... Leading>
    Result give(Function& function, Leading&&... leading) {
        return give<Result>(indices(), function, std::forward<Leading>(leading)...);
    }

private:
    using Values = std::tuple<std::decay_t<Parameters>...>;
    using indices = std::index_sequence_for<Parameters...>;

    template <std::size_t... index>
    static Values read([[maybe_unused]] const callgate_call* call, msgpack::zone& zone,
                       std::index_sequence<index...>) {
        std::size_t length = 0;
        const void* data = callgate_call_arguments(call, &length);
        const msgpack::object all = unpack(static_cast<const char*>(data), length, zone);
        if (all.type != msgpack::type::ARRAY)
            throw contract_mismatch("the arguments are not an array");
        if (all.via.array.size != sizeof...(Parameters))
            throw contract_mismatch(miscounted(call, all.via.array.size));
        return Values{read_one<std::decay_t<Parameters>>(all.via.array.ptr[index], index + 1)...};
    }

    template <class T>
    static T read_one(const msgpack::object& argument, std::size_t number) {
        try {
            return convert<T>(argument);
        } catch (const contract_mismatch& refusal) {
            throw contract_mismatch("argument " + std::to_string(number) + ": " + refusal.message());
        }
    }

    static std::string miscounted(const callgate_call* call, std::size_t found) {
        return std::string(text(callgate_call_interface, call)) + "."
            + std::string(text(callgate_call_method, call)) + " takes " + std::to_string(sizeof...(Parameters))
            + " arguments, not " + std::to_string(found);
    }

    template <class Result, std::size_t... index, class Function, class... Leading>
    Result give(std::index_sequence<index...>, Function& function, Leading&&... leading) {
        return function(std::forward<Leading>(leading)..., static_cast<Parameters&&>(std::get<index>(values_))...);
    }

    msgpack::zone zone_;
    Values values_;
};

/// The arguments after a function's first parameter.
template <class First, class... Rest>
struct AfterFirst {
    using type = Arguments<Rest...>;
};

} // namespace detail
CALLGATE_END_NAMESPACE
