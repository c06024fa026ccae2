import Exchanges
import Foundation
import Ledger
import Polymorphic
import Ristretto255
import TransparencyLog

/// What everybody in a country has a copy of and believes without asking: `country.json`. Nothing in it is secret;
/// whoever can change somebody's copy can make that one believe another country.
public struct CountryFile: Codable, Sendable, Equatable {
    /// Version of this form.
    public var format = 1
    public var authority: String
    /// The authority's signing key, 32 bytes in hexadecimal.
    public var authorityKey: String
    /// Of the authority's keyed hash over numbers, 32 bytes in hexadecimal.
    public var numberKey: String
    /// RP id and origin of the authority's pages, on which people sign.
    public var pagesID: String
    public var pagesOrigin: String
    /// In index order.
    public var transcryptors: [String]
    /// The ceremony record (PROTOCOL 4.1), base64.
    public var ceremony: String
    public var ledger: String
    /// Log key, witnesses and quorum, as in `ledger-policy.txt`.
    public var ledgerPolicy: String
    public var numberCentre: String
    public var medicalCentre: String
}

/// A country as its nodes and phones pin it.
public struct PinnedCountry: Sendable {
    public let pins: Pins
    public let policy: WitnessPolicy
    public let log: WitnessPolicy.Log
    public let ledger: PartyID
    public let numberCentre: PartyID
    public let medicalCentre: PartyID
    public let numberKey: Element

    /// - Throws: `DeploymentFault.file`, `Refusal`, `LogFault`.
    public init(_ file: CountryFile) throws {
        guard file.format == 1, let ceremony = Data(base64Encoded: file.ceremony) else {
            throw DeploymentFault.file("country.json is not of a form that this version reads")
        }
        let record = try CeremonyRecord(wire: Array(ceremony))
        let anchors = Exchanges.Directory.Anchors(
            authority: try PartyID(file.authority),
            authorityKey: VerifyingKey(try Self.fixed(file.authorityKey)),
            pages: RelyingParty(id: Array(file.pagesID.utf8), origin: Array(file.pagesOrigin.utf8)),
            transcryptors: try file.transcryptors.map { try PartyID($0) }, route: record.route)
        pins = try Pins(ceremony: record, anchors: anchors)
        policy = try WitnessPolicy(parsing: Array(file.ledgerPolicy.utf8))
        guard let log = policy.logs.first else { throw DeploymentFault.file("the policy of the ledger names no log") }
        self.log = log
        ledger = try PartyID(file.ledger)
        (numberCentre, medicalCentre) = (try PartyID(file.numberCentre), try PartyID(file.medicalCentre))
        numberKey = try Element(decoding: try Self.fixed(file.numberKey) as Bytes32)
    }

    /// Reads a folder that holds `country.json`.
    public init(folder: String) throws { try self.init(try JSONFile.read(CountryFile.self, folder + "/country.json")) }

    private static func fixed(_ hex: String) throws -> Bytes32 {
        guard let bytes = Hex.decode(hex), let fixed = Bytes32(bytes) else {
            throw DeploymentFault.file("a key in country.json is not 64 hexadecimal digits")
        }
        return fixed
    }
}

/// What is wrong with files and commands, in words for an operator. It names no person and no secret.
public enum DeploymentFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// A file is missing or damaged.
    case file(String)
    /// Something is there already; nothing was changed.
    case exists(String)
    /// What was asked for is not possible.
    case usage(String)
    /// Another node did not do what was asked.
    case refused(node: String, code: String)

    public var description: String {
        switch self {
        case .file(let what), .usage(let what): what
        case .exists(let what): "\(what) is there already; nothing was changed"
        case .refused(let node, let code): "\(node) refused: \(code) (`warifu explain \(code)`)"
        }
    }
}

/// Small JSON files, replaced as a whole.
public enum JSONFile {
    public static func read<T: Decodable>(_ type: T.Type, _ path: String) throws -> T {
        guard let bytes = try DurableFile(path).read(atMost: 8 << 20) else {
            throw DeploymentFault.file("\(path) is missing")
        }
        do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
            throw DeploymentFault.file("\(path) is damaged: it is not the JSON that is expected there")
        }
    }

    public static func write(_ value: some Encodable, _ path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try DurableFile(path).write(Array(try encoder.encode(value)) + [0x0a])
    }
}
