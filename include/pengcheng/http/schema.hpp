#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/http/route.hpp>

#include <memory>
#include <string>
#include <vector>

namespace pengcheng::http {

/// Every named schema of a route table, compiled once. Immutable: share between threads.
class Schemas {
public:
    explicit Schemas(const Routes& routes);
    /// From an OpenAPI document's components.schemas (tests check replies with it).
    static Schemas of_components(Json components);
    ~Schemas();
    Schemas(Schemas&&) noexcept;

    /// What is wrong, one error a place; empty when `value` fits the schema called `name`.
    [[nodiscard]] std::vector<FieldError> check(std::string_view name, const Json& value) const;
    [[nodiscard]] const Json& components() const;

private:
    Schemas();
    void compile(Json components);
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace pengcheng::http
