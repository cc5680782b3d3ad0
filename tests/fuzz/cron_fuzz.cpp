#include "jobs/cron.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace pengcheng;

/// Whatever is taken as an expression is due after the time asked from, and both directions agree.
void try_expression(std::string_view text) {
    static const WorkCalendar calendar({{*parse_day("2026-01-01"), false}, {*parse_day("2026-01-04"), true}});
    auto cron = jobs::parse_cron(text);
    if (!cron) {
        return;
    }
    Time from = *parse_time("2026-01-01T00:00:00+08:00");
    for (jobs::Days days : {jobs::Days::any, jobs::Days::working, jobs::Days::nth_working}) {
        jobs::Rule rule{*cron, days, days == jobs::Days::nth_working ? 2 : 0};
        auto due = jobs::next_due(rule, calendar, from);
        bool right = !due || (*due > from && jobs::last_due(rule, calendar, *due, from) == due);
        if (!right) {
            std::abort();
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    try_expression({reinterpret_cast<const char*>(bytes), size});
    return 0;
}
