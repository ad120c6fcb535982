/// Owners of handles.
#pragma once

#include <callgate/version.hpp>

#include <memory>

CALLGATE_BEGIN_NAMESPACE
namespace detail {

/// Frees a handle, without waiting, even while another thread uses it.
template <class T, void (*free)(T*)>
struct FreeHandle {
    void operator()(T* handle) const noexcept { free(handle); }
};

template <class T, void (*free)(T*)>
using Handle = std::unique_ptr<T, FreeHandle<T, free>>;

using HostHandle = Handle<callgate_host, callgate_host_free>;
using ClientHandle = Handle<callgate_client, callgate_client_free>;
using ProxyHandle = Handle<callgate_proxy, callgate_proxy_free>;
using ConnectionHandle = Handle<callgate_connection, callgate_connection_free>;
using DeferredHandle = Handle<callgate_call, callgate_call_free>;
using TokenHandle = Handle<callgate_cancel_token, callgate_cancel_token_free>;
using ErrorHandle = Handle<callgate_error, callgate_error_free>;

/// Bytes that C allocated.
class Buffer {
public:
    Buffer() = default;
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    ~Buffer() { callgate_buffer_free(&buffer_); }

    callgate_buffer* place() noexcept { return &buffer_; }
    const char* data() const noexcept { return static_cast<const char*>(buffer_.data); }
    std::size_t size() const noexcept { return buffer_.length; }

private:
    callgate_buffer buffer_{nullptr, 0, nullptr};
};

/// The trampoline that releases user data.
template <class T>
void release(void* user_data) noexcept {
    delete static_cast<T*>(user_data);
}

} // namespace detail
CALLGATE_END_NAMESPACE
