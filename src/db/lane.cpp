#include "db/lane.hpp"

#include "db/connection.hpp"
#include "db/prepared.hpp"

#include <pengcheng/base/log.hpp>
#include <pengcheng/base/spawn.hpp>

#include <algorithm>
#include <bit>
#include <chrono>
#include <deque>

namespace pengcheng::db {

namespace {

/// One caller's read and what resumes it.
class Read {
public:
    Read(LaneText text_, std::vector<Param> params_) : text(std::move(text_)), params(std::move(params_)) {}
    virtual ~Read() = default;
    virtual void resume(std::exception_ptr error, Rows rows) = 0;

    LaneText text;
    std::vector<Param> params;
    bool wanted = true;  ///< neither answered nor detached
    bool again = false;  ///< sent a second time: the next failure is its own
    bool alone = false;  ///< one of those it was joined with failed: whose fault it was is to be seen
};
using ReadPtr = std::shared_ptr<Read>;

template <class Handler>
class ReadOf final : public Read {
public:
    ReadOf(LaneText text_, std::vector<Param> params_, Handler handler)
        : Read(std::move(text_), std::move(params_)), handler_(std::move(handler)) {}
    void resume(std::exception_ptr error, Rows rows) override {
        Handler handler = std::move(handler_);
        std::move(handler)(std::move(error), std::move(rows));
    }

private:
    Handler handler_;
};

enum class Kind { close, prepare, run };

using Reads = std::vector<ReadPtr>;

struct Command {
    Kind kind;
    Reads reads;  ///< none for close; several when they are joined in one statement
};

struct Group {
    std::vector<Command> commands;
    std::size_t at = 0;
    std::chrono::steady_clock::time_point sent;
};

struct Answer {
    ReadPtr read;
    std::exception_ptr error;
    Rows rows;
};

constexpr std::chrono::seconds silence_max{5};

}  // namespace

struct ReadLane::Impl : std::enable_shared_from_this<Impl> {
    Impl(asio::any_io_executor executor_, std::string url_)
        : executor(std::move(executor_)), url(std::move(url_)), watchdog(executor) {}

    asio::any_io_executor executor;
    std::string url;
    std::unique_ptr<Connection> connection;
    std::deque<ReadPtr> waiting;
    std::deque<Group> flying;
    PreparedNames named{"n", named_max};
    PreparedNames shaped{"c", shaped_max};
    std::vector<Answer> answers;
    asio::steady_timer watchdog;
    std::int64_t reads = 0;
    std::int64_t groups = 0;
    std::uint64_t life = 0;  ///< of the connection: what an earlier one still reports is not for us
    bool pump_posted = false;
    bool connecting = false;
    bool reading = false;
    bool writing = false;
    bool watching = false;
    bool closed = false;

    // ---- in --------------------------------------------------------------------------

    void add(ReadPtr read) {
        waiting.push_back(std::move(read));
        ++reads;
        // Once a turn of the loop: whoever else asks meanwhile goes into the same group.
        if (!pump_posted) {
            pump_posted = true;
            asio::post(executor, [self = shared_from_this()] {
                self->pump_posted = false;
                self->pump();
            });
        }
    }

    void pump() {
        if (closed) {
            return;
        }
        if (!connection) {
            connect();
            return;
        }
        try {
            while (!waiting.empty() && flying.size() < groups_in_flight_max) {
                send_group();
            }
            flush();
        } catch (const Error& error) {
            drop_connection(error);
        }
        listen();
    }

    void connect() {
        if (connecting || waiting.empty()) {
            return;
        }
        connecting = true;
        spawn(executor, open(shared_from_this()), "db.lane");
    }

    static asio::awaitable<void> open(std::shared_ptr<Impl> self) {
        auto fresh = std::make_unique<Connection>(self->executor);
        std::exception_ptr failure;
        try {
            co_await fresh->connect(self->url, {.statement_ms_max = lane_ms_max, .listens = false});
            fresh->enter_pipeline();
        } catch (const std::exception&) {
            failure = std::current_exception();
        }
        self->connecting = false;
        if (self->closed) {
            co_return;
        }
        if (failure) {
            for (const ReadPtr& read : std::exchange(self->waiting, {})) {
                self->answer(read, failure, {});
            }
            self->deliver();
            co_return;
        }
        self->connection = std::move(fresh);
        self->pump();
    }

    // ---- out -------------------------------------------------------------------------

    void send_group() {
        Group group;
        for (const std::string& name : named.take_evicted()) {
            close_statement(group, name);
        }
        for (const std::string& name : shaped.take_evicted()) {
            close_statement(group, name);
        }
        for (std::size_t taken = 0; !waiting.empty() && taken < group_max;) {
            Reads reads = take_alike();
            taken += reads.size();
            if (!reads.empty()) {
                send_reads(group, std::move(reads));
            }
        }
        if (group.commands.empty()) {
            return;
        }
        require(PQpipelineSync(connection->native()));
        group.sent = std::chrono::steady_clock::now();
        flying.push_back(std::move(group));
        ++groups;
        watch();
    }

    void close_statement(Group& group, const std::string& name) {
        std::string sql = "DEALLOCATE " + name;
        require(
            PQsendQueryParams(connection->native(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0));
        group.commands.push_back({Kind::close, {}});
    }

    /// The read that waited longest and what may be joined with it; nothing when it is no longer wanted.
    Reads take_alike() {
        Reads out;
        ReadPtr first = std::move(waiting.front());
        waiting.pop_front();
        if (!first->wanted) {
            return out;
        }
        out.push_back(std::move(first));
        auto alike = [&](const ReadPtr& read) {
            return read->wanted && joinable(*read) && read->text.name == out.front()->text.name;
        };
        if (joinable(*out.front())) {
            for (auto at = waiting.begin(); at != waiting.end() && out.size() < joined_max;) {
                if (alike(*at)) {
                    out.push_back(std::move(*at));
                    at = waiting.erase(at);
                } else {
                    ++at;
                }
            }
        }
        return out;
    }

    static bool joinable(const Read& read) { return !read.text.several_head.empty() && !read.alone; }

    void send_reads(Group& group, Reads reads) {
        PGconn* pg = connection->native();
        const Read& first = *reads.front();
        if (first.text.kind == LaneText::Kind::once) {
            Parameters bound(first.params);
            require(PQsendQueryParams(pg, first.text.sql, bound.size(), nullptr, bound.values.data(), nullptr,
                                      nullptr, 0));
            group.commands.push_back({Kind::run, std::move(reads)});
            return;
        }
        std::string made;
        auto [name, fresh] = names_of(first).use(statement_key(reads, made));
        if (fresh) {
            require(PQsendPrepare(pg, name.c_str(), statement_sql(reads).c_str(), 0, nullptr));
            group.commands.push_back({Kind::prepare, reads});
        }
        Parameters bound(first.params);
        for (std::size_t i = 1; i < statement_size(reads); ++i) {
            bound.values.push_back(reads[std::min(i, reads.size() - 1)]->params.back().text->c_str());
        }
        require(
            PQsendQueryPrepared(pg, name.c_str(), bound.size(), bound.values.data(), nullptr, nullptr, 0));
        group.commands.push_back({Kind::run, std::move(reads)});
    }

    /// How many values a statement for these takes: a power of two, so that few are prepared.
    static std::size_t statement_size(const Reads& reads) { return std::bit_ceil(reads.size()); }

    /// `made` holds a key that no read brings.
    static std::string_view statement_key(const Reads& reads, std::string& made) {
        std::string_view name = reads.front()->text.name;
        if (reads.size() == 1) {
            return name;
        }
        made.append(name).append("*").append(std::to_string(statement_size(reads)));
        return made;
    }

    static std::string statement_sql(const Reads& reads) {
        const Read& first = *reads.front();
        if (reads.size() == 1) {
            return first.text.sql;
        }
        std::string sql(first.text.several_head);
        for (std::size_t i = 0; i < statement_size(reads); ++i) {
            sql += (i == 0 ? "$" : ", $") + std::to_string(first.params.size() + i);
        }
        return sql.append(first.text.several_tail);
    }

    PreparedNames& names_of(const Read& read) {
        return read.text.kind == LaneText::Kind::shaped ? shaped : named;
    }

    void require(int accepted) {
        if (accepted == 0) {
            throw_error(connection->native(), nullptr);
        }
    }

    void flush() {
        if (writing) {
            return;
        }
        int left = PQflush(connection->native());
        if (left < 0) {
            throw_error(connection->native(), nullptr);
        }
        if (left > 0) {
            writing = true;
            connection->socket().async_wait(
                asio::posix::stream_descriptor::wait_write,
                [self = shared_from_this(), began = life](boost::system::error_code error) {
                    if (!error && began == self->life) {
                        self->writing = false;
                        self->pump();
                    }
                });
        }
    }

    // ---- back ------------------------------------------------------------------------

    /// Waits for bytes while something is in flight; an idle lane leaves the loop free to end.
    void listen() {
        if (reading || flying.empty() || !connection) {
            return;
        }
        reading = true;
        connection->socket().async_wait(
            asio::posix::stream_descriptor::wait_read,
            [self = shared_from_this(), began = life](boost::system::error_code error) {
                if (!error && began == self->life) {
                    self->reading = false;
                    self->take_input();
                }
            });
    }

    void take_input() {
        if (!connection || closed) {
            return;
        }
        try {
            if (PQconsumeInput(connection->native()) == 0) {
                throw_error(connection->native(), nullptr);
            }
            while (!flying.empty() && PQisBusy(connection->native()) == 0) {
                take_result(PQgetResult(connection->native()));
            }
        } catch (const Error& error) {
            drop_connection(error);
        }
        pump();
        deliver();
    }

    void take_result(PGresult* result) {
        Group& group = flying.front();
        if (result == nullptr) {
            if (group.at < group.commands.size()) {
                ++group.at;
            } else if (PQstatus(connection->native()) == CONNECTION_BAD) {
                throw_error(connection->native(), nullptr);
            }
            return;
        }
        Rows rows(std::vector<void*>{result});
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_PIPELINE_SYNC) {
            flying.pop_front();
            return;
        }
        if (group.at >= group.commands.size()) {
            throw_error(connection->native(), result);
        }
        Command& command = group.commands[group.at];
        if (status == PGRES_PIPELINE_ABORTED) {
            aborted(command);
        } else if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
            failed(command, result);
        } else if (command.kind == Kind::run && command.reads.size() > 1) {
            answer_joined(command.reads, std::move(rows));
        } else if (command.kind == Kind::run) {
            answer(command.reads.front(), nullptr, std::move(rows));
        }
    }

    void answer_joined(const Reads& reads, Rows rows) {
        auto whole = std::make_shared<const Rows>(std::move(rows));
        int last = whole->column_count() - 1;
        for (const ReadPtr& read : reads) {
            int row = 0;
            while (row < whole->size() && whole->at(row, last) != read->params.back().text) {
                ++row;
            }
            bool found = row < whole->size();
            answer(read, nullptr, Rows(whole, row, found ? 1 : 0));
        }
    }

    /// A neighbour failed before this command was reached.
    void aborted(const Command& command) {
        if (command.kind == Kind::prepare) {
            forget(command.reads);
        } else if (command.kind == Kind::run) {
            auto wanted = [](const ReadPtr& read) { return read->wanted; };
            std::ranges::copy_if(command.reads, std::back_inserter(waiting), wanted);
        }
    }

    void forget(const Reads& reads) {
        std::string made;
        names_of(*reads.front()).forget(statement_key(reads, made));
    }

    void failed(const Command& command, const PGresult* result) {
        Error error = error_of(connection->native(), result);
        if (PQstatus(connection->native()) == CONNECTION_BAD || error.connection_lost()) {
            throw error;
        }
        if (command.kind == Kind::close) {
            log::warn("db.lane-deallocate", {{"error", error.what()}});
            return;
        }
        if (command.kind == Kind::prepare || error.statement_lost()) {
            forget(command.reads);
        }
        bool joined = command.reads.size() > 1;
        for (const ReadPtr& read : command.reads) {
            bool retry = joined || (error.statement_lost() && !read->again);
            if (!retry) {
                answer(read, std::make_exception_ptr(error), {});
                continue;
            }
            read->alone = read->alone || joined;
            read->again = read->again || !joined;
            // Of a statement that could not be prepared the run comes back as aborted, and waits again then.
            if (command.kind == Kind::run) {
                waiting.push_front(read);
            }
        }
    }

    void answer(const ReadPtr& read, std::exception_ptr error, Rows rows) {
        if (std::exchange(read->wanted, false)) {
            answers.push_back({read, std::move(error), std::move(rows)});
        }
    }

    /// Last: a resumed caller may ask again at once.
    void deliver() {
        for (Answer& one : std::exchange(answers, {})) {
            one.read->resume(std::move(one.error), std::move(one.rows));
        }
    }

    // ---- trouble ---------------------------------------------------------------------

    /// What was in flight goes out once more on the next connection; it was only reading.
    void drop_connection(const Error& error) {
        log::warn("db.lane-lost", {{"error", error.what()}});
        std::deque<ReadPtr> lost;
        for (const Group& group : flying) {
            for (std::size_t i = group.at; i < group.commands.size(); ++i) {
                const Command& command = group.commands[i];
                if (command.kind != Kind::run) {
                    continue;
                }
                for (const ReadPtr& read : command.reads) {
                    if (!read->wanted) {
                        continue;
                    }
                    if (std::exchange(read->again, true)) {
                        answer(read, std::make_exception_ptr(error), {});
                    } else {
                        lost.push_back(read);
                    }
                }
            }
        }
        waiting.insert(waiting.begin(), lost.begin(), lost.end());
        flying.clear();
        named.clear();
        shaped.clear();
        connection.reset();
        ++life;
        reading = false;
        writing = false;
        asio::post(executor, [self = shared_from_this()] {
            self->pump();
            self->deliver();
        });
    }

    /// A server that went silent (a cut cable) answers no statement_timeout either.
    void watch() {
        if (watching) {
            return;
        }
        watching = true;
        watchdog.expires_after(std::chrono::seconds(1));
        watchdog.async_wait([self = shared_from_this()](boost::system::error_code error) {
            self->watching = false;
            if (error || self->flying.empty()) {
                return;
            }
            if (std::chrono::steady_clock::now() - self->flying.front().sent > silence_max) {
                self->drop_connection(Error("08006", "the server is silent"));
                return;
            }
            self->watch();
        });
    }

    void detach(const ReadPtr& read) {
        if (std::exchange(read->wanted, false)) {
            asio::post(executor, [read] {
                auto gone = boost::system::system_error(asio::error::operation_aborted);
                read->resume(std::make_exception_ptr(gone), Rows());
            });
        }
    }

    void close() {
        closed = true;
        watchdog.cancel();
        connection.reset();
        flying.clear();
        waiting.clear();
    }
};

ReadLane::ReadLane(asio::any_io_executor executor, std::string url)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(url))) {
}

ReadLane::~ReadLane() {
    impl_->close();
}

asio::awaitable<Rows> ReadLane::read(LaneText text, std::vector<Param> params) {
    refuse_nul(params);  // here: thrown while a group is sent it would hurt the neighbours
    if (impl_->waiting.size() >= waiting_max) {
        throw Busy();
    }
    auto start = [impl = impl_, &text, &params](auto handler) {
        using Handler = decltype(handler);
        auto slot = asio::get_associated_cancellation_slot(handler);
        auto read = std::make_shared<ReadOf<Handler>>(std::move(text), std::move(params), std::move(handler));
        if (slot.is_connected()) {
            slot.assign([weak_lane = std::weak_ptr(impl),
                         weak_read = std::weak_ptr<Read>(read)](asio::cancellation_type) {
                auto lane = weak_lane.lock();
                auto unwanted = weak_read.lock();
                if (lane && unwanted) {
                    lane->detach(unwanted);
                }
            });
        }
        impl->add(std::move(read));
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, Rows)>(
        start, asio::use_awaitable);
}

int ReadLane::in_flight() const {
    std::size_t count = impl_->waiting.size();
    for (const Group& group : impl_->flying) {
        for (const Command& command : group.commands) {
            count += command.reads.size();
        }
    }
    return static_cast<int>(count);
}
std::int64_t ReadLane::reads() const {
    return impl_->reads;
}
std::int64_t ReadLane::groups() const {
    return impl_->groups;
}

}  // namespace pengcheng::db
