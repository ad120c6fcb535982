/// Shared by the tests' host and its clients.
#pragma once

#include "support.hpp"

#include <unistd.h>

inline callgate::Exceptions shared_exceptions() {
    return callgate::Exceptions().add<InsufficientFunds>("Bank.InsufficientFunds");
}

/// Nested arrays with this number of levels.
struct Deep {
    int levels;

    template <class Packer>
    void msgpack_pack(Packer& packer) const {
        for (int i = 0; i < levels; i++)
            packer.pack_array(1);
        packer.pack_nil();
    }
};
