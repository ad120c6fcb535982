/// What a host or client records.
#pragma once

#include <callgate/version.hpp>

#include <cstdint>
#include <string>

CALLGATE_BEGIN_NAMESPACE

/// Where and what a host or client records of what passes on its connections. Without it, the variables CALLGATE_TRACE
/// and CALLGATE_TRACE_PAYLOADS of the environment decide. Recording never makes the program wait: what cannot be
/// written in time is left out and counted.
struct Trace {
    /// The file, which must not exist yet; only this user may read it. "%p" stands for the process id, "%n" for the
    /// number of the recording in this process. For a folder, the name is "callgate-%p-%n.pcapng" in it.
    std::string file;
    /// Whether arguments, results and the data of errors are recorded too.
    bool payloads = false;
    /// The size of the file, in bytes, at which recording stops. 0 means 64 MiB.
    std::uint64_t limit = 0;
};

CALLGATE_END_NAMESPACE
