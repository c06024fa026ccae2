import Exchanges
import Foundation
import Ledger
import Polymorphic
import Ristretto255
import Serving
import TransparencyLog

/// What a node reads when it starts: `node.json`.
public struct NodeConfig: Codable, Sendable, Equatable {
    public var format = 1
    public var id: String
    public var kind: NodeKind
    /// Where other nodes come in.
    public var host: String
    /// 0: a free one.
    public var port: Int
    /// Of a ledger: where the public reads. Of a hospital: where its own systems come in.
    public var secondPort: Int?
    /// The folder with country.json, addresses.json and ca.pem; relative to the node's.
    public var country = "../../country"
}

/// The folder of one node: `HOME/nodes/ID`.
public struct NodeFolder: Sendable {
    public let path: String

    public init(_ path: String) { self.path = path }
    public init(home: String, id: String) { path = "\(home)/nodes/\(id)" }

    func file(_ name: String) -> String { path + "/" + name }

    public func config() throws -> NodeConfig { try JSONFile.read(NodeConfig.self, file("node.json")) }
    public func card() throws -> NodeCard { try JSONFile.read(NodeCard.self, file("card.json")) }
    /// Where country.json is.
    public func countryFolder() throws -> String {
        let folder = try config().country
        return folder.hasPrefix("/") ? folder : file(folder)
    }
    func secrets() throws -> SecretFields { try SecretFile(file("secrets")).read() }
    /// What the node's own store is sealed with: for tools that work on it while the node stands still.
    public func storeSealer() throws -> StoreSealer { try StoreSealer(key: try secrets().field(SecretPlace.store)) }
    func noteSigner() throws -> NoteSigner {
        guard let bytes = try DurableFile(file("note.key")).read() else {
            throw DeploymentFault.file("\(file("note.key")) is missing")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return try SeedSigner.parse(privateKey: text.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    func text(_ name: String) throws -> String {
        guard let bytes = try DurableFile(file(name)).read() else {
            throw DeploymentFault.file("\(file(name)) is missing")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Signs in the node's name, at its own place: its next Directory entry.
    public func signer() throws -> ([UInt8]) -> [UInt8] {
        let signer = SignerBox(try secrets().field(SecretPlace.seed))
        return { signer.key.sign($0) }
    }

    /// A key by reference: closures cannot hold what cannot be copied.
    private final class SignerBox {
        let key: SigningKey
        init(_ seed: borrowing SecretBytes) { key = SigningKey(seed: seed) }
    }

    /// The identity of its connections.
    public func identity(_ name: String = "tls") throws -> DevelopmentCA.Identity {
        DevelopmentCA.Identity(certificate: try text("\(name).pem"), key: try text("\(name).key"), fingerprint: [])
    }

    /// How a new node is made.
    public struct Making: Sendable {
        public var kind: NodeKind
        public var id: String
        public var host = "127.0.0.1"
        public var port = 0
        public var secondPort: Int?

        public init(_ kind: NodeKind, id: String, host: String = "127.0.0.1", port: Int = 0, secondPort: Int? = nil) {
            (self.kind, self.id, self.host) = (kind, id, host)
            (self.port, self.secondPort) = (port, secondPort)
        }

        /// The name in its certificate.
        var hostName: String { "\(id).warifu.localhost" }
    }

    /// Makes keys, certificate, configuration and card.
    /// - Throws: `DeploymentFault.exists` where there is a node already.
    @discardableResult
    public static func make(
        _ making: Making, home: String, authority: DevelopmentCA, from random: some RandomSource
    ) throws -> NodeFolder {
        let (folder, party) = (NodeFolder(home: home, id: making.id), try PartyID(making.id))
        guard !FileManager.default.fileExists(atPath: folder.file("node.json")) else {
            throw DeploymentFault.exists(folder.path)
        }
        try FileManager.default.createDirectory(
            atPath: folder.path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try SecretFile(folder.file("secrets")).make(making.kind.secretFields, from: random)
        let tls = try authority.issue(making.id, hosts: [making.hostName, "localhost"], callsOthers: true)
        try folder.write(tls, "tls")
        var noteKey: NoteVerifierKey?
        if making.kind.part == .ledger || making.kind.part == .witness {
            noteKey = try folder.makeNoteKey(making, from: random)
        }
        try JSONFile.write(try folder.card(making, party, tls, noteKey, random), folder.file("card.json"))
        let config = NodeConfig(
            id: making.id, kind: making.kind, host: making.host, port: making.port, secondPort: making.secondPort)
        // Last: a folder with it is whole.
        try JSONFile.write(config, folder.file("node.json"))
        return folder
    }

    func write(_ identity: DevelopmentCA.Identity, _ name: String) throws {
        try DurableFile(file("\(name).pem")).write(Array(identity.certificate.utf8))
        try DurableFile(file("\(name).key")).write(Array(identity.key.utf8))
    }

    private func makeNoteKey(_ making: Making, from random: some RandomSource) throws -> NoteVerifierKey {
        let isLog = making.kind.part == .ledger
        let text = try SeedSigner.privateKeyText(
            name: isLog ? "\(making.id).warifu" : making.id, algorithm: isLog ? .ed25519 : .cosignature,
            seed: random.bytes(32))
        try DurableFile(file("note.key")).write(Array((text + "\n").utf8))
        return try SeedSigner.parse(privateKey: text).key
    }

    private func card(
        _ making: Making, _ party: PartyID, _ tls: DevelopmentCA.Identity, _ noteKey: NoteVerifierKey?,
        _ random: some RandomSource
    ) throws -> NodeCard {
        let secrets = try secrets()
        let opening = OpeningKey(try secrets.scalar(SecretPlace.opening))
        let possession = opening.provePossession(party: party, keyEpoch: 1, fresh: random.draw())
        var numberKey: String?
        if making.kind == .authority {
            numberKey = Hex.encode(
                try Element(try secrets.scalar(SecretPlace.own).timesGenerator()).encoding.bytes)
        }
        return NodeCard(
            id: making.id, kind: making.kind,
            signingKey: Hex.encode(SigningKey(seed: try secrets.field(SecretPlace.seed)).verifyingKey.bytes.bytes),
            sealingKey: Hex.encode(opening.element.encoding.bytes), tlsKeyHash: Hex.encode(tls.fingerprint),
            possession: Hex.encode(possession.bytes.bytes),
            address: NodeAddress(
                url: "https://\(making.hostName):\(making.port)", connect: making.host,
                read: making.secondPort.flatMap { making.kind == .ledger ? "http://\(making.host):\($0)/" : nil }),
            noteKey: noteKey?.description, numberKey: numberKey)
    }
}
