#include "services/states.hpp"

#include <array>
#include <stdexcept>
#include <string>

namespace pengcheng::services {

namespace {

struct StateName {
    State state;
    std::string_view name;
    std::string_view zh;
    std::string_view en;
};

constexpr std::array state_names{
    StateName{State::received, "received", "已收件", "Received"},
    StateName{State::supplement, "supplement", "待补正", "More papers asked"},
    StateName{State::accepted, "accepted", "已受理", "Accepted"},
    StateName{State::review, "review", "审查中", "Under review"},
    StateName{State::decided, "decided", "已决定", "Decided"},
    StateName{State::closed, "closed", "已办结", "Closed"},
    StateName{State::withdrawn, "withdrawn", "已撤回", "Withdrawn"},
    StateName{State::refused, "refused", "不予受理", "Refused to accept"},
};

struct Transition {
    State from;
    Action action;
    State to;
};

// facts/services.md §5. An officer may decide an accepted case at once; the review is then recorded
// with the decision.
constexpr std::array transitions{
    Transition{State::received, Action::accept, State::accepted},
    Transition{State::received, Action::supplement, State::supplement},
    Transition{State::received, Action::refuse, State::refused},
    Transition{State::received, Action::withdraw, State::withdrawn},
    Transition{State::supplement, Action::answer, State::received},
    Transition{State::supplement, Action::refuse, State::refused},
    Transition{State::supplement, Action::withdraw, State::withdrawn},
    Transition{State::accepted, Action::start_review, State::review},
    Transition{State::accepted, Action::decide, State::decided},
    Transition{State::accepted, Action::withdraw, State::withdrawn},
    Transition{State::review, Action::decide, State::decided},
    Transition{State::review, Action::withdraw, State::withdrawn},
    Transition{State::decided, Action::close, State::closed},
};

const StateName& row(State state) {
    return state_names[static_cast<std::size_t>(state)];
}

}  // namespace

std::optional<State> next_state(State from, Action action) {
    for (const auto& transition : transitions) {
        if (transition.from == from && transition.action == action) {
            return transition.to;
        }
    }
    return std::nullopt;
}

std::string_view name(State state) {
    return row(state).name;
}

std::string_view name(Action action) {
    constexpr std::array names{"accept",       "supplement", "answer", "refuse",
                               "start_review", "decide",     "close",  "withdraw"};
    return names[static_cast<std::size_t>(action)];
}

std::string_view title(State state, bool chinese) {
    return chinese ? row(state).zh : row(state).en;
}

State state_of(std::string_view name) {
    for (const auto& known : state_names) {
        if (known.name == name) {
            return known.state;
        }
    }
    throw std::logic_error("no state of a case: " + std::string(name));
}

bool open(State state) {
    return state == State::received || state == State::supplement || state == State::accepted ||
           state == State::review;
}

}  // namespace pengcheng::services
