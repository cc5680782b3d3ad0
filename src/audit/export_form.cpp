#include "audit/export_form.hpp"

#include <nlohmann/json.hpp>

namespace pengcheng::audit {

namespace {

template <class T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

template <class T>
std::optional<T> optional_of(const Json& value) {
    return value.is_null() ? std::nullopt : std::optional<T>(value.get<T>());
}

std::string_view text_of(const Json& line, const char* name) {
    return line.at(name).get_ref<const std::string&>();
}

}  // namespace

Json to_json(const Context& c) {
    return {{"principal_kind", c.principal_kind},
            {"principal_id", c.principal_id},
            {"principal", c.principal},
            {"organization", c.organization},
            {"address", c.address},
            {"resource", c.resource},
            {"owner", c.owner},
            {"grant_id", c.grant_id},
            {"channel", c.channel},
            {"purpose", c.purpose},
            {"fields", c.fields}};
}

Context context_of(const Json& line) {
    Context out;
    line.at("principal_kind").get_to(out.principal_kind);
    line.at("principal_id").get_to(out.principal_id);
    line.at("principal").get_to(out.principal);
    line.at("organization").get_to(out.organization);
    line.at("address").get_to(out.address);
    line.at("resource").get_to(out.resource);
    line.at("owner").get_to(out.owner);
    line.at("grant_id").get_to(out.grant_id);
    line.at("channel").get_to(out.channel);
    line.at("purpose").get_to(out.purpose);
    line.at("fields").get_to(out.fields);
    return out;
}

Json to_json(const Seal& s) {
    return {{"seq", s.seq},
            {"record_id", s.record_id},
            {"digest", s.digest},
            {"prev_hash", s.prev_hash},
            {"hash", s.hash}};
}

Seal seal_of(const Json& line) {
    Seal out;
    line.at("seq").get_to(out.seq);
    line.at("record_id").get_to(out.record_id);
    line.at("digest").get_to(out.digest);
    line.at("prev_hash").get_to(out.prev_hash);
    line.at("hash").get_to(out.hash);
    return out;
}

Record record_of(const Json& line) {
    Record r;
    for (auto [name, text] : {std::pair{"id", &r.id},
                              {"kind", &r.kind},
                              {"principal_kind", &r.principal_kind},
                              {"principal_id", &r.principal_id},
                              {"principal", &r.principal},
                              {"organization", &r.organization},
                              {"address", &r.address},
                              {"request_id", &r.request_id},
                              {"action", &r.action},
                              {"object", &r.object},
                              {"owner", &r.owner},
                              {"grant_id", &r.grant_id},
                              {"channel", &r.channel},
                              {"purpose", &r.purpose},
                              {"filter", &r.filter},
                              {"subject", &r.subject},
                              {"case_no", &r.case_no},
                              {"outcome", &r.outcome},
                              {"digest", &r.digest}}) {
        line.at(name).get_to(*text);
    }
    line.at("at_us").get_to(r.at_us);
    line.at("fields").get_to(r.fields);
    r.detail = optional_of<std::string>(line.at("detail"));
    r.opened = optional_of<std::string>(line.at("opened"));
    r.row_count = optional_of<std::int64_t>(line.at("row_count"));
    r.byte_count = optional_of<std::int64_t>(line.at("byte_count"));
    return r;
}

Json to_json(const StoredEvidence& s) {
    return {{"chain", s.chain},
            {"seq", s.seq},
            {"hash", s.hash},
            {"context", s.context},
            {"id", s.entry.id},
            {"at_us", s.entry.at_us},
            {"kind", static_cast<int>(s.entry.kind)},
            {"row_count", or_null(s.entry.rows)},
            {"byte_count", or_null(s.entry.bytes)},
            {"opened", s.entry.opened},
            {"request_id", s.entry.request_id},
            {"filter", s.entry.filter},
            {"subject", s.entry.subject},
            {"case_no", s.entry.case_no},
            {"outcome", s.entry.outcome}};
}

StoredEvidence evidence_of(const Json& line) {
    StoredEvidence out;
    line.at("chain").get_to(out.chain);
    line.at("seq").get_to(out.seq);
    line.at("hash").get_to(out.hash);
    line.at("context").get_to(out.context);
    out.entry = {.id = text_of(line, "id"),
                 .at_us = line.at("at_us").get<std::int64_t>(),
                 .kind = static_cast<Kind>(line.at("kind").get<int>()),
                 .rows = optional_of<std::int64_t>(line.at("row_count")),
                 .bytes = optional_of<std::int64_t>(line.at("byte_count")),
                 .opened = text_of(line, "opened"),
                 .request_id = text_of(line, "request_id"),
                 .filter = text_of(line, "filter"),
                 .subject = text_of(line, "subject"),
                 .case_no = text_of(line, "case_no"),
                 .outcome = text_of(line, "outcome")};
    return out;
}

}  // namespace pengcheng::audit
