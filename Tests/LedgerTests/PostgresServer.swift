import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A real PostgreSQL on a Unix socket in a directory of its own, run by a user who is not root, stopped when the tests
/// end.
final class PostgresServer: Sendable {
    struct Failed: Error, CustomStringConvertible { let description: String }

    /// One server for all tests that only need some server; they work in schemas of their own.
    static let shared: Result<PostgresServer, any Error> = Result {
        let server = try PostgresServer()
        running.withLock { $0.append(server) }
        atexit { PostgresServer.running.withLock { $0 }.forEach { $0.remove() } }
        return server
    }
    private static let running = Mutex<[PostgresServer]>([])

    let directory: String
    var conninfo: String { "host=\(directory) dbname=postgres user=\(Self.user)" }
    private static let tools = "/usr/lib/postgresql/15/bin"
    /// initdb refuses root; Debian's package brings this user.
    private static let user = getuid() == 0 ? "postgres" : NSUserName()

    init() throws {
        // Short: a socket's path has at most 107 bytes.
        directory = NSTemporaryDirectory() + "warifu-pg-\(UUID().uuidString.prefix(8))"
        try Self.shell("mkdir -m 700 \(directory)")
        if getuid() == 0 { try Self.shell("chown \(Self.user) \(directory)") }
        try run("\(Self.tools)/initdb -D \(directory)/data -A trust --no-sync --no-locale -E UTF8")
        try start()
    }

    func start() throws {
        let options =
            "-c listen_addresses='' -c unix_socket_directories=\(directory) -c max_connections=200 -c shared_buffers=64MB"
        try run("\(Self.tools)/pg_ctl -D \(directory)/data -w -t 30 -l \(directory)/log -o \"\(options)\" start")
    }

    /// As a crash would end it: nothing is flushed.
    func kill() throws { try run("\(Self.tools)/pg_ctl -D \(directory)/data -m immediate -w stop") }

    func remove() {
        try? kill()
        try? Self.shell("rm -rf \(directory)")
    }

    private func run(_ command: String) throws {
        try Self.shell(
            getuid() == 0
                ? "cd \(directory) && runuser -u \(Self.user) -- sh -c '\(command.replacing("'", with: "'\\''"))'"
                : command)
    }

    /// `system`, not Foundation's Process: that one waits until the last heir of its file descriptors is gone, here the
    /// server.
    static func shell(_ command: String) throws {
        guard system("( \(command) ) </dev/null >/dev/null 2>&1") == 0 else {
            throw Failed(description: "failed: \(command)")
        }
    }
}
