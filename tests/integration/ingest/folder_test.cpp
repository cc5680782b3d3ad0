// `pengcheng ingest DIR`: entries and rows of a folder of files.
#include "harness.hpp"

#include <fstream>

namespace pengcheng::test {
namespace {

namespace fs = std::filesystem;

class IngestFolder : public ServerTest {
protected:
    IngestFolder() {
        std::string pattern = "/tmp/pci-XXXXXX";
        folder_ = mkdtemp(pattern.data());
        fs::permissions(folder_, fs::perms::all);  // the command gives up root
    }
    ~IngestFolder() override { fs::remove_all(folder_); }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder_ / name) << text;
    }

    fs::path folder_;
};

TEST_F(IngestFolder, LoadsItsFilesSaysWhatItRefusesAndFollowsNoLink) {
    write("公交站点.csv", "编号,站名\n1,彭城广场\n2,云龙湖\n");
    write("broken.json", "{\"a\":");
    write("notes.txt", "不是表格");
    fs::path outside = folder_ / "outside";
    fs::create_directory(outside);
    std::ofstream(outside / "secret.csv") << "编号,密\n1,外面的\n";
    fs::create_symlink(outside / "secret.csv", folder_ / "link.csv");
    CommandRun run =
        cli(*server_, {"--json", "ingest", folder_.string(), "--organization", std::string(market)});
    Json out = run.json();
    EXPECT_EQ(out["loaded"], 1) << run.out;
    EXPECT_EQ(out["failed"], 1) << run.out;
    ASSERT_EQ(out["files"].size(), 2U) << run.out;
    EXPECT_EQ(sql("SELECT count(*) FROM catalogue.resource_name WHERE name = '公交站点'"), "1");
    EXPECT_EQ(run.out.find("外面的"), std::string::npos);
}

}  // namespace
}  // namespace pengcheng::test
