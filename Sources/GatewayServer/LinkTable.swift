import Exchanges
import FHIR
import Guards
import Polymorphic
import Ristretto255

/// Which patient of this hospital is which person: a person's pseudonym here and the id of a Patient here, each with
/// one other only.
///
/// Both keys are hidden by the driver. Whoever reads the table learns which patients were identified; whoever alters it
/// can give one person's records out as another's, in this hospital.
struct LinkTable: Sendable {
    let key: IdentityKey

    /// `pseudonym 32 -> patient id`
    static let byPerson = Table("link-person", keys: .hidden)
    /// `patient id -> pseudonym 32`
    static let byPatient = Table("link-patient", keys: .hidden)

    static func person(of patient: String, _ reading: any NodeReading) throws -> Pseudonym? {
        try reading.get(byPatient, Array(patient.utf8)).map { try Pseudonym(stored: try Wire.fixed($0)) }
    }

    static func patient(of person: Pseudonym, _ reading: any NodeReading) throws -> String? {
        try reading.get(byPerson, person.encoding.bytes).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Under which id a person is known here from now on: the one known before, else the one that was named, else a new
    /// one, which tells nothing about the person.
    /// - Parameter wanted: the id of a Patient that is here.
    /// - Throws: `forbidden` for an id that belongs to another person, or another id than that of this person.
    func link(
        _ person: Pseudonym, as wanted: String?, _ transaction: any NodeTransaction
    ) throws -> String {
        let known = try Self.patient(of: person, transaction)
        if let known, wanted == nil || wanted == known { return known }
        if known != nil, enforced("guard:gateway.second-patient") { throw Problem(.forbidden) }
        let patient = wanted ?? key.id(.patient, [person.encoding.bytes])
        if let other = try Self.person(of: patient, transaction), other != person, enforced("guard:gateway.taken") {
            throw Problem(.forbidden)
        }
        try transaction.put(Self.byPerson, person.encoding.bytes, Array(patient.utf8))
        try transaction.put(Self.byPatient, Array(patient.utf8), person.encoding.bytes)
        return patient
    }
}
