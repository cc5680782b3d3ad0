#include <pengcheng/rules/identifiers.hpp>

namespace pengcheng::rules {

std::string_view fault_code(Fault fault) {
    switch (fault) {
        case Fault::none:
            return "";
        case Fault::length:
            return "length";
        case Fault::form:
            return "form";
        case Fault::date:
            return "date";
        case Fault::region:
            return "region";
        case Fault::check:
            return "check";
        case Fault::former:
            return "former";
    }
    return "";
}

std::string_view fault_zh(Fault fault) {
    switch (fault) {
        case Fault::none:
            return "";
        case Fault::length:
            return "位数不对";
        case Fault::form:
            return "含有不该出现的字符或格式不对";
        case Fault::date:
            return "其中的日期不存在、在未来或超过150年";
        case Fault::region:
            return "行政区划代码不存在";
        case Fault::check:
            return "校验码不对，可能有一位写错";
        case Fault::former:
            return "是旧式15位号码，新数据须用18位";
    }
    return "";
}

std::string_view fault_en(Fault fault) {
    switch (fault) {
        case Fault::none:
            return "";
        case Fault::length:
            return "has the wrong number of characters";
        case Fault::form:
            return "has characters or a form it must not have";
        case Fault::date:
            return "holds a date that does not exist, is in the future or over 150 years ago";
        case Fault::region:
            return "holds an unknown region code";
        case Fault::check:
            return "breaks its check character: one place is probably mistyped";
        case Fault::former:
            return "is of the old 15-digit form; new data need 18";
    }
    return "";
}

std::string_view warning_code(Warning warning) {
    switch (warning) {
        case Warning::none:
            return "";
        case Warning::normalised:
            return "normalised";
        case Warning::abolished_region:
            return "abolished-region";
        case Warning::inner_check:
            return "inner-check";
        case Warning::resale:
            return "resale";
    }
    return "";
}

}  // namespace pengcheng::rules
