#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pengcheng {

/// What stands for a secret in files: `${env:NAME}` for a variable of the environment, `${file:/path}` for
/// the text of a file without its last line break.
bool has_reference(std::string_view text);

/// `text` with every reference replaced by what it names. Throws ProblemError for one that names nothing: a
/// variable that is not set, a file that cannot be read, is too long, or that others may read.
std::string resolve_references(std::string_view text);

/// `text` with its references taken out: what would stand in the file for everybody to read.
std::string without_references(std::string_view text);

/// Whether a key holds secrets by its name: password, client_secret, api_key, ...
bool names_secret(std::string_view key);

/// Whether a database address carries a password in itself, references aside.
bool has_literal_password(std::string_view url);

/// The candidate that `name` is most likely meant to be; empty when none is near.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace pengcheng
