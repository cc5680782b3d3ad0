#include <pengcheng/catalogue/resource.hpp>

namespace pengcheng::catalogue {

namespace {

constexpr db::Statement find_ref_sql{"catalogue.find_ref", R"sql(
    SELECT ref FROM catalogue.resource_name WHERE organization = $1 AND name = $2
)sql",
                                     db::Lane::shared};

}  // namespace

asio::awaitable<std::optional<std::string>> find_ref(db::Pool& db, std::string organization,
                                                     std::string name) {
    co_return co_await db.find<std::string>(find_ref_sql, std::move(organization), std::move(name));
}

asio::awaitable<std::optional<std::string>> find_ref(db::Transaction& tx, std::string organization,
                                                     std::string name) {
    co_return co_await tx.find<std::string>(find_ref_sql, std::move(organization), std::move(name));
}

PENGCHENG_STATEMENTS(find_ref_sql);

}  // namespace pengcheng::catalogue
