#include <pengcheng/store/value_use.hpp>

#include <pengcheng/base/text.hpp>
#include <pengcheng/store/table.hpp>

#include <algorithm>

namespace pengcheng::store {

asio::awaitable<std::vector<std::string>> values_in_use(db::Transaction& tx, std::string ref,
                                                        std::string column, std::vector<std::string> values) {
    std::vector<std::string> used;
    auto table = co_await current(tx, ref);
    if (!table || std::ranges::find(table->columns, column, &Column::name) == table->columns.end()) {
        co_return used;
    }
    const std::string name = sql_identifier(column);
    db::Query query{.sql = "SELECT DISTINCT " + name + "::text FROM " + table->name + " WHERE " + name +
                           "::text = ANY ($1::text[]) ORDER BY 1"};
    query.params.emplace_back(values);
    auto rows = co_await tx.query(std::move(query));
    for (int row = 0; row < rows.size(); ++row) {
        used.push_back(db::row_as<std::string>(rows, row));
    }
    co_return used;
}

}  // namespace pengcheng::store
