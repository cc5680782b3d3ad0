#include "http/meter.hpp"

#include <pengcheng/base/log.hpp>

#include <charconv>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

namespace pengcheng::http {

namespace {

std::string number(double value) {
    std::array<char, 64> text{};
    auto [end, error] =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    return error == std::errc{} ? std::string(text.data(), end) : "NaN";
}

/// A label's value: backslash, quote and line feed are the three that the format escapes.
std::string escaped(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (c == '\\' || c == '"') {
            out += '\\';
        }
        out += c == '\n' ? std::string("\\n") : std::string(1, c);
    }
    return out;
}

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
    out.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" ");
    out.append(type).append("\n");
}

void single(std::string& out, std::string_view name, std::string_view type, std::string_view help,
            double value) {
    head(out, name, type, help);
    out.append(name).append(" ").append(number(value)).append("\n");
}

struct Sum {
    std::array<std::uint64_t, Meter::bounds_s.size() + 1> counts{};
    std::uint64_t total = 0;
    std::uint64_t us = 0;
};

Sum sum_of(const std::vector<const Meter*>& meters, std::size_t route, std::size_t status_class) {
    Sum sum;
    for (const Meter* meter : meters) {
        const Meter::Cell& cell = meter->cell(route, status_class);
        for (std::size_t i = 0; i < sum.counts.size(); ++i) {
            sum.counts[i] += cell.counts[i].load(std::memory_order_relaxed);
        }
        sum.us += cell.sum_us.load(std::memory_order_relaxed);
    }
    for (std::uint64_t count : sum.counts) {
        sum.total += count;
    }
    return sum;
}

void histogram(std::string& out, const std::string& route, std::size_t status_class, const Sum& sum) {
    constexpr std::string_view name = "pengcheng_http_request_seconds";
    std::string labels =
        "{route=\"" + escaped(route) + "\",status=\"" + std::to_string(status_class + 1) + "xx\"";
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < sum.counts.size(); ++i) {
        below += sum.counts[i];
        std::string bound = i < Meter::bounds_s.size() ? number(Meter::bounds_s[i]) : "+Inf";
        out.append(name).append("_bucket").append(labels).append(",le=\"").append(bound).append("\"} ");
        out.append(std::to_string(below)).append("\n");
    }
    out.append(name).append("_sum").append(labels).append("} ");
    out.append(number(static_cast<double>(sum.us) / 1e6)).append("\n");
    out.append(name)
        .append("_count")
        .append(labels)
        .append("} ")
        .append(std::to_string(sum.total))
        .append("\n");
}

template <class Field>
double total_of(const std::vector<const Meter*>& meters, Field field) {
    double total = 0;
    for (const Meter* meter : meters) {
        total += static_cast<double>((meter->*field).load(std::memory_order_relaxed));
    }
    return total;
}

void database(std::string& out, const std::vector<const Meter*>& meters) {
    auto gauge = [&](std::string_view name, std::string_view help, auto field) {
        single(out, name, "gauge", help, total_of(meters, field));
    };
    gauge("pengcheng_db_connections_in_use", "Database connections of I/O threads on loan.",
          &Meter::db_in_use);
    gauge("pengcheng_db_connections_open", "Database connections of I/O threads.", &Meter::db_open);
    gauge("pengcheng_db_waiting", "Callers waiting for a database connection.", &Meter::db_waiting);
    gauge("pengcheng_db_lane_in_flight", "Short reads on the pipelined lanes.", &Meter::lane_in_flight);
    single(out, "pengcheng_db_lane_reads_total", "counter", "Short reads through the lanes.",
           total_of(meters, &Meter::lane_reads));
    single(out, "pengcheng_db_lane_groups_total", "counter", "Groups that those reads went out in.",
           total_of(meters, &Meter::lane_groups));
}

void process(std::string& out) {
    std::ifstream file("/proc/self/statm");
    double pages = 0;
    double resident = 0;
    file >> pages >> resident;
    auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    single(out, "process_resident_memory_bytes", "gauge", "Resident memory.", resident * page);
    single(out, "process_virtual_memory_bytes", "gauge", "Virtual memory.", pages * page);
    single(out, "process_cpu_seconds_total", "counter", "User and system time.",
           seconds(used.ru_utime) + seconds(used.ru_stime));
}

void gauges_of(std::string& out, const std::vector<Gauge>& gauges) {
    std::string last;
    for (const Gauge& gauge : gauges) {
        if (gauge.name != last) {
            head(out, gauge.name, "gauge", gauge.help);
            last = gauge.name;
        }
        out.append(gauge.name);
        std::string_view before = "{";
        for (const auto& [name, value] : gauge.labels) {
            out.append(before).append(name).append("=\"").append(escaped(value)).append("\"");
            before = ",";
        }
        out.append(gauge.labels.empty() ? " " : "} ").append(number(gauge.value)).append("\n");
    }
}

}  // namespace

void Meter::answered(std::size_t route, int status, std::uint64_t us, std::uint64_t bytes) {
    auto status_class = static_cast<std::size_t>(std::clamp(status / 100, 1, 5) - 1);
    Cell& cell = cells_[std::min(route, routes_ - 1) * classes + status_class];
    std::size_t bucket = 0;
    while (bucket < bounds_s.size() && static_cast<double>(us) > bounds_s[bucket] * 1e6) {
        ++bucket;
    }
    add(cell.counts[bucket], 1);
    add(cell.sum_us, us);
    add(bytes_out, bytes);
}

void Meter::note(const db::PoolFigures& figures) {
    db_in_use = figures.in_use;
    db_open = figures.open;
    db_waiting = figures.waiting;
    lane_in_flight = figures.lane_in_flight;
    lane_reads = figures.lane_reads;
    lane_groups = figures.lane_groups;
}

std::string write_metrics(const std::vector<const Meter*>& meters, const std::vector<std::string>& routes,
                          const std::vector<Gauge>& gauges) {
    std::string histograms;
    std::array<std::uint64_t, Meter::classes> by_class{};
    for (std::size_t route = 0; route < routes.size(); ++route) {
        for (std::size_t status_class = 0; status_class < Meter::classes; ++status_class) {
            Sum sum = sum_of(meters, route, status_class);
            by_class[status_class] += sum.total;
            if (sum.total > 0) {
                histogram(histograms, routes[route], status_class, sum);
            }
        }
    }
    std::uint64_t all = 0;
    for (std::uint64_t count : by_class) {
        all += count;
    }
    std::string out;
    auto counter = [&](std::string_view name, std::string_view help, double value) {
        single(out, name, "counter", help, value);
    };
    counter("pengcheng_http_requests_total", "Requests answered.", static_cast<double>(all));
    counter("pengcheng_http_refused_total", "Answered 4xx.", static_cast<double>(by_class[3]));
    counter("pengcheng_http_failed_total", "Answered 5xx.", static_cast<double>(by_class[4]));
    counter("pengcheng_http_reply_bytes_total", "Bytes of replies.", total_of(meters, &Meter::bytes_out));
    counter("pengcheng_http_refused_connections_total", "Beyond a limit on connections.",
            total_of(meters, &Meter::refused_connections));
    counter("pengcheng_http_rate_limited_total", "Beyond the rate limit of an address.",
            total_of(meters, &Meter::refused_requests));
    counter("pengcheng_http_slow_cut_total", "Heads, bodies and replies that moved too slowly.",
            total_of(meters, &Meter::cut_slow));
    counter("pengcheng_http_client_gone_total", "Clients that left while their request was worked on.",
            total_of(meters, &Meter::client_gone));
    counter("pengcheng_log_left_out_total", "Lines of requests left out by sampling.",
            total_of(meters, &Meter::log_left_out));
    counter("pengcheng_log_dropped_total", "Log lines lost because the log was read too slowly.",
            static_cast<double>(log::dropped()));
    single(out, "pengcheng_http_connections", "gauge", "Open connections.",
           total_of(meters, &Meter::connections));
    database(out, meters);
    head(out, "pengcheng_http_request_seconds", "histogram",
         "From the head of a request to the end of its reply.");
    out += histograms;
    gauges_of(out, gauges);
    process(out);
    return out;
}

}  // namespace pengcheng::http
