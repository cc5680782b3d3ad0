#pragma once

#include <pengcheng/base/json.hpp>
#include <pengcheng/base/principal.hpp>
#include <pengcheng/base/problem.hpp>
#include <pengcheng/base/runtime.hpp>
#include <pengcheng/db/pool.hpp>
#include <pengcheng/http/server.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

namespace pengcheng::identity {

namespace asio = boost::asio;

/// Reads or makes the keys under var/keys that protect personal identifiers. Process-wide; blocking, so at
/// start-up. gate() calls it; a process without a server that adds citizens or reads profiles calls it first.
void open_keys(const Runtime& runtime);

// ---- who calls, and what they may do --------------------------------------------------------------------

/// authenticate() and authorize() as the server takes them; `error_page` is left empty.
/// Lifetime: `runtime` outlives the server.
http::Gate gate(const Runtime& runtime);

/// `cookie` is the value of `pc_session`, `authorization` the header; either may be empty.
/// No credential, or a session that has ended: anonymous. A bearer token that is unknown, expired or of a
/// disabled client: identity.bad-token (401). A token wins over a cookie.
asio::awaitable<Result<http::Authenticated>> authenticate(db::Pool& db, const Runtime& runtime,
                                                          std::string cookie, std::string authorization,
                                                          std::string address);

/// The one place of rights, by config/permissions.yaml; deny by default. `organization` and `account` are the
/// object's owner; `organization` may name several parties, separated by commas ("017,023").
/// `grade` is the object's data grade, 0 where it has none.
/// Anonymous: base.unauthenticated (401); anybody else: base.forbidden (403), identity.grade-too-high (403)
/// or, for a session that must do something first, identity.password-due or identity.totp-due (403). Touches
/// no database: everything it asks stands in the Principal.
Result<void> authorize(const Principal& who, std::string_view permission, bool has_object,
                       const std::optional<std::string>& organization,
                       const std::optional<std::string>& account, int grade = 0);

/// Whose objects a caller may list under a permission; the same rule as authorize(), for SQL that filters.
struct Listing {
    bool every = false;
    bool self = false;  ///< those of the caller's account
    std::vector<std::string> organizations;
};
Listing listing(const Principal& who, std::string_view permission);

/// The highest data grade that roles may read by config/permissions.yaml.
int grade_ceiling(const std::vector<std::string>& roles);
/// The highest data grade (1 to 4) that this caller may read: what was set for the account or system, or the
/// ceiling of its roles; 0: no graded rows.
int readable_grade(const Principal& who);
/// What a session must do before anything else: "password", "totp", or nothing. Such a caller has no role of
/// the permission file.
std::string_view pending_of(const Principal& who);

/// Every permission named in config/permissions.yaml, sorted; for the matrix test.
std::vector<std::string> permissions();
/// Roles that staff can be given, in the order they are shown.
const std::vector<std::string>& staff_roles();

// ---- organizations and regions --------------------------------------------------------------------------

struct Organization {
    std::string code;  ///< "017"
    std::string name;
    std::string short_name;
    std::string kind;    ///< party, congress, cppcc, court, procuratorate, government, mass, institution,
                         ///< vertical, county
    std::string region;  ///< GB/T 2260
    std::string parent;  ///< code, or empty
    std::string status;  ///< "unconfirmed", "name confirmed", ...
    std::string note;
};
struct Region {
    std::string code;  ///< GB/T 2260
    std::string name;
    std::string parent;  ///< code, or empty
    int level = 3;       ///< 1 province, 2 city, 3 county, 4 township
};
Json to_json(const Organization& organization);
Json to_json(const Region& region);

asio::awaitable<std::optional<Organization>> organization(db::Pool& db, std::string code);
asio::awaitable<std::optional<Organization>> organization(db::Transaction& tx, std::string code);
asio::awaitable<std::vector<Organization>> organizations(db::Pool& db);
asio::awaitable<std::vector<Region>> regions(db::Pool& db);

enum class Put { added, changed, unchanged };
/// Adds or replaces by code; the same again changes nothing and leaves no audit event. Parents come first.
asio::awaitable<Put> add_organization(db::Transaction& tx, const Principal& who, Organization organization);
asio::awaitable<Put> add_region(db::Transaction& tx, const Principal& who, Region region);

// ---- accounts -------------------------------------------------------------------------------------------

struct User {
    std::string id;
    std::string username;
    std::string display_name;
    std::string organization;  ///< code, or empty (citizens)
    std::string organization_name;
    std::string kind;              ///< staff | citizen
    std::string state;             ///< active | disabled
    std::optional<int> grade_max;  ///< empty: the ceiling of the roles
    std::vector<std::string> roles;
    std::string created_at;  ///< RFC 3339
};
/// {id, username, display_name, organization: {code, name} | null, state, grade_max, roles[]}
Json to_json(const User& user);

/// What prefill needs of a citizen; decrypted, so never logged or stored.
struct PersonalProfile {
    std::string account;
    std::string name;
    std::string id_number;
    std::string phone;
};

asio::awaitable<std::optional<User>> find_user(db::Pool& db, std::string id);
asio::awaitable<std::optional<User>> account_by_name(db::Pool& db, std::string username);
/// One page of staff accounts by user name.
struct UserFilter {
    std::string q;             ///< part of the user name or display name
    std::string organization;  ///< code
    std::string after;         ///< user name of the last one seen
    int limit = 50;
};
asio::awaitable<std::vector<User>> users(db::Pool& db, UserFilter filter);
/// Nothing for an unknown account and for one without an ID number (staff).
asio::awaitable<std::optional<PersonalProfile>> profile(db::Pool& db, std::string account_id);

struct NewUser {
    std::string username;
    std::string display_name;
    std::string organization;  ///< code; empty for administrators outside any department
    std::string password;
    bool must_change_password = true;  ///< at the first sign-in, before anything else
};
/// A staff account without any role. Hashes off the I/O thread, then its own transaction.
asio::awaitable<Result<User>> add_user(db::Pool& db, const Principal& who, NewUser input);

struct NewCitizen {
    std::string username;
    std::string display_name;
    std::string id_number;
    std::string phone;
    std::string password;
};
/// A citizen's account with role citizen, born by `today`. One ID number has one account.
asio::awaitable<Result<User>> add_citizen(db::Pool& db, const Principal& who, NewCitizen input, Day today);

/// The refusals of set_roles that need no account; for callers that make one first.
Result<void> check_roles(const std::vector<std::string>& roles, const std::string& organization);
/// Replaces the roles of a staff account. Refuses own roles, two of the three administrators' roles,
/// an administrator's role beside a business role, and business roles without an organization. Once the three
/// administrators exist, only another security administrator changes roles: the database sees to it.
asio::awaitable<Result<User>> set_roles(db::Transaction& tx, const Principal& who, std::string account_id,
                                        std::vector<std::string> roles);
/// Ends every session of the account. Not one's own, and not the last active administrator of a kind.
asio::awaitable<Result<User>> set_user_state(db::Transaction& tx, const Principal& who,
                                             std::string account_id, bool active);
/// Another grade ceiling than that of the roles, or none (the roles'). By another security administrator.
asio::awaitable<Result<User>> set_grade(db::Transaction& tx, const Principal& who, std::string account_id,
                                        std::optional<int> grade_max);
/// A new password given by somebody else. Ends every session of the account; unlocks it. Hashes off the I/O
/// thread, then its own transaction.
asio::awaitable<Result<void>> set_password(db::Pool& db, const Principal& who, std::string account_id,
                                           std::string password, bool must_change);
/// The account's holder by name and password, for commands that a second person must confirm. Counts as a
/// sign-in: wrong tries lock the name.
asio::awaitable<Result<Principal>> prove_account(db::Pool& db, const Runtime& runtime, Principal who,
                                                 std::string username, std::string password,
                                                 std::string code);
/// Whether the three administrators exist, so that rights are theirs alone to give.
asio::awaitable<bool> installed(db::Pool& db);

/// A random password that satisfies the rules.
std::string make_password();

// ---- lock-outs ------------------------------------------------------------------------------------------

struct Lockout {
    std::string id;
    std::string kind;   ///< account | address
    std::string label;  ///< name of the account, where there is one, or the address
    int failures = 0;
    std::string last_at, locked_until;  ///< RFC 3339
};
Json to_json(const Lockout& lockout);
/// Those in force.
asio::awaitable<std::vector<Lockout>> lockouts(db::Pool& db, Time now);
asio::awaitable<Result<void>> end_lockout(db::Transaction& tx, const Principal& who, std::string id);

// ---- systems of departments -----------------------------------------------------------------------------

struct Client {
    std::string client_id;
    std::string name;
    std::string organization;      ///< code
    std::string state;             ///< active | disabled
    std::optional<int> grade_max;  ///< empty: the ceiling of role client
    std::string created_by;        ///< name shown
    std::string created_at;        ///< RFC 3339
};
Json to_json(const Client& client);
struct NewClient {
    std::string name;
    std::string organization;
};
struct MadeClient {
    Client client;
    std::string secret;  ///< shown once, stored hashed
};
asio::awaitable<Result<MadeClient>> add_client(db::Transaction& tx, const Principal& who, NewClient input);
asio::awaitable<std::optional<Client>> find_client(db::Pool& db, std::string client_id);
/// Of one organization, or of all when it is empty.
asio::awaitable<std::vector<Client>> clients(db::Pool& db, std::string organization);
/// Its tokens end with it, in every process, before the caller's commit returns.
asio::awaitable<Result<Client>> disable_client(db::Transaction& tx, const Principal& who,
                                               std::string client_id);
asio::awaitable<Result<Client>> set_client_grade(db::Transaction& tx, const Principal& who,
                                                 std::string client_id, std::optional<int> grade_max);

/// A system has at most two live secrets: make the second, hand it over, retire the first.
struct ClientSecret {
    std::string id;
    std::string created_at;  ///< RFC 3339
    std::string created_by;
    std::optional<std::string> last_used_at;  ///< to the minute
    std::optional<std::string> retired_at;
};
Json to_json(const ClientSecret& secret);
struct MadeSecret {
    ClientSecret made;
    std::string secret;  ///< shown once, stored hashed
};
asio::awaitable<std::vector<ClientSecret>> client_secrets(db::Pool& db, std::string client_id);
asio::awaitable<Result<MadeSecret>> add_secret(db::Transaction& tx, const Principal& who,
                                               std::string client_id);
/// Tokens that it was exchanged for end with it.
asio::awaitable<Result<ClientSecret>> retire_secret(db::Transaction& tx, const Principal& who, Time now,
                                                    std::string client_id, std::string secret_id);

/// A key that signs access tokens, without its private half.
struct TokenKey {
    std::string kid;
    std::string state;  ///< announced | signing | checking | retired
    std::string created_at, signs_from;
    std::string retired_at;  ///< or empty
};
Json to_json(const TokenKey& key);
asio::awaitable<std::vector<TokenKey>> signing_keys(db::Pool& db, Time now);
/// A new key, published now and signing ten minutes later, while the old one is still checked against.
/// `at_once` is for a key that leaked: the new one signs now and every token of the old ones ends. The keys
/// as they stand then.
asio::awaitable<std::vector<TokenKey>> rotate_signing_key(db::Transaction& tx, Time now, const Principal& who,
                                                          bool at_once);

}  // namespace pengcheng::identity
