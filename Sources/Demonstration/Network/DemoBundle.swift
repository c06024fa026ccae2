import Exchanges
import FHIR
import Foundation

/// What a hospital knows about one person, as its own system sends it: a FHIR transaction.
public struct DemoBundle: Sendable {
    /// As it came.
    public let json: [UInt8]
    /// What the officials are shown, as the register writes it.
    let identity: String
    /// By which the person is recognised: the identity, and the name where it is long enough.
    let names: [[UInt8]]
    /// By which the content is recognised wherever it stands unsealed: numbers of the patient, times of findings.
    var marks: [[UInt8]]
    let resources: Int

    /// Bytes of a file; what is sealed and encoded of it fits into the calls.
    public static let bytesMax = 16 << 20
    private static let marksMax = 24

    /// - Throws: `DemoDataFault.bundle` for what is no transaction about one patient; `.sensitive` where a consent of
    ///   its own would be needed.
    init(_ json: [UInt8], file: String, identity: String? = nil) throws {
        guard let root = try? JSONDocument(json).root, root["resourceType"]?.string == "Bundle",
            root["type"]?.string == "transaction"
        else { throw DemoDataFault.bundle(file) }
        let all = (root["entry"]?.each ?? []).compactMap { $0["resource"] }
        let patients = all.filter { $0["resourceType"]?.string == "Patient" }
        guard let patient = patients.first, patients.count == 1 else { throw DemoDataFault.bundle(file) }
        let sensitive = all.compactMap { try? Resource($0) }.map { RecordCategory(of: $0) }
            .count { [.mentalHealth, .genetic].contains($0) }
        guard sensitive == 0 else { throw DemoDataFault.sensitive(file, count: sensitive) }
        let name = patient["name"]?.each.first
        let family = name?["family"]?.string ?? "Nanashi"
        let given = name?["given"]?.each.first?.string ?? ""
        (self.json, resources) = (json, all.count)
        self.identity = identity ?? "\(family) \(given), \(patient["birthDate"]?.string ?? "")"
        names = [self.identity, "\(family) \(given)", "\(given) \(family)"].map { Array($0.utf8) }
            .filter { $0.count >= 8 }
        marks = Self.marks(of: patient, all)
    }

    private static func marks(of patient: JSONValue, _ all: [JSONValue]) -> [[UInt8]] {
        var found = (patient["identifier"]?.each ?? []).compactMap { $0["value"]?.string }.filter { $0.utf8.count >= 8 }
        let times = all.flatMap { resource in
            ["effectiveDateTime", "onsetDateTime", "authoredOn", "issued"].compactMap { resource[$0]?.string }
        }.filter { $0.utf8.count >= 19 }
        // From all over the content, each once.
        let step = max(1, times.count / marksMax)
        found += stride(from: 0, to: times.count, by: step).map { times[$0] }
        return Set(found).sorted().prefix(marksMax).map { Array($0.utf8) }
    }

    // MARK: Where they come from

    /// Bundles of people who do not exist, and who need no consent of a special kind.
    /// - Parameter seed: the same one gives the same people.
    public static func madeUp(_ count: Int, seed: UInt64) throws -> [DemoBundle] {
        let maker = PeopleMaker(seed: seed)
        var (out, index) = ([DemoBundle](), 0)
        while out.count < count, index < 1_000 {
            let person = maker.person(index)
            let bundle = try? DemoBundle(
                maker.bundle(for: person), file: "", identity: identity(of: person))
            if let bundle { out.append(bundle) }
            index += 1
        }
        return out
    }

    /// Somebody else, of whom nobody knows anything.
    static func neighbour(seed: UInt64) -> String { identity(of: PeopleMaker(seed: seed).person(1_001)) }

    private static func identity(of person: MadeUpPerson) -> String {
        "\(person.family.written) \(person.given.written), \(person.birthDate), "
            + person.prefecture + person.city + person.street
    }

    /// A file, or the `.json` files of a folder in the order of their names.
    /// - Parameter most: of a folder, so many at most.
    /// - Throws: `DemoDataFault`.
    public static func read(_ path: String, most: Int) throws -> [DemoBundle] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw DemoDataFault.missing(path)
        }
        guard isFolder.boolValue else { return [try read(file: path)] }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path).sorted() else {
            throw DemoDataFault.unreadable(path)
        }
        let files = names.filter { $0.hasSuffix(".json") }
        guard !files.isEmpty else {
            if let packed = names.first(where: { $0.hasSuffix(".gz") }) { throw DemoDataFault.packed(packed) }
            throw DemoDataFault.empty(path)
        }
        return try files.prefix(most).map { try read(file: "\(path)/\($0)") }
    }

    private static func read(file: String) throws -> DemoBundle {
        guard !file.hasSuffix(".gz") else { throw DemoDataFault.packed(file) }
        return try DemoBundle(try DemoRecords(file: file, most: bytesMax).content, file: file)
    }
}
