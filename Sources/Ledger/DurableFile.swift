import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// A small file that is replaced as a whole and survives loss of power once `write` has returned.
///
/// Temporary file, fsync, rename, fsync of the directory. After a failed fsync nothing more may be believed of the
/// file: the caller ends its process.
public struct DurableFile: Sendable {
    public struct Fault: Error, Sendable, CustomStringConvertible {
        public let step: String
        public let code: Int32
        /// The old content stands: the fault came before anything took its place.
        public var leftOld: Bool { ["open", "read", "write"].contains(step) }
        public var description: String { "\(step) failed with \(String(cString: strerror(code))): check the disk" }
    }

    public let path: String
    public init(_ path: String) { self.path = path }

    /// - Returns: nil if there is no such file.
    public func read(atMost limit: Int = 2 << 20) throws -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw Fault(step: "open", code: errno)
        }
        defer { close(file) }
        var out = [UInt8]()
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            guard count >= 0 else { throw Fault(step: "read", code: errno) }
            guard count > 0 else { return out }
            out += buffer[..<count]
            guard out.count <= limit else { throw Fault(step: "read", code: EFBIG) }
        }
    }

    public func write(_ bytes: [UInt8]) throws {
        let temporary = path + ".new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Fault(step: "open", code: errno) }
        var at = 0
        while at < bytes.count {
            // The buffer is not empty here, so it has an address.
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress! + at, bytes.count - at) }
            guard count > 0 else {
                let code = errno
                close(file)
                throw Fault(step: "write", code: code)
            }
            at += count
        }
        let synced = fsync(file)
        let code = errno
        close(file)
        guard synced == 0 else { throw Fault(step: "fsync", code: code) }
        guard rename(temporary, path) == 0 else { throw Fault(step: "rename", code: errno) }
        try Self.syncDirectory(of: path)
    }

    package static func syncDirectory(of path: String) throws {
        let end = path.lastIndex(of: "/").map { path[..<$0] } ?? "."
        let directory = open(end.isEmpty ? "/" : String(end), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw Fault(step: "open directory", code: errno) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw Fault(step: "fsync directory", code: errno) }
    }
}
