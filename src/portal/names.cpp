#include "portal/datasets.hpp"

#include <array>

namespace pengcheng::portal {

namespace {

struct Name {
    std::string_view code, zh, en;
};

constexpr std::array<Name, 22> themes{{{"01", "信用服务", "Credit services"},
                                       {"02", "医疗卫生", "Health"},
                                       {"03", "社保就业", "Social security and jobs"},
                                       {"04", "公共安全", "Public security"},
                                       {"05", "城建住房", "Building and housing"},
                                       {"06", "交通运输", "Transport"},
                                       {"07", "教育文化", "Education and culture"},
                                       {"08", "科技创新", "Science and innovation"},
                                       {"09", "资源能源", "Resources and energy"},
                                       {"10", "生态环境", "Environment"},
                                       {"11", "工业农业", "Industry and agriculture"},
                                       {"12", "商贸流通", "Trade and circulation"},
                                       {"13", "财税金融", "Finance and tax"},
                                       {"14", "安全监管", "Safety supervision"},
                                       {"15", "市场监管", "Market supervision"},
                                       {"16", "社会救助", "Social relief"},
                                       {"17", "法律服务", "Legal services"},
                                       {"18", "生活服务", "Daily-life services"},
                                       {"19", "气象服务", "Weather"},
                                       {"20", "地理空间", "Geospatial"},
                                       {"21", "机构团体", "Institutions and bodies"},
                                       {"99", "其他", "Other"}}};

constexpr std::array<Name, 9> cycles{{{"1", "实时", "Continual"},
                                      {"2", "每日", "Daily"},
                                      {"3", "每周", "Weekly"},
                                      {"4", "每月", "Monthly"},
                                      {"5", "每季度", "Quarterly"},
                                      {"6", "每年", "Yearly"},
                                      {"7", "每半年", "Half-yearly"},
                                      {"8", "不定期", "Irregular"},
                                      {"9", "不更新", "Not updated"}}};

constexpr std::array<Name, 11> types{{{"C", "文字", "Text"},
                                      {"M", "长文字", "Long text"},
                                      {"N", "数值", "Number"},
                                      {"Y", "货币", "Currency"},
                                      {"I", "整数", "Integer"},
                                      {"B", "小数", "Decimal"},
                                      {"F", "小数", "Decimal"},
                                      {"D", "日期", "Date"},
                                      {"T", "日期时间", "Date and time"},
                                      {"L", "是否", "Yes or no"},
                                      {"G", "其他", "Other"}}};

template <std::size_t N>
std::string name_in(const std::array<Name, N>& list, std::string_view code, bool chinese) {
    for (const auto& name : list) {
        if (name.code == code) {
            return std::string(chinese ? name.zh : name.en);
        }
    }
    return std::string(code);
}

}  // namespace

std::string theme_name(std::string_view code, bool chinese) {
    return name_in(themes, code, chinese);
}
std::string cycle_name(std::string_view code, bool chinese) {
    return name_in(cycles, code, chinese);
}
std::string type_name(std::string_view letter, bool chinese) {
    return name_in(types, letter, chinese);
}

}  // namespace pengcheng::portal
