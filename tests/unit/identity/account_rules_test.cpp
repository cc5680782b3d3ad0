#include "identity/account_rules.hpp"

#include <pengcheng/identity/identity.hpp>

#include <gtest/gtest.h>

namespace pengcheng::identity {
namespace {

const Day today = *parse_day("2026-11-23");

TEST(UserNames, AreLowerCaseAsciiFromALetter) {
    EXPECT_EQ(check_username(" Zhang.San_1 ").value(), "zhang.san_1");
    for (std::string_view bad : {"", "ab", "1abc", "张三丰三", "with space",
                                 "a-very-long-name-of-more-than-32-letters", "abc;", "abc\n1"}) {
        EXPECT_FALSE(check_username(bad)) << bad;
    }
}

TEST(Passwords, FollowTheRules) {
    for (std::string_view good : {"correct horse", "一二三四五六七八九十", "Xq7-Rt2-Lm9", "aaaaaaaaab"}) {
        EXPECT_TRUE(check_password(good, "zhangsan")) << good;
    }
    for (const std::string& bad : {std::string(),
                                   std::string("short"),
                                   std::string("123456789"),
                                   std::string("1234567890"),
                                   std::string("0987654321"),
                                   std::string("aaaaaaaaaa"),
                                   std::string("abcdefghijk"),
                                   std::string("Password123"),
                                   std::string("QWERTYUIOP"),
                                   std::string("xx-ZhangSan-99"),
                                   std::string("P@ssw0rd-2026!"),
                                   std::string("123Admin@2026"),
                                   std::string("8429103746"),
                                   std::string("nasgnahz-2026"),
                                   std::string("zhangsan1!"),
                                   std::string("zhang_san.7"),
                                   std::string("passwordpassword"),
                                   std::string("AdminAdmin-88"),
                                   std::string("1qaz2wsx3edc"),
                                   std::string("一二三四五六七八九"),
                                   std::string(129, 'x')}) {
        auto checked = check_password(bad, "zhangsan");
        ASSERT_FALSE(checked) << bad;
        EXPECT_EQ(checked.error().errors.at(0).pointer, "/password") << bad;
    }
}

TEST(Passwords, MadeOnesSatisfyTheRules) {
    std::set<std::string> made;
    for (int i = 0; i < 50; ++i) {
        std::string password = make_password();
        EXPECT_EQ(password.size(), 16U);
        EXPECT_TRUE(check_password(password, "user")) << password;
        made.insert(password);
    }
    EXPECT_EQ(made.size(), 50U);
}

TEST(IdNumbers, OfTheStandardsExamplesPass) {
    for (std::string_view good :
         {"320302190001010010", "320302190001010045", "32038219000430004X", "32038219000430004x",
          " 320302190001010010 ", "320304190001010013", "810000190001010018"}) {
        EXPECT_TRUE(check_id_number(good, today)) << good;
    }
    EXPECT_EQ(check_id_number("32038219000430004x", today).value(), "32038219000430004X");
}

TEST(IdNumbers, WithOneFaultFail) {
    for (std::string_view bad : {"320302190001010011", "32030219000230001X", "320302210001010016",
                                 "990302190001010015", "32030219000101001", "320302000101001", "",
                                 "32030219000101001A", "3203021900010100100", "320302170001010010"}) {
        auto checked = check_id_number(bad, today);
        ASSERT_FALSE(checked) << bad;
        EXPECT_EQ(checked.error().errors.at(0).pointer, "/id_number");
    }
    EXPECT_FALSE(check_id_number("320302190001010010", *parse_day("1899-12-31"))) << "born after today";
}

TEST(Phones, AreMobileNumbers) {
    EXPECT_EQ(check_phone(" 13800000000 ").value(), "13800000000");
    for (std::string_view bad :
         {"", "12800000000", "1380000000", "138000000000", "0516-81234567", "1380000000a"}) {
        EXPECT_FALSE(check_phone(bad)) << bad;
    }
}

TEST(Masks, HideTheMiddle) {
    EXPECT_EQ(mask_id_number("320302190001010010"), "320302********0010");
    EXPECT_EQ(mask_phone("13800000000"), "138****0000");
    EXPECT_EQ(mask_phone("odd"), "********");
}

TEST(Roles, OfAdministratorsStandAlone) {
    using Roles = std::vector<std::string>;
    auto code = [](const Result<Roles>& result) {
        return result ? std::string_view() : result.error().type->code;
    };
    EXPECT_EQ(normalise_roles({"reviewer", "data_officer", "reviewer"}, true).value(),
              (Roles{"data_officer", "reviewer"}));
    EXPECT_EQ(normalise_roles({"system_admin"}, false).value(), Roles{"system_admin"});
    EXPECT_EQ(normalise_roles({}, false).value(), Roles{});
    EXPECT_EQ(code(normalise_roles({"system_admin", "audit_admin"}, false)), "identity.role-separation");
    EXPECT_EQ(code(normalise_roles({"security_admin", "reviewer"}, true)), "identity.role-separation");
    EXPECT_EQ(code(normalise_roles({"reviewer"}, false)), "identity.role-needs-organization");
    EXPECT_EQ(code(normalise_roles({"citizen"}, true)), "identity.unknown-role");
    EXPECT_EQ(code(normalise_roles({"boss"}, true)), "identity.unknown-role");
}

}  // namespace
}  // namespace pengcheng::identity
