#pragma once

#include "http/request.hpp"
#include "http/router.hpp"

#include <pengcheng/http/schema.hpp>
#include <pengcheng/http/server.hpp>

#include <memory>

namespace pengcheng::http {

/// From a read request head to a reply: match, authenticate, authorize, read and validate the body, run,
/// and turn every refusal into problem+json. Immutable; shared by all I/O threads.
class Dispatcher {
public:
    Dispatcher(const Runtime& runtime, Routes routes, Gate gate);

    asio::awaitable<Reply> handle(db::Pool& db, std::shared_ptr<Request> request) const;
    [[nodiscard]] const Routes& routes() const { return routes_; }
    /// Which row of a meter a request counts in, and the rows' names: every route as "GET /path/{ref}", then
    /// what met no route, then the built files.
    [[nodiscard]] std::size_t row_of(const Request& request) const;
    [[nodiscard]] std::vector<std::string> row_names() const;

private:
    asio::awaitable<Reply> run(db::Pool& db, std::shared_ptr<Request> request) const;
    asio::awaitable<Result<void>> admit(db::Pool& db, const Route& route, const Request& request,
                                        const Authenticated& caller) const;
    asio::awaitable<void> read_body(const Route& route, Request& request) const;
    asio::awaitable<Reply> run_once(const Route& route, Call call, std::shared_ptr<Request> request) const;
    [[nodiscard]] Reply render(const Problem& problem, const Request& request) const;

    const Runtime& runtime_;
    Routes routes_;
    Router router_;
    Schemas schemas_;
    Gate gate_;
};

}  // namespace pengcheng::http
