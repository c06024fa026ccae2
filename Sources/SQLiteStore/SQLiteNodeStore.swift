import Exchanges
import FoundationEssentials
import GRDB
import Ledger
import Polymorphic
import Ristretto255

/// The store of one node in one SQLite file: WAL, `synchronous = FULL`, one connection that writes. Transactions that
/// wait at the same moment are committed together, each under a savepoint of its own. Every value is sealed.
///
/// After a commit with an unknown outcome the store answers nothing more: the node ends and reads what is there.
public final class SQLiteNodeStore: NodeStore {
    let database: any DatabaseWriter
    private let lanes: ReadLanes?
    private let lock: FileLock?
    private let sealer: StoreSealer
    private let queue = Locked(Queue())
    private let used = Locked(StoreUsage())
    /// Whether callers run on their own thread, one at a time: for simulations, whose time stands still meanwhile.
    private let isInline: Bool

    private struct Queue: Sendable {
        var waiting: [Job] = []
        var isDraining = false
        var isClosed = false
    }
    /// One transaction that waits for its commit.
    final class Job: Sendable {
        private let body: Locked<(@Sendable (Database) throws -> Void)?>
        private let done: @Sendable ((any Error)?) -> Void

        /// - Parameter done: told once; nil when it is durable.
        init(
            body: @escaping @Sendable (Database) throws -> Void, done: @escaping @Sendable ((any Error)?) -> Void
        ) {
            (self.body, self.done) = (Locked(body), done)
        }

        func run(_ db: Database) throws { try body.withLock { $0 }?(db) }

        /// The caller's closure is let go before the caller goes on: it lives no longer than its call.
        func finish(_ error: (any Error)?) {
            body.withLock { $0 = nil }
            done(error)
        }
    }

    /// So many transactions are one commit at most.
    static let batchMax = 128

    /// Opens the file, making it if there is none.
    /// - Throws: `StoreFault.inUse` if another process has it; `.refused` for another key or a newer version.
    public init(path: String, sealer: StoreSealer, readers: Int = 4) throws {
        (self.sealer, isInline) = (sealer, false)
        let lock = try FileLock(path + ".lock")
        self.lock = lock
        do {
            let pool = try SQLiteLedgerStore.pool(path, label: "node", readers: readers)
            database = pool
            try Self.prepare(pool, sealer)
            lanes = try ReadLanes(path: path, label: "node", count: readers)
            try DurableFile.syncDirectory(of: path)
        } catch { throw SQLiteLedgerStore.fault(error, committing: false) }
    }

    /// A database in memory, for simulations and tests.
    public init(inMemory sealer: StoreSealer) throws {
        (self.sealer, isInline, lock, lanes) = (sealer, true, nil, nil)
        database = try DatabaseQueue()
        try Self.prepare(database, sealer)
    }

    /// Numbered, append-only: a statement once released never changes.
    static let migrations = [
        "CREATE TABLE entry (owner TEXT, key BLOB, value BLOB NOT NULL, PRIMARY KEY (owner, key)) WITHOUT ROWID"
    ]
    /// Sealed when the store is made: opens under the same key alone.
    private static let mark = Exchanges.Table("store")

    private static func prepare(_ database: any DatabaseWriter, _ sealer: StoreSealer) throws {
        try database.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
                guard version <= migrations.count else { throw StoreFault.refused("the file is of a newer version") }
                for number in version..<migrations.count { try db.execute(sql: migrations[number]) }
                try db.execute(sql: "PRAGMA user_version = \(migrations.count)")
                let transaction = SQLiteNodeTransaction(db, sealer)
                do {
                    if try transaction.get(mark, []) == nil { try transaction.put(mark, [], [1]) }
                } catch is Refusal {
                    throw StoreFault.refused("the store was sealed under another key; give the key that belongs to it")
                }
                return .commit
            }
        }
    }

    public func read<R: Sendable>(_ body: @Sendable (any NodeReading) throws -> R) async throws -> R {
        guard !queue.withLock({ $0.isClosed }) else { throw StoreFailure(mayHaveCommitted: false) }
        let start = StoreUsage.threadSeconds()
        defer { count { ($0.reads, $0.cpuSeconds) = ($0.reads + 1, $0.cpuSeconds + $1 - start) } }
        do { return try readHere { try body(SQLiteNodeTransaction($0, sealer)) } } catch {
            throw Self.failure(error, committing: false)
        }
    }

    public func transaction<R: Sendable>(_ body: @Sendable (any NodeTransaction) throws -> R) async throws -> R {
        try await withoutActuallyEscaping(body) { body in
            let result = Locked<R?>(nil)
            let job = { @Sendable [sealer] (db: Database) in
                let value = try body(SQLiteNodeTransaction(db, sealer))
                result.withLock { $0 = value }
            }
            if isInline {
                try writeInline(job)
            } else {
                try await withCheckedThrowingContinuation { (waiter: CheckedContinuation<Void, any Error>) in
                    enqueue(Job(body: job) { error in waiter.resume(with: error.map { .failure($0) } ?? .success(())) })
                }
            }
            guard let value = result.withLock({ $0 }) else { throw StoreFailure(mayHaveCommitted: true) }
            return value
        }
    }

    /// Ends what was begun, takes nothing more, and lets go of the file.
    public func close() async throws {
        queue.withLock { $0.isClosed = true }
        // The writer is serial: what was begun has ended behind this.
        try await database.writeWithoutTransaction { _ in }
        try lanes?.close()
        try database.close()
        lock?.release()
    }

    /// On the thread of the caller. Where all lanes are taken, GRDB's pool has more.
    private func readHere<R>(_ body: (Database) throws -> R) throws -> R {
        try lanes?.read(body) ?? database.read(body)
    }

    private func writeInline(_ body: @escaping @Sendable (Database) throws -> Void) throws {
        let failure = Locked<(any Error)?>(nil)
        database.unsafeReentrantWrite { db in
            commit([Job(body: body, done: { error in failure.withLock { $0 = error } })], db)
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    private func enqueue(_ job: Job) {
        let starts = queue.withLock { queue in
            queue.waiting.append(job)
            defer { queue.isDraining = true }
            return !queue.isDraining
        }
        guard starts else { return }
        database.asyncWriteWithoutTransaction { [self] db in
            while let jobs = next() { commit(jobs, db) }
        }
    }

    private func next() -> [Job]? {
        queue.withLock { queue in
            guard !queue.waiting.isEmpty else {
                queue.isDraining = false
                return nil
            }
            let jobs = Array(queue.waiting.prefix(Self.batchMax))
            queue.waiting.removeFirst(jobs.count)
            return jobs
        }
    }

    /// What the store has done so far.
    public var usage: StoreUsage { used.withLock { $0 } }

    /// - Parameter change: gets the CPU seconds of this thread.
    private func count(_ change: (inout StoreUsage, Double) -> Void) {
        let now = StoreUsage.threadSeconds()
        used.withLock { change(&$0, now) }
    }

    /// One commit of many transactions, counted before anybody is told.
    private func commit(_ jobs: [Job], _ db: Database) {
        let (start, begun) = (StoreUsage.threadSeconds(), ContinuousClock.now)
        let outcomes = outcomes(of: jobs, db)
        let seconds = (ContinuousClock.now - begun) / .seconds(1)
        count { usage, now in
            usage.transactions += UInt64(jobs.count)
            usage.commits += 1
            usage.cpuSeconds += now - start
            usage.commitSeconds += seconds
        }
        for (job, outcome) in zip(jobs, outcomes) { job.finish(outcome) }
    }

    /// One commit of many transactions. One that throws is undone alone.
    private func outcomes(of jobs: [Job], _ db: Database) -> [(any Error)?] {
        var outcomes = [(any Error)?](repeating: nil, count: jobs.count)
        do {
            guard !queue.withLock({ $0.isClosed }) else { throw StoreFailure(mayHaveCommitted: false) }
            try db.inTransaction(.immediate) {
                for (number, job) in jobs.enumerated() {
                    do { try run(job, among: jobs.count, db) } catch {
                        outcomes[number] = Self.failure(error, committing: false)
                        // A full disk may end the whole transaction: then nothing of it is there.
                        guard db.isInsideTransaction else { throw error }
                    }
                }
                return jobs.count == 1 && outcomes[0] != nil ? .rollback : .commit
            }
        } catch {
            let failure = Self.failure(error, committing: true)
            if (failure as? StoreFailure)?.mayHaveCommitted == true { queue.withLock { $0.isClosed = true } }
            for number in jobs.indices where outcomes[number] == nil { outcomes[number] = failure }
        }
        return outcomes
    }

    /// A savepoint undoes one of many; one alone is undone as a whole.
    private func run(_ job: Job, among count: Int, _ db: Database) throws {
        guard count > 1 else { return try job.run(db) }
        try db.inSavepoint {
            try job.run(db)
            return .commit
        }
    }

    /// What the contract has for an error of the database; any other is the caller's own.
    private static func failure(_ error: any Error, committing: Bool) -> any Error {
        switch SQLiteLedgerStore.fault(error, committing: committing) {
        case StoreFault.unknown: StoreFailure(mayHaveCommitted: true)
        case is StoreFault: StoreFailure(mayHaveCommitted: false)
        case let other: other
        }
    }
}

extension SQLiteNodeStore {
    /// What the connection that writes really runs with, for tests.
    func settings() async throws -> (journal: String?, synchronous: Int?) {
        try await database.writeWithoutTransaction { db in
            (try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA synchronous"))
        }
    }
}

extension SQLiteNodeStore {
    /// Every entry, opened: all that whoever runs the node can read in it, for a search of what a node knows.
    public func everything() async throws -> [[UInt8]] {
        try await database.read { [sealer] db in
            let rows = try Row.fetchCursor(db, sql: "SELECT owner, key, value FROM entry")
            var out: [[UInt8]] = []
            while let row = try rows.next() {
                let stored = [UInt8](row[1] as Data)
                out.append(stored)
                out.append(
                    try sealer.open(
                        [UInt8](row[2] as Data), in: Exchanges.Table(row[0] as String), at: stored
                    ).value)
            }
            return out
        }
    }
}
