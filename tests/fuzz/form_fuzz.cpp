#include "support.hpp"

#include "identity/tokens.hpp"

#include <pengcheng/base/text.hpp>

/// A form, and an Authorization header cut off its end; then each decoder of text against its encoder.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace pengcheng;
    std::string_view text = fuzz::text_of(bytes, size);
    std::size_t line = std::min(text.find('\n'), text.size());
    auto request = identity::read_token_request(text.substr(0, line), text.substr(std::min(line + 1, size)));
    if (request) {
        fuzz::require(valid_utf8(request->client_id) && !request->client_id.empty());
        fuzz::require(request->grant_type == "client_credentials");
    }
    fuzz::require(percent_decode(percent_encode(text)) == text);
    fuzz::require(base64_decode(base64url(text)) == text);
    static_cast<void>(base64_decode(text));
    static_cast<void>(percent_decode(text, true));
    std::string quoted;
    append_json_string(quoted, text);
    fuzz::require(valid_utf8(quoted) && quoted.size() >= 2);
    fuzz::require(!valid_utf8(text) || valid_utf8(utf8_prefix(text, size / 2)));
    fuzz::require(html_escape(text).find_first_of("<>\"'") == std::string::npos);
    std::string name = sql_identifier(text);
    fuzz::require(name.size() >= 2 && name.front() == '"' && name.back() == '"');
    return 0;
}
