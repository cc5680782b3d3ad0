#pragma once

#include <string>
#include <string_view>

// Source cells in PostgreSQL's text form; `out` is reused by the caller. False: it does not fit.
namespace pengcheng::rules {

bool number_text(std::string_view raw, std::string& out);   ///< plain decimal, exact
bool integer_text(std::string_view raw, std::string& out);  ///< within 64 bits
bool date_text(std::string_view raw, std::string& out);     ///< YYYY-MM-DD
bool time_text(std::string_view raw, std::string& out);     ///< YYYY-MM-DD HH:MM:SS[.ffffff]+08:00
bool logical_text(std::string_view raw, std::string& out);  ///< t, f

}  // namespace pengcheng::rules
