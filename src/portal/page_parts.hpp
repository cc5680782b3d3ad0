#pragma once

#include "portal/datasets.hpp"

#include <pengcheng/http/route.hpp>
#include <pengcheng/pages/pages.hpp>

namespace pengcheng::portal {

/// A data set as lists on pages show it.
Json card(const Dataset& dataset, const std::optional<store::Table>& table, bool chinese);
std::string open_type_name(std::string_view open_type, bool chinese);

/// schema.org Dataset.
Json linked_dataset(const Dataset& dataset, const std::optional<store::Table>& table,
                    const std::string& base_url);

asio::awaitable<http::Reply> home_page(http::Call call);
asio::awaitable<http::Reply> datasets_page(http::Call call);
asio::awaitable<http::Reply> dataset_page(http::Call call);

}  // namespace pengcheng::portal
