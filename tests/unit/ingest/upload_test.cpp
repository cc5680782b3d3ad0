#include "ingest/upload.hpp"

#include <gtest/gtest.h>

namespace pengcheng::ingest {
namespace {

struct Sent {
    std::string name;
    std::optional<std::string> kept;
};

/// The bytes are stored under an id; the name is for people and for messages only, and yet says no lies.
TEST(UploadName, KeepsTheLastPartAndRefusesTricks) {
    for (const Sent& sent : std::vector<Sent>{
             {"企业.csv", "企业.csv"},
             {" a b.csv ", "a b.csv"},
             {"../../etc/passwd", "passwd"},
             {"C:\\Users\\x\\表.xlsx", "表.xlsx"},
             {"/", std::nullopt},
             {"..", std::nullopt},
             {"a/..", std::nullopt},
             {".", std::nullopt},
             {"", std::nullopt},
             {std::string("a\0.csv", 6), std::nullopt},
             {"a\r\nSet-Cookie: x", std::nullopt},
             {"gnp\u202Evsc.exe", std::nullopt},
             {"\xFF.csv", std::nullopt},
             {std::string(201, 'x'), std::nullopt},
         }) {
        EXPECT_EQ(clean_name(sent.name), sent.kept) << sent.name;
    }
}

}  // namespace
}  // namespace pengcheng::ingest
