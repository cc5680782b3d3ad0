#include "portal/checks.hpp"
#include "portal/datasets.hpp"
#include "portal/problems.hpp"

#include <algorithm>

namespace pengcheng::portal {

asio::awaitable<Result<rows::View>> open_view(db::Pool& db, Dataset dataset) {
    if (dataset.open_type == "conditional") {
        co_return problem::on_application.because("请与数据提供单位联系申请使用：" + dataset.contact,
                                                  "Apply to the providing department: " + dataset.contact);
    }
    auto resource = co_await catalogue::find_published(db, dataset.resource);
    if (!resource || strictness(resource->open_type) > strictness(dataset.open_type)) {
        co_return problem::withdrawn.because("数据提供单位已停止开放这项数据",
                                             "The providing department has closed this data");
    }
    auto table = co_await store::current(db, dataset.resource);
    if (!table) {
        co_return problem::no_rows.plain();
    }
    rows::View view;
    for (const auto& open : dataset.items) {
        std::string column = open.at("column");
        std::string mask = open.at("mask");
        auto item = std::find_if(resource->items.begin(), resource->items.end(),
                                 [&](const catalogue::Item& one) { return one.column == column; });
        bool stored = std::any_of(table->columns.begin(), table->columns.end(),
                                  [&](const store::Column& one) { return one.name == column; });
        if (!stored || item == resource->items.end() ||
            !refusals_of(*item, *resource, dataset.open_type, mask).empty()) {
            continue;
        }
        view.fields.push_back({.column = column, .label = item->name, .type = item->type, .mask = mask});
    }
    if (view.fields.empty()) {
        co_return problem::withdrawn.because("开放的信息项均已停止开放", "Every opened item has been closed");
    }
    view.table = std::move(*table);
    view.access.resource = dataset.resource;
    view.access.owner = dataset.organization;
    view.access.channel = "open";
    view.file_name = dataset.title;
    co_return view;
}

}  // namespace pengcheng::portal
