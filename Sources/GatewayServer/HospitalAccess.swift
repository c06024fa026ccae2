import FHIR
import Ristretto255

/// What the systems of a hospital may do: they share its records, as its own rules say. What they see of other
/// institutions' records is decided by what is in their store at all (`Sessions`). Each question is noted for the
/// AuditEvent of the request.
struct HospitalAccess: Access {
    func mayRead(_ type: ResourceType, patients: [String], caller: String) async -> Bool {
        PatientsSeen.current?.add(patients)
        return true
    }

    func mayWrite(_ type: ResourceType, patients: [String], caller: String) async -> Bool {
        PatientsSeen.current?.add(patients)
        return true
    }
}

/// Whose records one request has touched.
final class PatientsSeen: Sendable {
    @TaskLocal static var current: PatientsSeen?

    private let patients = Locked<Set<String>>([])
    func add(_ more: [String]) { if !more.isEmpty { patients.withLock { $0.formUnion(more) } } }
    var all: [String] { patients.withLock { $0.sorted() } }
}
