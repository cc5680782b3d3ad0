#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/runtime.hpp>
#include <pengcheng/db/pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pengcheng::http {

namespace asio = boost::asio;

/// A JSON Schema (2020-12) with the name it has in `components.schemas` of the OpenAPI document.
/// Refer to another by `{"$ref": "#/components/schemas/Name"}`; list every one in a route of the same
/// process or in `Route::uses`. No free-form objects in replies.
struct Schema {
    std::string_view name;
    std::string_view json;
};

enum class Verb { get, post, put, patch, delete_ };

using Headers = std::vector<std::pair<std::string, std::string>>;

/// Where a streamed reply goes. write() returns when the bytes are with the socket (back-pressure).
/// Throws when the client is gone or takes them too slowly: let it pass, so that statements are let go.
class BodyWriter {
public:
    virtual ~BodyWriter() = default;
    virtual asio::awaitable<void> write(std::string_view bytes) = 0;
};

struct Reply {
    int status = 200;
    Headers headers;
    std::string content_type;
    std::string body;
    std::string_view lasting;    ///< instead of `body`: bytes that outlive the server (built files)
    std::filesystem::path file;  ///< instead of `body`: set by of_file()
    /// Set for streamed replies: called once after the head went out, chunked transfer.
    std::function<asio::awaitable<void>(BodyWriter&)> stream;
    std::optional<std::int64_t> stream_bytes;  ///< how many the stream writes, where that is known before
    bool ranges = false;                       ///< a Range request may be answered with a part

    static Reply ok(const Json& body);
    static Reply created(const Json& body, std::string location);
    static Reply accepted(const Json& body, std::string location);
    static Reply no_content();
    static Reply of(const Problem& problem);  ///< the dispatcher renders it
    static Reply html(std::string body, int status = 200);
    static Reply text(std::string body, std::string content_type);
    static Reply redirect(std::string location, int status = 303);
    /// A file of the disk: ETag, Last-Modified, conditional and Range requests are answered from it.
    static Reply of_file(std::filesystem::path path, std::string content_type);
    static Reply streamed(std::string content_type, std::function<asio::awaitable<void>(BodyWriter&)> body);

    Reply& header(std::string name, std::string value);
    Reply& etag(std::int64_t version);               ///< ETag: "<version>"
    Reply& last_modified(Time at);                   ///< lets If-Modified-Since be answered with 304
    Reply& download_as(std::string_view file_name);  ///< Content-Disposition with RFC 6266 UTF-8 name

    std::optional<Problem> problem;  ///< set by of()
};

class Request;  // src/http

/// One authenticated, authorized, validated call. Passed by value; valid until the handler returns.
class Call {
public:
    db::Pool& db;
    const Principal& who;
    const Runtime& runtime;

    /// Path parameter of `{name}`, percent-decoded. Throws for a name the path has not.
    [[nodiscard]] const std::string& param(std::string_view name) const;
    [[nodiscard]] std::optional<std::string> query(std::string_view name) const;  ///< first, decoded
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& query_pairs() const;
    [[nodiscard]] std::string_view header(std::string_view name) const;  ///< empty when absent
    [[nodiscard]] std::string_view path() const;
    [[nodiscard]] std::string_view target() const;  ///< path and query as sent
    [[nodiscard]] std::string_view method() const;
    [[nodiscard]] const Json& body() const;  ///< validated against Route::body
    [[nodiscard]] std::string_view raw_body() const;
    [[nodiscard]] std::optional<std::string> cookie(std::string_view name) const;
    /// The version in If-Match; the dispatcher has answered 428 before, where Route::if_match is set.
    [[nodiscard]] std::int64_t if_match() const;
    /// Page size from `limit`, 1..max, and the opaque `cursor`.
    [[nodiscard]] int limit(int fallback, int max) const;
    /// Bytes of a Body::streamed request; 0 at the end. Throws ProblemError beyond upload_bytes_max.
    asio::awaitable<std::size_t> read_body(std::span<char> into);
    [[nodiscard]] std::optional<std::int64_t> content_length() const;
    [[nodiscard]] const std::string& base_url() const;
    /// W3C traceparent for what this call asks of others: the caller's trace, or one begun here.
    [[nodiscard]] std::string traceparent() const;

    Call(db::Pool& db, const Principal& who, const Runtime& runtime, std::shared_ptr<Request> request)
        : db(db), who(who), runtime(runtime), request_(std::move(request)) {}

private:
    std::shared_ptr<Request> request_;
};

enum class BodyKind { none, json, form, streamed };

/// One row of a module's route table. Routing, validation, authorization and OpenAPI read it.
struct Route {
    Verb verb = Verb::get;
    std::string_view
        path;  ///< "/api/v1/catalogue/resources/{ref}/publish"; `{rest*}` takes the remaining path
    std::string_view
        permission;  ///< "area.object.verb", one row in config/permissions.yaml; "public" for everybody
    std::string_view object = {};  ///< path parameter that names the object checked before .run
    const db::Statement* owner =
        nullptr;  ///< $1 = object -> columns organization, account (either may be NULL); no row: 404
    BodyKind body_kind = BodyKind::none;  ///< json when .body is set
    const Schema* body = nullptr;
    const Schema* reply = nullptr;  ///< of 2xx JSON; none: not JSON (pages, files, rows)
    bool if_match = false;          ///< 428 without If-Match
    bool no_csrf = false;           ///< tus, token endpoint: no cookie is read
    bool secret = false;  ///< request or reply holds a secret: nothing of it is kept for an Idempotency-Key
    std::string_view summary = {};  ///< Chinese, then English after " / "
    std::vector<const Schema*> uses = {};
    std::vector<std::string_view> query = {};  ///< names of query parameters, for OpenAPI
    std::function<asio::awaitable<Reply>(Call)> run;
};

using Routes = std::vector<Route>;

}  // namespace pengcheng::http
