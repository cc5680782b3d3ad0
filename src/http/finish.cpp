#include "http/finish.hpp"

#include "http/conditional.hpp"
#include "http/problems.hpp"

#include <pengcheng/base/text.hpp>

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pengcheng::http {

namespace {

constexpr std::string_view exposed_headers =
    "Content-Disposition, Content-Range, ETag, Link, Location, Pengcheng-Capped, Preference-Applied, "
    "RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Request-Id, traceparent";
constexpr std::string_view accepted_headers =
    "Accept, Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Prefer, "
    "Range, Range-Unit, X-CSRF-Token, traceparent, tracestate";

bool same_name(std::string_view a, std::string_view b) {
    return a.size() == b.size() && starts_with_ci(a, b);
}

std::string_view find_header(const Reply& reply, std::string_view name) {
    for (const auto& [key, value] : reply.headers) {
        if (same_name(key, name)) {
            return value;
        }
    }
    return {};
}

void set_header(Reply& reply, std::string_view name, std::string value) {
    std::erase_if(reply.headers, [name](const auto& one) { return same_name(one.first, name); });
    reply.header(std::string(name), std::move(value));
}

bool in_row_language(std::string_view path) {
    return path.starts_with("/api/v1/data/") || path.starts_with("/api/v1/open/data/");
}

/// An open file that closes itself.
class OpenFile {
public:
    explicit OpenFile(const std::filesystem::path& path)
        : handle_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    ~OpenFile() {
        if (handle_ >= 0) {
            close(handle_);
        }
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    [[nodiscard]] int handle() const { return handle_; }

private:
    int handle_;
};

asio::awaitable<void> send_part(std::shared_ptr<OpenFile> file, ByteRange part, BodyWriter& out) {
    constexpr std::size_t piece_bytes = 64 * 1024;
    std::vector<char> piece(piece_bytes);
    std::int64_t at = part.first;
    while (at <= part.last) {
        auto wanted = std::min<std::int64_t>(part.last + 1 - at, piece_bytes);
        ssize_t got = pread(file->handle(), piece.data(), static_cast<std::size_t>(wanted), at);
        if (got <= 0) {
            throw std::runtime_error("the file became shorter while it was sent");
        }
        co_await out.write({piece.data(), static_cast<std::size_t>(got)});
        at += got;
    }
}

/// The answer to a Range request in place of the whole; true: the caller sends `choice.range`.
bool apply_range(const Request& request, Reply& reply, std::int64_t size, RangeChoice& choice) {
    choice.range = {0, size - 1};
    if (!reply.ranges || !request.is_read() || reply.status != 200) {
        return true;
    }
    set_header(reply, "Accept-Ranges", "bytes");
    if (request.method != "GET") {
        return true;  // parts are defined for GET alone (RFC 9110 14.2)
    }
    choice = choose_range(request.header("Range"), request.header("If-Range"), find_header(reply, "ETag"),
                          find_header(reply, "Last-Modified"), size);
    if (choice.verdict == RangeChoice::Verdict::unsatisfiable) {
        Reply refusal = problem_reply(problem::bad_range.plain(), request);
        refusal.header("Content-Range", "bytes */" + std::to_string(size));
        reply = std::move(refusal);
        return false;
    }
    if (choice.verdict == RangeChoice::Verdict::whole) {
        choice.range = {0, size - 1};
        return true;
    }
    reply.status = 206;
    reply.header("Content-Range", "bytes " + std::to_string(choice.range.first) + "-" +
                                      std::to_string(choice.range.last) + "/" + std::to_string(size));
    return true;
}

void empty_body(Reply& reply) {
    reply.body.clear();
    reply.lasting = {};
    reply.stream = nullptr;
    reply.stream_bytes.reset();
}

/// A file of the disk becomes a stream of known length, or 304, 206, 416.
void open_file(const Request& request, Reply& reply) {
    auto file = std::make_shared<OpenFile>(reply.file);
    reply.file.clear();
    struct stat state{};
    if (file->handle() < 0 || fstat(file->handle(), &state) != 0 || !S_ISREG(state.st_mode)) {
        reply = problem_reply(pengcheng::problem::not_found.plain(), request);
        return;
    }
    std::string tag = "\"" + std::to_string(state.st_ino) + "-" + std::to_string(state.st_size) + "-" +
                      std::to_string(state.st_mtim.tv_sec) + "." + std::to_string(state.st_mtim.tv_nsec) +
                      "\"";
    set_header(reply, "ETag", std::move(tag));
    set_header(reply, "Last-Modified", to_http_date(state.st_mtim.tv_sec));
    if (not_modified(request.header("If-None-Match"), request.header("If-Modified-Since"),
                     find_header(reply, "ETag"), find_header(reply, "Last-Modified"))) {
        reply.status = 304;
        return;
    }
    reply.ranges = true;
    RangeChoice choice;
    if (!apply_range(request, reply, state.st_size, choice)) {
        return;
    }
    ByteRange part = choice.range;
    reply.stream_bytes = part.last + 1 - part.first;
    reply.stream = [file, part](BodyWriter& out) { return send_part(file, part, out); };
}

/// Readers without a sign-in may keep what everybody sees, if they ask each time whether it changed.
void tag_public_page(const Request& request, Reply& reply) {
    bool everybody = request.route != nullptr && request.route->permission == "public" &&
                     request.who.anonymous() && find_header(reply, "Set-Cookie").empty();
    std::string_view cache = find_header(reply, "Cache-Control");
    std::string_view content = content_of(reply);
    bool asks_again = cache.empty() || cache == "no-cache";
    if (!everybody || !asks_again || reply.status != 200 || reply.stream || content.empty() ||
        !request.is_read() || !find_header(reply, "ETag").empty()) {
        return;
    }
    std::string tag = "W/\"" + std::to_string(std::hash<std::string_view>{}(content)) + "-" +
                      std::to_string(content.size()) + "\"";
    reply.header("ETag", std::move(tag));
    set_header(reply, "Cache-Control", "no-cache");
}

Coding coding_of(const Request& request, Reply& reply) {
    static constexpr std::array<Coding, 3> offered{Coding::zstd, Coding::brotli, Coding::gzip};
    bool done = !find_header(reply, "Content-Encoding").empty() || reply.status == 206 || reply.ranges;
    bool small = !reply.stream && content_of(reply).size() < request.limits->compress_bytes_min;
    bool secret = request.route != nullptr && request.route->secret;
    if (done || small || secret || reply.stream_bytes || !is_compressible(reply.content_type)) {
        return Coding::identity;
    }
    reply.header("Vary", "Accept-Encoding");
    Coding coding = choose_coding(request.header("Accept-Encoding"), offered);
    if (coding == Coding::identity) {
        return coding;
    }
    reply.header("Content-Encoding", std::string(to_text(coding)));
    // The coded bytes are not those that a strong tag promised.
    std::string_view tag = find_header(reply, "ETag");
    if (!tag.empty() && !tag.starts_with("W/")) {
        set_header(reply, "ETag", "W/" + std::string(tag));
    }
    return coding;
}

bool names_origin(const Limits& limits, std::string_view origin) {
    return std::find(limits.origins.begin(), limits.origins.end(), origin) != limits.origins.end();
}

}  // namespace

bool wants_chinese(const Request& request) {
    std::string_view cookies = request.header("Cookie");
    if (cookies.find("pc_lang=") != std::string_view::npos) {
        if (auto chosen = request.cookie("pc_lang")) {
            return *chosen != "en";
        }
    }
    std::string_view languages = request.header("Accept-Language");
    if (languages.empty()) {
        return true;
    }
    double zh = -1;
    double en = -1;
    for (std::string_view entry : split(languages, ',')) {
        std::vector<std::string_view> parts = split(trim(entry), ';');
        double weight = 1;
        if (parts.size() > 1 && trim(parts[1]).starts_with("q=")) {
            weight = to_double(trim(parts[1]).substr(2)).value_or(0);
        }
        double& place = starts_with_ci(parts[0], "en") ? en : zh;
        if (starts_with_ci(parts[0], "en") || starts_with_ci(parts[0], "zh")) {
            place = std::max(place, weight);
        }
    }
    return zh >= en;
}

Reply problem_reply(const Problem& problem, const Request& request) {
    const ProblemType& type = *problem.type;
    std::string title(request.chinese ? type.title_zh : type.title_en);
    std::string detail = request.chinese ? problem.detail_zh : problem.detail_en;
    Json body = {{"type", "/problems/" + std::string(type.code)},
                 {"title", title},
                 {"status", type.status},
                 {"detail", detail.empty() ? title : detail},
                 {"instance", request.path},
                 {"request_id", request.request_id}};
    for (const FieldError& error : problem.errors) {
        body["errors"].push_back({{"pointer", error.pointer},
                                  {"code", error.code},
                                  {"detail", request.chinese ? error.detail_zh : error.detail_en}});
    }
    if (in_row_language(request.path)) {
        // PostgREST's clients read these four.
        body["code"] = problem.errors.empty() ? std::string(type.code) : problem.errors.front().code;
        body["message"] = body["detail"];
        body["details"] = nullptr;
        body["hint"] = nullptr;
    }
    Reply reply;
    reply.status = type.status;
    reply.content_type = "application/problem+json; charset=utf-8";
    reply.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    reply.header("Content-Language", request.chinese ? "zh-CN" : "en");
    if (problem.retry_after_s > 0) {
        reply.header("Retry-After", std::to_string(problem.retry_after_s));
        if (type.status == 429) {
            reply.header("RateLimit-Remaining", "0");
            reply.header("RateLimit-Reset", std::to_string(problem.retry_after_s));
        }
    }
    if (type.status == 401 && request.is_api()) {
        // Who sent a token is told that it is the fault (RFC 6750 3.1).
        bool token = starts_with_ci(request.header("Authorization"), "bearer ");
        reply.header("WWW-Authenticate", token ? "Bearer realm=\"pengcheng\", error=\"invalid_token\""
                                               : "Bearer realm=\"pengcheng\"");
    }
    if (problem.close_connection) {
        reply.header("Connection", "close");
    }
    return reply;
}

bool open_to_all(std::string_view path) {
    return path.starts_with("/api/v1/open/") || path.starts_with("/api/3/action/") ||
           path.starts_with("/api/action/") || path.starts_with("/catalog") || path == "/data.json" ||
           path == "/ogc" || path.starts_with("/ogc/");
}

void add_cors(const Request& request, Reply& reply) {
    std::string_view origin = request.header("Origin");
    bool preflight = request.method == "OPTIONS";
    bool named = !origin.empty() && names_origin(*request.limits, origin);
    if (!request.limits->origins.empty()) {
        reply.header("Vary", "Origin");
    }
    if (named) {
        reply.header("Access-Control-Allow-Origin", std::string(origin));
        reply.header("Access-Control-Allow-Credentials", "true");
    } else if (open_to_all(request.path)) {
        reply.header("Access-Control-Allow-Origin", "*");
    } else {
        return;
    }
    if (preflight) {
        reply.header("Access-Control-Allow-Methods", named ? request.allow : "GET, HEAD, OPTIONS");
        reply.header("Access-Control-Allow-Headers", std::string(accepted_headers));
        reply.header("Access-Control-Max-Age", "600");
    } else {
        reply.header("Access-Control-Expose-Headers", std::string(exposed_headers));
    }
}

std::string_view content_of(const Reply& reply) {
    return reply.lasting.empty() ? std::string_view(reply.body) : reply.lasting;
}

Coding finish(const Request& request, Reply& reply) {
    if (!reply.file.empty()) {
        open_file(request, reply);
    }
    tag_public_page(request, reply);
    if (request.is_read() && reply.status == 200 && !reply.stream_bytes) {
        std::string_view tag = find_header(reply, "ETag");
        std::string_view date = find_header(reply, "Last-Modified");
        bool asked = !request.header("If-None-Match").empty() || !request.header("If-Modified-Since").empty();
        if (asked &&
            not_modified(request.header("If-None-Match"), request.header("If-Modified-Since"), tag, date)) {
            reply.status = 304;
        }
        RangeChoice choice;
        if (reply.status == 200 && reply.ranges &&
            apply_range(request, reply, static_cast<std::int64_t>(content_of(reply).size()), choice) &&
            reply.status == 206) {
            auto first = static_cast<std::size_t>(choice.range.first);
            auto length = static_cast<std::size_t>(choice.range.last + 1 - choice.range.first);
            std::string part(content_of(reply).substr(first, length));
            reply.lasting = {};
            reply.body = std::move(part);
        }
    }
    if (reply.status == 304) {
        empty_body(reply);
        reply.content_type.clear();
        return Coding::identity;
    }
    return coding_of(request, reply);
}

}  // namespace pengcheng::http
