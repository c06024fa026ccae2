import Polymorphic
import Ristretto255

/// The sealed records of one Request while it is made: one S pair for each person, fresh for the Request (PROTOCOL 7).
struct DepositPile {
    struct Sealed {
        let item: Int
        let target: Int
        let envelope: Envelope
        let previous: ListedRecord?
    }
    /// The S pair of a person with its d, by reference because it cannot be copied.
    private final class Subject {
        let value: DepositSubject
        init(_ value: consuming DepositSubject) { self.value = value }
    }

    var records: [Sealed] = []
    private var subjects: [Subject?]

    init(items: Int) { subjects = [Subject?](repeating: nil, count: items) }

    /// The S pair of an item, made at its first record.
    mutating func subject(
        of item: Int, _ make: () throws(Refusal) -> DepositSubject
    ) throws(Refusal) -> SubjectPair {
        if let known = subjects[item] { return known.value.subject }
        let new = Subject(try make())
        subjects[item] = new
        return new.value.subject
    }

    /// By item the proof that ties its S pair to it; empty without a deposit.
    func ties(
        _ request: ExchangeRequest, key: ClassKey<PSN>, _ random: any RandomSource
    ) throws(Refusal) -> [[UInt8]] {
        var out: [[UInt8]] = []
        for (item, subject) in subjects.enumerated() {
            guard let subject else {
                out.append([])
                continue
            }
            let tie = try subject.value.tie(
                requestDigest: request.digest, item: UInt16(item), key: key, fresh: random.draw())
            out.append(tie.bytes)
        }
        return out
    }

    /// The Envelopes by target.
    func envelopes(targets: Int) -> [[[UInt8]]] {
        (0..<targets).map { target in records.filter { $0.target == target }.map(\.envelope.bytes) }
    }

    /// What the author keeps.
    func notes(_ items: [Pair]) -> [DepositNote] {
        subjects.enumerated().compactMap { item, subject in
            subject.map { subject in
                DepositNote(
                    item: item, pair: items[item],
                    blinding: subject.value.blindingCopy().withEncoding { [UInt8]($0) },
                    records: records.filter { $0.item == item }.map(\.envelope.prefix.header.hash))
            }
        }
    }
}

/// What an author keeps of its deposits about one person: with d and the pair lost Tickets are issued again (PROTOCOL
/// 7).
public struct DepositNote: Hashable, Sendable {
    public let item: Int
    /// (B*, C*) of the Request.
    public let pair: Pair
    /// d, 32 bytes: whoever has it can show that the records are of the person of that pair.
    public let blinding: [UInt8]
    /// `hh` of the records.
    public let records: [Bytes32]

    var bytes: [UInt8] {
        Wire.list([
            UInt16(item).bigEndianBytes, pair.bytes, blinding, records.flatMap(\.bytes),
        ])
    }

    init(item: Int, pair: Pair, blinding: [UInt8], records: [Bytes32]) {
        (self.item, self.pair, self.blinding, self.records) = (item, pair, blinding, records)
    }

    /// - Throws: `length`, `trailing`, `point`.
    init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: bytes, 4)
        var reader = WireReader(fields[0])
        item = Int(try reader.integer(UInt16.self, orRefuse: .length))
        try need(reader.isAtEnd && fields[2].count == 32, .length)
        pair = try Pair(wire: fields[1])
        blinding = fields[2]
        var (hashes, rest) = ([Bytes32](), WireReader(fields[3]))
        while !rest.isAtEnd { hashes.append(try rest.fixed(orRefuse: .length)) }
        records = hashes
    }
}
