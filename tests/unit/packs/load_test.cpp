#include <pengcheng/packs/packs.hpp>

#include <pengcheng/base/ids.hpp>

#include <gtest/gtest.h>

#include <fstream>

namespace pengcheng::packs {

namespace {

class Folder {
public:
    Folder() : path_(std::filesystem::temp_directory_path() / ("pack-" + random_hex(6))) {
        std::filesystem::create_directories(path_);
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    void write(const std::string& name, const std::string& text) { std::ofstream(path_ / name) << text; }
    /// "file:line text" of every fault.
    [[nodiscard]] std::vector<std::string> faults() const {
        std::vector<std::string> found;
        for (const auto& fault : load(path_).faults) {
            found.push_back(fault.file + ":" + std::to_string(fault.line) + " " + fault.en);
        }
        return found;
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

constexpr auto organizations = R"(kind: organizations
items:
  - {code: "022", name: 徐州市民政局, short_name: 民政局, kind: government, region: "320300"}
)";

}  // namespace

TEST(XuzhouPack, HasNoFaults) {
    const auto loaded = load(std::filesystem::path(PENGCHENG_SOURCE_FOLDER) / "config/packs/xuzhou");
    for (const auto& fault : loaded.faults) {
        ADD_FAILURE() << fault.file << ":" << fault.line << " " << fault.zh;
    }
    std::map<std::string, int> counts;
    for (const auto& object : loaded.pack.objects) {
        counts[object.kind] += 1;
    }
    EXPECT_EQ(loaded.pack.name, "xuzhou");
    EXPECT_EQ(counts["organizations"], 67);
    EXPECT_EQ(counts["regions"], 15);
    EXPECT_EQ(counts["calendar"], 2);
    EXPECT_GE(counts["code_lists"], 15);
    EXPECT_GE(counts["service_items"], 4);
}

TEST(Packs, NameTheFileAndLineOfAFault) {
    Folder folder;
    folder.write("a.yaml", organizations);
    folder.write("b.yaml",
                 "kind: organizations\nitems:\n  - code: 22\n    name: 某局\n    short_name: 某局\n"
                 "    kind: office\n    region: \"320300\"\n");
    const auto faults = folder.faults();
    ASSERT_GE(faults.size(), 2u);
    EXPECT_TRUE(faults[0].starts_with("b.yaml:3") || faults[0].starts_with("b.yaml:6")) << faults[0];
    EXPECT_TRUE(faults[1].starts_with("b.yaml:3") || faults[1].starts_with("b.yaml:6")) << faults[1];
}

TEST(Packs, RefuseWhatIsNotAPackFile) {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"kind: [", "YAML"},
        {"kind: towns\nitems: []\n", "needs kind"},
        {"items: []\n", "needs kind"},
        {"just text\n", "needs kind"},
        {"kind: regions\nkind: regions\nitems: []\n", "comes twice"},
        {"kind: regions\nitems: []\n---\nkind: regions\nitems: []\n", "a.yaml:4 the file holds a second"},
        {"kind: code_lists\nitems:\n  - code: ab\n    name: 表\n    values:\n      - {value: a, label: 甲}\n"
         "      - {value: a, label: 乙}\n",
         "a.yaml:7 /items/0/values/1/value the value a comes twice"},
        {"kind: regions\nitems: \xff\n", "UTF-8"},
        {"kind: regions\nitems: [\"one \\N line\"]\n", "UTF-8"},
        {"kind: regions\nitems: [{\"a\\_b\": 1}]\n", "UTF-8"},
        {"kind: regions\nitems: [\"\\0\"]\n", "NUL"},
        {"kind: regions\nitems: [{" + std::string(161, 'k') + ": 1}]\n", "too long"},
    };
    for (const auto& [text, wanted] : rows) {
        Folder folder;
        folder.write("a.yaml", text);
        const auto faults = folder.faults();
        ASSERT_FALSE(faults.empty()) << text;
        EXPECT_NE(faults[0].find(wanted), std::string::npos) << faults[0];
    }
    Folder empty;
    EXPECT_EQ(empty.faults().size(), 1u);
    EXPECT_FALSE(load(empty.path() / "none").faults.empty());
}

TEST(Packs, PutParentsFirstAndRefuseRings) {
    const auto region = [](const std::string& code, const std::string& parent) {
        return "  - {code: \"" + code + "\", name: 某区某区, level: 3, parent: \"" + parent + "\"}\n";
    };
    Folder folder;
    folder.write("a.yaml", "kind: regions\nitems:\n" + region("320303", "320302") +
                               region("320301", "320300") + region("320302", "320301"));
    std::vector<std::string> order;
    for (const auto& object : load(folder.path()).pack.objects) {
        order.push_back(object.key);
    }
    EXPECT_EQ(order, (std::vector<std::string>{"320301", "320302", "320303"}));
    folder.write("a.yaml", "kind: regions\nitems:\n" + region("320304", "320303") +
                               region("320303", "320302") + region("320302", "320303"));
    ASSERT_EQ(folder.faults().size(), 1u);
    EXPECT_EQ(folder.faults()[0], "a.yaml:4 320303 is its own parent, by way of its parents");
    folder.write("a.yaml", "kind: regions\nitems:\n" + region("320303", "320303"));
    EXPECT_EQ(folder.faults().size(), 1u);
}

TEST(Packs, RefuseTheSameThingTwiceAndUnknownOrganizations) {
    Folder folder;
    folder.write("a.yaml", organizations);
    folder.write("b.yaml", organizations);
    ASSERT_EQ(folder.faults().size(), 1u);
    EXPECT_EQ(folder.faults()[0], "b.yaml:3 022 was given at a.yaml:3");
    folder.write("b.yaml",
                 "kind: organizations\nitems:\n  - {code: \"023\", name: 某局, short_name: 局, "
                 "kind: government, region: \"320300\", parent: \"999\"}\n");
    ASSERT_EQ(folder.faults().size(), 1u);
    EXPECT_EQ(folder.faults()[0], "b.yaml:3 023: there is no organization 999");
}

TEST(Packs, CheckRulesAgainstTheItemsOfAnEntryOfThePack) {
    Folder folder;
    folder.write("organizations.yaml", organizations);
    folder.write("rules.yaml", R"(kind: rules
items:
  - organization: "022"
    resource: 低保对象
    rules:
      - {kind: required, item: name}
      - {kind: required, item: nobody}
      - kind: pattern
        item: name
        params: {pattern: "["}
      - {kind: wish, item: name}
      - {kind: unique, item: name, severity: fatal}
      - {kind: unique, item: name, id: mine}
  - {organization: "022", resource: 别处的目录, rules: [{kind: range, item: age, params: {min: 0}}]}
  - {organization: "999", resource: 无主目录, rules: [{kind: required, item: name}]}
)");
    folder.write("z.yaml", R"(kind: resources
items:
  - organization: "022"
    name: 低保对象
    items:
      - {name: 姓名, column: name, type: C, length: 50}
)");
    const auto faults = folder.faults();
    ASSERT_EQ(faults.size(), 6u);
    const std::vector<std::string> begins{
        "rules.yaml:7 /items/0/rules/1/item ",  "rules.yaml:10 /items/0/rules/2/params/pattern ",
        "rules.yaml:11 /items/0/rules/3/kind ", "rules.yaml:12 /items/0/rules/4/severity ",
        "rules.yaml:13 /items/0/rules/5/id ",   "rules.yaml:15 999/无主目录: there is no organization"};
    for (std::size_t i = 0; i < begins.size(); ++i) {
        EXPECT_TRUE(faults[i].starts_with(begins[i])) << faults[i];
    }
}

TEST(Packs, CheckTheCalendar) {
    Folder folder;
    folder.write("a.yaml", R"(kind: calendar
items:
  - year: 2026
    source: test
    holidays:
      - {name: 元旦, from: 2026-01-03, to: 2026-01-01}
      - {name: 国庆, from: 2025-10-01, to: 2025-10-07}
    make_up: [2026-01-05]
)");
    EXPECT_EQ(
        folder.faults(),
        (std::vector<std::string>{"a.yaml:6 /items/0/holidays/0 has no right beginning and end",
                                  "a.yaml:7 /items/0/holidays/1/from lies in another year",
                                  "a.yaml:8 /items/0/make_up/0 a make-up day is a weekend day of the year"}));
}

TEST(Packs, SayWhereAndWhatToDo) {
    Folder folder;
    folder.write("a.yaml",
                 "kind: organizations\nitems:\n  - {code: 22, name: 某某局, short_nam: 局, kind: office,\n"
                 "     region: \"320300\"}\n");
    std::map<std::string, Fault> faults;
    for (const auto& fault : load(folder.path()).faults) {
        faults[fault.en.substr(0, fault.en.find(' '))] = fault;
    }
    EXPECT_EQ(faults["/items/0/code"].column, 6);
    EXPECT_NE(faults["/items/0/code"].remedy_en.find("in quotes"), std::string::npos);
    EXPECT_EQ(faults["/items/0/kind"].line, 3);
    EXPECT_NE(faults["/items/0/kind"].remedy_zh.find("government"), std::string::npos);
    EXPECT_EQ(faults["/items/0/short_nam"].remedy_en, "did you mean short_name?");
    EXPECT_NE(faults["/items/0/short_name"].remedy_zh.find("简称"), std::string::npos);
}

TEST(Packs, TakeSecretsByReferenceOnly) {
    Folder folder;
    const auto with_note = [&](const std::string& note) {
        folder.write("a.yaml",
                     "kind: organizations\nitems:\n  - {code: \"022\", name: 民政局, short_name: 民政局, "
                     "kind: government, region: \"320300\", " +
                         note + "}\n");
        return load(folder.path());
    };
    auto literal = with_note("password: hunter2");
    ASSERT_FALSE(literal.faults.empty());
    EXPECT_NE(literal.faults[0].remedy_en.find("${env:NAME}"), std::string::npos);
    EXPECT_EQ(literal.faults[0].en.find("hunter2"), std::string::npos);
    setenv("PC_TEST_NOTE", "from the environment", 1);
    auto resolved = with_note("note: \"${env:PC_TEST_NOTE}\"");
    ASSERT_TRUE(resolved.faults.empty());
    EXPECT_EQ(resolved.pack.objects[0].content["note"], "from the environment");
    EXPECT_EQ(resolved.pack.objects[0].references.at("/note"), "${env:PC_TEST_NOTE}");
    EXPECT_EQ(resolved.pack.digest, "");
    unsetenv("PC_TEST_NOTE");
    auto missing = with_note("note: \"${env:PC_TEST_NOTE}\"");
    ASSERT_EQ(missing.faults.size(), 1U);
    EXPECT_EQ(missing.faults[0].line, 3);
}

TEST(Packs, HaveASchemaForEveryKind) {
    for (const auto& kind : kind_names()) {
        const Json schema = Json::parse(schema_text(kind));
        EXPECT_EQ(schema["properties"]["kind"]["enum"][0], kind);
    }
}

}  // namespace pengcheng::packs
