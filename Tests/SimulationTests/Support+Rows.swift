import Device
import Exchanges
import NumberCentre
import Polymorphic
import Ristretto255
import Simulation

@testable import Policy
@testable import Transcryptor

/// What one transcryptor has of one person.
struct RowView: Hashable {
    /// What all must agree about: deny-alls, devices and mandates with their stops, gives that may be used.
    let agreement: [UInt8]
    /// Key and id of each device, in the order of their ids.
    let devices: [[UInt8]]
    let usable: Set<Bytes16>
}

extension Country {
    /// The person's row as each transcryptor has it.
    func rows(of enrolID: Bytes16) async throws -> [RowView] {
        var views: [RowView] = []
        for id in names.transcryptors {
            guard let store = network.store(of: id) else { continue }
            guard let row = try await store.read({ try $0.row(enrolment: enrolID) }) else { throw Refusal(.row) }
            let consents = row.consents
            let usable = consents.gives.values.filter {
                !consents.isEnded($0) && $0.give.denials == consents.denials && !consents.isStopped
            }
            let devices = row.devices.map { $0.id.bytes + [$0.key.alg] + $0.key.bytes }
            views.append(
                RowView(
                    agreement: consents.agreement,
                    devices: devices.sorted { $0.lexicographicallyPrecedes($1) }, usable: Set(usable.map(\.give.id))))
        }
        return views
    }

    /// A second phone in a person's row, signed for by the first.
    func secondPhone(_ phone: Phone, _ name: String) async throws -> Phone {
        try await secondPhone(phone, try await phoneParts(name))
    }

    func secondPhone(_ phone: Phone, _ parts: Phone.Parts) async throws -> Phone {
        let (second, papers) = try await phone.addPhone(parts, algorithm: .es256)
        try await second.accept(try await numberCentre().addDevice(papers))
        return second
    }
}
