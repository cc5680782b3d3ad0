#include "services/attachments.hpp"

#include "services/problems.hpp"

#include <pengcheng/audit/audit.hpp>
#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <algorithm>
#include <array>
#include <fstream>

namespace pengcheng::services {

namespace {

constexpr db::Statement add_attachment_sql{"services.add_attachment", R"sql(
    INSERT INTO services.attachment (id, account, name, kind, bytes, sha256)
    VALUES ($1::uuid, $2::uuid, $3, $4, $5::bigint, $6)
)sql"};

constexpr db::Statement find_attachment_sql{"services.find_attachment", R"sql(
    SELECT id, account, name, kind, bytes, sha256, COALESCE(case_no, '') AS case_no
      FROM services.attachment WHERE id = $1::uuid
)sql"};

constexpr db::Statement lock_attachments_sql{"services.lock_attachments", R"sql(
    SELECT id, account, name, kind, bytes, sha256, COALESCE(case_no, '') AS case_no
      FROM services.attachment
     WHERE id = ANY ($1::uuid[]) AND account = $2::uuid AND case_no IS NULL
       FOR UPDATE
)sql"};

constexpr db::Statement bind_attachments_sql{"services.bind_attachments", R"sql(
    UPDATE services.attachment SET case_no = $1 WHERE id = ANY ($2::uuid[])
)sql"};

constexpr std::size_t name_length_max = 120;
constexpr std::size_t files_of_material_max = 10;
constexpr std::size_t read_bytes = 64 * 1024;
constexpr std::size_t sniff_bytes = 8;
constexpr auto kinds_zh = "只接受 PDF、PNG、JPG、OFD 文件（按内容判断）";
constexpr auto kinds_en = "Only PDF, PNG, JPG and OFD are taken, judged by content";

/// A file on its way in; what is not kept is removed.
class Incoming {
public:
    explicit Incoming(std::filesystem::path path) : path_(std::move(path)), out_(path_, std::ios::binary) {
        std::filesystem::permissions(
            path_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }
    ~Incoming() {
        out_.close();
        if (!kept_) {
            std::error_code ignored;
            std::filesystem::remove(path_, ignored);
        }
    }
    Incoming(const Incoming&) = delete;
    Incoming& operator=(const Incoming&) = delete;

    void write(std::string_view bytes) {
        out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    [[nodiscard]] bool flushed() { return out_.flush().good(); }
    void keep() { kept_ = true; }

private:
    std::filesystem::path path_;
    std::ofstream out_;
    bool kept_ = false;
};

const Json* declared_material(const Json& declared, const std::string& code) {
    for (const auto& material : declared) {
        if (material.at("code") == code) {
            return &material;
        }
    }
    return nullptr;
}

std::string megabytes(std::int64_t bytes) {
    return std::to_string((bytes + (1 << 20) - 1) >> 20) + " MB";
}

/// Why this file is not taken as that material, if so.
std::optional<FieldError> refuse_file(const Json& material, const Attachment& file, const std::string& at) {
    const auto accept = material.value("accept", Json::array({"pdf"}));
    if (std::find(accept.begin(), accept.end(), Json(file.kind)) == accept.end()) {
        return FieldError{at + "/attachment_id", "kind",
                          "“" + file.name + "”的格式不在要求之内：" + accept.dump(),
                          file.name + " is not of the kinds asked for: " + accept.dump()};
    }
    const auto bytes_max = material.value("max_bytes", attachment_bytes_max);
    if (file.bytes > bytes_max) {
        return FieldError{at + "/attachment_id", "size", "“" + file.name + "”超过 " + megabytes(bytes_max),
                          file.name + " is larger than " + megabytes(bytes_max)};
    }
    return std::nullopt;
}

void check_required(std::vector<FieldError>& faults, const Json& declared, const Json& handed,
                    const std::vector<std::string>& only) {
    for (const auto& material : declared) {
        const auto code = material.at("code").get<std::string>();
        const bool wanted = only.empty() ? material.value("required", false)
                                         : std::find(only.begin(), only.end(), code) != only.end();
        const bool there = std::any_of(handed.begin(), handed.end(),
                                       [&](const Json& one) { return one.at("code") == code; });
        if (wanted && !there) {
            const auto name = material.at("name").get<std::string>();
            faults.push_back({"/materials", "required", "缺少材料“" + name + "”", name + " is missing"});
        }
    }
}

Problem with_faults(const ProblemType& type, std::vector<FieldError> faults) {
    Problem problem = type.plain();
    problem.errors = std::move(faults);
    return problem;
}

/// People read it in lists and on papers: nothing in it breaks a line or turns the text around.
bool is_file_name(const std::string& name) {
    constexpr std::array<std::string_view, 9> turning{"\u202a", "\u202b", "\u202c", "\u202d", "\u202e",
                                                      "\u2066", "\u2067", "\u2068", "\u2069"};
    const bool plain = std::none_of(name.begin(), name.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    const bool straight = std::none_of(turning.begin(), turning.end(), [&](std::string_view mark) {
        return name.find(mark) != std::string::npos;
    });
    return plain && straight && !name.empty() && name != "." && name != ".." && valid_utf8(name) &&
           utf8_length(name) <= name_length_max;
}

}  // namespace

std::string_view sniff(std::string_view head, std::string_view name) {
    if (head.starts_with("%PDF-")) {
        return "pdf";
    }
    if (head.starts_with("\x89PNG\r\n\x1a\n")) {
        return "png";
    }
    if (head.starts_with("\xff\xd8\xff")) {
        return "jpg";
    }
    // OFD (GB/T 33190) is a ZIP package whose root is OFD.xml.
    if (head.starts_with("PK\x03\x04") && lower_ascii(name).ends_with(".ofd")) {
        return "ofd";
    }
    return {};
}

std::filesystem::path attachment_path(const Runtime& runtime, const std::string& id) {
    return runtime.var("attachments") / id.substr(id.size() - 2) / id;
}

asio::awaitable<Result<Attachment>> take_attachment(http::Call call, std::string name) {
    name = std::filesystem::path(name).filename().string();
    if (!is_file_name(name)) {
        co_return problem::bad_attachment.at("/name", "请给出文件名（不超过 120 字，不含控制字符）",
                                             "Give a file name of up to 120 characters, none a control");
    }
    if (call.content_length().value_or(0) > attachment_bytes_max) {
        co_return problem::too_large.because("单个文件不能超过 20 MB", "One file may have 20 MB at most");
    }
    Attachment file{.id = new_id(), .account = call.who.id, .name = std::move(name)};
    const auto path = attachment_path(call.runtime, file.id);
    std::filesystem::create_directories(path.parent_path());
    Incoming incoming{path};
    crypto::Sha256 digest;
    std::string head;
    std::vector<char> buffer(read_bytes);
    while (const std::size_t size = co_await call.read_body(buffer)) {
        const std::string_view bytes{buffer.data(), size};
        head += bytes.substr(0, sniff_bytes - std::min(head.size(), sniff_bytes));
        if (head.size() == sniff_bytes && sniff(head, file.name).empty()) {
            co_return problem::bad_attachment.because(kinds_zh, kinds_en);
        }
        file.bytes += static_cast<std::int64_t>(size);
        if (file.bytes > attachment_bytes_max) {
            co_return problem::too_large.because("单个文件不能超过 20 MB", "One file may have 20 MB at most");
        }
        digest.update(bytes);
        incoming.write(bytes);
    }
    file.kind = sniff(head, file.name);
    if (file.kind.empty()) {
        co_return problem::bad_attachment.because(kinds_zh, kinds_en);
    }
    if (!incoming.flushed()) {
        throw std::runtime_error("cannot write " + path.string());
    }
    file.sha256 = digest.hex();
    auto tx = co_await call.db.begin();
    co_await tx.run(add_attachment_sql, file.id, file.account, file.name, file.kind, file.bytes, file.sha256);
    Json detail{{"kind", file.kind}, {"bytes", file.bytes}, {"sha256", file.sha256}};
    co_await audit::record(tx, call.who, "services.attachment.create", file.id, std::move(detail));
    co_await tx.commit();
    incoming.keep();
    co_return file;
}

asio::awaitable<std::optional<Attachment>> find_attachment(db::Pool& db, std::string id) {
    co_return co_await db.find<Attachment>(find_attachment_sql, std::move(id));
}

asio::awaitable<Result<Json>> check_materials(db::Transaction& tx, Json declared, Json handed,
                                              std::string account, std::vector<std::string> only) {
    std::vector<std::string> ids;
    for (const auto& one : handed) {
        ids.push_back(one.at("attachment_id").get<std::string>());
    }
    auto files = co_await tx.all<Attachment>(lock_attachments_sql, ids, std::move(account));
    std::vector<FieldError> faults;
    Json taken = Json::array();
    std::map<std::string, std::size_t> count;
    std::set<std::string> seen;
    std::size_t index = 0;
    for (const auto& one : handed) {
        const std::string at = "/materials/" + std::to_string(index++);
        const auto code = one.at("code").get<std::string>();
        const auto id = one.at("attachment_id").get<std::string>();
        const Json* material = declared_material(declared, code);
        const bool asked = only.empty() || std::find(only.begin(), only.end(), code) != only.end();
        const auto file =
            std::find_if(files.begin(), files.end(), [&](const Attachment& f) { return f.id == id; });
        if (!material || !asked || ++count[code] > files_of_material_max) {
            faults.push_back(
                {at + "/code", "unknown", "此处不需要该材料", "This paper is not asked for here"});
        } else if (file == files.end() || !seen.insert(id).second) {
            faults.push_back({at + "/attachment_id", "missing", "没有这个附件，或已用于其他办件",
                              "No such file of yours, or it belongs to another case"});
        } else if (auto fault = refuse_file(*material, *file, at)) {
            faults.push_back(std::move(*fault));
        } else {
            taken.push_back({{"code", code},
                             {"attachment_id", id},
                             {"name", file->name},
                             {"kind", file->kind},
                             {"bytes", file->bytes}});
        }
    }
    check_required(faults, declared, handed, only);
    if (!faults.empty()) {
        co_return with_faults(problem::bad_form, std::move(faults));
    }
    co_return taken;
}

asio::awaitable<void> bind_attachments(db::Transaction& tx, std::string case_no, Json materials) {
    std::vector<std::string> ids;
    for (const auto& material : materials) {
        ids.push_back(material.at("attachment_id").get<std::string>());
    }
    co_await tx.run(bind_attachments_sql, std::move(case_no), ids);
}

PENGCHENG_STATEMENTS(add_attachment_sql, find_attachment_sql, lock_attachments_sql, bind_attachments_sql);

}  // namespace pengcheng::services
