// All kinds of values, between two processes, over both transports.
#include "service.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <set>
#include <tuple>

using callgate::Execution;

template <class T>
static T echo(const callgate::Proxy& values, const T& value) {
    return values.call<T>("Echo", value);
}

static void check_echoes(const callgate::Proxy& values) {
    CHECK(echo(values, true));
    CHECK_FALSE(echo(values, false));
    for (const std::int64_t number : {INT64_MIN, std::int64_t(-1), std::int64_t(0), INT64_MAX})
        CHECK(echo(values, number) == number);
    CHECK(echo(values, UINT64_MAX) == UINT64_MAX);
    CHECK(echo(values, 0.1) == 0.1);
    CHECK(echo(values, 0.1f) == 0.1f);
    CHECK(std::isnan(echo(values, std::numeric_limits<double>::quiet_NaN())));
    CHECK(std::isinf(echo(values, std::numeric_limits<double>::infinity())));
    CHECK(values.call<callgate::Value>("Echo", 1.0).get().type == msgpack::type::FLOAT64);
    CHECK(values.call<callgate::Value>("Echo", 1.0f).get().type == msgpack::type::FLOAT32);
    CHECK(std::signbit(echo(values, -0.0)));
    CHECK_THROWS_AS(values.call<int>("Echo", 1.0), callgate::contract_mismatch);
    CHECK(echo(values, std::string()) == "");
    CHECK(echo(values, std::string("a\0b", 3)) == std::string("a\0b", 3));
    CHECK(echo(values, std::string("na\xc3\xafve")) == "na\xc3\xafve");
    CHECK(values.call<std::string>("Echo", "a literal") == "a literal");
    CHECK(echo(values, std::vector<unsigned char>{0, 255, 1}) == std::vector<unsigned char>{0, 255, 1});
    CHECK(echo(values, std::vector<int>{1, -2, 3}) == std::vector<int>{1, -2, 3});
    using Map = std::map<std::string, std::vector<double>>;
    CHECK(echo(values, Map{{"a", {1, 2}}, {"b", {}}}) == Map{{"a", {1, 2}}, {"b", {}}});
    CHECK(echo(values, std::set<int>{3, 1}) == std::set<int>{1, 3});
    CHECK(echo(values, std::make_tuple(1, std::string("two"), 3.0)) == std::make_tuple(1, std::string("two"), 3.0));
    CHECK(echo(values, std::optional<int>()) == std::nullopt);
    CHECK(echo(values, std::optional<int>(7)) == 7);
    CHECK(values.call<std::optional<int>>("Echo", nullptr) == std::nullopt);
    CHECK(echo(values, Point{1, 0.5, "p"}) == Point{1, 0.5, "p"});
    CHECK(echo(values, Colour::green) == Colour::green);
    CHECK(*echo(values, std::make_shared<int>(5)) == 5);
}

static void check_times(const callgate::Proxy& values) {
    using Time = std::chrono::system_clock::time_point;
    for (const Time time : {Time(), Time(1s), Time(-1ns), Time(-5s - 1ns), Time(1600000000s + 123456789ns),
                            Time(std::chrono::seconds(1LL << 32)), Time::max() - 2s, Time::min() + 2s}) {
        CHECK(echo(values, time) == time);
    }
    CHECK(values.call<Time>("Later", Time(10s)) == Time(10s + 1h));
    const auto distant = std::chrono::time_point<std::chrono::system_clock, std::chrono::seconds>(1000000000000s);
    CHECK(echo(values, distant) == distant);
    CHECK_THROWS_AS(values.call<Time>("Echo", distant), callgate::contract_mismatch);
}

static void check_typed_methods(const callgate::Proxy& values) {
    CHECK(values.call<int>("AddInt32", 1, 2) == 3);
    CHECK(values.call<std::int64_t>("AddInt32", INT32_MAX, 1) == std::int64_t(INT32_MAX) + 1);
    CHECK(values.call<double>("Half", 3) == 1.5);
    CHECK(values.call<std::string>("Join", std::vector<std::string>{"a", "b"}, ", ") == "a, b");
    CHECK(values.call<std::size_t>("Length", std::vector<unsigned char>(1000000)) == 1000000);
    CHECK(values.call<Point>("Move", Point{1, 2, "p"}, 3) == Point{4, 2, "p"});
    CHECK(values.call<Colour>("Other", Colour::red) == Colour::green);
    CHECK_FALSE(values.call<bool>("Nothing", nullptr));
    values.call("AddInt32", 1, 2);
}

TEST_CASE("values of all kinds travel, over both transports") {
    Service service;
    for (const std::string& endpoint : service.endpoints) {
        CAPTURE(endpoint);
        auto client = callgate::Client::connect(endpoint);
        const auto values = client.proxy("IValues");
        check_echoes(values);
        check_times(values);
        check_typed_methods(values);
    }
    service.process.finish();
    CHECK(service.process.exit_code() == 0);
}

TEST_CASE("any value is a Value") {
    Service service;
    auto client = callgate::Client::connect(service.endpoints[0]);
    const auto values = client.proxy("IValues");
    const auto value = values.call<callgate::Value>("Echo", std::map<std::string, int>{{"a", 1}});
    REQUIRE(value.get().type == msgpack::type::MAP);
    CHECK(value.get().as<std::map<std::string, int>>().at("a") == 1);
    CHECK(values.call<std::map<std::string, int>>("Echo", value).at("a") == 1);
}

TEST_CASE("a number that does not fit is refused, not wrapped") {
    Service service;
    auto client = callgate::Client::connect(service.endpoints[0]);
    const auto values = client.proxy("IValues");

    const auto argument = caught<callgate::contract_mismatch>([&] { values.call<int>("AddOne", 256); });
    CHECK(std::string(argument.what()) == "argument 1: expected a uint8, found 256");
    CHECK(argument.execution() == Execution::not_run);
    CHECK_THROWS_AS(values.call<int>("AddOne", -1), callgate::contract_mismatch);
    CHECK_THROWS_AS(values.call<int>("AddInt32", 1LL << 31, 1), callgate::contract_mismatch);

    const auto result = caught<callgate::contract_mismatch>([&] { values.call<std::int64_t>("Largest"); });
    CHECK(std::string(result.what())
          == "the result of Largest: expected an int64, found 18446744073709551615");
    CHECK(result.execution() == Execution::ran);
    CHECK_THROWS_AS(values.call<std::uint64_t>("Lowest"), callgate::contract_mismatch);
    CHECK_THROWS_AS(values.call<std::int32_t>("Lowest"), callgate::contract_mismatch);
    // A double cannot represent 2^53 + 1.
    CHECK(values.call<double>("Echo", 1LL << 53) == 9007199254740992.0);
    CHECK_THROWS_AS(values.call<double>("Echo", (1LL << 53) + 1), callgate::contract_mismatch);
    CHECK_THROWS_AS(values.call<float>("Echo", 1e300), callgate::contract_mismatch);
    CHECK_THROWS_AS(values.call<int>("Echo", 1.5), callgate::contract_mismatch);
}

TEST_CASE("arguments and results that do not fit are errors that say so") {
    Service service;
    auto client = callgate::Client::connect(service.endpoints[1]);
    const auto values = client.proxy("IValues");
    const auto count = caught<callgate::contract_mismatch>([&] { values.call<int>("AddInt32", 1); });
    CHECK(std::string(count.what()) == "IValues.AddInt32 takes 2 arguments, not 1");
    CHECK_FALSE(count.may_have_run());
    const auto type = caught<callgate::contract_mismatch>([&] { values.call<int>("AddInt32", 1, "two"); });
    CHECK(std::string(type.what()) == "argument 2: expected an int32, found a string");
    const auto inside =
        caught<callgate::contract_mismatch>([&] { values.call("Join", std::vector<int>{1}, ""); });
    CHECK(std::string(inside.what()).find("found an array") != std::string::npos);
    const auto result = caught<callgate::contract_mismatch>([&] { values.call<std::string>("AddInt32", 1, 2); });
    CHECK(std::string(result.what()) == "the result of AddInt32: expected a string, found 3");
    for (const char* name : {"IFailures", "INothing"})
        CHECK_THROWS_AS(client.proxy(name).call("Missing"), callgate::contract_mismatch);
}

TEST_CASE("what nests too deep is refused") {
    Service service;
    auto client = callgate::Client::connect(service.endpoints[0]);
    const auto values = client.proxy("IValues");
    CHECK_NOTHROW(values.call<callgate::Value>("Deep", 60));
    CHECK_THROWS_AS(values.call<callgate::Value>("Deep", 100), callgate::error);
    CHECK_THROWS_AS(values.call<callgate::Value>("Echo", Deep{100}), callgate::error);
    CHECK_THROWS_AS(values.call<callgate::Value>("Echo", Deep{100000}), callgate::error);
    CHECK(values.call<int>("AddInt32", 1, 2) == 3);
}
