import FHIR
import Guards
import Policy
import Polymorphic

/// What a system asks at the desk: one small JSON object, of which every member is known.
struct DeskInput: Hashable, Sendable {
    var purpose: PurposeOfUse?
    /// Id of a Patient.
    var patient: String?
    var categories: [Policy.Category]?
    /// Unix time / 60, both included.
    var from: UInt64?
    var to: UInt64?

    enum Member: String, CaseIterable {
        case purpose, patient, categories, from, to
    }

    static let limits = JSONLimits(bytesMax: 64 << 10, depthMax: 2, nodesMax: 128)

    /// Reads a body; an empty one is an object without members.
    /// - Parameter allowed: members that this request has.
    /// - Throws: those of reading; `badParameter` for a member that is not known here, or a value of another form;
    ///   also for text that holds a My Number (12 digits), which is nowhere shown.
    init(_ body: [UInt8], _ allowed: Set<Member>, zoneMinutes: Int) throws(Problem) {
        guard !body.isEmpty else { return }
        let root: JSONValue
        do { root = try JSONDocument(body, limits: Self.limits).root } catch { throw Problem(error) }
        guard root.kind == .object else { throw Problem(.json) }
        for (number, member) in root.members.enumerated() {
            try DeskInput.refuseNumbers(member.name)
            try DeskInput.refuseNumbers(in: member.value)
            let place = Problem.Place.parameter(number + 1)
            guard let name = Member(rawValue: member.name), allowed.contains(name) else {
                throw Problem(.badParameter, at: place)
            }
            guard member.value.kind != .null else { continue }
            try take(name, member.value, place, zoneMinutes)
        }
        if let from, let to, from > to { throw Problem(.badParameter) }
    }

    private mutating func take(
        _ name: Member, _ value: JSONValue, _ place: Problem.Place, _ zoneMinutes: Int
    ) throws(Problem) {
        let text = value.string
        switch name {
        case .purpose: purpose = text.flatMap { PurposeOfUse(rawValue: $0) }
        case .patient: patient = text.flatMap { ResourceKey.isID($0) ? $0 : nil }
        case .categories: categories = Self.categories(value)
        case .from, .to:
            let range = text.flatMap { DateRange($0, as: .element, zoneMinutes: zoneMinutes) }
            let minute = range.map { name == .from ? $0.low / 60_000 : ($0.high - 1) / 60_000 }
            if name == .from {
                from = minute.map { UInt64(max(0, $0)) }
            } else {
                to = minute.map { UInt64(max(0, $0)) }
            }
        }
        let isRead =
            switch name {
            case .purpose: purpose != nil
            case .patient: patient != nil
            case .categories: categories != nil
            case .from: from != nil
            case .to: to != nil
            }
        guard isRead else { throw Problem(.badParameter, at: place) }
    }

    /// Names as the policy has them (`LAB`) or as people write them (`laboratory`); at least one, each once.
    private static func categories(_ value: JSONValue) -> [Policy.Category]? {
        guard value.kind == .array else { return nil }
        let read = value.elements.map { element in element.string.flatMap(category) }
        let found = read.compactMap(\.self)
        guard !found.isEmpty, found.count == read.count, Set(found).count == found.count else { return nil }
        return found
    }

    private static func category(_ text: String) -> Policy.Category? {
        if let category = Policy.Category(rawValue: text) { return category }
        return Policy.Category.allCases.first { category in
            let name = "\(category)"
            return name.lowercased() == text.lowercased() || hyphened(name) == text
        }
    }

    /// `vitalSigns` as `vital-signs`.
    private static func hyphened(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1) }
    }

    // MARK: My Numbers

    /// - Throws: `badParameter`.
    static func refuseNumbers(_ text: String) throws(Problem) {
        guard NationalNumber.occurs(in: text.utf8), enforced("guard:gateway.national") else { return }
        throw Problem(.badParameter)
    }

    private static func refuseNumbers(in value: JSONValue) throws(Problem) {
        for element in value.each {
            guard let text = element.string ?? element.numberText else { continue }
            try refuseNumbers(text)
        }
    }
}
