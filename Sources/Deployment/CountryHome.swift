import Device
import Exchanges
import Foundation
import Ledger
import Policy
import Polymorphic
import Ristretto255
import Serving
import TransparencyLog

/// A home folder: `country` (public), `ca`, `officers`, `officials`, `nodes`, `phones`. One body's home holds only what
/// is its own; a country in one process has all of it.
public struct CountryHome: Sendable {
    public let path: String
    public init(_ path: String) {
        self.path = URL(fileURLWithPath: path).standardizedFileURL.path
    }

    public var country: String { path + "/country" }
    /// The pages of the authority, on which its officers sign.
    static let pages = RelyingParty(id: Array("authority.warifu".utf8), origin: Array("https://authority.warifu".utf8))

    public func officers() -> [AuthenticatorFile] { people("officers") }
    public func officials() -> [AuthenticatorFile] { people("officials") }
    private func people(_ folder: String) -> [AuthenticatorFile] {
        (1...2).map { AuthenticatorFile("\(path)/\(folder)/\($0).key") }
    }

    private func folder(_ name: String) throws {
        try FileManager.default.createDirectory(
            atPath: path + "/" + name, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// `warifu init country`: a certificate authority for development, two officers, two officials.
    /// - Throws: `DeploymentFault.exists`.
    public func makeCountry(from random: some RandomSource) throws {
        guard !FileManager.default.fileExists(atPath: path + "/ca/ca.pem") else { throw DeploymentFault.exists(path) }
        for name in ["ca", "officers", "officials", "nodes", "phones", "country"] { try folder(name) }
        // Where an earlier making was interrupted, what is whole stays.
        for file in officers() + officials() where try !file.isWhole() { try file.make(Self.pages, from: random) }
        let authority = try DevelopmentCA(name: "Warifu development", now: Date())
        try DurableFile(path + "/ca/ca.key").write(Array(try authority.keyPEM.utf8))
        try DurableFile(country + "/ca.pem").write(Array(authority.certificate.utf8))
        try DurableFile(path + "/ca/ca.pem").write(Array(authority.certificate.utf8))
    }

    public func certificateAuthority() throws -> DevelopmentCA {
        try DevelopmentCA(
            certificate: try NodeStarter.text(path + "/ca/ca.pem"), key: try NodeStarter.text(path + "/ca/ca.key"),
            now: Date())
    }

    /// `warifu init KIND`: keys, certificate and card of a node; of an authority or number centre also who approves.
    @discardableResult
    public func makeNode(_ making: NodeFolder.Making, from random: some RandomSource) throws -> NodeFolder {
        let node = try NodeFolder.make(making, home: path, authority: try certificateAuthority(), from: random)
        try complete(node, making, from: random)
        return node
    }

    /// What a node of its kind has beside its keys, as far as it is not there yet.
    func complete(_ node: NodeFolder, _ making: NodeFolder.Making, from random: some RandomSource) throws {
        func lacks(_ name: String) -> Bool { !FileManager.default.fileExists(atPath: node.file(name)) }
        switch making.kind {
        case .authority where lacks("officers.json"): try list(officers(), node.file("officers.json"))
        case .numberCentre where lacks("officials.json"): try list(officials(), node.file("officials.json"))
        case .hospital where lacks("systems.json"):
            let physician = SystemCredentials.staff
            if try !AuthenticatorFile(node.file("staff/\(physician).key")).isWhole() {
                try makeStaff(physician, of: try PartyID(making.id), roles: [Role.physician.name], from: random)
            }
            try SystemCredentials.make(node, authority: try certificateAuthority(), from: random)
        default: break
        }
    }

    private func list(_ people: [AuthenticatorFile], _ path: String) throws {
        try JSONFile.write(try people.map { OfficerEntry(try $0.load().officer) }, path)
    }

    /// `warifu init staff`: somebody who acts for a party, to be accredited.
    @discardableResult
    public func makeStaff(
        _ name: String, of party: PartyID, roles: [Name], from random: some RandomSource
    ) throws -> AuthenticatorFile {
        try folder("nodes/\(party)/staff")
        let file = AuthenticatorFile("\(path)/nodes/\(party)/staff/\(name).key")
        let site = RelyingParty(id: Array("\(party).warifu".utf8), origin: Array("https://\(party).warifu".utf8))
        try file.make(site, of: party, roles: roles, at: SystemClock().now(), from: random)
        return file
    }

    public func node(_ id: String) -> NodeFolder { NodeFolder(home: path, id: id) }

    // MARK: What everybody pins

    /// The first half of `warifu country pin`: who may append to the ledger, and who witnesses it.
    public func pinLedger(_ cards: [NodeCard]) throws {
        try folder("country")
        guard let log = cards.first(where: { $0.kind == .ledger })?.noteKey else {
            throw DeploymentFault.usage("a country needs the card of its ledger")
        }
        let witnesses = cards.filter { $0.kind == .witness }
        var lines = ["log \(log)"]
        for witness in witnesses { lines.append("witness \(witness.id) \(witness.noteKey ?? "")") }
        if witnesses.isEmpty {
            lines.append("quorum none")
        } else {
            lines.append("group majority \(witnesses.count / 2 + 1) \(witnesses.map(\.id).joined(separator: " "))")
            lines.append("quorum majority")
        }
        let text = lines.joined(separator: "\n") + "\n"
        _ = try WitnessPolicy(parsing: Array(text.utf8))
        try DurableFile(country + "/ledger-policy.txt").write(Array(text.utf8))
        var appenders = "# number role id SHA-256-of-the-public-key\n"
        for (number, card) in cards.enumerated() where card.kind == .transcryptor || card.kind == .authority {
            appenders += "\(number + 1) \(card.kind.rawValue) \(card.id) \(card.tlsKeyHash)\n"
        }
        try DurableFile(country + "/appenders.txt").write(Array(appenders.utf8))
    }

    /// `warifu country pin`: country.json from the ceremony record and the cards of the nodes.
    /// - Throws: `signature` unless all transcryptors have signed the record.
    public func pin(_ ceremony: CeremonyFolder, _ cards: [NodeCard]) throws {
        func card(_ kind: NodeKind) throws -> NodeCard {
            guard let card = cards.first(where: { $0.kind == kind }) else {
                throw DeploymentFault.usage("a country needs the card of its \(kind.rawValue)")
            }
            return card
        }
        try pinLedger(cards)
        let (plan, signed) = (try ceremony.plan(), try ceremony.record())
        let record = try CeremonyRecord(wire: signed.bytes)
        var (signatures, keys) = ([UInt8: [UInt8]](), [UInt8: VerifyingKey]())
        for (place, card) in plan.cards.enumerated() {
            keys[UInt8(place + 1)] = try card.verifyingKey()
            signatures[UInt8(place + 1)] = signed.signatures.dropFirst(place).first
        }
        try record.verify(signatures: signatures, keys: keys)
        let authority = try card(.authority)
        guard let numberKey = authority.numberKey else { throw DeploymentFault.file("the authority's card is damaged") }
        try JSONFile.write(
            CountryFile(
                authority: authority.id, authorityKey: authority.signingKey, numberKey: numberKey,
                pagesID: String(decoding: Self.pages.id, as: UTF8.self),
                pagesOrigin: String(decoding: Self.pages.origin, as: UTF8.self),
                transcryptors: plan.cards.map(\.id), ceremony: Data(record.packed).base64EncodedString(),
                ledger: try card(.ledger).id, ledgerPolicy: try NodeStarter.text(country + "/ledger-policy.txt"),
                numberCentre: try card(.numberCentre).id, medicalCentre: try card(.medicalCentre).id),
            country + "/country.json")
        let addresses = Dictionary(uniqueKeysWithValues: cards.map { ($0.id, $0.address) })
        try JSONFile.write(addresses, country + "/addresses.json")
    }
}
