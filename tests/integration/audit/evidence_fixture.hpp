#pragma once

#include "harness.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/audit/sealer.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>

namespace pengcheng::test {

namespace asio = boost::asio;

/// Evidence written in this process, against the database of the suite's server.
class EvidenceTest : public ServerTest {
protected:
    EvidenceTest() : pool_(io_.get_executor(), {.url = server_->url(), .size_max = 2}) {
        static const Clock clock;
        runtime_.clock = &clock;
        runtime_.config.var = server_->var;
        runtime_.config.database_url = server_->url();
        audit::start_evidence(runtime_);
        who_.kind = Principal::Kind::client;
        who_.id = "0198a0c0-0000-7000-8000-000000000001";
        who_.name = "reader";
        who_.organization = "022";
        who_.address = "10.1.2.3";
    }

    static audit::Access access(const std::string& resource = "made-up") {
        return {.resource = resource,
                .owner = "040",
                .grant = "0198a0c0-0000-7000-8000-00000000000a",
                .channel = "data-api",
                .purpose = "核验",
                .fields = {"code", "name"},
                .filter = "code=eq.1"};
    }

    /// One short delivery under this request id; counts when it is acknowledged.
    static asio::awaitable<void> deliver(db::Pool& pool, Principal who, std::string request_id,
                                         std::vector<std::string>& acknowledged) {
        who.request_id = request_id;
        co_await audit::delivered(pool, who, access(), 1, 100);
        acknowledged.push_back(std::move(request_id));
    }
    void start(std::string request_id) {
        auto ended = [this](std::exception_ptr error) {
            if (error) {
                ++failed_;
            }
        };
        asio::co_spawn(io_, deliver(pool_, who_, std::move(request_id), acknowledged_), ended);
    }
    void run() {
        io_.restart();
        io_.run();
    }
    void write_some(int count) {
        for (int i = 0; i < count; ++i) {
            start("r" + std::to_string(i));
            run();
        }
    }
    static std::string count(const std::string& where = "true") {
        return sql("SELECT count(*) FROM audit.evidence WHERE " + where);
    }
    static Json verify(int status) {
        auto run = cli(*server_, {"--json", "audit", "verify"});
        EXPECT_EQ(run.status, status) << run.out;
        return run.json();
    }

    asio::io_context io_;
    db::Pool pool_;
    Runtime runtime_;
    Principal who_;
    std::vector<std::string> acknowledged_;
    int failed_ = 0;
};

}  // namespace pengcheng::test
