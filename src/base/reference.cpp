#include <pengcheng/base/reference.hpp>

#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/text.hpp>

#include <array>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <numeric>

#include <sys/stat.h>

namespace pengcheng {

namespace {

constexpr ProblemType bad_reference{"base.bad-reference", 422, "A reference names nothing", "引用无效"};
constexpr std::size_t file_bytes_max = 64 * 1024;

std::string variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr || *value == '\0') {
        throw ProblemError(bad_reference.because(
            "环境变量 " + name + " 没有设置，请在启动前设置它",
            "the environment variable " + name + " is not set; set it before the start"));
    }
    return value;
}

std::string text_of_file(const std::string& path) {
    struct stat status{};
    const bool there = path.starts_with('/') && stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
    std::ifstream in(path, std::ios::binary);
    if (!there || !in || static_cast<std::size_t>(status.st_size) > file_bytes_max) {
        throw ProblemError(bad_reference.because(
            "读不到文件 " + path + "（须为绝对路径，不超过 64 KB，运行服务的用户可读）",
            "cannot read " + path + " (an absolute path, at most 64 KB, readable by the server's user)"));
    }
    if ((status.st_mode & 0007) != 0) {
        throw ProblemError(bad_reference.because("密钥文件 " + path + " 可被其他用户读取，请执行 chmod 600",
                                                 "others may read " + path + "; run chmod 600 on it"));
    }
    std::string text{std::istreambuf_iterator<char>(in), {}};
    while (text.ends_with('\n') || text.ends_with('\r')) {
        text.pop_back();
    }
    return text;
}

/// Calls `put` for each reference in turn ("env", "NAME"); the text around them is kept.
std::string replace_each(std::string_view text,
                         const std::function<std::string(std::string_view, const std::string&)>& put) {
    std::string out;
    while (!text.empty()) {
        const std::size_t from = std::min(text.find("${env:"), text.find("${file:"));
        const std::size_t end = from == std::string_view::npos ? from : text.find('}', from);
        if (end == std::string_view::npos) {
            break;
        }
        const std::string_view inside = text.substr(from + 2, end - from - 2);
        const std::size_t colon = inside.find(':');
        out += text.substr(0, from);
        out += put(inside.substr(0, colon), std::string(inside.substr(colon + 1)));
        text.remove_prefix(end + 1);
    }
    return out += text;
}

bool names_password(std::string_view text, std::string_view key) {
    for (std::size_t at = 0; (at = text.find(key, at)) != std::string_view::npos; at += key.size()) {
        std::string_view rest = trim(text.substr(at + key.size()));
        if (!rest.starts_with('=')) {
            continue;
        }
        rest = trim(rest.substr(1));
        rest = rest.starts_with('\'') ? rest.substr(1) : rest;
        if (!rest.empty() && std::string_view("&'\x01").find(rest.front()) == std::string_view::npos) {
            return true;
        }
    }
    return false;
}

std::size_t distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= left.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const std::size_t change = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
        }
    }
    return row.back();
}

}  // namespace

bool has_reference(std::string_view text) {
    return without_references(text) != text;
}

std::string resolve_references(std::string_view text) {
    return replace_each(text, [](std::string_view kind, const std::string& name) {
        return kind == "env" ? variable(name) : text_of_file(name);
    });
}

std::string without_references(std::string_view text) {
    return replace_each(text, [](std::string_view, const std::string&) { return std::string(); });
}

bool names_secret(std::string_view key) {
    static constexpr std::array<std::string_view, 8> words{"password", "passwd",      "secret",      "token",
                                                           "api_key",  "private_key", "credentials", "口令"};
    const std::string lower = lower_ascii(key);
    return std::any_of(words.begin(), words.end(), [&lower](std::string_view word) {
        return lower.size() >= word.size() && std::string_view(lower).ends_with(word);
    });
}

bool has_literal_password(std::string_view url) {
    // A reference becomes a mark, so what else is left of a password is what was written out.
    const std::string plain = replace_each(url, [](std::string_view, const std::string&) { return "\x01"; });
    if (names_password(plain, "password")) {
        return true;
    }
    const std::size_t scheme = plain.find("://");
    const std::size_t at = scheme == std::string::npos ? scheme : plain.find('@', scheme);
    const std::size_t colon = at == std::string::npos ? at : plain.find(':', scheme + 3);
    return colon != std::string::npos && colon + 1 < at && plain[colon + 1] != '\x01';
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates) {
    std::string best;
    std::size_t least = std::max<std::size_t>(2, name.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t steps = distance(name, candidate);
        if (steps < least) {
            least = steps;
            best = candidate;
        }
    }
    return best;
}

}  // namespace pengcheng
