#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace pengcheng::services {

/// Where a case stands; names are what the database and the API say.
enum class State { received, supplement, accepted, review, decided, closed, withdrawn, refused };

enum class Action { accept, supplement, answer, refuse, start_review, decide, close, withdraw };

/// The state that `action` leads to, or nothing where it is not allowed.
std::optional<State> next_state(State from, Action action);

std::string_view name(State state);
std::string_view name(Action action);
std::string_view title(State state, bool chinese);
State state_of(std::string_view name);

/// Whether the applicant may still be waiting: not decided and not ended.
bool open(State state);

}  // namespace pengcheng::services
