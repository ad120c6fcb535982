/// Log lines about exceptions: one line each, and few in a second.
#pragma once

#include <callgate/version.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

/// The length in bytes of the character at the beginning of this text, if it could end a line, control a terminal or
/// reverse the direction of text; otherwise 0.
inline std::size_t control_length(std::string_view text) noexcept {
    const auto byte = [text](std::size_t index) { return index < text.size() ? std::uint8_t(text[index]) : 0u; };
    if (byte(0) < 0x20 || byte(0) == 0x7f)
        return 1;
    if ((byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) <= 0x9f) || (byte(0) == 0xd8 && byte(1) == 0x9c))
        return 2;
    const bool direction = byte(2) == 0x8e || byte(2) == 0x8f || (byte(2) >= 0xa8 && byte(2) <= 0xae);
    const bool isolate = byte(2) >= 0xa6 && byte(2) <= 0xa9;
    const bool control = byte(0) == 0xe2 && ((byte(1) == 0x80 && direction) || (byte(1) == 0x81 && isolate));
    return control ? 3 : 0;
}

/// Text on one line, and cut, as the core writes it: a peer may have sent what would forge lines.
inline std::string one_line(std::string_view text) {
    constexpr std::size_t longest = 8000;
    constexpr char digits[] = "0123456789abcdef";
    std::string line;
    for (std::size_t at = 0; at < text.size();) {
        if (line.size() >= longest)
            return line + "... (" + std::to_string(text.size() - at) + " bytes more)";
        const std::size_t control = control_length(text.substr(at));
        for (const std::size_t end = at + control; at < end; at++) {
            const auto byte = std::uint8_t(text[at]);
            line += {'\\', 'x', digits[byte / 16], digits[byte % 16]};
        }
        if (control == 0)
            line += text[at++];
    }
    return line;
}

/// Lets a few lines pass in each second, and counts the others, as the core does.
class LineThrottle {
public:
    /// Whether a line passes; if so, sets how many were left out before it.
    bool passes(std::uint64_t& left_out) {
        constexpr int lines = 10;
        const std::lock_guard<std::mutex> lock(mutex_);
        const auto now = std::chrono::steady_clock::now();
        if (now - second_ >= std::chrono::seconds(1)) {
            second_ = now;
            passed_ = 0;
        }
        if (passed_ == lines) {
            left_out_++;
            return false;
        }
        passed_++;
        left_out = left_out_;
        left_out_ = 0;
        return true;
    }

private:
    std::mutex mutex_;
    std::chrono::steady_clock::time_point second_{};
    int passed_ = 0;
    std::uint64_t left_out_ = 0;
};

} // namespace detail
CALLGATE_END_NAMESPACE
