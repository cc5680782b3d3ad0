#pragma once

#include "app/backup_files.hpp"
#include "app/cli.hpp"

namespace pengcheng::app::backup {

struct MakeOptions {
    std::filesystem::path to;  ///< a folder that is not there yet, or empty
    bool keys = true;          ///< with var/keys
    Progress::Form progress = Progress::Form::none;
};

/// Database (one snapshot) and files of var into a folder, while servers run. -> the manifest.
/// Order makes it whole: the checkpoint copies are taken before the snapshot, so it holds all they vouch for;
/// attachments and uploads after it, so every file that a row names is there. A half-made backup never bears
/// the name asked for. Blocking. Throws ProblemError, std::system_error.
Json make(Cli& cli, const MakeOptions& options);

struct RestoreOptions {
    std::filesystem::path from;
    bool force = false;  ///< over a database that holds something; files are set aside, not lost
    bool check = false;  ///< digests only
    Progress::Form progress = Progress::Form::none;
};

/// Puts a backup back: digests first, then the database in one transaction, then the files. No server may run
/// on it. An older schema is brought up to this program's. Blocking. Throws ProblemError.
Json restore(Cli& cli, const RestoreOptions& options);

}  // namespace pengcheng::app::backup
