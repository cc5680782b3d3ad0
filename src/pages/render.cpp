#include <pengcheng/base/embedded.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/pages/pages.hpp>

#include "pages/assets.hpp"

#include <kainjow/mustache.hpp>
#include <nlohmann/json.hpp>

#include <stdexcept>
#include <unordered_map>

namespace pengcheng::pages {

extern const Embedded template_files[];
extern const std::size_t template_file_count;

namespace {

namespace mustache = kainjow::mustache;

mustache::data to_data(const Json& value) {
    switch (value.type()) {
        case Json::value_t::object: {
            mustache::data out{mustache::data::type::object};
            for (const auto& [name, member] : value.items()) {
                out[name] = to_data(member);
            }
            return out;
        }
        case Json::value_t::array: {
            mustache::list list;
            list.reserve(value.size());
            for (const auto& element : value) {
                list.push_back(to_data(element));
            }
            return mustache::data{list};
        }
        case Json::value_t::string: {
            const auto& text = value.get_ref<const std::string&>();
            return text.empty() ? mustache::data{false} : mustache::data{text};
        }
        case Json::value_t::boolean:
            return mustache::data{value.get<bool>()};
        case Json::value_t::null:
        case Json::value_t::discarded:
            return mustache::data{false};
        default:
            return mustache::data{value.dump()};
    }
}

/// Parsed once per thread: a parsed template keeps state while it renders.
mustache::mustache& parsed(std::string_view name) {
    thread_local std::unordered_map<std::string, mustache::mustache> cache;
    std::string key(name);
    auto found = cache.find(key);
    if (found != cache.end()) {
        return found->second;
    }
    std::string file = key + ".mustache";
    for (std::size_t i = 0; i < template_file_count; ++i) {
        if (template_files[i].name != file) {
            continue;
        }
        mustache::mustache made{std::string(template_files[i].text)};
        if (!made.is_valid()) {
            throw std::logic_error("template " + key + ": " + made.error_message());
        }
        return cache.emplace(std::move(key), std::move(made)).first->second;
    }
    throw std::logic_error("no template " + key);
}

/// `{{#t}}中文|English{{/t}}`: the half of the page's language, rendered in the place's context.
void add_language(mustache::data& view, bool chinese) {
    view["zh"] = mustache::data{chinese};
    view["t"] = mustache::data{mustache::lambda{[chinese](const std::string& both) {
        auto bar = both.find('|');
        if (bar == std::string::npos) {
            return both;
        }
        return chinese ? both.substr(0, bar) : both.substr(bar + 1);
    }}};
}

std::string render_data(std::string_view name, mustache::data& view) {
    mustache::mustache& page = parsed(name);
    std::string out = page.render(view);
    if (!page.error_message().empty()) {
        throw std::logic_error("template " + std::string(name) + ": " + page.error_message());
    }
    return out;
}

/// JSON inside <script>: no character that HTML could read as markup.
std::string script_json(std::string_view json) {
    std::string out;
    for (char c : json) {
        switch (c) {
            case '<':
                out += "\\u003c";
                break;
            case '>':
                out += "\\u003e";
                break;
            case '&':
                out += "\\u0026";
                break;
            default:
                out += c;
        }
    }
    return out;
}

/// Pages whose own search box is the first thing on them.
bool searches_itself(std::string_view path) {
    path = path.substr(0, path.find('?'));
    return path == "/" || path == "/datasets" || path == "/services";
}

Json layout_view(const PageContext& context, std::string content) {
    Assets assets = portal_assets(context.web_root);
    std::string site = context.chinese ? "彭城 · 徐州市公共数据与政务服务平台"
                                       : "Pengcheng · Xuzhou public data and government services";
    Json view{
        {"lang", context.chinese ? "zh-CN" : "en"},
        {"title", context.title.empty() ? site : context.title + " - " + site},
        {"description", context.description},
        {"canonical", context.canonical},
        {"query", context.query},
        {"find", !searches_itself(context.path)},
        {"large", context.large},
        {"index", context.index},
        {"display_name", context.display_name},
        {"staff", context.staff},
        {"back", percent_encode(context.path.empty() ? "/" : context.path)},
        {"styles", assets.styles},
        {"scripts", assets.scripts},
        {"linked_data", script_json(context.linked_data.text)},
        {"content", std::move(content)},
    };
    for (const char* section : {"home", "datasets", "services", "my"}) {
        view[std::string("at_") + section] = context.section == section;
    }
    return view;
}

}  // namespace

std::string render_alone(std::string_view name, const Json& view, const PageContext& context) {
    mustache::data data = to_data(view);
    add_language(data, context.chinese);
    return render_data(name, data);
}

std::string render(std::string_view name, const Json& view, const PageContext& context) {
    Json layout = layout_view(context, render_alone(name, view, context));
    return render_alone("layout", layout, context);
}

}  // namespace pengcheng::pages
