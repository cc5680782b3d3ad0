#include "portal/checks.hpp"

#include <pengcheng/base/text.hpp>
#include <pengcheng/rows/view.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace pengcheng::portal {

namespace {

constexpr std::array<std::string_view, 6> always_personal{"id_number", "mobile", "bank_card",
                                                          "email",     "plate",  "person_name"};
/// Of a shop or an office these are public; of a person they are not.
constexpr std::array<std::string_view, 2> personal_of_persons{"landline", "address"};
/// Masks that leave no way back to one person.
constexpr std::array<std::string_view, 16> hiding_masks{
    "name",     "name_first", "name_foreign", "id_number", "id_strict",        "id_old15",
    "passport", "mobile",     "landline",     "address",   "address_district", "bank_card",
    "plate",    "email",      "hide",         "pseudonym"};

template <std::size_t N>
bool among(const std::array<std::string_view, N>& list, std::string_view one) {
    return std::find(list.begin(), list.end(), one) != list.end();
}

bool personal(const catalogue::Item& item, const catalogue::Resource& resource) {
    return item.sensitive || among(always_personal, item.element) ||
           (resource.subject_object == "person" && among(personal_of_persons, item.element));
}

const catalogue::Item* find_item(const catalogue::Resource& resource, const std::string& column) {
    for (const auto& item : resource.items) {
        if (item.column == column) {
            return &item;
        }
    }
    return nullptr;
}

/// Collects what is wrong under one code.
class Point {
public:
    Point(std::string code, std::string zh, std::string en) {
        check_.code = std::move(code);
        check_.title_zh = std::move(zh);
        check_.title_en = std::move(en);
        check_.passed = true;
    }
    void fail(const std::string& zh, const std::string& en) {
        check_.passed = false;
        check_.detail_zh += (check_.detail_zh.empty() ? "" : ";") + zh;
        check_.detail_en += (check_.detail_en.empty() ? "" : "; ") + en;
    }
    void say(std::string zh, std::string en) {
        if (check_.passed) {
            check_.detail_zh = std::move(zh);
            check_.detail_en = std::move(en);
        }
    }
    Check take() { return std::move(check_); }

private:
    Check check_;
};

Check entry_check(const Release& release) {
    Point point("entry", "目录已发布并已挂接数据", "The entry is published and has data");
    if (!release.resource) {
        point.fail("目录尚未发布，或者已经停用", "The entry is not published, or was retired");
    } else if (!release.mounted) {
        point.fail("目录下还没有挂接数据", "No data is mounted under the entry");
    }
    return point.take();
}

Check open_type_check(const Release& release) {
    Point point("open_type", "开放属性允许", "The open type allows it");
    if (!release.resource) {
        point.fail("目录尚未发布", "The entry is not published");
        return point.take();
    }
    const auto& resource = *release.resource;
    if (resource.open_type == "denied") {
        point.fail("目录的开放属性为不予开放", "The entry's open type is denied");
    } else if (strictness(release.proposal.open_type) < strictness(resource.open_type)) {
        point.fail("目录为有条件开放，不能改为无条件开放", "The entry opens on condition only");
    }
    for (const auto& open : release.proposal.items) {
        const auto* item = find_item(resource, open.column);
        if (item == nullptr) {
            continue;
        }
        for (const auto& refusal : refusals_of(*item, resource, release.proposal.open_type, open.mask)) {
            if (refusal.code == "open_type") {
                point.fail(refusal.zh, refusal.en);
            }
        }
    }
    return point.take();
}

Check items_check(const Release& release) {
    Point point("items", "信息项存在，脱敏方式有效", "Items exist and masks are known");
    if (release.proposal.items.empty()) {
        point.fail("没有选择信息项", "No item was chosen");
    }
    for (std::size_t i = 0; i < release.proposal.items.size(); ++i) {
        const auto& open = release.proposal.items[i];
        if (release.resource && find_item(*release.resource, open.column) == nullptr) {
            point.fail("目录中没有信息项 " + open.column, "The entry has no item " + open.column);
        }
        if (!open.mask.empty() && !rows::is_mask(open.mask)) {
            point.fail("没有脱敏方式 " + open.mask, "There is no mask " + open.mask);
        }
        for (std::size_t j = 0; j < i; ++j) {
            if (release.proposal.items[j].column == open.column) {
                point.fail("信息项 " + open.column + " 重复", "The item " + open.column + " appears twice");
            }
        }
    }
    return point.take();
}

Check items_of_kind(const Release& release, std::string code, std::string zh, std::string en) {
    Point point(code, std::move(zh), std::move(en));
    for (const auto& open : release.proposal.items) {
        const auto* item = release.resource ? find_item(*release.resource, open.column) : nullptr;
        if (item == nullptr) {
            continue;
        }
        for (const auto& refusal :
             refusals_of(*item, *release.resource, release.proposal.open_type, open.mask)) {
            if (refusal.code == code) {
                point.fail(refusal.zh, refusal.en);
            }
        }
    }
    if (!release.resource) {
        point.fail("目录尚未发布", "The entry is not published");
    }
    return point.take();
}

Check licence_check(const Release& release) {
    Point point("licence", "已写明许可", "The licence is stated");
    const auto& all = licences();
    const auto& id = release.proposal.licence;
    if (std::none_of(all.begin(), all.end(), [&](const Licence& licence) { return licence.id == id; })) {
        point.fail("没有写明许可，或者许可不在列表中", "No licence of the list is stated");
    } else if ((id == "xz-open-2") != (release.proposal.open_type == "conditional")) {
        point.fail("有条件开放与使用协议 xz-open-2 须同时采用",
                   "The agreement xz-open-2 goes with conditional opening, and only with it");
    }
    return point.take();
}

Check cycle_check(const Release& release) {
    Point point("update_cycle", "已写明更新周期", "The update cycle is stated");
    if (!release.resource || release.resource->update_cycle.empty()) {
        point.fail("目录没有写明更新周期", "The entry states no update cycle");
    }
    return point.take();
}

Check quality_check(const Release& release) {
    Point point("quality", "质量得分不低于 60", "The quality score is 60 or more");
    if (!release.score) {
        point.fail("还没有完成的质量检查", "No quality run has finished yet");
        return point.take();
    }
    char score[32];
    std::snprintf(score, sizeof score, "%.1f", *release.score);
    if (*release.score < quality_score_min) {
        point.fail(std::string("最近一次得分 ") + score, std::string("The newest score is ") + score);
    }
    point.say(std::string("最近一次得分 ") + score, std::string("The newest score is ") + score);
    return point.take();
}

Check sign_off_check(const Release& release) {
    Point point("sign_off", "由数据主管部门另一账号签发", "Signed off by another account of the data bureau");
    const auto& signer = release.signer;
    const auto& proposal = release.proposal;
    if (!signer.id.empty() && signer.has_role("reviewer") &&
        (signer.id == proposal.proposed_by || signer.id == proposal.submitted_by)) {
        point.fail("提出或提交申请的账号不得签发", "Who proposed or submitted it may not sign it off");
    }
    if (proposal.state == "published") {
        point.say("签发人：" + proposal.decided_by_name, "Signed by " + proposal.decided_by_name);
    } else {
        point.say("等待签发", "Waiting for the signature");
    }
    return point.take();
}

}  // namespace

int strictness(std::string_view open_type) {
    return open_type == "unconditional" ? 0 : open_type == "conditional" ? 1 : 2;
}

std::vector<Refusal> refusals_of(const catalogue::Item& item, const catalogue::Resource& resource,
                                 std::string_view open_type, std::string_view mask) {
    std::vector<Refusal> out;
    const std::string named_zh = "信息项“" + item.name + "”";
    const std::string named_en = "The item " + item.column;
    const std::string& own_type = item.open_type.empty() ? resource.open_type : item.open_type;
    if (strictness(own_type) > strictness(open_type) && (own_type == "denied" || mask.empty())) {
        out.push_back({"open_type", named_zh + "的开放属性更严", named_en + " has a stricter open type"});
    }
    if (item.grade >= 4) {
        out.push_back(
            {"grade", named_zh + "为 4 级，不得开放", named_en + " is of grade 4 and never opened"});
    }
    if (item.grade == 3 && mask.empty()) {
        out.push_back(
            {"grade", named_zh + "为 3 级，须脱敏后开放", named_en + " is of grade 3 and needs a mask"});
    }
    auto kind = mask.substr(0, mask.find(':'));
    if (personal(item, resource) && !among(hiding_masks, kind)) {
        out.push_back({"personal", named_zh + "为个人信息，须用隐去个人的脱敏方式",
                       named_en + " is personal and needs a mask that hides the person"});
    }
    return out;
}

std::vector<Check> release_checks(const Release& release) {
    std::vector<Check> out;
    out.push_back(entry_check(release));
    out.push_back(open_type_check(release));
    out.push_back(items_check(release));
    out.push_back(items_of_kind(release, "grade", "数据级别符合", "Grades allow it"));
    out.push_back(items_of_kind(release, "personal", "个人信息已脱敏", "Personal items are masked"));
    out.push_back(licence_check(release));
    out.push_back(cycle_check(release));
    out.push_back(quality_check(release));
    out.push_back(sign_off_check(release));
    return out;
}

}  // namespace pengcheng::portal
