/// What the host and the client have in common.
#pragma once

#include <chrono>
#include <string>
#include <vector>

/// Any wait that should end.
constexpr auto patience = std::chrono::seconds(20);

/// Serves until standard input ends.
void serve(const std::vector<std::string>& endpoints);

/// Plays the scenarios that standard input tells.
void play(const std::string& endpoint);
