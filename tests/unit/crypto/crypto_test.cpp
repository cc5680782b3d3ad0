#include <pengcheng/base/ids.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/text.hpp>
#include <pengcheng/crypto/crypto.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace pengcheng::crypto {
namespace {

namespace fs = std::filesystem;

std::string unhex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    }
    return bytes;
}

TEST(Digest, AgreesWithFips180) {
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, InPiecesEqualsTheWhole) {
    Sha256 running;
    running.update("a");
    EXPECT_EQ(running.digest(), sha256("a"));
    running.update("bc");
    EXPECT_EQ(running.hex(), sha256_hex("abc"));
}

TEST(Digest, HmacAgreesWithRfc4231) {
    EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(blind_index("Jefe", "x"), to_hex(hmac_sha256("Jefe", "x")));
}

TEST(Equal, ComparesWholeTexts) {
    EXPECT_TRUE(equal("", ""));
    EXPECT_TRUE(equal("same", "same"));
    EXPECT_FALSE(equal("same", "samf"));
    EXPECT_FALSE(equal("same", "sam"));
}

TEST(Passwords, VerifyOnlyWhatWasHashed) {
    std::string encoded = hash_password("correct horse 电池");
    EXPECT_TRUE(encoded.starts_with("$scrypt$ln=15,r=8,p=1$")) << encoded;
    EXPECT_TRUE(verify_password("correct horse 电池", encoded));
    EXPECT_FALSE(verify_password("correct horse 电泡", encoded));
    EXPECT_NE(hash_password("correct horse 电池"), encoded) << "each hash has a salt of its own";
}

TEST(Passwords, RefuseBrokenHashes) {
    for (std::string_view broken : {"", "plain", "$scrypt$ln=15,r=8,p=1$", "$scrypt$ln=15,r=8,p=1$AAAA$",
                                    "$scrypt$ln=30,r=8,p=1$AAAA$AAAA", "$scrypt$ln=15,r=8,p=1$AAAA$!!!!"}) {
        EXPECT_FALSE(verify_password("x", broken)) << broken;
        EXPECT_FALSE(verify_password("", broken)) << broken;
    }
}

TEST(Seal, OpensWithTheSameKeyAndBindingOnly) {
    std::string key = random_bytes(key_bytes);
    std::string sealed = seal(key, "320302190001010010", "account/1");
    EXPECT_EQ(open(key, sealed, "account/1"), "320302190001010010");
    EXPECT_EQ(open(key, sealed, "account/2"), std::nullopt);
    EXPECT_EQ(open(random_bytes(key_bytes), sealed, "account/1"), std::nullopt);
    EXPECT_NE(seal(key, "320302190001010010", "account/1"), sealed) << "each sealing has a nonce of its own";
    EXPECT_EQ(open(key, seal(key, "")), "");
}

TEST(Seal, EveryChangedByteIsFound) {
    std::string key = random_bytes(key_bytes);
    std::string sealed = seal(key, "text");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_EQ(open(key, changed), std::nullopt) << i;
        EXPECT_EQ(open(key, sealed.substr(0, i)), std::nullopt) << i;
    }
    EXPECT_THROW(seal("short", "text"), std::invalid_argument);
}

TEST(Seal, OpensTheGcmTestVector) {
    // McGrew and Viega, test case 14: key, nonce and one block of zeros.
    std::string sealed = unhex(
        "000000000000000000000000"
        "cea7403d4d606b6e074ec5d3baf39d18"
        "d0d1c8a799996bf0265b98b5d48ab919");
    EXPECT_EQ(open(std::string(32, '\0'), sealed), std::string(16, '\0'));
}

TEST(Ed25519, AgreesWithRfc8032) {
    // RFC 8032 §7.1, test 2.
    std::string seed = unhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    std::string public_key = ed25519_public_key(seed);
    EXPECT_EQ(to_hex(public_key), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    std::string signature = ed25519_sign(seed, "\x72");
    EXPECT_EQ(to_hex(signature),
              "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
              "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    EXPECT_TRUE(ed25519_verify(public_key, "\x72", signature));
    EXPECT_FALSE(ed25519_verify(public_key, "\x73", signature));
    EXPECT_FALSE(ed25519_verify(public_key, "\x72", "short"));
    EXPECT_FALSE(ed25519_verify("no key", "\x72", signature));
}

class KeyFile : public testing::Test {
protected:
    fs::path folder = fs::temp_directory_path() / ("pengcheng-keys-" + random_hex(6));
    void TearDown() override { fs::remove_all(folder); }
};

TEST_F(KeyFile, IsMadeOnceAndOnlyForItsOwner) {
    std::string key = key_file(folder, "personal");
    EXPECT_EQ(key.size(), key_bytes);
    EXPECT_EQ(key_file(folder, "personal"), key);
    EXPECT_NE(key_file(folder, "other"), key);
    EXPECT_EQ(fs::status(folder / "personal.key").permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(fs::status(folder).permissions(), fs::perms::owner_all);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 2) << "nothing else is left behind";
}

TEST_F(KeyFile, RefusesAFileThatOthersMayRead) {
    key_file(folder, "personal");
    fs::permissions(folder / "personal.key", fs::perms::group_read, fs::perm_options::add);
    try {
        key_file(folder, "personal");
        FAIL() << "an exposed key was taken";
    } catch (const ProblemError& error) {
        EXPECT_EQ(error.problem().type->code, "crypto.key-file-exposed");
        EXPECT_NE(error.problem().text(false).find("chmod 600"), std::string::npos);
    }
}

TEST_F(KeyFile, RefusesAFileWithoutAKey) {
    for (std::string_view broken : {"", "abc", "zz"}) {
        fs::create_directories(folder);
        std::ofstream(folder / "broken.key") << broken;
        fs::permissions(folder / "broken.key", fs::perms::owner_read | fs::perms::owner_write);
        EXPECT_THROW(key_file(folder, "broken"), ProblemError) << broken;
    }
}

}  // namespace
}  // namespace pengcheng::crypto
