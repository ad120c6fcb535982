// Callers and hosts that describe an interface differently: the message names the place, and nothing runs.
#include "support.hpp"

#include <atomic>
#include <functional>

using callgate::Call;
using callgate::Client;
using callgate::Contract;
using callgate::ContractBuilder;
using callgate::Delegate;
using callgate::Host;

namespace {

struct Narrow {
    int x = 0;
    MSGPACK_DEFINE_MAP(x)
};

struct Wide {
    int x = 0;
    std::optional<int> y;
    MSGPACK_DEFINE_MAP(x, y)
};

ContractBuilder shop() {
    return Contract::builder("IShop");
}

/// A description of Take(it: int32) as text, for what C++ types do not say: errors, and parameters that a caller may
/// leave out. Both are further text of the method, or of its parameters.
Contract shop_text(const std::string& method, const std::string& parameters = "") {
    return Contract::parse(R"({"openrpc": "1.3.2", "info": {"title": "IShop", "version": "1"}, "methods": [{"name": "Take", )"
                           + method
                           + R"("params": [{"name": "it", "required": true, "schema": {"type": "integer", "format": "int32"}})"
                           + parameters + R"(], "result": {"name": "result", "schema": {"type": "null"}}}]})");
}

Contract with_callback(const Contract& callback) {
    return shop().method<void(int)>("Take").callback(callback).build();
}

template <class Line>
Contract ear(std::string name) {
    return Contract::builder(std::move(name)).template method<void(Line)>("Heard").build();
}

/// A host of IShop that serves any method, and counts the calls.
struct Shop {
    explicit Shop(const Contract& contract)
        : host(Host::builder()
                   .endpoint(pipe)
                   .describe_delegates(false)
                   .describe(contract)
                   .delegate("IShop", Delegate().fallback([this](Call&) { runs++; }))
                   .start()),
          client(Client::connect(pipe)) {}

    callgate::Proxy described(const Contract& contract) const {
        auto proxy = client.proxy("IShop");
        proxy.describe(contract);
        return proxy;
    }

    std::atomic<int> runs{0};
    const std::string pipe = unique_pipe();
    Host host;
    Client client;
};

void check_differs(const Contract& here, const Contract& there, const std::string& place) {
    CAPTURE(place);
    const Shop served(there);
    const auto proxy = served.described(here);
    const std::function<void()> attempts[] = {
        [&] { proxy.verify(); },
        [&] { proxy.call("Take", 1); },
        [&] { proxy.one_way("Take", 1); },
        [&] { proxy.start("Take", 1).get(); },
    };
    for (const auto& attempt : attempts) {
        const auto refused = caught<callgate::contract_mismatch>(attempt);
        CHECK(refused.message().find(place) != std::string::npos);
        CHECK_FALSE(refused.may_have_run());
    }
    CHECK(served.runs == 0);
}

void check_fits(const Contract& here, const Contract& there) {
    CAPTURE(there.document());
    const Shop served(there);
    const auto proxy = served.described(here);
    proxy.verify();
    proxy.call("Take", 1);
    CHECK(served.runs == 1);
}

Contract taking_int() {
    return shop().method<void(int)>("Take").build();
}

} // namespace

TEST_CASE("differences of methods and types are found before anything runs") {
    const Contract one_way = shop().one_way<void(int)>("Take").build();
    check_differs(taking_int(), shop().method<void(int)>("Give").build(),
                  "IShop.Take: Take(int32) here, no such method at the host");
    check_differs(taking_int(), shop().method<void(int, int)>("Take").build(),
                  "IShop.Take: 1 parameter here, 2 parameters at the host");
    check_differs(taking_int(), shop().method<void(std::string)>("Take").build(),
                  "IShop.Take, parameter 1 (p1): int32 here, string at the host");
    check_differs(shop().method<void(std::int64_t)>("Take").build(), taking_int(),
                  "IShop.Take, parameter 1 (p1): int64 here, int32 at the host");
    check_differs(one_way, taking_int(), "IShop.Take: one-way here, with a reply at the host");
    check_differs(taking_int(), one_way, "IShop.Take: with a reply here, one-way at the host");
    check_differs(shop().method<void(std::optional<int>)>("Take").build(), taking_int(),
                  "IShop.Take, parameter 1 (p1): null here, int32 at the host");
    check_differs(shop().overload<void(int)>("Take", "Take_Int32").build(),
                  shop().overload<void(double)>("Take", "Take_Double").build(),
                  "IShop.Take: Take(Take_Int32) here, only Take(Take_Double) at the host");
}

TEST_CASE("differences of callback interfaces are found before anything runs") {
    check_differs(with_callback(ear<int>("IEar")), with_callback(ear<int>("IOtherEar")),
                  "IShop, callback interface: 'IEar' here, 'IOtherEar' at the host");
    check_differs(with_callback(ear<int>("IEar")), with_callback(ear<std::string>("IEar")),
                  "IEar.Heard, parameter 1 (p1): int32 here, string at the host");
}

TEST_CASE("differences that C++ types do not say are found in descriptions as text") {
    check_differs(shop_text(R"("x-callgate-errors": ["Full"], )"), shop_text(R"("x-callgate-errors": ["Empty"], )"),
                  "IShop.Take, errors: Full here, Empty at the host");
    const std::string optional_text = R"(, {"name": "more", "required": false, "schema": {"type": "string"}})";
    check_differs(shop().method<void(int, int)>("Take").build(), shop_text("", optional_text),
                  "IShop.Take, parameter 2 (p2): int32 here, string at the host");
}

TEST_CASE("a renamed interface is not there") {
    const Shop served(taking_int());
    const auto renamed = served.client.proxy("IStore");
    renamed.describe(Contract::builder("IStore").method<void(int)>("Take").build());
    const auto refused = caught<callgate::contract_mismatch>([&] { renamed.call("Take", 1); });
    CHECK(refused.message().find("IStore") != std::string::npos);
    CHECK(refused.message().find("IShop") != std::string::npos);
    CHECK(served.runs == 0);
}

TEST_CASE("compatible changes pass") {
    check_fits(taking_int(), shop().method<void(int)>("Take").method<int()>("Give").build());
    check_fits(taking_int(), shop().method<void(std::int64_t)>("Take").build());
    check_fits(taking_int(), shop().method<void(std::optional<int>)>("Take").build());
    check_fits(shop().method<void(Narrow)>("Take").build(), shop().method<void(Wide)>("Take").build());
    check_fits(shop_text(R"("x-callgate-errors": ["Full"], )"), shop_text(""));
    check_fits(shop_text(""),
               shop_text("", R"(, {"name": "more", "required": false, "schema": {"type": "integer", "format": "int32"}})"));
    check_fits(taking_int(), with_callback(ear<int>("IEar")));
}
