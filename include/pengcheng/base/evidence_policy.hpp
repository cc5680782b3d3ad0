#pragma once

#include <filesystem>

namespace pengcheng {

/// What the settings say on keeping evidence, beside `evidence.mode`. Only `audit` reads it.
struct EvidencePolicy {
    int keep_months = 0;  ///< 0: for ever
    int checkpoint_seconds = 60;
    std::filesystem::path copy_folder;  ///< a second copy of the checkpoints; empty: none
};

/// As Config::load() read it first. Loaded before threads start, constant afterwards.
const EvidencePolicy& evidence_policy();

}  // namespace pengcheng
