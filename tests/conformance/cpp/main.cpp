// Callgate's conformance program in C++: the host, or the client.
#include "conformance.hpp"

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    try {
        if (words.size() > 1 && words[0] == "host") {
            serve({words.begin() + 1, words.end()});
            return 0;
        }
        if (words.size() == 2 && words[0] == "client") {
            play(words[1]);
            return 0;
        }
    } catch (const std::exception& failure) {
        std::cerr << failure.what() << "\n";
        return 1;
    }
    std::cerr << "usage: " << argv[0] << " host ENDPOINT... | client ENDPOINT\n";
    return 2;
}
