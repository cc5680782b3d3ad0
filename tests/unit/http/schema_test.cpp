#include <pengcheng/http/schema.hpp>
#include <pengcheng/http/server.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pengcheng::http {

constexpr Schema part{"Part", R"json({"type": "object", "required": ["name"], "additionalProperties": false,
    "properties": {"name": {"type": "string", "minLength": 1}, "kind": {"enum": ["a", "b"]}}})json"};
constexpr Schema whole{"Whole",
                       R"json({"type": "object", "required": ["parts"], "additionalProperties": false,
    "properties": {"parts": {"type": "array", "maxItems": 2, "items": {"$ref": "#/components/schemas/Part"}}}})json"};

static Routes table() {
    Routes routes;
    routes.push_back({.verb = Verb::post,
                      .path = "/api/v1/wholes/{id}",
                      .permission = "public",
                      .body = &whole,
                      .uses = {&part}});
    return routes;
}

TEST(Schemas, PointAtWhatIsWrong) {
    Schemas schemas(table());
    EXPECT_TRUE(schemas.check("Whole", {{"parts", {{{"name", "x"}, {"kind", "a"}}}}}).empty());
    struct Row {
        Json value;
        std::string pointer, code;
    };
    const std::vector<Row> rows = {
        {Json::object(), "/parts", "required"},
        {{{"parts", {{{"name", 1}}}}}, "/parts/0/name", "type"},
        {{{"parts", {{{"name", ""}}}}}, "/parts/0/name", "min-length"},
        {{{"parts", {{{"name", "x"}, {"kind", "z"}}}}}, "/parts/0/kind", "enum"},
        {{{"parts", Json::array()}, {"other", 1}}, "/other", "unknown-field"},
        {Json::array(), "", "type"},
    };
    for (const Row& row : rows) {
        auto errors = schemas.check("Whole", row.value);
        bool found = std::any_of(errors.begin(), errors.end(), [&](const FieldError& e) {
            return e.pointer == row.pointer && e.code == row.code;
        });
        EXPECT_TRUE(found) << row.value.dump() << " gave "
                           << (errors.empty() ? "nothing" : errors[0].pointer + " " + errors[0].code);
    }
}

TEST(Schemas, SayOnceWhatIsWrongWithinFreeMembers) {
    static constexpr Schema form{"FreeForm",
                                 R"json({"type": "object", "additionalProperties": {"type": "string"}})json"};
    Routes routes;
    routes.push_back({.verb = Verb::post, .path = "/x", .permission = "public", .body = &form});
    auto errors = Schemas(routes).check("FreeForm", {{"name", {{"a", 1}}}});
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors[0].pointer, "/name");
    EXPECT_EQ(errors[0].code, "type");
}

TEST(OpenApi, ComesFromTheRouteTable) {
    Json document = openapi(table(), "http://x");
    const Json& operation = document["paths"]["/api/v1/wholes/{id}"]["post"];
    EXPECT_EQ(document["openapi"], "3.1.0");
    EXPECT_EQ(operation["parameters"][0]["name"], "id");
    EXPECT_EQ(operation["requestBody"]["content"]["application/json"]["schema"]["$ref"],
              "#/components/schemas/Whole");
    EXPECT_TRUE(document["components"]["schemas"].contains("Part"));
}

}  // namespace pengcheng::http
