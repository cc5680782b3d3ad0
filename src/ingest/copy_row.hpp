#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Rows in COPY's binary form: PostgreSQL then parses no text, which is a fifth of its work for a row.
/// The form of each type is its receive function's (`numeric_recv`, `date_recv`, ...).
namespace pengcheng::ingest {

/// What comes before the first row and after the last.
void begin_copy(std::string& out);
void end_copy(std::string& out);

void begin_row(std::string& out, std::size_t cells);
void append_null(std::string& out);
void append_text(std::string& out, std::string_view text);
void append_bigint(std::string& out, std::int64_t value);
/// A cell in the text form that rules::to_pg_text gives for the guide letter. False, with nothing appended,
/// when the type cannot hold it (a number beyond real).
bool append_typed(std::string& out, char letter, std::string_view text);

}  // namespace pengcheng::ingest
