import Polymorphic

/// The calls of PROTOCOL 8.1, by the last part of their path: `POST /v1/<call>`.
public enum Call: String, CaseIterable, Sendable {
    // Transcryptor
    case decide, reshuffle, release, adopt, receipt, clinician
    case contribute, enrol, row, consent, head
    // Target and store
    case deliver, adopted, bodies
    // Registry
    case code, pickup
    // Ledger and authority
    case append, record, snapshot
    /// Of the authority, beyond PROTOCOL 8.1: the keyed hash for a registry, factor points from their holders, and all
    /// that was ever listed, for newcomers.
    case evaluate, point, entries

    /// The largest body in bytes, also of an answer.
    public var bodyMax: Int {
        switch self {
        case .decide, .reshuffle, .release, .adopt, .receipt, .clinician, .contribute, .enrol, .row, .consent, .head:
            2 << 20
        case .deliver, .bodies: 64 << 20
        default: 64 << 10
        }
    }
}

/// Carries the body of a call to a node and its answer back: the same bytes over HTTPS and in memory.
///
/// The receiver learns who calls from the connection (`peer`), never from the body. A call without an answer may have
/// been carried out: the caller sends the same bytes again.
public protocol Transport: Sendable {
    /// - Parameters:
    ///   - node: whom to call.
    ///   - caller: who calls; nil for a device, which has no client certificate.
    /// - Throws: `CallFailure`.
    func send(_ call: Call, _ body: [UInt8], to node: PartyID, from caller: PartyID?) async throws(CallFailure)
        -> [UInt8]
}

/// Why a call has no answer.
public enum CallFailure: Error, Hashable, Sendable {
    /// The node refused, with a code of PROTOCOL 14.
    case refused(Refusal)
    /// Nothing came back in time, or the connection broke: the same bytes may be sent again.
    case noAnswer

    /// `list(code, u16(step or item) or empty)`: what an outsider is told.
    public static func body(of refusal: Refusal) -> [UInt8] {
        Wire.list([Array(refusal.code.rawValue.utf8), refusal.index.map { UInt16($0).bigEndianBytes } ?? []])
    }

    /// Reads a refusal.
    /// - Throws: `length` for bytes that are none.
    public static func refusal(body: [UInt8]) throws(Refusal) -> Refusal {
        let fields = try Wire.fields(of: body, 2)
        guard let code = Refusal.Code(rawValue: String(decoding: fields[0], as: UTF8.self)) else {
            throw Refusal(.length)
        }
        guard !fields[1].isEmpty else { return Refusal(code) }
        try need(fields[1].count == 2, .length)
        return Refusal(code, at: Int(fields[1][0]) << 8 | Int(fields[1][1]))
    }
}

/// A node: answers calls, whoever carries them.
public protocol Node: Sendable {
    var id: PartyID { get }
    /// - Parameter peer: the party of the TLS connection; nil for a caller without a client certificate.
    /// - Throws: the refusal that the caller is told.
    func answer(_ call: Call, _ body: [UInt8], from peer: PartyID?) async throws(Refusal) -> [UInt8]
}

/// Unix time in seconds, as an argument: a simulation has its own.
public protocol Timekeeper: Sendable {
    func now() -> UInt64
}
