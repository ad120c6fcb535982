/// Shared by the host and the client.
#pragma once

#include <chrono>
#include <string>
#include <vector>

/// The time limit of any wait that should end.
constexpr auto patience = std::chrono::seconds(20);

/// Serves until standard input ends.
void serve(const std::vector<std::string>& endpoints);

/// Plays the scenarios that arrive on standard input.
void play(const std::string& endpoint);
