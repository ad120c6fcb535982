/// Descriptions of interfaces.
#pragma once

#include <callgate/detail/description.hpp>
#include <callgate/detail/failures.hpp>
#include <callgate/detail/handle.hpp>
#include <callgate/version.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

CALLGATE_BEGIN_NAMESPACE

class ContractBuilder;

/// An interface as one side knows it: an OpenRPC document, whose format docs/internals/contracts.md specifies.
///
/// Types become schemas if Callgate knows how msgpack-cxx packs them: numbers, text, bytes, time points, containers,
/// std::optional and smart pointers, and structures with MSGPACK_DEFINE or MSGPACK_DEFINE_MAP that can be
/// default-constructed. Members that are a std::optional or a smart pointer may be missing. Every other type is any
/// value, enumerations among them.
class Contract {
public:
    /// Describes an interface by the types of its methods:
    ///
    ///     Contract::builder("ICalculator").method<int(int, int)>("Add").one_way<void(std::string)>("Log").build()
    static ContractBuilder builder(std::string interface_name);

    /// Reads a document. Throws invalid_argument if it is no such document.
    static Contract parse(std::string document) {
        detail::check(callgate_check_description, document.data(), document.size());
        return Contract(std::move(document));
    }

    /// The document.
    const std::string& document() const noexcept { return document_; }

    /// Where a caller with this description and a host with that one would misunderstand each other, a line for each
    /// place: "ICalculator.Add, parameter 1 (a): int64 here, int32 at the host". Empty if the two fit.
    std::vector<std::string> differences(const Contract& host) const {
        std::size_t count = 0;
        detail::Buffer text;
        detail::check(callgate_compare_descriptions, document_.data(), document_.size(), host.document_.data(),
                      host.document_.size(), &count, text.place());
        std::vector<std::string> lines;
        std::string_view rest(text.data(), text.size());
        while (lines.size() < count) {
            const std::string_view line = rest.substr(0, rest.find('\n'));
            lines.emplace_back(line);
            rest.remove_prefix(line.size() == rest.size() ? line.size() : line.size() + 1);
        }
        return lines;
    }

private:
    explicit Contract(std::string document) : document_(std::move(document)) {}

    std::string document_;
};

/// Describes an interface by the types of its methods.
class ContractBuilder {
public:
    explicit ContractBuilder(std::string interface_name) : interface_name_(std::move(interface_name)) {}

    /// Adds a method: method<int(int, int)>("Add").
    template <class Function>
    ContractBuilder& method(std::string name) {
        return add<Function>({std::move(name)});
    }

    /// Adds a one-way method: one_way<void(std::string)>("Log").
    template <class Function>
    ContractBuilder& one_way(std::string name) {
        return add<Function>({std::move(name), {}, true});
    }

    /// Adds an overload of a method, which its signature distinguishes.
    template <class Function>
    ContractBuilder& overload(std::string name, std::string signature) {
        return add<Function>({std::move(name), std::move(signature)});
    }

    /// Sets the interface that the host calls back.
    ContractBuilder& callback(const Contract& contract) {
        description_.callback(contract.document());
        return *this;
    }

    /// The description. Throws invalid_argument for a name that is not valid.
    Contract build() const { return Contract::parse(description_.document(interface_name_)); }

private:
    template <class Function>
    ContractBuilder& add(const detail::MethodName& method) {
        description_.method(method, typename detail::ShapeOf<Function>::type());
        return *this;
    }

    std::string interface_name_;
    detail::Description description_;
};

inline ContractBuilder Contract::builder(std::string interface_name) {
    return ContractBuilder(std::move(interface_name));
}

CALLGATE_END_NAMESPACE
