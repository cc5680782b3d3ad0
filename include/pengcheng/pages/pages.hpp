#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/http/route.hpp>

#include <string>
#include <string_view>
#include <vector>

/// Server-rendered pages: mustache templates built into the program, one layout, assets by manifest.
///
/// In a template, `{{#t}}中文|English{{/t}}` gives the text of the page's language (tags may stand inside),
/// `{{zh}}` is true on Chinese pages. Empty strings, empty lists and null count as absent in sections.
/// `<div data-island="NAME">` holds content that works without script; src/web/portal enlivens it.
namespace pengcheng::pages {

/// A JSON document as text, so that this header needs no complete Json.
struct JsonText {
    std::string text;
    JsonText() = default;
    JsonText(const Json& value);
};

/// What the layout around a page needs. Make it with context_of and fill in what the page has.
struct PageContext {
    std::string title;        ///< of the page alone; the layout adds the site's name
    std::string description;  ///< for search engines, plain text
    std::string section;      ///< lit in the navigation: home, datasets, services, my, or empty
    std::string query;        ///< shown in the header's search box
    JsonText linked_data;     ///< schema.org object, or empty
    bool index = true;        ///< false: personal pages, kept out of search engines

    bool chinese = true;
    bool large = false;     ///< 适老 mode
    std::string path;       ///< of this page, with query
    std::string canonical;  ///< absolute address without query
    std::string base_url;
    std::string display_name;  ///< of the signed-in user; empty: nobody
    bool staff = false;
    std::string web_root;
};

/// Language (cookie pc_lang, then Accept-Language), large mode (cookie pc_large), sign-in state and address.
PageContext context_of(const http::Call& call, std::string title, std::string description = {});

/// The whole page: template `name` (without ".mustache") inside the layout.
std::string render(std::string_view name, const Json& view, const PageContext& context);

/// A template alone, for printable documents that bring their own <html>.
std::string render_alone(std::string_view name, const Json& view, const PageContext& context);

/// `render` as a reply. Signed-in pages are not cached.
http::Reply page(std::string_view name, const Json& view, const PageContext& context, int status = 200);

/// A refusal as a page, for pages that meet one: what happened, what to do.
http::Reply error_page(const Problem& problem, const PageContext& context);

/// The same for the dispatcher (http::Gate::error_page), which has no Call: header without sign-in state.
std::string error_html(const Problem& problem, bool chinese, const Config& config);

/// 12345678 -> "12,345,678".
std::string grouped(std::int64_t number);

/// The day of an RFC 3339 time ("2026-11-23"); what is shorter stays as it is.
std::string day_of(std::string_view time);

}  // namespace pengcheng::pages
