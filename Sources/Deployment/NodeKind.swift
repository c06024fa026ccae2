import Policy
import Polymorphic

/// What a node is. A new one costs a line here and, unless an existing part runs it, one target.
public enum NodeKind: String, Codable, CaseIterable, Sendable {
    case authority
    case numberCentre = "number-centre"
    case transcryptor
    case ledger
    case witness
    case medicalCentre = "medical-centre"
    case productSafetyCentre = "product-safety-centre"
    case hospital
    case bank
    case shop
    case maker
    case anonymiser
    case portal

    /// The part that runs it.
    enum Part { case authority, numberCentre, transcryptor, ledger, witness, dataCentre, gateway, portal }

    var part: Part {
        switch self {
        case .authority: .authority
        case .numberCentre: .numberCentre
        case .transcryptor: .transcryptor
        case .ledger: .ledger
        case .witness: .witness
        case .medicalCentre, .productSafetyCentre: .dataCentre
        case .hospital, .bank, .shop, .maker, .anonymiser: .gateway
        case .portal: .portal
        }
    }

    /// Its role in the Directory; nil for those that have no entry there.
    public var role: PartyRole? {
        switch self {
        case .authority: .authority
        case .numberCentre: .numberCentre
        case .transcryptor: .transcryptor
        case .ledger, .witness: nil
        case .medicalCentre: .medicalCentre
        case .productSafetyCentre: .productSafetyCentre
        case .hospital: .hospital
        case .bank: .bank
        case .shop: .retailer
        case .maker: .manufacturer
        case .anonymiser: .anonymiser
        case .portal: .portal
        }
    }

    /// Whether it knows persons under pseudonyms of its own.
    public var keepsPersons: Bool { part == .dataCentre || part == .gateway }
    /// Whether systems of its own organisation come in at a second port.
    var hasInside: Bool { self == .hospital }

    /// Of its secrets file: signing seed, z, key of the store, then what the kind needs.
    var secretFields: [SecretFile.Field] {
        let all: [SecretFile.Field] = [.bytes, .scalar, .bytes]
        return switch part {
        case .authority: all + [.scalar]  // of the keyed hash over numbers
        case .numberCentre: all + [.bytes]  // k_reg
        case .transcryptor: all + [.bytes, .bytes]  // rings of tokens and of tickets
        case .gateway: all + [.bytes]  // of the ids of records
        default: all
        }
    }
}

/// Places in a secrets file.
enum SecretPlace {
    static let seed = 0
    static let opening = 1
    static let store = 2
    static let own = 3
    static let tickets = 4
}
