#include "wire_proxy.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <stdexcept>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace pengcheng::test {

namespace {

sockaddr_un address_of(const std::filesystem::path& folder) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::string path = (folder / ".s.PGSQL.5432").string();
    if (path.size() >= sizeof address.sun_path) {
        throw std::runtime_error("socket path too long: " + path);
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

const sockaddr* plain(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

bool send_all(int to, std::string_view bytes) {
    while (!bytes.empty()) {
        ssize_t count = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return ntohl(value);
}

std::string message(char type, std::string_view payload) {
    std::uint32_t length = htonl(static_cast<std::uint32_t>(payload.size() + 4));
    std::string out(1, type);
    out.append(reinterpret_cast<const char*>(&length), sizeof length);
    out.append(payload);
    return out;
}

/// Text up to its zero byte; `at` moves behind it.
std::string text_at(std::string_view payload, std::size_t& at) {
    std::size_t end = payload.find('\0', at);
    std::string out(payload.substr(at, end - at));
    at = end + 1;
    return out;
}

constexpr std::string_view broken_sql = "SELECT 1/0";

/// The same kind of message, for a statement that PostgreSQL refuses. libpq passes over the additional
/// ParseComplete.
std::string refused(char type) {
    using namespace std::string_literals;
    if (type == 'Q') {
        return message('Q', std::string(broken_sql) + '\0');
    }
    std::string none(6, '\0');  // no formats, no parameters, no result formats
    return message('P', "\0"s + std::string(broken_sql) + "\0\0\0"s) + message('B', "\0\0"s + none);
}

/// Whether the first packet of a connection names a session that works for requests.
bool works_for_requests(std::string_view startup) {
    using namespace std::string_view_literals;
    return startup.find("application_name\0pengcheng-requests\0"sv) != std::string_view::npos ||
           startup.find("application_name\0pengcheng-evidence\0"sv) != std::string_view::npos;
}

}  // namespace

WireProxy::WireProxy(const std::filesystem::path& cluster, const std::filesystem::path& folder)
    : upstream_(cluster), listener_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address = address_of(folder);
    if (bind(listener_, plain(address), sizeof address) != 0 || listen(listener_, 64) != 0) {
        throw std::runtime_error("the proxy cannot listen in " + folder.string());
    }
    chmod(address.sun_path, 0777);
    acceptor_ = std::thread([this] { accept_all(); });
}

WireProxy::~WireProxy() {
    stopping_ = true;
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    close(listener_);
    for (Link& link : links_) {
        end(link);
        link.front.join();
        link.back.join();
        close(link.client);
        close(link.upstream);
    }
}

void WireProxy::accept_all() {
    while (!stopping_) {
        int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) {
            continue;
        }
        int upstream = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address = address_of(upstream_);
        if (connect(upstream, plain(address), sizeof address) != 0) {
            close(client);  // the cluster is down: as it would look without a proxy
            close(upstream);
            continue;
        }
        std::scoped_lock lock(mutex_);
        Link& link = links_.emplace_back();
        link.client = client;
        link.upstream = upstream;
        link.front = std::thread([this, &link] { run_front(link); });
        link.back = std::thread([&link] { run_back(link); });
    }
}

void WireProxy::end(Link& link) {
    shutdown(link.client, SHUT_RDWR);
    shutdown(link.upstream, SHUT_RDWR);
}

void WireProxy::run_front(Link& link) {
    std::string buffer;
    std::array<char, 65536> piece{};
    for (ssize_t got = 0; (got = recv(link.client, piece.data(), piece.size(), 0)) > 0;) {
        buffer.append(piece.data(), static_cast<std::size_t>(got));
        if (!forward(link, buffer)) {
            break;
        }
    }
    end(link);
}

void WireProxy::run_back(Link& link) {
    std::array<char, 65536> piece{};
    for (ssize_t got = 0; (got = recv(link.upstream, piece.data(), piece.size(), 0)) > 0;) {
        bool lost = link.cut_reply;
        if (lost || !send_all(link.client, {piece.data(), static_cast<std::size_t>(got)})) {
            break;
        }
    }
    end(link);
}

bool WireProxy::forward(Link& link, std::string& buffer) {
    constexpr std::size_t head_bytes = 5;
    while (true) {
        // The first packet has no type; after it every message has.
        std::size_t type_bytes = link.started ? 1 : 0;
        if (buffer.size() < head_bytes) {
            return true;
        }
        std::size_t size = number_at(buffer, type_bytes) + type_bytes;
        if (buffer.size() < size) {
            return true;
        }
        std::string whole = buffer.substr(0, size);
        buffer.erase(0, size);
        if (!link.started) {
            constexpr std::uint32_t version_3 = 3 << 16;
            link.started = number_at(whole, 4) == version_3;
            link.counts = works_for_requests(whole);
            if (!send_all(link.upstream, whole)) {
                return false;
            }
            continue;
        }
        if (!forward_message(link, whole[0], std::string_view(whole).substr(head_bytes), whole)) {
            return false;
        }
    }
}

bool WireProxy::forward_message(Link& link, char type, std::string_view payload, std::string_view whole) {
    std::size_t at = 0;
    if (type == 'P') {
        std::string name = text_at(payload, at);
        link.parsed[name] = text_at(payload, at);
    }
    if (type != 'Q' && type != 'B') {
        return send_all(link.upstream, whole);
    }
    if (type == 'B') {
        text_at(payload, at);  // the portal
    }
    std::string text = text_at(payload, at);
    if (type == 'B') {
        text = link.parsed[text];
    }
    Fault fault{};
    if (!goes_wrong(link, text, fault)) {
        return send_all(link.upstream, whole);
    }
    if (fault == Fault::cut_before) {
        return false;
    }
    link.cut_reply = fault == Fault::cut_after;
    return send_all(link.upstream, fault == Fault::refuse ? refused(type) : std::string(whole));
}

bool WireProxy::goes_wrong(Link& link, const std::string& sql, Fault& fault) {
    if (!link.counts || sql.empty() || sql.starts_with("LISTEN")) {
        return false;  // not a request's; how a connection begins, and how it asks for what was said
    }
    std::scoped_lock lock(mutex_);
    if (wanted_ == 0 || seen_.fired) {
        return false;
    }
    seen_.statements.push_back(sql);
    seen_.fired = static_cast<int>(seen_.statements.size()) == wanted_;
    fault = fault_;
    return seen_.fired;
}

void WireProxy::arm(int n, Fault fault) {
    std::scoped_lock lock(mutex_);
    wanted_ = n;
    fault_ = fault;
    seen_ = {};
}

WireProxy::Seen WireProxy::disarm() {
    std::scoped_lock lock(mutex_);
    wanted_ = 0;
    return std::move(seen_);
}

}  // namespace pengcheng::test
