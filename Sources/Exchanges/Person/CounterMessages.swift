import Polymorphic
import Ristretto255

// What passes between a phone, two officials and the counter of a registry. The protocol is silent about it: these
// messages go no further than the two sides of a desk (docs/PROTOCOL.md).

extension EnrolmentOffer {
    /// `list(enrolment, list(signatures))`.
    public var wire: [UInt8] { Wire.list([enrolment.bytes, Wire.list(signatures)]) }

    /// - Throws: `length`, `trailing`, those of an enrolment.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: bytes, 2)
        self.init(try Enrolment(wire: fields[0]), signatures: try Wire.elements(of: fields[1], maximum: 16))
    }
}

extension RowPapers {
    /// `list(enrol id 16, list(entries), list(boxes), w_row 32)`.
    public var wire: [UInt8] {
        Wire.list([enrolID.bytes, Wire.list(entries), Wire.list(recoveryBoxes), stopKey.bytes])
    }

    /// - Throws: `length`, `trailing`.
    public init(wire bytes: [UInt8]) throws(Refusal) {
        let fields = try Wire.fields(of: bytes, 4)
        self.init(
            enrolID: try Wire.fixed(fields[0]), entries: try Wire.elements(of: fields[1], maximum: 16),
            recoveryBoxes: try Wire.elements(of: fields[2], maximum: 16), stopKey: try Wire.fixed(fields[3]))
    }
}

extension Approval {
    /// `list(list(officer 16, signature), ..)`.
    public static func wire(_ approvals: [Approval]) -> [UInt8] {
        Wire.list(approvals.map { Wire.list([$0.officer.bytes, $0.signature]) })
    }

    /// - Throws: `length` for more than 8 as well, `trailing`.
    public static func list(wire bytes: [UInt8]) throws(Refusal) -> [Approval] {
        var approvals: [Approval] = []
        for one in try Wire.elements(of: bytes, maximum: 8) {
            let fields = try Wire.fields(of: one, 2)
            approvals.append(Approval(officer: try Wire.fixed(fields[0]), signature: fields[1]))
        }
        return approvals
    }
}
