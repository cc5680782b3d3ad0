#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace pengcheng::db {

/// Which connections a statement may use.
enum class Lane {
    own,     ///< one to itself
    shared,  ///< a read by key: pipelined with others, cut short at lane_ms_max and then tried on its own
};

/// A statement with a name `area.verb_noun`: prepared once per connection, checked by a test.
struct Statement {
    std::string_view name;
    std::string_view sql;
    Lane lane = Lane::own;
};

/// One parameter in PostgreSQL's text form; nothing is SQL NULL. Types come from the statement, so
/// cast in SQL where PostgreSQL cannot infer (`$1::bigint`).
struct Param {
    std::optional<std::string> text;

    Param(std::nullptr_t) {}
    Param(std::nullopt_t) {}
    Param(const char* value) : text(value) {}
    Param(std::string value) : text(std::move(value)) {}
    Param(std::string_view value) : text(value) {}
    Param(bool value) : text(value ? "t" : "f") {}
    Param(int value) : text(std::to_string(value)) {}
    Param(long value) : text(std::to_string(value)) {}
    Param(long long value) : text(std::to_string(value)) {}
    Param(unsigned long value) : text(std::to_string(value)) {}
    Param(double value);
    Param(const std::vector<std::string>& values);  ///< text[]
    Param(const nlohmann::json& value);             ///< json or jsonb
    template <class T>
    Param(const std::optional<T>& value) {
        if (value) {
            text = Param(*value).text;
        }
    }
};

/// A statement made at run time (identifiers from the catalogue, never from a request).
struct Query {
    std::string sql;
    std::vector<Param> params;
};

/// A Query's text that comes again and again, with a name no other text ever has in its thread.
struct SharedQuery {
    std::string name;
    std::string sql;
    /// For a look-up by a unique text, its last parameter: the statement that finds several at once, up to
    /// its list of parameters and after it. It has one column more at the end, the text by which a row was
    /// found. Such reads in flight share a statement; they differ in their last parameter only.
    std::string several_head = {};
    std::string several_tail = {};
};

/// Thrown: the database refused a statement, or could not be reached (sqlstate "08...").
class Error : public std::runtime_error {
public:
    Error(std::string sqlstate, std::string message, std::string constraint = {});
    [[nodiscard]] const std::string& sqlstate() const { return sqlstate_; }
    [[nodiscard]] const std::string& constraint() const { return constraint_; }
    [[nodiscard]] bool unique_violation() const { return sqlstate_ == "23505"; }
    [[nodiscard]] bool connection_lost() const {
        return sqlstate_.starts_with("08") || sqlstate_.starts_with("57P");
    }
    /// What a replica answers that is behind (no such table or column yet), or is gone or busy replaying.
    [[nodiscard]] bool lags() const {
        return sqlstate_ == "42P01" || sqlstate_ == "42703" || sqlstate_ == "40001" || connection_lost();
    }
    /// A prepared statement that is gone (26000) or whose columns changed with the schema (0A000).
    [[nodiscard]] bool statement_lost() const {
        return sqlstate_ == "26000" || (sqlstate_ == "0A000" && cached_plan());
    }

private:
    [[nodiscard]] bool cached_plan() const;
    std::string sqlstate_;
    std::string constraint_;
};

/// Thrown: no connection came free within wait_ms_max (HTTP 503).
class Busy : public std::runtime_error {
public:
    Busy() : std::runtime_error("no database connection is free") {}
};

/// Rows of one reply, in PostgreSQL's text form. Owns its memory; cheap to move.
class Rows {
public:
    Rows();
    ~Rows();
    Rows(Rows&&) noexcept;
    Rows& operator=(Rows&&) noexcept;

    [[nodiscard]] int size() const;
    [[nodiscard]] int column_count() const;
    [[nodiscard]] std::string_view column_name(int column) const;
    [[nodiscard]] unsigned column_type(int column) const;   ///< OID
    [[nodiscard]] int column(std::string_view name) const;  ///< -1 when there is none
    /// Text of a cell; nothing for NULL. Valid while this lives.
    [[nodiscard]] std::optional<std::string_view> at(int row, int column) const;
    [[nodiscard]] std::size_t bytes() const;      ///< memory held
    [[nodiscard]] std::int64_t affected() const;  ///< rows that INSERT, UPDATE or DELETE touched

    /// For src/db only: takes libpq results; several hold one row each (a streamed batch).
    explicit Rows(std::vector<void*> pg_results);
    /// For src/db only: `size` rows of another's from `first` on, without its last column.
    Rows(std::shared_ptr<const Rows> whole, int first, int size);

private:
    std::vector<void*> results_;
    std::shared_ptr<const Rows> whole_;  ///< whose rows these are, if they are not its own
    int first_ = 0, size_ = 0;
};

// Text form -> C++. Throws db::Error for NULL in a type that has no room for it.
void decode(std::optional<std::string_view> cell, std::string& out);
void decode(std::optional<std::string_view> cell, bool& out);
void decode(std::optional<std::string_view> cell, int& out);
void decode(std::optional<std::string_view> cell, long& out);
void decode(std::optional<std::string_view> cell, long long& out);
void decode(std::optional<std::string_view> cell, double& out);
void decode(std::optional<std::string_view> cell, std::vector<std::string>& out);  ///< text[]
void decode(std::optional<std::string_view> cell, nlohmann::json& out);
template <class T>
void decode(std::optional<std::string_view> cell, std::optional<T>& out) {
    if (!cell) {
        out.reset();
        return;
    }
    decode(cell, out.emplace());
}

/// Tag for `constexpr auto describe(db::RowOf<T>)`, found by argument-dependent look-up beside T.
template <class T>
struct RowOf {};

template <class T, class M>
struct Column {
    std::string_view name;
    M T::* member;
};
template <class T, class M>
constexpr Column<T, M> column(std::string_view name, M T::* member) {
    return {name, member};
}
template <class... C>
constexpr std::tuple<C...> columns(C... column) {
    return {column...};
}

template <class T>
concept Described = requires { describe(RowOf<T>{}); };

[[noreturn]] void throw_missing_column(std::string_view name);

/// Rows as structs (columns by name, found once) or, for a plain type, their first column.
template <class T>
class RowReader {
public:
    explicit RowReader(const Rows& rows) : rows_(rows) {
        if constexpr (Described<T>) {
            std::apply([&](const auto&... column) { (find(column.name), ...); }, describe(RowOf<T>{}));
        }
    }
    T operator()(int row) const {
        T out{};
        if constexpr (Described<T>) {
            std::size_t next = 0;
            auto take = [&](const auto& column) {
                decode(rows_.at(row, places_[next++]), out.*(column.member));
            };
            std::apply([&](const auto&... column) { (take(column), ...); }, describe(RowOf<T>{}));
        } else {
            decode(rows_.at(row, 0), out);
        }
        return out;
    }

private:
    void find(std::string_view name) {
        int index = rows_.column(name);
        if (index < 0) {
            throw_missing_column(name);
        }
        places_.push_back(index);
    }
    const Rows& rows_;
    std::vector<int> places_;
};

/// One row; for several, keep a RowReader.
template <class T>
T row_as(const Rows& rows, int row) {
    return RowReader<T>(rows)(row);
}

}  // namespace pengcheng::db
