/// Callgate: call objects that live in another process, in any language, in both directions.
///
///     auto host = callgate::Host::builder()
///                     .endpoint("pipe://calculator")
///                     .delegate("ICalculator", callgate::Delegate().method("Add", [](int a, int b) { return a + b; }))
///                     .start();
///
///     auto client = callgate::Client::connect("pipe://calculator");
///     auto calculator = client.proxy("ICalculator");
///     std::cout << calculator.call<int>("Add", 1, 2) << "\n";
///
/// C++17, header only, over callgate.h and msgpack-cxx. Handles are move-only. Any number of threads may use an object.
/// Exceptions that functions of the program throw never leave a callback.
#pragma once

#include <callgate/call.hpp>
#include <callgate/call_options.hpp>
#include <callgate/cancel_token.hpp>
#include <callgate/client.hpp>
#include <callgate/client_builder.hpp>
#include <callgate/connection.hpp>
#include <callgate/contract.hpp>
#include <callgate/delegate.hpp>
#include <callgate/error.hpp>
#include <callgate/exceptions.hpp>
#include <callgate/expected.hpp>
#include <callgate/future.hpp>
#include <callgate/host.hpp>
#include <callgate/host_builder.hpp>
#include <callgate/limits.hpp>
#include <callgate/log.hpp>
#include <callgate/proxy.hpp>
#include <callgate/remote_error.hpp>
#include <callgate/timeout.hpp>
#include <callgate/timestamp.hpp>
#include <callgate/trace.hpp>
#include <callgate/value.hpp>
#include <callgate/version.hpp>
