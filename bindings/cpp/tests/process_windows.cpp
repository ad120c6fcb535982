// Processes on Windows.
#include "support.hpp"

#include <stdexcept>

#include <fcntl.h>
#include <io.h>
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

static std::string beside_this(const std::string& program) {
    if (program.find('/') != std::string::npos)
        return program + ".exe";
    std::vector<char> path(4096);
    const std::string self(path.data(), GetModuleFileNameA(nullptr, path.data(), static_cast<DWORD>(path.size())));
    return self.substr(0, self.rfind('\\') + 1) + program + ".exe";
}

/// The handle of a file, which a child inherits.
static HANDLE inherited(int file) {
    const HANDLE handle = reinterpret_cast<HANDLE>(_get_osfhandle(file));
    SetHandleInformation(handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
    return handle;
}

static HANDLE handle_of(std::intptr_t process) {
    return reinterpret_cast<HANDLE>(process);
}

Process::Process(const std::string& program, const std::vector<std::string>& arguments) {
    const std::string path = beside_this(program);
    std::string words = '"' + path + '"';
    for (const std::string& argument : arguments)
        words += " \"" + argument + '"';
    constexpr unsigned size = 1 << 16;
    int in[2];
    int out[2];
    // Reading as text turns the ends of lines into '\n'.
    if (_pipe(in, size, _O_BINARY | _O_NOINHERIT) != 0 || _pipe(out, size, _O_TEXT | _O_NOINHERIT) != 0)
        throw std::runtime_error("no pipe");
    STARTUPINFOA start{};
    start.cb = sizeof start;
    start.dwFlags = STARTF_USESTDHANDLES;
    start.hStdInput = inherited(in[0]);
    start.hStdOutput = inherited(out[1]);
    start.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    PROCESS_INFORMATION made{};
    if (!CreateProcessA(path.c_str(), words.data(), nullptr, nullptr, TRUE, 0, nullptr, nullptr, &start, &made))
        throw std::runtime_error("cannot run " + path);
    CloseHandle(made.hThread);
    process_ = reinterpret_cast<std::intptr_t>(made.hProcess);
    _close(in[0]);
    _close(out[1]);
    input_ = in[1];
    output_ = out[0];
}

void Process::kill() {
    TerminateProcess(handle_of(process_), 1);
    reap();
}

void Process::reap() {
    DWORD status = 0;
    WaitForSingleObject(handle_of(process_), INFINITE);
    GetExitCodeProcess(handle_of(process_), &status);
    CloseHandle(handle_of(process_));
    exit_code_ = static_cast<int>(status);
    process_ = -1;
}
