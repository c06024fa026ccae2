@testable import Exchanges
import Policy
import Polymorphic
import Ristretto255

/// What is inside the bodies of calls: Requests, entries of rows, records of the Directory, and what persons hand over.
extension FuzzTarget {
    static let messages: [FuzzTarget] = [
        FuzzTarget(
            "request", upTo: 8_192,
            seeds: [.everywhere("request"), .fields("request", ["identify_and_find"])], run: fuzzRequest),
        FuzzTarget("intent", upTo: 2_048, seeds: [.everywhere("intent")], run: fuzzIntent),
        FuzzTarget(
            "snapshot", upTo: 8_192,
            seeds: [.made(.everywhere("pack")) { snapshot($0) }, .made(.bytes([])) { _ in snapshot() }]
        ) { again($0, Snapshot.init(wire:), \.bytes) },
        FuzzTarget(
            "directory-record", upTo: 4_096,
            seeds: ["directory", "credential", "factor-point", "policy", "page"].flatMap { packed($0) },
            run: fuzzDirectoryRecord),
        FuzzTarget(
            "consent-entry", upTo: 2_048,
            seeds: ["give", "deny_all", "device_stop", "row_stop", "mandate", "confirm"].flatMap { packed($0) },
            run: fuzzConsentEntry),
        FuzzTarget(
            "row-entry", upTo: 2_048,
            seeds: ["enrolment", "countersign", "device", "signed"].flatMap { packed($0) }, run: fuzzRowEntry),
        FuzzTarget(
            "presentation", upTo: 4_096,
            seeds: [
                .made(.fields("presentation", ["PP_presented"])) { pair in
                    let box = [UInt8](repeating: 1, count: PresentationBox.byteCount)
                    return Wire.list([pair, UInt64(9).bigEndianBytes, box, box, box])
                }
            ]
        ) { again($0, { try Presentation(wire: $0, transcryptors: 3) }, \.bytes) },
        FuzzTarget(
            "presentation-box", upTo: 512, seeds: [.everywhere("plain")]
        ) { again($0, PresentationBox.init(plain:), { (try? $0.plain()) ?? [] }) },
    ]

    /// A structure of the vectors, wherever it stands under this name: alone, or as the packing of a section.
    private static func packed(_ name: String) -> [Seed] { [.everywhere(name), .everywhere("pack")] }

    private static func snapshot(_ entry: [UInt8]? = nil) -> [UInt8]? {
        let entries = entry.map { [SignedEntry($0, signatures: [[1]])] } ?? []
        let list = Wire.list(entries.map(\.wire))
        return Wire.list([pack(.snapshot, UInt64(9).bigEndianBytes, sha512(list).bytes), [2], list])
    }
}

/// A Request in a country of three transcryptors.
func fuzzRequest(_ bytes: [UInt8]) {
    guard let fields = try? Wire.elements(of: bytes, maximum: 64), fields.count > 2,
        let peer = try? PartyID(fields[2])
    else { return }
    let names = ["t1", "t2", "t3"].compactMap { try? PartyID($0) }
    let roll = ExchangeRequest.Roll(transcryptors: names, t: 2)
    guard let request = try? ExchangeRequest(wire: bytes, peer: peer, now: nil, roll: roll) else { return }
    expect(request.digest == sha512(bytes), "the digest of a Request is that of its bytes")
    expect(request.content.participants.count >= 2, "no Request has fewer participants than t")
    expect(request.content.items.count <= ExchangeRequest.itemsMax, "a Request keeps its limits")
}

func fuzzIntent(_ bytes: [UInt8]) {
    again(bytes, Intent.init(wire:), \.bytes)
    again(bytes, PrivatePart.init(wire:), \.bytes)
}

func fuzzDirectoryRecord(_ bytes: [UInt8]) {
    again(bytes, DirectoryEntry.init(wire:), \.bytes)
    again(bytes, Credential.init(wire:), \.bytes)
    again(bytes, FactorPoint.init(wire:), \.bytes)
    again(bytes, PolicyRecord.init(wire:), \.bytes)
    again(bytes, PageRecord.init(wire:), \.bytes)
    again(bytes, DirectoryRecord.init(wire:), \.bytes)
    again(bytes, PolicyDocument.init(wire:), \.bytes)
    again(bytes, WebAuthnKey.init(wire:), \.bytes)
}

func fuzzConsentEntry(_ bytes: [UInt8]) {
    again(bytes, SignedEntry.init(wire:), \.wire)
    again(bytes, Give.init(wire:), \.bytes)
    again(bytes, Stop.init(wire:), \.bytes)
    again(bytes, Mandate.init(wire:), \.bytes)
    again(bytes, Confirmation.init(wire:), \.bytes)
}

func fuzzRowEntry(_ bytes: [UInt8]) {
    again(bytes, DeviceEntry.init(wire:), \.bytes)
    again(bytes, Countersignature.init(wire:), \.bytes)
    again(bytes, Enrolment.init(wire:), \.bytes)
    again(bytes, EnrolmentOffer.init(wire:), \.wire)
    again(bytes, RowPapers.init(wire:), \.wire)
    again(bytes, TerminalText.init(wire:), \.bytes)
}
