import Device
import Exchanges
import Foundation
import Ledger
import Polymorphic
import Ristretto255
import TransparencyLog

/// A software authenticator on a disk: `NAME.key` with the seed, `NAME.json` with what is public. For officers,
/// officials and systems in development; people in earnest have passkeys.
public struct AuthenticatorFile: Sendable {
    public let path: String

    struct Content: Codable {
        var person: String
        var rpID: String
        var origin: String
        /// The credential that the authority accredits, base64; nil for officers and officials.
        var credential: String?
        var roles: [String]?
    }

    /// - Parameter path: of the `.key` file.
    public init(_ path: String) { self.path = path }

    private var publicPath: String {
        (path.hasSuffix(".key") ? String(path.dropLast(4)) : path) + ".json"
    }

    /// Whether both files are there. A key whose making was interrupted, before its public side was written, is taken
    /// away: nobody has seen it.
    func isWhole() throws -> Bool {
        let (hasKey, hasPublic) = (
            FileManager.default.fileExists(atPath: path), FileManager.default.fileExists(atPath: publicPath)
        )
        if hasKey, !hasPublic { try FileManager.default.removeItem(atPath: path) }
        return hasKey && hasPublic
    }

    /// Makes one for an officer or official.
    /// - Throws: `DeploymentFault.exists`.
    public func make(_ site: RelyingParty, from random: some RandomSource) throws {
        try make(site, from: random) { _, _ in nil }
    }

    /// Makes one for a person who acts for a party.
    public func make(
        _ site: RelyingParty, of party: PartyID, roles: [Name], at now: UInt64, from random: some RandomSource
    ) throws {
        try make(site, from: random) { key, person in
            Credential(
                party: party, personID: person, key: key, relyingParty: site, roles: roles, notBefore: now,
                notAfter: now + 366 * 86_400, sequence: 1)
        }
    }

    private func make(
        _ site: RelyingParty, from random: some RandomSource, credential: (WebAuthnKey, Bytes16) -> Credential?
    ) throws {
        try SecretFile(path).make([.bytes], from: random)
        let person: Bytes16 = random.draw()
        let bare = try SoftwareAuthenticator(
            relyingParty: site, seed: try SecretFile(path).read().field(0), personID: person
        ) { (_, _) throws(Refusal) in .zero }
        let made = credential(bare.key, person)
        try JSONFile.write(
            Content(
                person: Hex.encode(person.bytes), rpID: String(decoding: site.id, as: UTF8.self),
                origin: String(decoding: site.origin, as: UTF8.self),
                credential: made.map { Data($0.bytes).base64EncodedString() },
                roles: made?.roles.map(\.description)), publicPath)
    }

    /// The credential that is to be accredited.
    /// - Throws: `DeploymentFault.usage` for an officer, who has none.
    public func credential() throws -> Credential {
        guard let bytes = try content().credential.flatMap({ Data(base64Encoded: $0) }) else {
            throw DeploymentFault.usage("\(path) is an officer's key: it acts for no party")
        }
        return try Credential(wire: Array(bytes))
    }

    private func content() throws -> Content { try JSONFile.read(Content.self, publicPath) }

    public func load() throws -> SoftwareAuthenticator {
        let content = try content()
        guard let person = Hex.decode(content.person).flatMap({ Bytes16($0) }) else {
            throw DeploymentFault.file("\(publicPath) is damaged")
        }
        let hash = try content.credential == nil ? Bytes32.zero : credential().hash
        return try SoftwareAuthenticator(
            relyingParty: RelyingParty(id: Array(content.rpID.utf8), origin: Array(content.origin.utf8)),
            seed: try SecretFile(path).read().field(0), personID: person
        ) { (_, _) throws(Refusal) in hash }
    }
}

/// The public side of somebody who approves acts, as a node has it in `officers.json` or `officials.json`.
public struct OfficerEntry: Codable, Sendable, Equatable {
    public var person: String
    /// In the form of alg 2, hexadecimal.
    public var key: String
    public var rpID: String
    public var origin: String

    public init(_ officer: Officer) {
        person = Hex.encode(officer.id.bytes)
        key = Hex.encode(officer.key.bytes)
        rpID = String(decoding: officer.relyingParty.id, as: UTF8.self)
        origin = String(decoding: officer.relyingParty.origin, as: UTF8.self)
    }

    func officer() throws -> Officer {
        guard let id = Hex.decode(person).flatMap({ Bytes16($0) }), let key = Hex.decode(key) else {
            throw DeploymentFault.file("the list of officers is damaged")
        }
        return Officer(
            id: id, key: try WebAuthnKey(wire: key),
            relyingParty: RelyingParty(id: Array(rpID.utf8), origin: Array(origin.utf8)))
    }
}
