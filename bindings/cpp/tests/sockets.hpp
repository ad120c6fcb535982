/// The system's sockets.
#pragma once

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <winsock2.h>
#include <ws2tcpip.h>

/// A program needs one before its first socket.
struct Sockets {
    Sockets() {
        WSADATA data;
        WSAStartup(MAKEWORD(2, 2), &data);
    }
    ~Sockets() { WSACleanup(); }
};

#else
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

using SOCKET = int;

struct Sockets {};

inline void closesocket(SOCKET socket) {
    close(socket);
}

#endif
