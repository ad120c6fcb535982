// The client of the conformance matrix in C++.
#include "client.hpp"
#include "conformance.hpp"

#include <iostream>
#include <map>
#include <sstream>

using callgate::Call;
using callgate::Client;
using callgate::Delegate;

static Fields read_fields(const std::string& line) {
    Fields fields;
    std::istringstream parts(line);
    for (std::string part; std::getline(parts, part, '\t');) {
        const auto equals = part.find('=');
        fields[part.substr(0, equals)] = part.substr(equals + 1);
    }
    return fields;
}

static Delegate callback(Arrivals& arrivals) {
    return Delegate()
        .method("Double", [](std::int64_t n) { return 2 * n; })
        .method("Nest", [](const Call& call, int depth) {
            return depth == 0 ? 0 : 1 + call.connection().proxy("IDuplex").call<int>("Nest", depth - 1);
        })
        .method("Fail", [](const std::string& type, const std::string& message) {
            throw callgate::remote_error(type, message);
        })
        .method("Arrived", [&arrivals](std::int64_t n) { arrivals.add(n); });
}

static void play_one(const std::string& endpoint, const Fields& fields) {
    Arrivals arrivals;
    auto client = Client::builder(endpoint)
                      .callback_handler("ICallback", callback(arrivals))
                      .interface_alias("Old.", "ICallback")
                      .connect();
    Scenario scenario{client, arrivals, fields};
    const auto step = steps().find(fields.at("steps"));
    if (step == steps().end())
        throw std::runtime_error("these steps are not known");
    step->second(scenario);
    client.close();
}

static std::string in_one_line(std::string text) {
    for (char& letter : text)
        if (letter == '\n' || letter == '\t')
            letter = ' ';
    return text;
}

void play(const std::string& endpoint) {
    for (std::string line; std::getline(std::cin, line);) {
        const Fields fields = read_fields(line);
        try {
            play_one(endpoint, fields);
            std::cout << "ok " << fields.at("name") << std::endl;
        } catch (const std::exception& failure) {
            std::cout << "failed " << fields.at("name") << ": " << in_one_line(failure.what()) << std::endl;
        }
    }
}
