#include "services/states.hpp"

#include <gtest/gtest.h>

#include <map>

namespace pengcheng::services {

using enum State;

TEST(States, MoveOnlyAsTheTableSays) {
    const std::map<std::pair<State, Action>, State> allowed{
        {{received, Action::accept}, accepted},      {{received, Action::supplement}, supplement},
        {{received, Action::refuse}, refused},       {{received, Action::withdraw}, withdrawn},
        {{supplement, Action::answer}, received},    {{supplement, Action::refuse}, refused},
        {{supplement, Action::withdraw}, withdrawn}, {{accepted, Action::start_review}, review},
        {{accepted, Action::decide}, decided},       {{accepted, Action::withdraw}, withdrawn},
        {{review, Action::decide}, decided},         {{review, Action::withdraw}, withdrawn},
        {{decided, Action::close}, closed},
    };
    for (State from : {received, supplement, accepted, review, decided, closed, withdrawn, refused}) {
        for (Action action : {Action::accept, Action::supplement, Action::answer, Action::refuse,
                              Action::start_review, Action::decide, Action::close, Action::withdraw}) {
            const auto found = allowed.find({from, action});
            const auto wanted = found == allowed.end() ? std::nullopt : std::optional(found->second);
            EXPECT_EQ(next_state(from, action), wanted) << name(from) << " " << name(action);
        }
    }
}

TEST(States, AreReadBackByName) {
    for (State state : {received, supplement, accepted, review, decided, closed, withdrawn, refused}) {
        EXPECT_EQ(state_of(name(state)), state);
        EXPECT_FALSE(title(state, true).empty());
    }
    EXPECT_THROW(state_of("draft"), std::logic_error);
}

TEST(States, AreOpenUntilDecidedOrEnded) {
    EXPECT_TRUE(open(review));
    for (State state : {decided, closed, withdrawn, refused}) {
        EXPECT_FALSE(open(state));
    }
}

}  // namespace pengcheng::services
