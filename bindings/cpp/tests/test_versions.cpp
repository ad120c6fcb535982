// Which versions of headers and libraries can be combined.
#include "service.hpp"

#include <type_traits>

#if defined(MSGPACK_NO_BOOST) != defined(CALLGATE_TESTS_WITHOUT_BOOST)
#error "whether msgpack-cxx has Boost is for the program to decide"
#endif

TEST_CASE("classes are of their version, and exceptions travel without it") {
    const std::string version = std::to_string(CALLGATE_VERSION_MAJOR) + "_" + std::to_string(CALLGATE_VERSION_MINOR)
        + "_" + std::to_string(CALLGATE_VERSION_PATCH);
    CHECK(std::string(typeid(callgate::Proxy).name()).find("v" + version) != std::string::npos);
    CHECK(callgate::Exceptions().name_of(callgate::timed_out("late")) == "callgate::timed_out");
}

TEST_CASE("a library of another binary interface is refused") {
    Process other("test_other_library", {unique_pipe()});
    const std::string said = other.finish();
    CAPTURE(said);
    CHECK(other.exit_code() == 0);
    CHECK(said.find("was compiled for binary interface version " + std::to_string(CALLGATE_ABI_VERSION)) != std::string::npos);
    CHECK(said.find("999") != std::string::npos);
}

TEST_CASE("a delegate keeps its methods when it is extended") {
    callgate::Delegate delegate;
    auto& extended = delegate.method("One", [] { return 1; }).fallback([](callgate::Call&) { return 0; });
    CHECK(&extended == &delegate);
    static_assert(std::is_same_v<decltype(callgate::Delegate().fallback(0)), callgate::Delegate&&>);
    const std::string pipe = unique_pipe();
    auto host = callgate::Host::builder().endpoint(pipe).delegate("I", std::move(delegate)).start();
    auto client = callgate::Client::connect(pipe);
    CHECK(client.proxy("I").call<int>("One") == 1);
    CHECK(client.proxy("I").call<int>("Other") == 0);
}
