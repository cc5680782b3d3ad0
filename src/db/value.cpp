#include <pengcheng/db/value.hpp>

#include <pengcheng/base/text.hpp>

#include <libpq-fe.h>

#include <nlohmann/json.hpp>

#include <charconv>

namespace pengcheng::db {

namespace {

PGresult* pg(void* result) {
    return static_cast<PGresult*>(result);
}

std::string_view required(std::optional<std::string_view> cell) {
    if (!cell) {
        throw Error("22004", "NULL where a value is required");
    }
    return *cell;
}

template <class T>
T number(std::string_view text) {
    T out{};
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw Error("22P02", "not a number: " + std::string(text.substr(0, 40)));
    }
    return out;
}

}  // namespace

Param::Param(double value) {
    std::array<char, 40> buffer{};
    auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    text = std::string(buffer.data(), end);
}

Param::Param(const std::vector<std::string>& values) {
    std::string out = "{";
    for (const std::string& value : values) {
        if (out.size() > 1) {
            out += ',';
        }
        out += '"';
        for (char c : value) {
            if (c == '"' || c == '\\') {
                out += '\\';
            }
            out += c;
        }
        out += '"';
    }
    text = out + "}";
}

Param::Param(const nlohmann::json& value)
    : text(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)) {
}

Error::Error(std::string sqlstate, std::string message, std::string constraint)
    : std::runtime_error(sqlstate + " " + message),
      sqlstate_(std::move(sqlstate)),
      constraint_(std::move(constraint)) {
}

bool Error::cached_plan() const {
    return std::string_view(what()).find("cached plan") != std::string_view::npos;
}

Rows::Rows() = default;
Rows::Rows(std::vector<void*> pg_results) : results_(std::move(pg_results)) {
}
Rows::~Rows() {
    for (void* result : results_) {
        PQclear(pg(result));
    }
}
Rows::Rows(std::shared_ptr<const Rows> whole, int first, int size)
    : whole_(std::move(whole)), first_(first), size_(size) {
}
Rows::Rows(Rows&& other) noexcept
    : results_(std::exchange(other.results_, {})),
      whole_(std::move(other.whole_)),
      first_(other.first_),
      size_(other.size_) {
}
Rows& Rows::operator=(Rows&& other) noexcept {
    std::swap(results_, other.results_);
    std::swap(whole_, other.whole_);
    std::swap(first_, other.first_);
    std::swap(size_, other.size_);
    return *this;
}

int Rows::size() const {
    if (whole_) {
        return size_;
    }
    if (results_.size() > 1) {
        return static_cast<int>(results_.size());
    }
    return results_.empty() ? 0 : PQntuples(pg(results_[0]));
}
int Rows::column_count() const {
    if (whole_) {
        return whole_->column_count() - 1;
    }
    return results_.empty() ? 0 : PQnfields(pg(results_[0]));
}
std::string_view Rows::column_name(int column) const {
    return whole_ ? whole_->column_name(column) : PQfname(pg(results_[0]), column);
}
unsigned Rows::column_type(int column) const {
    return whole_ ? whole_->column_type(column) : PQftype(pg(results_[0]), column);
}

int Rows::column(std::string_view name) const {
    for (int i = 0; i < column_count(); ++i) {
        if (column_name(i) == name) {
            return i;
        }
    }
    return -1;
}

std::optional<std::string_view> Rows::at(int row, int column) const {
    if (whole_) {
        return whole_->at(first_ + row, column);
    }
    PGresult* result = pg(results_.size() > 1 ? results_[static_cast<std::size_t>(row)] : results_[0]);
    int index = results_.size() > 1 ? 0 : row;
    int length = PQgetlength(result, index, column);
    if (length == 0 && PQgetisnull(result, index, column) != 0) {
        return std::nullopt;
    }
    return std::string_view(PQgetvalue(result, index, column), static_cast<std::size_t>(length));
}

std::size_t Rows::bytes() const {
    if (whole_) {
        auto rows = static_cast<std::size_t>(std::max(whole_->size(), 1));
        return whole_->bytes() * static_cast<std::size_t>(size_) / rows;
    }
    std::size_t sum = 0;
    for (void* result : results_) {
        sum += PQresultMemorySize(pg(result));
    }
    return sum;
}

std::int64_t Rows::affected() const {
    std::string_view text = results_.empty() ? "" : PQcmdTuples(pg(results_[0]));
    return to_int(text).value_or(0);
}

void decode(std::optional<std::string_view> cell, std::string& out) {
    out = required(cell);
}
void decode(std::optional<std::string_view> cell, bool& out) {
    out = required(cell) == "t";
}
void decode(std::optional<std::string_view> cell, int& out) {
    out = number<int>(required(cell));
}
void decode(std::optional<std::string_view> cell, long& out) {
    out = number<long>(required(cell));
}
void decode(std::optional<std::string_view> cell, long long& out) {
    out = number<long long>(required(cell));
}
void decode(std::optional<std::string_view> cell, double& out) {
    out = number<double>(required(cell));
}

void decode(std::optional<std::string_view> cell, std::vector<std::string>& out) {
    std::string_view text = required(cell);
    out.clear();
    if (text.size() < 2 || text.front() != '{') {
        throw Error("22P02", "not an array");
    }
    text = text.substr(1, text.size() - 2);
    std::size_t at = 0;
    while (at < text.size()) {
        std::string value;
        if (text[at] == '"') {
            for (++at; at < text.size() && text[at] != '"'; ++at) {
                at += text[at] == '\\' ? 1 : 0;
                value += text[at];
            }
            ++at;
        } else {
            for (; at < text.size() && text[at] != ','; ++at) {
                value += text[at];
            }
        }
        out.push_back(std::move(value));
        ++at;
    }
}

void decode(std::optional<std::string_view> cell, nlohmann::json& out) {
    out = cell ? nlohmann::json::parse(*cell) : nlohmann::json(nullptr);
}

void throw_missing_column(std::string_view name) {
    throw Error("42703", "the statement returns no column " + std::string(name));
}

}  // namespace pengcheng::db
