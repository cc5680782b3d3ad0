#pragma once

#include "services/items.hpp"

#include <pengcheng/base/problem.hpp>
#include <pengcheng/http/route.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pengcheng::services {

inline constexpr std::int64_t attachment_bytes_max = 20 << 20;

struct Attachment {
    std::string id;
    std::string account;
    std::string name;
    std::string kind;
    std::int64_t bytes = 0;
    std::string sha256;
    std::string case_no;  ///< empty: not handed in yet
};

constexpr auto describe(db::RowOf<Attachment>) {
    return db::columns(db::column("id", &Attachment::id), db::column("account", &Attachment::account),
                       db::column("name", &Attachment::name), db::column("kind", &Attachment::kind),
                       db::column("bytes", &Attachment::bytes), db::column("sha256", &Attachment::sha256),
                       db::column("case_no", &Attachment::case_no));
}

/// pdf, png, jpg or ofd by the content's first bytes; empty for anything else.
std::string_view sniff(std::string_view head, std::string_view name);

/// Streams the call's body to disk, bounded, and records it.
asio::awaitable<Result<Attachment>> take_attachment(http::Call call, std::string name);
asio::awaitable<std::optional<Attachment>> find_attachment(db::Pool& db, std::string id);
std::filesystem::path attachment_path(const Runtime& runtime, const std::string& id);

/// Checks what is handed in against the declared materials and the caller's free files, locked until the
/// transaction ends. -> [{code, attachment_id, name, kind, bytes}]. `only`: the codes that may be handed
/// in; empty: any declared one, and every required one must be there.
asio::awaitable<Result<Json>> check_materials(db::Transaction& tx, Json declared, Json handed,
                                              std::string account, std::vector<std::string> only);
/// Ties the files to the case: from now on the handling department reads them.
asio::awaitable<void> bind_attachments(db::Transaction& tx, std::string case_no, Json materials);

}  // namespace pengcheng::services
