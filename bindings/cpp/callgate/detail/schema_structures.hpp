/// Structures with MSGPACK_DEFINE or MSGPACK_DEFINE_MAP as JSON Schema.
#pragma once

#include <callgate/detail/schema.hpp>
#include <callgate/version.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

template <class T>
constexpr bool may_be_missing = false;
template <class T>
constexpr bool may_be_missing<std::optional<T>> = true;
template <class T, class Deleter>
constexpr bool may_be_missing<std::unique_ptr<T, Deleter>> = true;
template <class T>
constexpr bool may_be_missing<std::shared_ptr<T>> = true;

/// Takes the place of msgpack-cxx's packer, and notes the types of the members instead of packing them.
class MemberTypes {
public:
    explicit MemberTypes(Schemas& schemas) : schemas_(schemas) {}

    MemberTypes& pack_array(std::uint32_t) { return *this; }

    MemberTypes& pack_map(std::uint32_t) {
        is_map_ = true;
        return *this;
    }

    /// Notes a member. In maps, members follow their names.
    template <class T>
    MemberTypes& pack(const T& member) {
        if constexpr (std::is_convertible_v<const T&, std::string_view>) {
            if (is_map_ && !std::exchange(has_name_, !has_name_)) {
                name_ = json(std::string_view(member));
                return *this;
            }
        }
        note(schemas_.of<T>(), may_be_missing<T>);
        return *this;
    }

    std::string schema() const {
        if (!is_map_)
            return R"({"type": "array", "prefixItems": [)" + members_ + "]}";
        return R"({"type": "object", "properties": {)" + members_ + R"(}, "required": [)" + required_ + "]}";
    }

private:
    void note(const std::string& schema, bool may_be_missing) {
        has_name_ = false;
        append(members_, is_map_ ? name_ + ": " + schema : schema);
        if (is_map_ && !may_be_missing)
            append(required_, name_);
    }

    Schemas& schemas_;
    bool is_map_ = false;
    bool has_name_ = false;
    std::string name_;
    std::string members_;
    std::string required_;
};

/// Whether a structure has what the macros define. Functions that a program wrote by hand could do anything.
template <class T, class = void>
constexpr bool is_defined_by_macro = false;
template <class T>
constexpr bool is_defined_by_macro<
    T, std::void_t<decltype(std::declval<const T&>().msgpack_pack(std::declval<MemberTypes&>())),
                   decltype(std::declval<T&>().msgpack_unpack(std::declval<const msgpack::object&>())),
                   decltype(std::declval<const T&>().msgpack_object(std::declval<msgpack::object*>(),
                                                                    std::declval<msgpack::zone&>()))>> = true;

template <class T>
struct Schema<T, std::enable_if_t<std::is_class_v<T> && std::is_default_constructible_v<T> && is_defined_by_macro<T>>> {
    static std::string write(Schemas& schemas) {
        return schemas.named<T>([&schemas] {
            const auto any = std::make_unique<const T>();
            MemberTypes members(schemas);
            any->msgpack_pack(members);
            return members.schema();
        });
    }
};

} // namespace detail
CALLGATE_END_NAMESPACE
