#include "services/cases.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <map>
#include <mutex>

namespace pengcheng::services {

namespace {

/// The key that forms are sealed with. Read once per folder: a small file, then memory.
const std::string& form_key(const Runtime& runtime) {
    static std::mutex guard;
    static std::map<std::filesystem::path, std::string> keys;
    const auto folder = runtime.var("keys");
    const std::lock_guard lock{guard};
    auto found = keys.find(folder);
    if (found == keys.end()) {
        found = keys.emplace(folder, crypto::key_file(folder, "services-form")).first;
    }
    return found->second;
}

std::string bound_to(const std::string& case_no) {
    return "services.case_file.form/" + case_no;
}

}  // namespace

std::string seal_form(const Runtime& runtime, const std::string& case_no, const FilledForm& form) {
    const Json content{{"values", form.values}, {"sources", form.sources}};
    return base64url(crypto::seal(form_key(runtime), content.dump(), bound_to(case_no)));
}

FilledForm open_form(const Runtime& runtime, const Case& one) {
    const auto sealed = base64_decode(one.form_sealed);
    const auto text = sealed ? crypto::open(form_key(runtime), *sealed, bound_to(one.case_no)) : std::nullopt;
    if (!text) {
        throw std::runtime_error("the form of case " + one.case_no + " does not open with this key");
    }
    const Json content = Json::parse(*text);
    return {.values = content.at("values"), .sources = content.at("sources")};
}

}  // namespace pengcheng::services
