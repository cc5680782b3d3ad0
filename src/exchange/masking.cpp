#include "exchange/masking.hpp"

#include <map>
#include <set>

namespace pengcheng::exchange {

bool is_sensitive(const catalogue::Resource& resource, const catalogue::Item& item) {
    static const std::set<std::string_view> always{"id_number", "mobile", "plate", "bank_card", "email"};
    static const std::set<std::string_view> of_persons{"person_name", "address", "landline"};
    return item.sensitive || item.grade >= 3 || always.contains(item.element) ||
           (resource.subject_object == "person" && of_persons.contains(item.element));
}

std::string default_mask(const catalogue::Resource& resource, const catalogue::Item& item) {
    if (!item.mask.empty()) {
        return item.mask;
    }
    if (!is_sensitive(resource, item)) {
        return "";
    }
    static const std::map<std::string_view, std::string> usual{
        {"id_number", "id_number"}, {"mobile", "mobile"},    {"landline", "landline"},
        {"plate", "plate"},         {"email", "email"},      {"bank_card", "bank_card"},
        {"address", "address"},     {"person_name", "name"}, {"credit_code", "credit_code"},
    };
    auto found = usual.find(item.element);
    return found == usual.end() ? "hide" : found->second;
}

bool shows_no_more(std::string_view asked, std::string_view given) {
    static const std::set<std::pair<std::string_view, std::string_view>> stricter{
        {"id_number", "id_strict"},  {"name", "name_first"},        {"address", "address_district"},
        {"date_month", "date_year"}, {"age_band:5", "age_band:10"}, {"age_band", "age_band:10"},
    };
    return asked.empty() || asked == given || given == "hide" || stricter.contains({asked, given});
}

}  // namespace pengcheng::exchange
