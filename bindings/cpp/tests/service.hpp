/// What the tests' host and its clients have in common.
#pragma once

#include "support.hpp"

#include <unistd.h>

inline callgate::Exceptions shared_exceptions() {
    return callgate::Exceptions().add<InsufficientFunds>("Bank.InsufficientFunds");
}

/// Arrays within arrays, so many.
struct Deep {
    int levels;

    template <class Packer>
    void msgpack_pack(Packer& packer) const {
        for (int i = 0; i < levels; i++)
            packer.pack_array(1);
        packer.pack_nil();
    }
};
