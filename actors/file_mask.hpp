#pragma once

namespace carillon {

/// From now on the files that this process makes are for its owner alone, whatever umask it was
/// started with. Before there are other threads.
void mask_files();

/// Of the calling thread alone, and of what it starts: the umask that the process was started with.
void unmask_files();

}  // namespace carillon
