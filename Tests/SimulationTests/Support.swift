import DataCentre
import Device
import Exchanges
import Gateway
import Guards
import Policy
import Polymorphic
import Ristretto255
import Simulation
import Synchronization

/// A patient whom hospital A knows, who has consented there and at hospital B.
struct Patient: Sendable {
    let resident: Resident
    let atA: Pseudonym
    let giveA: KeptGive
    let giveB: KeptGive
}

extension Country {
    func patient(_ name: String = "patient", algorithm: PhoneAlgorithm = .ed25519) async throws -> Patient {
        let resident = try await enrol(name, algorithm: algorithm)
        let giveA = try await resident.phone.give(try terms(to: names.hospitalA))
        let giveB = try await resident.phone.give(try terms(to: names.hospitalB))
        let atA = try await gateway(names.hospitalA).identify(
            try await present(resident, at: names.hospitalA), for: use(), by: try doctor(names.hospitalA))
        return Patient(resident: resident, atA: atA, giveA: giveA, giveB: giveB)
    }

    func doctor(_ party: PartyID) throws -> SoftwareAuthenticator { try person(0, of: party) }

    func record(
        _ text: String, id: Bytes16? = nil, _ category: Policy.Category = .laboratory, minute: UInt64 = 29_000_000,
        replacing previous: FoundRecord? = nil
    ) -> NewRecord {
        NewRecord(
            recordID: id ?? random("record \(text)").draw(), category: category.name, dataMinute: minute,
            previous: previous?.record, content: Array(text.utf8))
    }

    @discardableResult
    func deposit(_ records: [NewRecord], of patient: Patient, use: DataUse? = nil) async throws -> [FoundRecord] {
        try await gateway(names.hospitalA).deposit(
            records, of: patient.atA, at: names.medical, for: use ?? self.use(), by: try doctor(names.hospitalA))
    }

    func found(of patient: Patient, for use: DataUse? = nil) async throws -> [FoundRecord] {
        try await gateway(names.hospitalA).find(
            patient.atA, at: names.medical, for: use ?? self.use(), by: try doctor(names.hospitalA))
    }

    /// The patient moves: hospital B identifies, finds and reads.
    func readAtB(_ patient: Patient, use: DataUse? = nil) async throws -> [String?] {
        let use = use ?? self.use()
        let hospital = try gateway(names.hospitalB)
        let doctor = try doctor(names.hospitalB)
        let (person, found) = try await hospital.identify(
            try await present(patient.resident, at: names.hospitalB), findingAt: names.medical, for: use, by: doctor)
        guard !found.isEmpty else { return [] }
        let read = try await gateway(names.hospitalB).fetch(found, of: person, for: use, by: doctor)
        return read.map { $0.content.map { String(decoding: $0, as: UTF8.self) } }
    }
}

/// Bytes that a test takes from the network.
final class Caught: Sendable {
    private let bytes = Mutex<[[UInt8]]>([])
    var all: [[UInt8]] { bytes.withLock { $0 } }
    func add(_ more: [UInt8]) { bytes.withLock { $0.append(more) } }
}

/// The failure of an exchange; nil where it succeeds or fails otherwise.
func failure(_ body: () async throws -> Void) async -> ExchangeFailure? {
    do { try await body() } catch { return error as? ExchangeFailure }
    return nil
}

/// The refusal of a call; nil where it succeeds or fails otherwise.
func refusal(_ body: () async throws -> Void) async -> Refusal? {
    do { try await body() } catch {
        if case .refused(let refusal)? = error as? CallFailure { return refusal }
        return error as? Refusal
    }
    return nil
}
