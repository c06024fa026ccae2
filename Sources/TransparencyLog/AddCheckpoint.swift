/// The body of `POST add-checkpoint`: what a log sends to a witness. (C2SP tlog-witness v1.0.0)
public struct AddCheckpoint: Hashable, Sendable {
    /// Bytes of the longest body that is read.
    public static let byteMax = 64 << 10

    /// The size that the log believes the witness has.
    public let old: UInt64
    /// Consistency proof from `old` to the checkpoint.
    public let proof: [TreeHash]
    /// The checkpoint's note, verbatim.
    public let note: [UInt8]

    public init(old: UInt64, proof: [TreeHash], note: [UInt8]) {
        (self.old, self.proof, self.note) = (old, proof, note)
    }

    /// - Throws: `LogFault` `limit` or `malformed`. The note inside is not yet verified.
    public init(parsing bytes: [UInt8]) throws(LogFault) {
        let text = try plainText(bytes, atMost: Self.byteMax)
        var rest = lines(text)[...]
        guard let first = rest.popFirst(), first.hasPrefix("old "), let old = Decimal64.parse(first.dropFirst(4)) else {
            throw LogFault(.malformed, "no old size")
        }
        var proof = [TreeHash]()
        while let line = rest.popFirst(), !line.isEmpty {
            guard proof.count < Proof.hashesMax else { throw LogFault(.limit, "too many hashes in a proof") }
            guard let hash = Base64.decode(line).flatMap({ TreeHash($0) }) else {
                throw LogFault(.malformed, "proof line")
            }
            proof.append(hash)
        }
        guard !rest.isEmpty else { throw LogFault(.malformed, "no checkpoint") }
        self.init(old: old, proof: proof, note: Array(rest.joined(separator: "\n").utf8))
    }

    public var encoded: [UInt8] {
        Array(("old \(old)\n" + proof.map { $0.base64 + "\n" }.joined() + "\n").utf8) + note
    }
}
