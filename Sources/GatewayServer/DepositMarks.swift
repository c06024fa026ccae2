import Exchanges
import Polymorphic

/// Which patients owe a deposit: the durable queue. A mark is set in the transaction of the write that makes it
/// necessary and leaves when everything up to that write is at the centre.
///
/// Whoever reads the table learns how many patients wait; whoever alters it can delay a deposit until the next write.
struct DepositMarks: Sendable {
    /// Unix seconds.
    let now: @Sendable () -> UInt64

    /// `patient id -> list(u64 number, u64 not before, u32 attempts, patient id)`
    static let table = Table("deposit-due", keys: .hidden)

    /// Writes that follow one another within so many seconds are one deposit.
    static let settleSeconds: UInt64 = 5
    /// So long at most, in seconds, between two attempts where the other side is not ready.
    static let pauseMost: UInt64 = 3_600
    /// So long at least where the person's consent does not cover it, twice as long each time up to eight days: every
    /// attempt is told to the person.
    static let refusedPause: UInt64 = 6 * 3_600

    struct Mark: Sendable {
        let patient: String
        /// Grows with every write.
        let number: UInt64
        let notBefore: UInt64
        let attempts: UInt32

        var bytes: [UInt8] {
            Wire.list([
                number.bigEndianBytes, notBefore.bigEndianBytes, attempts.bigEndianBytes, Array(patient.utf8),
            ])
        }

        init(patient: String, number: UInt64, notBefore: UInt64, attempts: UInt32) {
            (self.patient, self.number, self.notBefore, self.attempts) = (patient, number, notBefore, attempts)
        }

        init(wire bytes: [UInt8]) throws(Refusal) {
            let fields = try Wire.fields(of: bytes, 4)
            (number, notBefore) = (try Wire.u64(fields[0]), try Wire.u64(fields[1]))
            var reader = WireReader(fields[2])
            attempts = try reader.integer(UInt32.self, orRefuse: .length)
            patient = String(decoding: fields[3], as: UTF8.self)
        }
    }

    func get(_ patient: String, _ reading: any NodeReading) throws -> Mark? {
        try reading.get(Self.table, Array(patient.utf8)).map { try Mark(wire: $0) }
    }

    /// Marks a patient who is linked to a person; of another one nobody knows whose deposit it would be.
    func mark(_ patient: String, _ transaction: any NodeTransaction) throws {
        guard try LinkTable.person(of: patient, transaction) != nil else { return }
        let old = try get(patient, transaction)
        let mark = Mark(
            patient: patient, number: (old?.number ?? 0) + 1, notBefore: now() + Self.settleSeconds, attempts: 0)
        try transaction.put(Self.table, Array(patient.utf8), mark.bytes)
    }

    /// Ends a mark, unless something was written since it was read.
    func end(_ mark: Mark, _ transaction: any NodeTransaction) throws {
        guard try get(mark.patient, transaction)?.number == mark.number else { return }
        try transaction.remove(Self.table, Array(mark.patient.utf8))
    }

    /// Tries again later, and each time later still.
    func postpone(_ mark: Mark, isRefused: Bool, _ transaction: any NodeTransaction) throws {
        guard let newest = try get(mark.patient, transaction), newest.number == mark.number else { return }
        let doubled = min(Self.pauseMost, UInt64(5) << UInt64(min(mark.attempts, 10)))
        let later = Mark(
            patient: mark.patient, number: mark.number,
            notBefore: now() + (isRefused ? Self.refusedPause << UInt64(min(mark.attempts, 5)) : doubled),
            attempts: min(mark.attempts, 1_000) + 1)
        try transaction.put(Self.table, Array(mark.patient.utf8), later.bytes)
    }

    /// The person is here, and may have agreed to what was refused before: it is tried again at once.
    func hasten(_ patient: String, _ transaction: any NodeTransaction) throws {
        guard let mark = try get(patient, transaction), mark.attempts > 0 else { return }
        let sooner = Mark(patient: patient, number: mark.number, notBefore: now(), attempts: 0)
        try transaction.put(Self.table, Array(patient.utf8), sooner.bytes)
    }

    /// Those whose time has come.
    /// - Parameter limit: so many marks are looked at.
    func due(_ reading: any NodeReading, limit: Int = 65_536) throws -> [Mark] {
        let now = now()
        return try reading.scan(Self.table, prefix: [], after: nil, limit: limit).map { try Mark(wire: $0.value) }
            .filter { $0.notBefore <= now }.sorted { $0.notBefore < $1.notBefore }
    }
}
