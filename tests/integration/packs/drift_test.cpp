#include "services/citizen.hpp"

#include <fstream>

namespace pengcheng::test {

namespace fs = std::filesystem;

/// A copy of the city's pack under its own name, what people do to the city, and what packs say to it.
class PackDrift : public ServerTest {
protected:
    void SetUp() override {
        pack_ = server_->var / "copy" / "xuzhou";
        fs::remove_all(pack_.parent_path());
        fs::create_directories(pack_.parent_path());
        fs::copy(source_folder() / "config/packs/xuzhou", pack_);
        let_in(pack_);
    }
    /// The commands run as the ordinary user where the tests run as root.
    static void let_in(const fs::path& folder) {
        fs::permissions(folder, fs::perms::all);
        for (const auto& entry : fs::directory_iterator(folder)) {
            fs::permissions(entry.path(), fs::perms(0666));
        }
    }
    static CommandRun config(std::vector<std::string> words) {
        words.insert(words.begin(), {"--json", "config"});
        return cli(*server_, words);
    }
    static std::vector<std::string> keys_of(const Json& reply) {
        std::vector<std::string> keys;
        for (const Json& change : reply["changes"]) {
            keys.push_back(change["put"].get<std::string>() + " " + change["kind"].get<std::string>() + " " +
                           change["key"].get<std::string>());
        }
        std::sort(keys.begin(), keys.end());
        return keys;
    }
    /// A pack of one's own.
    static std::string folder(const std::string& name, const std::string& text) {
        const fs::path path = server_->var / "packs" / name;
        fs::create_directories(path);
        std::ofstream(path / "a.yaml") << text;
        return path.string();
    }
    static void replace(const fs::path& file, const std::string& from, const std::string& to) {
        std::string text = read_file(file);
        const std::size_t at = text.find(from);
        ASSERT_NE(at, std::string::npos);
        std::ofstream(file) << text.replace(at, from.size(), to);
    }
    static void drop_nulls(Json& value) {
        for (auto member = value.begin(); member != value.end();) {
            if (value.is_object() && member->is_null()) {
                member = value.erase(member);
                continue;
            }
            if (member->is_structured()) {
                drop_nulls(*member);
            }
            ++member;
        }
    }
    /// Edits an entry as its department does in the console.
    static void edit_entry(const std::string& name, const std::string& abstract) {
        const std::string ref = sql("SELECT ref FROM catalogue.resource_name WHERE name = '" + name + "'");
        const std::string url = "/api/v1/catalogue/resources/" + ref;
        const Client officer = as("gov_officer");
        Json entry = officer.get(url).json;
        const auto version = entry["version"].get<std::int64_t>();
        Json body = Json::parse(sql("SELECT content FROM catalogue.edition WHERE ref = '" + ref + "'"));
        body["abstract"] = abstract;
        drop_nulls(body);
        const Reply reply = officer.if_match(version).put(url, body);
        ASSERT_EQ(reply.status, 200) << reply.body;
    }

    fs::path pack_;
};

TEST_F(PackDrift, IsShownAndComesBackIntoTheFiles) {
    add_staff(*server_, "gov_officer", "015", {"data_officer"});
    EXPECT_EQ(config({"diff", pack_.string()}).status, 0);
    EXPECT_EQ(config({"diff"}).status, 0);

    edit_entry("节假日与调休安排", "由部门改写的摘要。");
    sql("UPDATE catalogue.code_value SET label = '未说明' WHERE list = 'sex' AND value = '9'");
    sql("UPDATE identity.organization SET short_name = '府办' WHERE code = '015'");
    sql("INSERT INTO identity.organization SELECT '950', '新设局', '新设局', kind, region, parent, '', '' "
        "FROM identity.organization WHERE code = '040'");
    sql("UPDATE packs.workday SET name = '元旦节' WHERE day = '2026-01-01'");
    const std::string item = allowance;
    sql("UPDATE services.item_version SET definition = jsonb_set(definition, '{phone}', '\"0516-1\"') "
        "WHERE code = '" +
        item + "'");

    const CommandRun seen = config({"diff", pack_.string()});
    EXPECT_EQ(seen.status, 2);
    const std::vector<std::string> wanted{"added organizations 950",
                                          "changed calendar 2026",
                                          "changed code_lists sex",
                                          "changed organizations 015",
                                          "changed resources 015/节假日与调休安排",
                                          "changed service_items " + item};
    EXPECT_EQ(keys_of(seen.json()), wanted);
    const Json reply = seen.json();
    for (const Json& change : reply["changes"]) {
        EXPECT_TRUE(change["drift"].get<bool>()) << change;
        if (change["kind"] == "code_lists") {
            EXPECT_EQ(change["fields"][0]["pointer"], "/values/9/label");
            EXPECT_EQ(change["fields"][0]["from"], "未说明的性别");
            EXPECT_EQ(change["fields"][0]["to"], "未说明");
        }
    }
    // The same without a folder, against what was applied last; and people have the last word.
    EXPECT_EQ(config({"diff"}).json()["changes"].size(), 5U);
    const CommandRun kept = config({"plan", pack_.string()});
    EXPECT_EQ(kept.status, 0);
    EXPECT_EQ(kept.json()["drift_kept"], 5);
    EXPECT_EQ(config({"plan", "--overwrite-drift", pack_.string()}).status, 2);

    const CommandRun exported = config({"export", pack_.string()});
    ASSERT_EQ(exported.status, 0) << exported.out;
    EXPECT_EQ(exported.json()["kept"], (Json{"regions.yaml", "rules.yaml", "service-items-firms.yaml"}));
    EXPECT_TRUE(read_file(pack_ / "calendar.yaml").starts_with("# Holidays and make-up days"));
    EXPECT_EQ(read_file(pack_ / "regions.yaml"),
              read_file(source_folder() / "config/packs/xuzhou/regions.yaml"));
    EXPECT_EQ(config({"validate", pack_.string()}).status, 0);
    EXPECT_EQ(config({"diff", pack_.string()}).status, 0);
    const CommandRun plan = config({"plan", "--overwrite-drift", pack_.string()});
    EXPECT_EQ(plan.status, 0) << plan.out;
    EXPECT_EQ(config({"apply", pack_.string()}).json()["changes"], Json::array());
    EXPECT_EQ(config({"diff"}).status, 0);
}

TEST_F(PackDrift, AWholeCityComesBackFromAnEmptyFolder) {
    const fs::path out = server_->var / "out";
    fs::create_directories(out);
    fs::permissions(out, fs::perms::all);
    ASSERT_EQ(config({"export", out.string()}).status, 0);
    const CommandRun valid = config({"validate", out.string()});
    EXPECT_EQ(valid.status, 0) << valid.out;
    EXPECT_GT(valid.json()["objects"]["service_items"], 3);
    const CommandRun plan = config({"plan", "--overwrite-drift", out.string()});
    EXPECT_EQ(plan.status, 0) << plan.out;
    EXPECT_EQ(keys_of(plan.json()), std::vector<std::string>{});
}

TEST_F(PackDrift, APlanNamesFieldFileAndValues) {
    replace(pack_ / "regions.yaml", "徐州高新技术产业开发区", "徐州高新区");
    const CommandRun plan = config({"plan", pack_.string()});
    EXPECT_EQ(plan.status, 2);
    const Json changes = plan.json()["changes"];
    const auto change = std::find_if(changes.begin(), changes.end(),
                                     [](const Json& one) { return one["file"] == "regions.yaml"; });
    ASSERT_NE(change, changes.end()) << changes;
    EXPECT_EQ((*change)["fields"][0]["pointer"], "/name");
    EXPECT_EQ((*change)["fields"][0]["to"], "徐州高新区");
}

TEST_F(PackDrift, RemovesWhatThePackNoLongerNames) {
    const std::string both =
        "kind: organizations\nitems:\n"
        "  - {code: \"910\", name: 甲测试局, short_name: 甲局, kind: government, region: \"320300\"}\n"
        "  - {code: \"911\", name: 乙测试局, short_name: 乙局, kind: government, region: \"320300\"}\n";
    const std::string one = both.substr(0, both.rfind("  - "));
    ASSERT_EQ(config({"apply", folder("two", both)}).status, 0);
    add_staff(*server_, "of_911", "911", {"data_officer"});
    const std::string before = dump({"identity", "packs"});
    const CommandRun plan = config({"plan", folder("two", one)});
    EXPECT_EQ(plan.status, 3);
    EXPECT_EQ(keys_of(plan.json()), std::vector<std::string>{"removed organizations 911"});
    EXPECT_EQ(plan.json()["changes"][0]["breaks"][0]["hard"], true);
    // Not even by force: the account would hang in the air.
    const CommandRun forced = config({"apply", "--allow-breaking", folder("two", one)});
    EXPECT_EQ(forced.status, 1);
    EXPECT_EQ(forced.json()["error"]["code"], "packs.would-break");
    EXPECT_EQ(dump({"identity", "packs"}), before);

    const std::string last = both.substr(0, both.find("  - ")) + both.substr(both.rfind("  - "));
    ASSERT_EQ(config({"apply", folder("two", last)}).json()["removed"], 1);
    EXPECT_EQ(sql("SELECT count(*) FROM identity.organization WHERE code = '910'"), "0");
    EXPECT_EQ(config({"plan", folder("two", last)}).status, 0);
}

TEST_F(PackDrift, TellsWhichValuesAndTypesAreInUse) {
    const auto text = [](const std::string& values) {
        return "kind: code_lists\nitems:\n  - {code: test_kind, name: 测试, values: [" + values + "]}\n";
    };
    const std::string a = "{value: \"a\", label: 甲}, {value: \"b\", label: 乙}";
    const std::string pack = folder("used", text(a + ", {value: \"c\", label: 丙}"));
    const auto entry = [&](const std::string& type) {
        std::ofstream(fs::path(pack) / "b.yaml")
            << "kind: resources\nitems:\n  - organization: \"040\"\n    name: 使用代码的目录\n    class: "
               "department\n"
               "    items:\n      - {name: 编号, column: bh, type: C, length: 9, primary_key: true, "
               "nullable: false}\n"
               "      - {name: 类别, column: lb, type: C, length: 9, code_list: test_kind}\n"
               "      - {name: 数量, column: sl, type: "
            << type << (type == "C" ? ", length: 9" : "") << "}\n";
    };
    entry("C");
    ASSERT_EQ(config({"apply", pack}).status, 0);
    const std::string ref = sql("SELECT ref FROM catalogue.resource_name WHERE name = '使用代码的目录'");
    load(as("market_officer"), ref, "rows.csv", "编号,类别,数量\n1,a,5\n2,c,7\n");

    entry("N");
    CommandRun plan = config({"plan", pack});
    EXPECT_EQ(plan.status, 3) << plan.out;
    EXPECT_NE(plan.out.find("2 rows are mounted, and type of sl would change"), std::string::npos)
        << plan.out;
    entry("C");
    folder("used", text(a));
    plan = config({"plan", pack});
    EXPECT_EQ(plan.status, 3) << plan.out;
    EXPECT_NE(plan.out.find("holds 1 of the removed values in lb: c"), std::string::npos) << plan.out;
    const std::string before = dump({"catalogue", "packs"});
    EXPECT_EQ(config({"apply", pack}).status, 1);
    EXPECT_EQ(dump({"catalogue", "packs"}), before);
    EXPECT_EQ(config({"apply", "--allow-breaking", pack}).status, 0);
    EXPECT_EQ(config({"plan", pack}).status, 0);
}

TEST_F(PackDrift, TellsWhichCasesAreUnderWay) {
    const Client wang = citizen(*server_, "wang", "王老五", "320302190001010010");
    apply(wang);
    const fs::path file = pack_ / "service-items-people.yaml";
    replace(file, std::string("  - code: \"") + allowance + "\"\n",
            std::string("  - code: \"") + allowance + "\"\n    state: retired\n");
    const CommandRun plan = config({"plan", pack_.string()});
    EXPECT_EQ(plan.status, 3) << plan.out;
    EXPECT_NE(plan.out.find("1 cases are under way"), std::string::npos) << plan.out;
    const CommandRun text = cli(*server_, {"config", "plan", pack_.string()});
    EXPECT_NE(text.out.find("! 还有 1 件在办"), std::string::npos) << text.out;
}

}  // namespace pengcheng::test
