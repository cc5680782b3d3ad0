#pragma once

#include <atomic>
#include <filesystem>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace pengcheng::test {

/// Stands between the server and PostgreSQL on a unix socket, reads the wire protocol, and makes the n-th
/// statement that a request runs go wrong. The server's own code knows nothing of it; what works for requests
/// it tells by the names that the server's sessions have in pg_stat_activity.
class WireProxy {
public:
    enum class Fault {
        refuse,      ///< PostgreSQL refuses the statement (22012)
        cut_before,  ///< the connection ends, the statement never arrives
        cut_after,   ///< the connection ends when the statement is done: its reply is lost
    };

    /// Listens in `folder` and speaks to the cluster whose socket lies in `cluster`.
    WireProxy(const std::filesystem::path& cluster, const std::filesystem::path& folder);
    ~WireProxy();
    WireProxy(const WireProxy&) = delete;
    WireProxy& operator=(const WireProxy&) = delete;

    /// The n-th statement from now goes wrong, once.
    void arm(int n, Fault fault);
    struct Seen {
        bool fired = false;
        std::vector<std::string> statements;  ///< their SQL; the one that went wrong is the last
    };
    Seen disarm();

private:
    struct Link {
        int client = -1;
        int upstream = -1;
        bool counts = false;                        // front thread only: works for requests
        bool started = false;                       // front thread only
        std::map<std::string, std::string> parsed;  // front thread only: SQL by the name of the statement
        std::atomic<bool> cut_reply{false};
        std::thread front;
        std::thread back;
    };

    void accept_all();
    void run_front(Link& link);
    static void run_back(Link& link);
    /// Takes whole messages off `buffer`; false ends the connection.
    bool forward(Link& link, std::string& buffer);
    bool forward_message(Link& link, char type, std::string_view payload, std::string_view whole);
    /// What to do to this statement.
    bool goes_wrong(Link& link, const std::string& sql, Fault& fault);
    static void end(Link& link);

    std::filesystem::path upstream_;
    int listener_ = -1;
    std::thread acceptor_;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::list<Link> links_;
    int wanted_ = 0;
    Fault fault_ = Fault::refuse;
    Seen seen_;
};

}  // namespace pengcheng::test
