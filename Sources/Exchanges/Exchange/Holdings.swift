import Polymorphic
import Ristretto255

/// The persons that a party knows: `P@X -> pair and n tokens` (PROTOCOL 11). One entry a person; a newer pair takes the
/// place of an older one, because tokens fit one pair only.
///
/// Whoever reads this table learns how many persons the party knows, and can ask about them as the party; it holds no
/// name and nothing that another party has.
public struct Holdings: Sendable {
    let table: Table
    let n: Int

    public init(_ table: Table = Table("person", keys: .hidden), n: UInt8) { (self.table, self.n) = (table, Int(n)) }

    /// By pair, so that tokens that come later find their person.
    private var pairs: Table { Table(table.name + "-pair", keys: .hidden) }

    public func put(_ person: KnownPerson, _ transaction: any NodeTransaction) throws {
        var person = person
        if let old = try get(person.pseudonym, transaction) {
            if old.pair == person.pair {
                person.tokens = zip(person.tokens, old.tokens).map { $0 ?? $1 }
            } else {
                try transaction.remove(pairs, Self.key(old.pair))
            }
        }
        try transaction.put(pairs, Self.key(person.pair), person.pseudonym.encoding.bytes)
        let tokens = person.tokens.map { $0?.bytes ?? [] }
        try transaction.put(
            table, person.pseudonym.encoding.bytes,
            Wire.list([person.epoch.bigEndianBytes, person.pair.bytes, Wire.list(tokens)]))
    }

    private static func key(_ pair: EncryptedPseudonym) -> [UInt8] { Array(pair.bytes.prefix(32)) }

    public func get(_ pseudonym: Pseudonym, _ reading: any NodeReading) throws -> KnownPerson? {
        guard let value = try reading.get(table, pseudonym.encoding.bytes) else { return nil }
        let fields = try Wire.fields(of: value, 3)
        var tokens: [HeldToken?] = []
        for bytes in try Wire.elements(of: fields[2], maximum: 16) {
            tokens.append(bytes.isEmpty ? nil : try HeldToken(wire: bytes))
        }
        try need(tokens.count == n, .length)
        return KnownPerson(
            pseudonym: pseudonym, epoch: try Wire.u32(fields[0]), pair: try EncryptedPseudonym(wire: fields[1]),
            tokens: tokens)
    }

    /// Adds the token of a transcryptor that adopted later, if the person still has the pair that it is for.
    public func add(_ token: AdoptedToken, _ transaction: any NodeTransaction) throws {
        guard let encoding = try transaction.get(pairs, Self.key(token.pair)),
            var person = try get(Pseudonym(stored: try Wire.fixed(encoding)), transaction), person.pair == token.pair
        else { return }
        person.tokens[Int(token.index) - 1] = token.token
        try put(person, transaction)
    }

    /// All persons, in some fixed order, for the party's own batches.
    public func all(
        after: Pseudonym?, limit: Int, _ reading: any NodeReading
    ) throws -> [Pseudonym] {
        try reading.scan(table, prefix: [], after: after?.encoding.bytes, limit: limit).map {
            try Pseudonym(stored: try Wire.fixed($0.key))
        }
    }
}
