#pragma once

#include <filesystem>

namespace pengcheng::app {

/// Taken for the life of the process: two servers, or a server and a restore, never share one var folder.
/// Throws ProblemError where another process holds it.
void lock_var(const std::filesystem::path& var);

}  // namespace pengcheng::app
