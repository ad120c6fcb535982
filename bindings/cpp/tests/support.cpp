#include "support.hpp"

#include <atomic>
#include <stdexcept>

#include <unistd.h>

std::string unique_pipe() {
    static std::atomic<int> count{0};
    return "pipe://cpp-test-" + std::to_string(getpid()) + "-" + std::to_string(count++);
}

Process::~Process() {
    if (process_ != -1)
        kill();
    if (input_ >= 0)
        close(input_);
    close(output_);
}

std::string Process::line() {
    std::string line;
    char letter;
    while (read(output_, &letter, 1) == 1 && letter != '\n')
        line += letter;
    return line;
}

std::vector<std::string> Process::endpoints(std::size_t count) {
    const std::string prefix = "listening on ";
    std::vector<std::string> endpoints;
    while (endpoints.size() < count) {
        const std::string said = line();
        if (said.compare(0, prefix.size(), prefix) != 0)
            throw std::runtime_error("the host said: " + said);
        endpoints.push_back(said.substr(prefix.size()));
    }
    return endpoints;
}

std::string Process::finish() {
    close(input_);
    input_ = -1;
    std::string rest;
    char bytes[4096];
    for (ssize_t length; (length = read(output_, bytes, sizeof bytes)) > 0;)
        rest.append(bytes, static_cast<std::size_t>(length));
    reap();
    return rest;
}
