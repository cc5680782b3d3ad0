#include "ingest/elements.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/rules/identifiers.hpp>

#include <algorithm>
#include <array>

namespace pengcheng::ingest {

namespace {

using Words = std::string_view;

constexpr std::array<Words, 7> id_words{"身份证", "公民身份",  "证件号码", "sfzh",
                                        "zjhm",   "id_number", "idcard"};
constexpr std::array<Words, 5> credit_words{"社会信用", "信用代码", "tyshxydm", "credit_code", "uscc"};
constexpr std::array<Words, 7> mobile_words{"手机", "移动电话", "联系电话", "联系方式",
                                            "sjh",  "mobile",   "lxdh"};
constexpr std::array<Words, 6> phone_words{"电话", "固话", "传真", "phone", "tel", "telephone"};
constexpr std::array<Words, 4> email_words{"邮箱", "电子邮件", "email", "mail"};
constexpr std::array<Words, 4> plate_words{"车牌", "号牌", "hphm", "plate"};
constexpr std::array<Words, 6> card_words{"银行卡", "银行账", "账号", "卡号", "yhkh", "bank_card"};
constexpr std::array<Words, 8> region_words{"行政区划", "区划代码", "地区代码", "区县代码",
                                            "街道代码", "adcode",   "region",   "region_code"};
constexpr std::array<Words, 8> name_words{"姓名",   "联系人", "法定代表人", "法人代表",
                                          "负责人", "申请人", "xm",         "person_name"};
constexpr std::array<Words, 8> address_words{"地址",   "住址", "住所",    "居住地",
                                             "户籍地", "dz",   "address", "addr"};
constexpr std::array<Words, 14> grave_words{"诊断", "疾病", "病种", "病历", "病史", "残疾", "民族",
                                            "宗教", "密码", "口令", "指纹", "人脸", "行踪", "password"};
constexpr std::array<Words, 4> paper_words{"护照", "社保卡", "社保号", "passport"};

bool id_number(std::string_view value, Day today) {
    return rules::check_id_number(value, today).ok();
}
bool credit_code(std::string_view value, Day) {
    return rules::check_credit_code(value).ok();
}
bool mobile(std::string_view value, Day) {
    return rules::check_mobile(value).ok();
}
bool landline(std::string_view value, Day) {
    return rules::check_phone(value).ok();
}
bool email(std::string_view value, Day) {
    return rules::check_email(value).ok();
}
bool plate(std::string_view value, Day) {
    return rules::check_plate(value).ok();
}
bool bank_card(std::string_view value, Day) {
    return rules::check_bank_card(value).ok();
}
bool region(std::string_view value, Day) {
    return rules::check_region(value).ok();
}
bool person_name(std::string_view value, Day) {
    return rules::check_person_name(value).ok();
}
bool address(std::string_view value, Day) {
    return utf8_length(value) >= 4;
}

// Grades by exchange.md §5; the first that fits is taken, so the narrower stand first.
constexpr std::array<Element, 13> table{{
    {"id_number", id_words, id_number, 3, true, true},
    {"credit_code", credit_words, credit_code, 1, false, true},
    {"mobile", mobile_words, mobile, 3, true, true},
    {"landline", mobile_words, landline, 2, false, false},
    {"landline", phone_words, landline, 2, false, false},
    {"email", email_words, email, 2, false, true},
    {"plate", plate_words, plate, 3, true, false},
    {"bank_card", card_words, bank_card, 4, true, false},
    {"region", region_words, region, 1, false, false},
    {"person_name", name_words, person_name, 2, true, false},
    {"address", address_words, address, 3, true, false},
    {"", grave_words, nullptr, 4, true, false},
    {"", paper_words, nullptr, 3, true, false},
}};

}  // namespace

std::span<const Element> elements() {
    return table;
}

bool named(std::string_view header, const Element& element) {
    auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return std::any_of(element.words.begin(), element.words.end(), [&](std::string_view word) {
        std::size_t at = header.find(word);
        if (at == std::string_view::npos) {
            return false;
        }
        std::size_t end = at + word.size();
        bool latin = letter(word.front());
        return !latin ||
               ((at == 0 || !letter(header[at - 1])) && (end == header.size() || !letter(header[end])));
    });
}

}  // namespace pengcheng::ingest
