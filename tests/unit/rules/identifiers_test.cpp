#include <pengcheng/rules/identifiers.hpp>

#include <gtest/gtest.h>

namespace pengcheng::rules {
namespace {

const Day today = *parse_day("2026-11-23");

struct Row {
    std::string_view text;
    Fault fault;
    Warning warning = Warning::none;
};

TEST(IdNumber, JudgesTheVectorsOfTheStandard) {
    constexpr Row rows[]{
        {"320302190001010010", Fault::none},
        {"320302190001010045", Fault::none},
        {"32038219000430004X", Fault::none},
        {"810000190001010018", Fault::none},
        {"32038219000430004x", Fault::none, Warning::normalised},
        {"３２０３０２１９０００１０１００１０", Fault::none, Warning::normalised},
        {" 320302190001010010 ", Fault::none, Warning::normalised},
        {"320304190001010013", Fault::none, Warning::abolished_region},
        {"320302190001010011", Fault::check},
        {"32030219000230001X", Fault::date},
        {"320302210001010016", Fault::date},
        {"990302190001010015", Fault::region},
        {"32030219000101001", Fault::length},
        {"320302000101001", Fault::former},
        {"", Fault::length},
        {"3203021900010100A0", Fault::form},
        {"020302190001010010", Fault::form},
        {"320302190001010010320302190001010010320302190001010010", Fault::length},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(check_id_number(row.text, today), (Verdict{row.fault, row.warning})) << row.text;
    }
}

TEST(IdNumber, IsNotBornInTheFuture) {
    std::string tomorrow = "32030220261124001";
    tomorrow += id_check_character(tomorrow);
    EXPECT_EQ(check_id_number(tomorrow, today).fault, Fault::date);
    EXPECT_TRUE(check_id_number(tomorrow, today + std::chrono::days(1)).ok());
}

TEST(IdNumber, SaysBirthAndSex) {
    EXPECT_EQ(id_birth("32038219000430004X"), parse_day("1900-04-30"));
    EXPECT_EQ(id_sex("320302190001010010"), '1');
    EXPECT_EQ(id_sex("320302190001010045"), '2');
    EXPECT_EQ(id_birth("320302190001010011"), std::nullopt);
    EXPECT_EQ(id_from_15("320302000101001"), "320302190001010010");
    EXPECT_EQ(id_from_15("320302001301001"), std::nullopt);
}

TEST(CreditCode, JudgesTheVectorsOfTheStandard) {
    constexpr Row rows[]{
        {"91320302MA00000075", Fault::none}, {"11320300000000000P", Fault::none},
        {"52320300MJ000000XX", Fault::none}, {"91320302MA00000076", Fault::check},
        {"91320302ma00000075", Fault::form}, {"913203O2MA00000075", Fault::form},
        {"91320302MI00000075", Fault::form}, {"B1320302MA00000075", Fault::form},
        {"320302000101001", Fault::former},  {"91320302MA0000007", Fault::length},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(check_credit_code(row.text), (Verdict{row.fault, row.warning})) << row.text;
    }
}

TEST(CreditCode, WarnsOfABrokenInnerCheckOnly) {
    std::string code = "91320302MA0000008";
    code += credit_check_character(code);
    EXPECT_EQ(check_credit_code(code), (Verdict{Fault::none, Warning::inner_check}));
    EXPECT_TRUE(check_organization_code("MA000000-7").ok());
    EXPECT_EQ(check_organization_code("MA0000008").fault, Fault::check);
}

TEST(Telephone, JudgesKindsApart) {
    for (auto text : {"13800000000", "+8613800000000", "008613800000000", "8613800000000", "138 0000 0000"}) {
        EXPECT_TRUE(check_mobile(text).ok()) << text;
    }
    EXPECT_EQ(check_mobile("17000000000").warning, Warning::resale);
    for (auto text : {"12800000000", "1380000000", "138000000000", "1380000000a", "0516-81234567"}) {
        EXPECT_FALSE(check_mobile(text).ok()) << text;
    }
    for (auto text : {"0516-81234567", "051681234567", "010-81234567", "0516-81234567-801", "0310-8123456"}) {
        EXPECT_TRUE(check_landline(text).ok()) << text;
    }
    for (auto text : {"0516-11234567", "81234567", "010-8123456", "0516-81234567-", "0516-812345678"}) {
        EXPECT_FALSE(check_landline(text).ok()) << text;
    }
    for (auto text : {"12345", "12315", "95588", "4001234567", "13800000000", "0516-81234567", "961234"}) {
        EXPECT_TRUE(check_phone(text).ok()) << text;
    }
    for (auto text : {"123", "无", "", "9912345"}) {
        EXPECT_FALSE(check_phone(text).ok()) << text;
    }
}

TEST(Plate, JudgesEachKind) {
    for (auto text : {"苏C12345", "苏C·12345", "苏c-12345", "苏CD12345", "苏C12345D", "苏C1234挂",
                      "苏C1234学", "苏C1234警", "粤Z1234港", "123456使", "苏X1234应急", "WJ苏12345",
                      "WJ12345", "VA12345", "苏CAB123"}) {
        EXPECT_TRUE(check_plate(text).ok()) << text;
    }
    for (auto text : {"苏C1234", "苏I12345", "苏CO1234", "徐C12345", "苏CABC12", "苏C123456", "", "12345"}) {
        EXPECT_FALSE(check_plate(text).ok()) << text;
    }
}

TEST(BankCard, ChecksByLuhn) {
    EXPECT_TRUE(check_bank_card("6217000000000000004").ok());
    EXPECT_TRUE(check_bank_card("6222000000000009").ok());
    EXPECT_TRUE(check_bank_card("6222 0000 0000 0009").ok());
    EXPECT_EQ(check_bank_card("6217000000000000005").fault, Fault::check);
    EXPECT_EQ(check_bank_card("62170").fault, Fault::length);
    EXPECT_EQ(check_bank_card("62220000000000O9").fault, Fault::form);
}

TEST(OtherElements, KnowTheirForm) {
    EXPECT_TRUE(check_email("zhangsan@example.com").ok());
    for (auto text : {"zhangsan", "@example.com", "a@b", "a b@example.com", "a@.com", "张@example.com"}) {
        EXPECT_FALSE(check_email(text).ok()) << text;
    }
    EXPECT_TRUE(check_region("320302").ok());
    EXPECT_EQ(check_region("320323").warning, Warning::abolished_region);
    EXPECT_EQ(check_region("990302").fault, Fault::region);
    EXPECT_EQ(check_region("3203").fault, Fault::length);
    EXPECT_TRUE(check_person_name("买买提·吐尔逊").ok());
    EXPECT_FALSE(check_person_name("张3").ok());
    EXPECT_FALSE(check_person_name("张").ok());
}

}  // namespace
}  // namespace pengcheng::rules
