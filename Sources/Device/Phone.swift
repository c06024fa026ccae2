import Exchanges
import Guards
import Policy
import Polymorphic
import Ristretto255

/// A person's phone, in software: it makes and keeps the keys, presents the person, gives and withdraws consent, and
/// reads the person's history with proofs. It believes nobody: every answer is verified.
public final class Phone: Sendable {
    let parts: Parts
    let keys: PhoneKeys

    /// What a phone works with.
    public struct Parts: Sendable {
        public let pins: Pins
        public let directory: DirectoryKeeper
        public let ledger: any LedgerPort
        public let courier: Courier
        /// The phone's own, sealed under a key of its secure element.
        public let store: any NodeStore
        public let clock: any Timekeeper
        public let random: any RandomSource

        public init(
            pins: Pins, directory: DirectoryKeeper, ledger: any LedgerPort, courier: Courier, store: any NodeStore,
            clock: any Timekeeper, random: any RandomSource
        ) {
            (self.pins, self.directory, self.ledger) = (pins, directory, ledger)
            (self.courier, self.store, self.clock, self.random) = (courier, store, clock, random)
        }
    }

    static let table = Table("phone")
    private static let keysKey = Array("keys".utf8)

    private init(_ parts: Parts, _ keys: PhoneKeys) { (self.parts, self.keys) = (parts, keys) }

    /// A new phone, or the one that the store holds.
    /// - Throws: `unavailable` where the store fails.
    public static func open(_ parts: Parts, algorithm: PhoneAlgorithm = .ed25519) async throws(Refusal) -> Phone {
        try await open(parts, algorithm, row: nil)
    }

    /// - Parameter row: of a further phone of the same person.
    static func open(
        _ parts: Parts, _ algorithm: PhoneAlgorithm, row: PhoneKeys.Row?
    ) async throws(Refusal) -> Phone {
        let new = try PhoneKeys(
            algorithm, n: parts.pins.ceremony.n, row: row, from: DrawnSource(parts.random))
        let bytes = new.bytes
        let kept: [UInt8]
        do {
            kept = try await parts.store.transaction { transaction in
                if let known = try transaction.get(table, keysKey) { return known }
                try transaction.put(table, keysKey, bytes)
                return bytes
            }
        } catch { throw Refusal(.unavailable) }
        return Phone(parts, kept == bytes ? new : try PhoneKeys(bytes: kept))
    }

    /// SHA-512 of the signing key: what the enrolment names.
    public func keyHash() throws(Refusal) -> Bytes64 { sha512(try keys.credentialKey().bytes) }

    func read<R: Sendable>(_ body: @Sendable (any NodeReading) throws -> R) async throws(Refusal) -> R {
        do { return try await parts.store.read(body) } catch { throw (error as? Refusal) ?? Refusal(.unavailable) }
    }
    func write<R: Sendable>(_ body: @Sendable (any NodeTransaction) throws -> R) async throws(Refusal) -> R {
        do { return try await parts.store.transaction(body) } catch {
            throw (error as? Refusal) ?? Refusal(.unavailable)
        }
    }

    func fresh() -> Bytes64 { parts.random.draw() }
    var indexes: ClosedRange<UInt8> { parts.pins.indexes }

    /// A transcryptor as the Directory has it.
    func transcryptor(_ index: UInt8) async throws(Refusal) -> AccreditedParty {
        try await parts.directory.current().party(parts.pins.transcryptor(index), at: parts.clock.now())
    }
}

/// An existential source as a concrete one.
struct DrawnSource: RandomSource {
    private let source: any RandomSource
    init(_ source: any RandomSource) { self.source = source }
    func fill(_ buffer: UnsafeMutableRawBufferPointer) { source.fill(buffer) }
}
