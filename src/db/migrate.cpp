#include <pengcheng/db/migrate.hpp>

#include "db/connection.hpp"

#include <pengcheng/base/embedded.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/text.hpp>

namespace pengcheng::db {

extern const Embedded migration_files[];
extern const std::size_t migration_file_count;

namespace {

constexpr ProblemType changed{"db.migration-changed", 500, "An applied migration was changed afterwards",
                              "已执行的数据库迁移文件被改动"};
constexpr ProblemType newer{"db.schema-newer", 500, "The database is newer than this program",
                            "数据库版本比程序新"};

/// A blocking connection for start-up work.
class Session {
public:
    explicit Session(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
        if (PQstatus(connection_) != CONNECTION_OK) {
            std::string message = PQerrorMessage(connection_);
            PQfinish(connection_);
            throw Error("08001", message);
        }
        PQsetNoticeProcessor(connection_, [](void*, const char*) {}, nullptr);
    }
    ~Session() { PQfinish(connection_); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void script(const std::string& sql) {
        Rows rows(std::vector<void*>{check(PQexec(connection_, sql.c_str()))});
    }
    Rows query(const std::string& sql, const std::vector<std::string>& params = {}) {
        std::vector<const char*> values;
        for (const std::string& param : params) {
            values.push_back(param.c_str());
        }
        return Rows({check(PQexecParams(connection_, sql.c_str(), static_cast<int>(values.size()), nullptr,
                                        values.data(), nullptr, nullptr, 0))});
    }

private:
    PGresult* check(PGresult* result) {
        ExecStatusType status = PQresultStatus(result);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
            Rows owned(std::vector<void*>{result});
            throw_error(connection_, result);
        }
        return result;
    }
    PGconn* connection_;
};

/// Refuses a database that this binary cannot serve; -> names not applied yet.
std::vector<std::string> check_applied(Session& session) {
    session.script(
        "CREATE TABLE IF NOT EXISTS public.schema_migration ("
        " number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,"
        " applied_at timestamptz NOT NULL DEFAULT now())");
    Rows rows = session.query("SELECT number, name, checksum FROM public.schema_migration ORDER BY number");
    std::map<int, std::pair<std::string, std::string>> applied;
    for (int i = 0; i < rows.size(); ++i) {
        applied[row_as<int>(rows, i)] = {std::string(*rows.at(i, 1)), std::string(*rows.at(i, 2))};
    }
    std::vector<std::string> pending;
    for (const Migration& migration : migrations()) {
        auto found = applied.find(migration.number);
        if (found == applied.end()) {
            pending.push_back(migration.name);
            continue;
        }
        Rows sum = session.query("SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex')", {migration.sql});
        if (*sum.at(0, 0) != found->second.second) {
            throw ProblemError(changed.because(migration.name + "：请恢复原文件，把改动写成新的迁移",
                                               migration.name + ": restore it and write a new migration"));
        }
        applied.erase(found);
    }
    if (!applied.empty()) {
        const std::string& name = applied.begin()->second.first;
        throw ProblemError(
            newer.because("程序不认识迁移 " + name + "，请使用更新的程序",
                          "this program does not know migration " + name + "; use a newer one"));
    }
    return pending;
}

}  // namespace

const std::vector<Migration>& migrations() {
    static const std::vector<Migration> all = [] {
        std::vector<Migration> out;
        for (std::size_t i = 0; i < migration_file_count; ++i) {
            std::string name(migration_files[i].name.substr(0, migration_files[i].name.size() - 4));
            auto number = to_int(name.substr(0, 4));
            out.push_back({static_cast<int>(number.value_or(0)), name, std::string(migration_files[i].text)});
        }
        return out;
    }();
    return all;
}

std::vector<std::string> pending_migrations(const std::string& url) {
    Session session(url);
    return check_applied(session);
}

MigrationState migrate(const std::string& url) {
    Session session(url);
    session.script("SELECT pg_advisory_lock(7203185)");
    std::vector<std::string> pending = check_applied(session);
    MigrationState state;
    for (const Migration& migration : migrations()) {
        state.current = migration.number;
        if (std::find(pending.begin(), pending.end(), migration.name) == pending.end()) {
            continue;
        }
        session.script("BEGIN");
        session.script(migration.sql);
        session.query(
            "INSERT INTO public.schema_migration (number, name, checksum)"
            " VALUES ($1::integer, $2, encode(sha256(convert_to($3, 'UTF8')), 'hex'))",
            {std::to_string(migration.number), migration.name, migration.sql});
        session.script("COMMIT");
        state.applied.push_back(migration.name);
    }
    return state;
}

std::string query_text(const std::string& url, const std::string& sql) {
    Session session(url);
    Rows rows = session.query(sql);
    return rows.size() == 0 ? "" : std::string(rows.at(0, 0).value_or(""));
}

}  // namespace pengcheng::db
