// Descriptions of interfaces: what types become, and differences between a caller and a host.
#include "support.hpp"

#include <array>
#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <tuple>

using callgate::Call;
using callgate::Client;
using callgate::Contract;
using callgate::Delegate;
using callgate::Host;

namespace {

struct Node {
    int value = 0;
    std::vector<Node> children;
    std::optional<std::string> label;
    MSGPACK_DEFINE_MAP(value, children, MSGPACK_NVP("name", label))
};

struct Pair {
    double first = 0;
    Node second;
    MSGPACK_DEFINE(first, second)
};

/// Has functions of its own, which do anything.
struct ByHand {
    template <class Packer>
    void msgpack_pack(Packer& packer) const {
        packer.pack_str(2).pack_str_body("it", 2);
    }
    void msgpack_unpack(const msgpack::object&) {}
};

/// Cannot be made without a value.
struct Late {
    explicit Late(int n) : number(n) {}
    int number;
    MSGPACK_DEFINE(number)
};


/// The schema of a type.
template <class T>
std::string schema() {
    callgate::detail::Schemas schemas;
    return schemas.of<T>();
}

std::vector<std::string> differences(callgate::ContractBuilder caller, Delegate host) {
    return caller.build().differences(*host.contract("I"));
}

callgate::ContractBuilder caller() {
    return Contract::builder("I");
}

} // namespace

TEST_CASE("types become schemas") {
    CHECK(schema<bool>() == R"({"type": "boolean"})");
    CHECK(schema<std::int8_t>() == R"({"type": "integer", "format": "int8"})");
    CHECK(schema<std::uint64_t>() == R"({"type": "integer", "format": "uint64"})");
    CHECK(schema<float>() == R"({"type": "number", "format": "float"})");
    CHECK(schema<const double&>() == R"({"type": "number", "format": "double"})");
    CHECK(schema<void>() == R"({"type": "null"})");
    CHECK(schema<std::string_view>() == R"({"type": "string"})");
    const std::string binary = R"({"type": "string", "x-callgate-type": "binary"})";
    CHECK(schema<std::vector<unsigned char>>() == binary);
    CHECK(schema<std::array<char, 4>>() == binary);
    CHECK(schema<std::vector<std::byte>>() == binary);
    CHECK(schema<std::chrono::system_clock::time_point>() == R"({"type": "string", "x-callgate-type": "timestamp"})");
    CHECK(schema<std::set<bool>>() == R"({"type": "array", "items": {"type": "boolean"}})");
    CHECK(schema<std::pair<bool, std::string>>()
          == R"({"type": "array", "prefixItems": [{"type": "boolean"}, {"type": "string"}]})");
    CHECK(schema<std::map<bool, std::string>>()
          == R"({"type": "object", "x-callgate-keys": {"type": "boolean"}, "additionalProperties": {"type": "string"}})");
    CHECK(schema<std::optional<bool>>() == R"({"anyOf": [{"type": "boolean"}, {"type": "null"}]})");
    CHECK(schema<std::unique_ptr<callgate::Value>>() == "{}");
    CHECK(schema<callgate::Value>() == "{}");
    CHECK(schema<Colour>() == "{}");
    CHECK(schema<ByHand>() == "{}");
    CHECK(schema<Late>() == "{}");
}

TEST_CASE("structures are named, and may contain themselves") {
    callgate::detail::Schemas schemas;
    CHECK(schemas.of<Pair>() == R"({"$ref": "#/components/schemas/anonymous.namespace.Pair"})");
    const std::string node = R"({"$ref": "#/components/schemas/anonymous.namespace.Node"})";
    CHECK(schemas.of<Node>() == node);
    CHECK(schemas.all()
          == R"({"anonymous.namespace.Node": {"type": "object", "properties": )"
             R"({"value": {"type": "integer", "format": "int32"}, "children": {"type": "array", "items": )"
                 + node
                 + R"(}, "name": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, "required": ["value", "children"]}, )"
                   R"("anonymous.namespace.Pair": {"type": "array", "prefixItems": )"
                   R"([{"type": "number", "format": "double"}, )"
                 + node + "]}}");
}

TEST_CASE("differences are named by their place") {
    const auto difference = [](const callgate::ContractBuilder& here, Delegate there) {
        const auto found = differences(here, std::move(there));
        return found.size() == 1 ? found[0] : std::to_string(found.size()) + " differences";
    };
    CHECK(difference(caller().method<int(int)>("Gone"), Delegate()) == "I.Gone: Gone(int32) here, no such method at the host");
    CHECK(difference(caller().method<int(int)>("M"), Delegate().method("M", [](int a, int) { return a; }))
          == "I.M: 1 parameter here, 2 parameters at the host");
    CHECK(difference(caller().method<void(std::string)>("M"), Delegate().method("M", [](int) {}))
          == "I.M, parameter 1 (p1): string here, int32 at the host");
    CHECK(difference(caller().method<void(std::int64_t)>("M"), Delegate().method("M", [](int) {}))
          == "I.M, parameter 1 (p1): int64 here, int32 at the host");
    CHECK(difference(caller().method<int()>("M"), Delegate().method("M", [] { return std::int64_t(1); }))
          == "I.M, result: int32 here, int64 at the host");
    CHECK(difference(caller().one_way<void()>("M"), Delegate().method("M", [] {}))
          == "I.M: one-way here, with a reply at the host");
    CHECK(difference(caller().method<void(std::optional<int>)>("M"), Delegate().method("M", [](int) {}))
          == "I.M, parameter 1 (p1): null here, int32 at the host");
    CHECK(difference(caller().overload<int(int)>("M", "M_Int32"),
                     Delegate().overload("M", "M_String", [](const std::string&) { return 1; }))
          == "I.M: M(M_Int32) here, only M(M_String) at the host");
    CHECK(difference(caller().method<void(Point)>("M"), Delegate().method("M", [](const Node&) {}))
          == "I.M, parameter 1 (p1), member children: record of (label, x, y) here, "
             "record of (children, name, value) at the host");
    const auto progress = [](auto number) {
        return Contract::builder("IProgress").method<void(decltype(number))>("Report").build();
    };
    CHECK(caller().callback(progress(1)).build().differences(caller().callback(progress(1.0)).build())
          == std::vector<std::string>{"IProgress.Report, parameter 1 (p1): int32 here, float64 at the host"});
    CHECK(caller().build().differences(Contract::builder("J").build())
          == std::vector<std::string>{"I: this name here, 'J' at the host"});
}

TEST_CASE("what fits is no difference") {
    const auto fits = [](const callgate::ContractBuilder& here, Delegate there) {
        return differences(here, std::move(there)).empty();
    };
    CHECK(fits(caller(), Delegate().method("New", [] {})));
    CHECK(fits(caller().method<void(int)>("M"), Delegate().method("M", [](std::int64_t) {})));
    CHECK(fits(caller().method<double()>("M"), Delegate().method("M", [] { return 1; })));
    CHECK(fits(caller().method<void(int)>("M"), Delegate().method("M", [](std::optional<int>) {})));
    CHECK(fits(caller().method<int(int)>("M"), Delegate().method("M", [](Call&, int) { return std::string(); })));
    CHECK(fits(caller().method<Node(Node)>("M"), Delegate().method("M", [](Node node) { return node; })));
    CHECK(fits(caller().one_way<void(int)>("M"), Delegate().one_way("M", [](int) {})));
    CHECK(fits(caller().method<int(int)>("M"), Delegate().method("M", [](const Call&, int n) { return n; })));
}

TEST_CASE("what is no document is refused, and so is a name that is not valid") {
    CHECK_THROWS_AS(Contract::parse("{}"), callgate::invalid_argument);
    CHECK_THROWS_AS(Contract::builder("").build(), callgate::invalid_argument);
    const auto odd = Contract::builder("I \"quoted\" \\ é").method<void()>("\"M\"").build();
    CHECK(Contract::parse(odd.document()).differences(odd).empty());
}

TEST_CASE("a delegate with a fallback has no description") {
    CHECK_FALSE(Delegate().fallback([](Call&) { return 1; }).contract("I"));
}

namespace {

/// A host of IAdder, and how often its method has run.
struct Adding {
    explicit Adding(const std::function<void(callgate::HostBuilder&)>& change = [](auto&) {})
        : host([&] {
              auto builder = Host::builder();
              builder.endpoint(pipe).delegate("IAdder", Delegate().method("Add", [this](int a, int b) {
                  runs++;
                  return a + b;
              }));
              change(builder);
              return builder.start();
          }()),
          client(Client::connect(pipe)) {}

    callgate::Proxy described(const Contract& contract) const {
        auto proxy = client.proxy("IAdder");
        proxy.describe(contract);
        return proxy;
    }

    std::atomic<int> runs{0};
    const std::string pipe = unique_pipe();
    Host host;
    Client client;
};

Contract adder_of_int64() {
    return Contract::builder("IAdder").method<int(std::int64_t, std::int64_t)>("Add").build();
}

} // namespace

TEST_CASE("a host describes its delegates, and a difference is found before anything runs") {
    const Adding adding;
    const auto wide = adding.described(adder_of_int64());
    const std::string place = "IAdder.Add, parameter 1 (p1): int64 here, int32 at the host";
    const auto call = [&] { wide.call<int>("Add", 1, 2); };
    for (const std::function<void()>& attempt :
         {std::function<void()>(call), std::function<void()>([&] { wide.one_way("Add", 1, 2); }),
          std::function<void()>([&] { wide.start<int>("Add", 1, 2).get(); }),
          std::function<void()>([&] { wide.verify(); })}) {
        const auto refused = caught<callgate::contract_mismatch>(attempt);
        CHECK(refused.message().find(place) != std::string::npos);
        CHECK_FALSE(refused.may_have_run());
    }
    CHECK(adding.runs == 0);
    CHECK_THROWS_AS(wide.describe(adder_of_int64()), callgate::invalid_argument);

    const auto same = adding.described(Contract::builder("IAdder").method<int(int, int)>("Add").build());
    same.verify();
    CHECK(same.call<int>("Add", 1, 2) == 3);
    const auto about = adding.client.proxy("callgate.Host");
    CHECK(about.call<std::vector<std::string>>("Interfaces") == std::vector<std::string>{"IAdder"});
}

TEST_CASE("a client chooses when it compares") {
    const Adding adding;
    const auto never = Client::builder(adding.pipe).verify(callgate::Verify::never).connect();
    const auto careless = never.proxy("IAdder");
    careless.describe(adder_of_int64());
    CHECK(careless.call<int>("Add", 1, 2) == 3);
    CHECK_THROWS_AS(careless.verify(), callgate::contract_mismatch);

    std::promise<std::string> logged;
    const auto eager = Client::builder(adding.pipe)
                           .verify(callgate::Verify::when_connecting)
                           .log([&](const callgate::LogEvent& event) {
                               if (event.level == callgate::LogLevel::error)
                                   logged.set_value(std::string(event.message));
                           })
                           .connect();
    const auto wide = eager.proxy("IAdder");
    wide.describe(adder_of_int64());
    CHECK(logged.get_future().get().find("IAdder.Add, parameter 1 (p1): int64 here") != std::string::npos);
    CHECK_THROWS_AS(wide.call<int>("Add", 1, 2), callgate::contract_mismatch);
    CHECK(adding.runs == 1);
}

TEST_CASE("descriptions can be switched off and replaced") {
    const auto narrow = Contract::builder("IAdder").method<int(std::int16_t, std::int16_t)>("Add").build();
    const auto same = Contract::builder("IAdder").method<int(int, int)>("Add").build();
    const Adding undescribed([](auto& builder) { builder.describe_delegates(false); });
    CHECK(undescribed.described(adder_of_int64()).call<int>("Add", 1, 2) == 3);
    const auto about = undescribed.client.proxy("callgate.Host");
    CHECK(about.call<std::vector<std::string>>("Interfaces") == std::vector<std::string>{"IAdder"});

    const Adding silent([](auto& builder) { builder.host_interface(false); });
    CHECK(silent.described(adder_of_int64()).call<int>("Add", 1, 2) == 3);
    CHECK_THROWS_AS(silent.client.proxy("callgate.Host").call("Status"), callgate::contract_mismatch);

    const Adding replaced([&](auto& builder) { builder.describe(narrow); });
    CHECK_THROWS_AS(replaced.described(same).call<int>("Add", 1, 2), callgate::contract_mismatch);
    CHECK(replaced.described(narrow).call<int>("Add", 1, 2) == 3);
}

TEST_CASE("an interface whose delegates are made for each connection is described by the program") {
    const std::string pipe = unique_pipe();
    const auto make = [] { return Delegate().method("Add", [](int a, int b) { return a + b; }); };
    auto host = Host::builder()
                    .endpoint(pipe)
                    .describe(*make().contract("IAdder"))
                    .delegate("IAdder", [make](const callgate::Connection&) { return make(); })
                    .delegate_factory([](const std::string&) { return std::optional<Delegate>(); })
                    .interface_name("IOther")
                    .start();
    auto client = Client::connect(pipe);
    const auto proxy = client.proxy("IAdder");
    proxy.describe(adder_of_int64());
    CHECK_THROWS_AS(proxy.verify(), callgate::contract_mismatch);
    const auto about = client.proxy("callgate.Host");
    CHECK(about.call<std::vector<std::string>>("Interfaces") == std::vector<std::string>{"IAdder", "IOther"});
}
