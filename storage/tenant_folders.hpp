#pragma once

#include <string>
#include <vector>

#include "model/problem.hpp"
#include "storage/backup.hpp"
#include "storage/check_report.hpp"

// Where the stores of tenants lie: data folders like the operator's own, below it.

namespace carillon::storage {

std::string tenant_folder(const std::string& data_folder, const std::string& tenant);

/// Makes the folder that they lie in, so that it stays.
expected<void> make_tenants_folder(const std::string& data_folder);

/// Forgets all that a tenant had. Nothing may have it open.
expected<void> remove_tenant_folder(const std::string& data_folder, const std::string& tenant);

/// Whether there is a store at all.
bool has_tenant_folder(const std::string& data_folder, const std::string& tenant);

/// The tenants that are open by what the operator's store says, by name.
expected<std::vector<std::string>> open_tenants(const engine& disk);

/// Adds the stores of all open tenants, which no server has open, to a backup that is being made.
expected<std::int64_t> copy_tenants(const engine& disk, const std::string& data_folder,
                                    const std::string& draft);

/// Looks through the stores of all tenants, as check_folder() through one. `own` is the report of
/// the operator's store, which hears of what is missing.
std::vector<tenant_report> check_tenants(const engine& disk, const std::string& data_folder,
                                         bool repairs, check_report& own);

}  // namespace carillon::storage
