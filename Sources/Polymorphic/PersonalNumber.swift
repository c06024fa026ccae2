import Ristretto255

/// A personal number: 12 random digits, the first not 0, and one Damm check digit (PROTOCOL 5). Thirteen digits, so
/// that it is never taken for a 12-digit My Number. An address, not a key; it is neither printed nor encoded by
/// accident.
public struct PersonalNumber: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    private let digits: [UInt8]

    /// - Parameter text: 13 ASCII digits, without separators.
    /// - Throws: `number`.
    public init(_ text: some StringProtocol) throws(Refusal) {
        let ascii = Array(text.utf8)
        let digits = ascii.map { $0 &- UInt8(ascii: "0") }
        try need(digits.count == 13 && digits.allSatisfy { $0 < 10 } && digits[0] != 0, .number)
        try need(Damm.row(after: digits) == 0, .number)
        self.digits = digits
    }

    /// A new number. Uniqueness is the registry's to check.
    public init(from random: some RandomSource) {
        var drawn: [UInt8] = []
        while drawn.count < 12 {
            // 250 is the largest multiple of 10 in a byte: no digit is more likely than another.
            let byte = random.bytes(1)[0]
            guard byte < 250, drawn.count > 0 || byte % 10 != 0 else { continue }
            drawn.append(byte % 10)
        }
        digits = drawn + [Damm.row(after: drawn)]
    }

    /// The 13 digits; a name that a reader of the code stumbles over.
    public var revealedDigits: String { String(decoding: digits.map { $0 + UInt8(ascii: "0") }, as: UTF8.self) }

    /// `1234-5678-9012-3`, as people see it.
    public var revealedGrouped: String {
        let text = Array(revealedDigits)
        return stride(from: 0, to: 13, by: 4).map { String(text[$0..<min($0 + 4, 13)]) }.joined(separator: "-")
    }

    /// The input of the VOPRF: the first 12 ASCII digits.
    public var oprfInput: [UInt8] { digits.prefix(12).map { $0 + UInt8(ascii: "0") } }

    /// The name of the type: a number is not printed by accident.
    public var description: String { "PersonalNumber" }
    /// Empty, for the same reason.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// The row of the registry: `mac(k_reg, "registry", O)[0:32]`, O the VOPRF output.
    public static func registryRow(_ output: Bytes64, key: borrowing SecretBytes) -> Bytes32 {
        mac(key, .registry, output.bytes).first
    }
}

/// The check digit of H. M. Damm: every single error and every swap of neighbours is seen.
enum Damm {
    private static let rows: [[UInt8]] = [
        [0, 3, 1, 7, 5, 9, 8, 6, 4, 2], [7, 0, 9, 2, 1, 5, 4, 8, 6, 3], [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
        [1, 7, 5, 0, 9, 8, 3, 4, 2, 6], [6, 1, 2, 3, 0, 4, 5, 9, 7, 8], [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
        [5, 8, 6, 9, 7, 2, 0, 1, 3, 4], [8, 9, 4, 5, 3, 6, 2, 0, 1, 7], [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
        [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
    ]
    static func row(after digits: [UInt8]) -> UInt8 { digits.reduce(0) { rows[Int($0)][Int($1)] } }
}
