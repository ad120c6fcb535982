// A program that runs with a library whose binary interface version differs from its headers'.
#include <callgate/callgate.hpp>

#include <iostream>

// This function takes precedence over the library's.
extern "C" uint32_t callgate_abi_version(void) {
    return 999;
}

int main(int, char** argv) {
    int refused = 0;
    try {
        auto client = callgate::Client::connect(argv[1]);
    } catch (const callgate::unsupported& error) {
        std::cout << error.what() << std::endl;
        refused++;
    }
    try {
        auto host = callgate::Host::builder().endpoint(argv[1]).start();
    } catch (const callgate::unsupported&) {
        refused++;
    }
    return refused == 2 ? 0 : 1;
}
