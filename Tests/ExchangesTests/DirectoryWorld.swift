import Crypto
import Exchanges
import Policy
import Polymorphic
import Ristretto255
import VectorSupport

/// An authority, three transcryptors and two parties, each with keys that follow from its name.
struct DirectoryWorld {
    static let now: UInt64 = 1_900_000_000
    static let year: UInt64 = 365 * 86_400
    let hospital: PartyID
    let clinic: PartyID
    let personID = Bytes16.filled(5)

    init() throws { (hospital, clinic) = (try PartyID("hospital"), try PartyID("clinic")) }

    // MARK: Keys

    func signer(_ name: String) -> SigningKey {
        SigningKey(seed: SecretBytes(copying: Array(SHA256.hash(data: Array(name.utf8)))))
    }
    func opening(_ name: String) throws -> OpeningKey {
        let wide = Array(SHA512.hash(data: Array("z \(name)".utf8)))
        // 31 bytes are below the order of the group.
        return OpeningKey(try SecretScalar(decoding: Array(wide[..<31]) + [0]))
    }
    var authority: SigningKey { signer("authority") }

    func secret(_ step: Name) -> StepSecret {
        StepSecret(SecretBytes(copying: Array(SHA256.hash(data: step.bytes))))
    }

    // MARK: Entries

    /// An entry of a party. Keys are those of its name unless others are named.
    func entry(
        _ party: PartyID, sequence: UInt64 = 1, keyEpoch: UInt32 = 1, epoch: UInt32 = 1, opening name: String? = nil,
        signer: String? = nil, tls: String? = nil, from: UInt64 = Self.now - 100,
        until: UInt64 = Self.now + Self.year
    ) throws -> DirectoryEntry {
        let key = try opening(name ?? party.description)
        return DirectoryEntry(
            party: party, roles: [try Name("hospital")], keyEpoch: keyEpoch, key: key.element,
            possession: key.provePossession(party: party, keyEpoch: keyEpoch, fresh: .filled(1)),
            signingKey: self.signer(signer ?? party.description).verifyingKey,
            tlsKeyHash: try Wire.fixed(Array(SHA256.hash(data: Array((tls ?? party.description).utf8)))),
            pseudonymEpoch: epoch, notBefore: from, notAfter: until, sequence: sequence)
    }

    /// Signed by the named keys, in their order.
    func signed(_ bytes: [UInt8], by names: String...) -> SignedEntry {
        SignedEntry(bytes, signatures: names.map { signer($0).sign(bytes) })
    }
    /// A first entry.
    func first(_ entry: DirectoryEntry) -> SignedEntry { signed(entry.bytes, by: "authority") }
    /// A later one.
    func next(_ entry: DirectoryEntry, after previous: String) -> SignedEntry {
        signed(entry.bytes, by: "authority", previous)
    }

    func credential(sequence: UInt64 = 1, until: UInt64 = Self.now + Self.year) throws -> Credential {
        Credential(
            party: hospital, personID: personID,
            key: try WebAuthnKey(wire: [0] + signer("person").verifyingKey.bytes.bytes),
            relyingParty: RelyingParty(id: Array("staff.example".utf8), origin: Array("https://staff.example".utf8)),
            roles: [try Name("physician")], notBefore: Self.now - 100, notAfter: until, sequence: sequence)
    }

    /// The points of a party, of each step by each of its holders.
    func points(
        _ party: PartyID, epoch: UInt32 = 1, holders: Set<UInt8> = [1, 2, 3], point: Element? = nil,
        signedBy signer: String? = nil
    ) throws -> [SignedEntry] {
        var entries: [SignedEntry] = []
        for step in Route.production.steps {
            let own = try secret(step.id).factorPoint(for: .party(party, epoch: epoch))
            for holder in step.holders where holders.contains(holder) {
                let made = FactorPoint(
                    step: step.id, holder: holder, party: party, epoch: epoch, point: point ?? own)
                entries.append(signed(made.bytes, by: signer ?? "t\(holder)"))
            }
        }
        return entries
    }

    static let document = PolicyDocument.standard(version: 7, notBefore: Instant(Int64(now - 100)))

    func policy() -> SignedEntry {
        signed(Self.document.bytes, by: "authority")
    }

    /// Everybody, with one credential and all points.
    func entries() throws -> [SignedEntry] {
        var all = try ["authority", "t1", "t2", "t3"].map { first(try entry(PartyID($0))) }
        all += [first(try entry(hospital)), first(try entry(clinic))]
        all.append(signed(try credential().bytes, by: "authority"))
        return all + (try points(hospital)) + (try points(clinic)) + [policy()]
    }

    // MARK: Directories

    func empty() throws -> Directory {
        Directory(
            anchors: Directory.Anchors(
                authority: try PartyID("authority"), authorityKey: authority.verifyingKey,
                pages: RelyingParty(id: Array("pages".utf8), origin: Array("https://pages".utf8)),
                transcryptors: try (1...3).map { try PartyID("t\($0)") }, route: .production))
    }
    func snapshot(_ entries: [SignedEntry], time: UInt64 = Self.now, signer name: String = "authority") -> Snapshot {
        Snapshot(entries, time: time, signer: signer(name))
    }
    /// The Directory with everybody.
    func base() throws -> Directory { try empty().taking(snapshot(try entries()), at: Self.now) }

    /// Takes a snapshot a second later; an entry that does not hold is thrown.
    func strictly(
        _ entries: [SignedEntry], onto directory: Directory, after seconds: UInt64 = 1
    ) throws -> Directory {
        let time = Self.now + seconds
        let next = try directory.taking(snapshot(entries, time: time), at: time)
        if let refused = next.refused.first { throw Refusal(refused.code) }
        return next
    }

    /// All entries with those of one party or person in others' place.
    func entries(replacing old: SignedEntry, by new: SignedEntry?) throws -> [SignedEntry] {
        try entries().filter { $0 != old } + (new.map { [$0] } ?? [])
    }
}
