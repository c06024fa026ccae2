import Ledger
import Ristretto255

#if canImport(Glibc)
    import Glibc
#endif

/// Keeps a file to one process, until this value or the process ends.
final class FileLock: Sendable {
    private let file: Locked<Int32?>

    /// - Throws: `StoreFault.inUse` if another process has it.
    init(_ path: String) throws {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StoreFault.refused("the lock file cannot be opened") }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            Glibc.close(file)
            throw StoreFault.inUse
        }
        self.file = Locked(file)
    }

    deinit { release() }

    /// Lets other processes have it.
    func release() {
        let last = file.withLock { file in
            defer { file = nil }
            return file
        }
        if let last { Glibc.close(last) }
    }
}
