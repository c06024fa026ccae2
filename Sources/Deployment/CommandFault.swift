import Policy

/// Why a command about a phone did nothing, as a code that `warifu explain` has words for. It holds nothing of what was
/// asked for.
public struct CommandFault: Error, Hashable, Sendable, CustomStringConvertible {
    public let code: CommandCode

    public init(_ code: CommandCode) { self.code = code }

    public var description: String {
        "\(code.rawValue): \(ExplainedCode.command(code).text(.meaning, in: .en)) (`warifu explain \(code.rawValue)`)"
    }
}
