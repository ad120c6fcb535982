// Overloads, which signatures distinguish.
#include "support.hpp"

using callgate::CallOptions;
using callgate::Delegate;

class Adder {
public:
    int three(int a, int b, int c) const { return a + b + c; }
};

static Delegate adder() {
    return Delegate()
        .overload("Add", "Add_Int32_Int32", [](int a, int b) { return a + b; })
        .overload("Add", "Add_String_String", [](const std::string& a, const std::string& b) { return a + b; })
        .overload("Add", "Add_Int32_Int32_Int32", &Adder::three, Adder())
        .method("Alone", [](int n) { return n; });
}

TEST_CASE("signatures tell methods of one name apart") {
    const std::string pipe = unique_pipe();
    auto host = callgate::Host::builder().endpoint(pipe).delegate("IAdder", adder()).start();
    auto client = callgate::Client::connect(pipe);
    const auto proxy = client.proxy("IAdder");
    CHECK(proxy.call<int>(CallOptions().signature("Add_Int32_Int32"), "Add", 1, 2) == 3);
    CHECK(proxy.call<std::string>(CallOptions().signature("Add_String_String"), "Add", "a", "b") == "ab");
    CHECK(proxy.call<int>("Add", 1, 2, 3) == 6);
    CHECK(proxy.call<int>(CallOptions().signature("Alone_Int32"), "Alone", 7) == 7);

    const auto told = [&](const CallOptions& options, auto... arguments) {
        const auto refused =
            caught<callgate::contract_mismatch>([&] { proxy.call<int>(options, "Add", arguments...); });
        CHECK(refused.execution() == callgate::Execution::not_run);
        return std::string(refused.what());
    };
    const std::string all = "Add_Int32_Int32, Add_String_String, Add_Int32_Int32_Int32";
    CHECK(told(CallOptions(), 1, 2) == "IAdder.Add: the caller must name one of the signatures " + all);
    CHECK(told(CallOptions(), 1) == "IAdder.Add: none of " + all + " takes 1 arguments");
    CHECK(told(CallOptions().signature("Add_Guid"), 1) == "IAdder.Add: there is no signature Add_Guid among " + all);
    CHECK(told(CallOptions().signature("Add_Int32_Int32"), 1, "two")
          == "argument 2: expected an int32, found a string");
}
