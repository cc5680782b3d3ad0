#include "formats/encoding.hpp"

#include <pengcheng/formats/writers.hpp>

#include "formats_files.hpp"

namespace pengcheng::formats {
namespace {

struct Sample {
    std::string bytes;
    std::string encoding;
};

TEST(Encodings, AreTold) {
    std::string text = "编号,名称\n1,徐州市云龙区\n2,铜山区\n3,睢宁县\n";
    for (const Sample& sample : std::vector<Sample>{
             {text, "UTF-8"},
             {"\xEF\xBB\xBF" + text, "UTF-8"},
             {encode_text(text, "GB18030"), "GB18030"},
             {"\xFF\xFE" + encode_text(text, "UTF-16LE"), "UTF-16LE"},
             {"\xFE\xFF" + encode_text(text, "UTF-16BE"), "UTF-16BE"},
             {encode_text("id,name\n1,ab\n2,cd\n", "UTF-16LE"), "UTF-16LE"},
             {"id,name\n1,abc\n", "UTF-8"},
         }) {
        auto found = detect_encoding(sample.bytes, true);
        ASSERT_TRUE(found) << found.error().text(false);
        EXPECT_EQ(found->name, sample.encoding);
        Decoder decoder(*found);
        std::string out;
        decoder.decode(sample.bytes, true, out);
        EXPECT_FALSE(out.starts_with("\xEF\xBB\xBF")) << "the mark was kept";
    }
}

TEST(Decoding, GivesTheSameTextAtEveryCut) {
    std::string text = "㙦𠮷编号,名称\r\n\xF0\xA0\xAE\xB7,䃥é\n";
    for (const char* name : {"UTF-8", "GB18030", "UTF-16LE", "UTF-16BE"}) {
        std::string bytes = encode_text(text, name);
        for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
            Decoder decoder(Encoding{name});
            std::string out;
            decoder.decode(std::string_view(bytes).substr(0, cut), false, out);
            decoder.decode(std::string_view(bytes).substr(cut), true, out);
            ASSERT_EQ(out, text) << name << " cut at " << cut;
        }
    }
}

/// Every character that ICU has, against ICU itself.
TEST(Decoding, OfGb18030IsThatOfIcu) {
    std::string text;
    for (char32_t point = 0x20; point < 0x30000; point += point < 0x2000 ? 1 : 7) {
        bool surrogate = point >= 0xD800 && point < 0xE000;
        std::u32string one(1, surrogate ? U'中' : point);
        for (char32_t c : one) {
            if (c < 0x80) {
                text += static_cast<char>(c);
            } else if (c < 0x800) {
                text += {static_cast<char>(0xC0 | (c >> 6)), static_cast<char>(0x80 | (c & 0x3F))};
            } else if (c < 0x10000) {
                text += {static_cast<char>(0xE0 | (c >> 12)), static_cast<char>(0x80 | ((c >> 6) & 0x3F)),
                         static_cast<char>(0x80 | (c & 0x3F))};
            } else {
                text += {static_cast<char>(0xF0 | (c >> 18)), static_cast<char>(0x80 | ((c >> 12) & 0x3F)),
                         static_cast<char>(0x80 | ((c >> 6) & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
            }
        }
    }
    Decoder decoder(Encoding{"GB18030"});
    std::string out;
    decoder.decode(encode_text(text, "GB18030"), true, out);
    EXPECT_EQ(out, text);
}

TEST(Decoding, OfGb18030NamesTheByteAndLineOfDamage) {
    for (const auto& [bytes, place] :
         std::vector<std::pair<std::string, std::string>>{{"a\r\n\xD6\xD0\xD6\x20", "line 2 (byte 5"},
                                                          {"\n\n\xFFzz", "line 3 (byte 2"},
                                                          {"\x81\x30\x20", "(byte 0"}}) {
        Decoder decoder(Encoding{"GB18030"});
        std::string out;
        try {
            decoder.decode(bytes, true, out);
            ADD_FAILURE() << place;
        } catch (const ProblemError& error) {
            EXPECT_NE(error.problem().detail_en.find(place), std::string::npos) << error.problem().detail_en;
        }
    }
}

TEST(Decoding, NamesTheByteAndLineOfDamage) {
    Decoder decoder(Encoding{"UTF-8"});
    std::string out;
    try {
        decoder.decode("一\n二\xFF", true, out);
        FAIL();
    } catch (const ProblemError& error) {
        EXPECT_EQ(error.problem().type->code, "formats.broken-text");
        EXPECT_NE(error.problem().detail_en.find("line 2 (byte 7, 0xff)"), std::string::npos)
            << error.problem().detail_en;
    }
    Decoder chinese(Encoding{"GB18030"});
    EXPECT_EQ(problem_of([&] { chinese.decode("abc\xD0", true, out); }), "formats.broken-text");
}

TEST(Encodings, DamagedUtf8IsRefusedWithItsPlace) {
    std::string text;
    for (int i = 0; i < 50; ++i) {
        text += "第一行的文字\n";
    }
    text += "坏\xE4\xB8?的\n";
    auto found = detect_encoding(text, true);
    ASSERT_FALSE(found);
    EXPECT_NE(found.error().detail_en.find("line 51"), std::string::npos) << found.error().detail_en;
}

TEST(Encodings, DamagedGb18030IsRefusedWithItsPlaceAndNotTakenForAnother) {
    std::string text = encode_text("编号,名称\n1,徐州市云龙区\n2,铜山区\n", "GB18030");
    std::string many;
    for (int i = 0; i < 20; ++i) {
        many += text;
    }
    for (const auto& [bytes, place] : std::vector<std::pair<std::string, std::string>>{
             {text.substr(0, text.size() - 2), "line 3"}, {many + "\xD0\n" + text, "line 61"}}) {
        auto found = detect_encoding(bytes, true);
        ASSERT_FALSE(found) << found->name;
        EXPECT_EQ(found.error().type->code, "formats.broken-text");
        EXPECT_NE(found.error().detail_en.find(place), std::string::npos) << found.error().detail_en;
    }
    EXPECT_EQ(detect_encoding(text.substr(0, text.size() - 2), false)->name, "GB18030") << "only its start";
    std::string russian = "Городская таблица данных об учреждениях и организациях, адреса и телефоны\n";
    EXPECT_EQ(detect_encoding(encode_text(russian + russian, "windows-1251"), true)->name, "windows-1251");
}

TEST(Encodings, TheEuroOfCodePage936IsRead) {
    std::string bytes = encode_text("金额,区\n", "GB18030") +
                        "\x80"
                        "100," +
                        encode_text("铜山区\n", "GB18030");
    auto found = detect_encoding(bytes, true);
    ASSERT_TRUE(found) << found.error().text(false);
    EXPECT_EQ(found->name, "GB18030");
    Decoder decoder(*found);
    std::string out;
    decoder.decode(bytes, true, out);
    EXPECT_EQ(out, "金额,区\n€100,铜山区\n");
}

}  // namespace
}  // namespace pengcheng::formats
