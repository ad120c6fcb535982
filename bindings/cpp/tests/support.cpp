#include "support.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <stdexcept>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

std::string unique_pipe() {
    static std::atomic<int> count{0};
    return "pipe://cpp-test-" + std::to_string(getpid()) + "-" + std::to_string(count++);
}

static std::string beside_this(const std::string& program) {
    if (program.find('/') != std::string::npos)
        return program;
    std::vector<char> path(4096);
    const ssize_t length = readlink("/proc/self/exe", path.data(), path.size());
    const std::string self(path.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    return self.substr(0, self.rfind('/') + 1) + program;
}

Process::Process(const std::string& program, const std::vector<std::string>& arguments) {
    const std::string path = beside_this(program);
    std::vector<char*> words{const_cast<char*>(path.c_str())};
    for (const std::string& argument : arguments)
        words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    int in[2];
    int out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
        throw std::runtime_error("no pipe");
    pid_ = fork();
    if (pid_ == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        execve(path.c_str(), words.data(), environ);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    input_ = in[1];
    output_ = out[0];
}

Process::~Process() {
    if (pid_ > 0)
        kill();
    if (input_ >= 0)
        close(input_);
    close(output_);
}

std::string Process::line() {
    std::string line;
    char letter;
    while (read(output_, &letter, 1) == 1 && letter != '\n')
        line += letter;
    return line;
}

std::vector<std::string> Process::endpoints(std::size_t count) {
    const std::string prefix = "listening on ";
    std::vector<std::string> endpoints;
    while (endpoints.size() < count) {
        const std::string said = line();
        if (said.compare(0, prefix.size(), prefix) != 0)
            throw std::runtime_error("the host said: " + said);
        endpoints.push_back(said.substr(prefix.size()));
    }
    return endpoints;
}

void Process::kill() {
    ::kill(pid_, SIGKILL);
    reap();
}

std::string Process::finish() {
    close(input_);
    input_ = -1;
    std::string rest;
    char bytes[4096];
    for (ssize_t length; (length = read(output_, bytes, sizeof bytes)) > 0;)
        rest.append(bytes, static_cast<std::size_t>(length));
    reap();
    return rest;
}

void Process::reap() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    pid_ = -1;
}
