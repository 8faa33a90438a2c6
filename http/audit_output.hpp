#pragma once

#include <memory>
#include <string>

#include "http/api.hpp"
#include "http/exchange.hpp"
#include "http/query.hpp"
#include "model/json.hpp"

namespace carillon::http {

/// A record of a change as the native surface shows it.
void write_audit(json::writer& out, const audit_record& what);

/// The same as a line of CSV, and the line that names its columns.
std::string audit_csv(const audit_record& what);
std::string audit_csv_head();

/// Of /v1/audit and its export.
storage::audit_filter read_audit_filter(query_reader& query);

/// GET /v1/audit/export: all that meets the filter, newest first, while it is read.
void export_audit(const api& with, request asked, std::shared_ptr<stream> line);

}  // namespace carillon::http
