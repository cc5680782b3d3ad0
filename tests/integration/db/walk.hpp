#pragma once

#include "wire_proxy.hpp"

#include "harness.hpp"

#include <memory>
#include <set>
#include <string>

#include <libpq-fe.h>

namespace pengcheng::test {

/// A server whose statements pass a WireProxy, and calls that are tried with each of their statements
/// failing.
class WalkTest : public ServerTest {
protected:
    static void SetUpTestSuite();
    static void TearDownTestSuite();

    /// Every row of every module's tables and every stored file, but for what the background changes by
    /// itself and when a session was last seen.
    static std::string fingerprint();
    /// Sends the call with its first statement refused, then its second, ..., until none is left to refuse.
    /// Each failure must answer 5xx and leave everything as it was. The reply of the last, whole one.
    static Reply walk(const Client& client, const std::string& method, const std::string& target,
                      const std::string& bytes, const std::string& type);
    static Reply walk(const Client& client, const std::string& method, const std::string& target,
                      const Json& body = Json::object());
    /// Calls until it answers something else than 5xx or "still at work", with the same idempotency key.
    static Reply persist(const Client& client, const std::string& target, const Json& body);

    /// Tries to sign in are counted before their outcome is known, and stay counted: this forgets them.
    static void forget_tries() { sql("DELETE FROM identity.sign_in_failure"); }
    static void (*put_right_)();  ///< called before each call of a walk, where set

    static std::unique_ptr<WireProxy> proxy_;
    static std::unique_ptr<PGconn, decltype(&PQfinish)> observer_;
    static std::set<std::string> walked_;  ///< "POST /api/v1/..." as the route table writes it
    static int failures_;
};

}  // namespace pengcheng::test
