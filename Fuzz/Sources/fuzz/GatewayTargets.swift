import FHIR
import Polymorphic

@testable import GatewayDesk

extension FuzzTarget {
    /// What a hospital's systems send to the desk, and the file that says who they are.
    static let gateway: [FuzzTarget] = [
        FuzzTarget(
            "desk-input", upTo: 512, seeds: [.bytes(wish), .bytes(Array(#"{"purpose":"treatment"}"#.utf8))],
            run: fuzzDesk),
        FuzzTarget("systems-file", upTo: 1_024, seeds: [.bytes(systems)], run: fuzzSystems),
    ]
}

private let wish = Array(
    #"{"patient":"a-1","categories":["LAB","vital-signs"],"from":"2026-01","to":"2026-02-28"}"#.utf8)
private let systems = Array(
    (#"[{"name":"his","token_sha256":""# + String(repeating: "0a", count: 32)
        + #"","certificate_sha256":null,"role":"physician","staff":"d1"}]"#).utf8)

func fuzzDesk(_ bytes: [UInt8]) {
    guard let input = try? DeskInput(bytes, Set(DeskInput.Member.allCases), zoneMinutes: 540) else { return }
    if let patient = input.patient {
        expect(ResourceKey.isID(patient), "a patient is an id")
        expect(!NationalNumber.occurs(in: patient.utf8), "no My Number comes through")
    }
    if let categories = input.categories {
        expect(!categories.isEmpty && Set(categories).count == categories.count, "each kind once")
    }
    if let from = input.from, let to = input.to { expect(from <= to, "a period has a beginning and an end") }
    // With no member allowed nothing but an empty object is taken.
    if let none = try? DeskInput(bytes, [], zoneMinutes: 540) { expect(none == input, "what is not known is refused") }
}

func fuzzSystems(_ bytes: [UInt8]) {
    guard let entries = try? SystemsFile.entries(bytes) else { return }
    expect(!entries.isEmpty && Set(entries.map(\.name)).count == entries.count, "names are different")
    for entry in entries {
        expect(entry.tokenHash != nil || entry.certificateHash != nil, "nobody is let in without a credential")
        expect((entry.tokenHash?.count ?? 32) == 32 && (entry.certificateHash?.count ?? 32) == 32, "digests are whole")
    }
}
