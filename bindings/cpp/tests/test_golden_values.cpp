// The golden vectors of values, which all languages share; see tests/conformance/README.md.
#include "../../../tests/conformance/cpp/describe.hpp"
#include "support.hpp"

#include <fstream>

/// The text of a field in a line of JSON, in which only quotation marks and backslashes are escaped.
static std::string field(const std::string& line, const std::string& name) {
    std::string value;
    std::size_t at = line.find("\"" + name + "\": \"");
    REQUIRE(at != std::string::npos);
    for (at += name.size() + 5; line.at(at) != '"'; at++)
        value += line.at(at) == '\\' ? line.at(++at) : line.at(at);
    return value;
}

static std::vector<std::string> vectors() {
    std::ifstream file(CONFORMANCE "/values.json");
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);)
        if (line.find("\"hex\"") != std::string::npos)
            lines.push_back(line);
    return lines;
}

TEST_CASE("values of every kind mean the same in C++, and go as they came") {
    REQUIRE(vectors().size() > 70);
    for (const std::string& line : vectors()) {
        CAPTURE(line);
        const callgate::Value value = native(field(line, "hex"));
        CHECK(describe(value.get()) == field(line, "text"));
        const auto bytes = callgate::detail::pack_arguments(value);
        // Skips the head of the array: the rest is the only argument.
        const std::string described = describe(value.get());
        if (described != "float:nan")
            CHECK(hex(bytes.data() + 1, bytes.size() - 1) == field(line, "hex"));
    }
}

TEST_CASE("integers of the vectors fit their types, or are refused") {
    for (const std::string& line : vectors()) {
        const std::string text = field(line, "text");
        const callgate::Value value = native(field(line, "hex"));
        if (text.find_first_not_of("-0123456789") != std::string::npos) {
            CHECK_THROWS_AS(callgate::detail::convert<std::int64_t>(value.get()), callgate::contract_mismatch);
            continue;
        }
        CAPTURE(line);
        const auto check = [&](auto least, auto most) {
            using T = decltype(most);
            const long double number = std::stold(text);
            if (number >= least && number <= static_cast<long double>(most))
                CHECK(std::to_string(callgate::detail::convert<T>(value.get())) == text);
            else
                CHECK_THROWS_AS(callgate::detail::convert<T>(value.get()), callgate::contract_mismatch);
        };
        check(INT8_MIN, std::int8_t(INT8_MAX));
        check(0, std::uint16_t(UINT16_MAX));
        check(INT32_MIN, std::int32_t(INT32_MAX));
        check(0, std::uint32_t(UINT32_MAX));
        check(INT64_MIN, std::int64_t(INT64_MAX));
        check(0, std::uint64_t(UINT64_MAX));
    }
}
