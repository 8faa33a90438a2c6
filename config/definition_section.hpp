#pragma once

#include "config/definition_table.hpp"
#include "config/line_fault.hpp"
#include "config/settings_file.hpp"
#include "model/definition.hpp"

#include <string>
#include <vector>

namespace carillon {

/// One [tasks.NAME] or [services.NAME] as it stands in the file.
struct written_definition {
  definition_section of;                     ///< tasks or services
  const file_entry* head = nullptr;          ///< tasks.NAME; never null.
  std::vector<const file_entry*> keys;       ///< tasks.NAME.KEY
  std::vector<const file_entry*> variables;  ///< tasks.NAME.env.VARIABLE
};

/// What holds for all definitions of a file.
struct definition_surroundings {
  std::string path;    ///< Of the file, as it was named.
  std::string folder;  ///< Where relative paths begin; absolute.
  std::string timezone = "UTC";
  std::string timezone_location = {};  ///< Empty: the file says nothing of it.
};

/// Adds what is wrong to `faults`; then the definition is of no use.
definition read_definition(const written_definition& from, const definition_surroundings& within,
                           std::vector<line_fault>& faults);

/// Adds the fault of a key that [scheduler], a task or a service has not.
void refuse_unknown(const file_entry& key, definition_section of, const std::string& path,
                    std::vector<line_fault>& faults);

/// Adds the fault of a value that the row does not allow. Of variables, which may be secrets, no
/// value is told.
void refuse_value(const definition_row& row, const file_entry& found, const std::string& path,
                  std::vector<line_fault>& faults);

}  // namespace carillon
