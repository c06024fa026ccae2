import Exchanges
import Ledger
import Polymorphic
import Ristretto255

/// The bodies of all calls (PROTOCOL 8.1), and their answers: what a node reads before it knows who wrote it.
extension FuzzTarget {
    private static let bodyMax = 8_192
    private static let decides: [Seed] = ["identify", "deposit", "fetch"].map {
        .fields("bodies", ["decide \($0) at t1"])
    }
    private static let release = Seed.fields(
        "bodies", ["release at t2, last step of the second target still to be made"])

    /// Calls that begin with the Request of a decide.
    private static func from(_ make: @escaping @Sendable (DecideCall) -> [UInt8]) -> [Seed] {
        decides.map { .made($0) { bytes in (try? DecideCall(body: bytes)).map(make) } }
    }
    private static func intents(_ call: DecideCall) -> [SignedIntent] {
        [SignedIntent](repeating: SignedIntent(intent: [1], signature: [UInt8](repeating: 2, count: 64)), count: 2)
    }

    static let calls: [FuzzTarget] = [
        FuzzTarget("call-decide", upTo: bodyMax, seeds: decides) { again($0, DecideCall.init(body:), \.body) },
        FuzzTarget(
            "call-reshuffle", upTo: bodyMax,
            seeds: from { ReshuffleCall(request: $0.request, target: 1, steps: [Step(bytes: [1])]).body }
        ) { again($0, ReshuffleCall.init(body:), \.body) },
        FuzzTarget("call-release", upTo: bodyMax, seeds: [release]) { again($0, ReleaseCall.init(body:), \.body) },
        FuzzTarget(
            "call-adopt", upTo: bodyMax,
            seeds: from { AdoptCall(decide: $0, intents: intents($0), chains: [[], []]).body }
                + from { AdoptCall(decide: $0, intents: intents($0), chains: [[]]).body }
        ) { again($0, AdoptCall.init(body:), \.body) },
        FuzzTarget(
            "call-deliver", upTo: bodyMax,
            seeds: from {
                DeliverCall(
                    request: $0.request, intents: intents($0), steps: [], shares: [SealedShare(bytes: [1])],
                    envelopes: [[2]]
                ).body
            }
        ) { again($0, DeliverCall.init(body:), \.body) },
        FuzzTarget(
            "call-bodies", upTo: bodyMax, seeds: from { BodiesCall(request: $0.request, intents: intents($0)).body }
        ) { again($0, BodiesCall.init(body:), \.body) },
        FuzzTarget(
            "call-adopted", upTo: 1_024,
            seeds: [
                .bytes(AdoptedCall(requestDigest: .zero, index: 3, share: SealedShare(bytes: [1, 2, 3])).body)
            ]
        ) { again($0, AdoptedCall.init(body:), \.body) },
        FuzzTarget(
            "call-row", upTo: 2_048,
            seeds: [.made(.everywhere("pair")) { row($0) }, .made(.everywhere("PP")) { row($0) }]
        ) { again($0, RowCall.init(body:), \.body) },
        FuzzTarget("call-signed", upTo: 1_024, seeds: signedSeeds, run: fuzzSignedBodies),
        FuzzTarget(
            "call-append", upTo: 2_048, seeds: [.made(.fields("public_leaf", ["leaf"])) { append($0) }],
            run: fuzzAppend),
        FuzzTarget(
            "answer-release", upTo: 4_096, seeds: [.fields("bodies", ["answer to that release"])]
        ) { again($0, ReleaseCall.Answer.init(wire:), \.bytes) },
        FuzzTarget(
            "answer-deliver", upTo: 4_096, seeds: [.made(.everywhere("header")) { listed($0) }], run: fuzzListed),
        FuzzTarget(
            "answer-head", upTo: 2_048, seeds: [.bytes(headAnswer)]
        ) { again($0, HeadAnswer.init(wire:), \.bytes) },
        FuzzTarget(
            "answer-refusal", upTo: 128,
            seeds: [.fields("bodies", ["refusal"]), .fields("bodies", ["refusal with index"])], run: fuzzRefusal),
    ]

    private static func row(_ pseudonym: [UInt8]) -> [UInt8]? {
        guard let pseudonym = try? PolymorphicPseudonym(wire: pseudonym) else { return nil }
        return RowCall(
            enrolID: .zero, pseudonym: pseudonym, keyHash: .zero, signatures: [[1], [2], [3]],
            countersignatures: [SignedIntent(intent: [4], signature: [5])], recoveryBox: [6], entry: [7]
        ).body
    }

    private static let signedSeeds: [Seed] =
        [
            .made(.everywhere("pack")) { Wire.list([$0, [UInt8](repeating: 1, count: 64)]) },
            .bytes(
                Wire.list([
                    HeadQuery(transcryptor: Fixture.party, handle: .zero, counter: 1, time: 2).bytes,
                    [UInt8](repeating: 1, count: 64),
                ])),
            .bytes(
                Wire.list([
                    Receipt(requestDigest: .zero, outcome: .delivered, count: 1, time: 2).bytes,
                    [UInt8](repeating: 1, count: 64),
                ])),
        ]

    private static func append(_ leaf: [UInt8]) -> [UInt8]? {
        guard let leaf = try? Leaf(wire: leaf) else { return nil }
        return LedgerReader.appendBody([leaf, leaf], records: [nil, [1, 2]])
    }

    private static func listed(_ header: [UInt8]) -> [UInt8]? {
        guard let header = try? RecordHeader(wire: header) else { return nil }
        return DeliverCall.answer([[], [.init(header: header, tickets: [[1], []])]])
    }

    private static let headAnswer = HeadAnswer(
        head: [1], signature: [2],
        details: [HeadAnswer.Listed(leafIndex: 3, requestDigest: .zero, item: 4, detail: [5])]
    ).bytes
}

/// What decodes encodes to the same bytes.
func again<Value>(_ bytes: [UInt8], _ decode: ([UInt8]) throws -> Value, _ encode: (Value) -> [UInt8]) {
    guard let value = try? decode(bytes) else { return }
    expect(encode(value) == bytes, "what decodes encodes to what it came from")
}

/// Bodies of a message and its signature: `head`, `receipt`, `clinician`.
func fuzzSignedBodies(_ bytes: [UInt8]) {
    guard let fields = try? Wire.fields(of: bytes, 2) else { return }
    again(fields[0], HeadQuery.init(wire:), \.bytes)
    again(fields[0], Receipt.init(wire:), \.bytes)
    again(fields[0], ClinicianPack.init(wire:), \.bytes)
    again(fields[0], Head.init(wire:), \.bytes)
    expect((try? VerifyingKey(.zero).verify(fields[1], over: fields[0])) == nil, "no fuzzer signs")
}

/// The body of `append`, as the Ledger takes it apart.
func fuzzAppend(_ bytes: [UInt8]) {
    guard let fields = try? Wire.fields(of: bytes, 2), let leaves = try? Wire.elements(of: fields[0]),
        let records = try? Wire.elements(of: fields[1]), leaves.count == records.count
    else { return }
    for (leaf, record) in zip(leaves, records) {
        again(leaf, Leaf.init(wire:), \.bytes)
        guard let parsed = try? LedgerLeaf(parsing: leaf) else { continue }
        _ = try? LeafSubmission(parsed, record: record.isEmpty ? nil : record)
    }
}

func fuzzListed(_ bytes: [UInt8]) {
    guard let items = try? DeliverCall.listed(answer: bytes) else { return }
    expect(DeliverCall.answer(items) == bytes, "an answer of a store encodes to what it came from")
}

func fuzzRefusal(_ bytes: [UInt8]) {
    guard let refusal = try? CallFailure.refusal(body: bytes) else { return }
    expect(CallFailure.body(of: refusal) == bytes, "a refusal encodes to what it came from")
}
