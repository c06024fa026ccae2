/// An inclusion proof in one text file: index, hashes, checkpoint. (C2SP tlog-proof, draft)
public struct ProofFile: Hashable, Sendable {
    /// Bytes of the longest file that is read.
    public static let byteMax = Note.byteMax + (64 << 10)
    /// The first line.
    public static let header = "c2sp.org/tlog-proof@v1"

    /// Opaque and not authenticated; here e.g. the opening of a leaf.
    public let extra: [UInt8]?
    public let index: UInt64
    /// Leaf to root.
    public let hashes: [TreeHash]
    /// The checkpoint's note, verbatim.
    public let note: [UInt8]

    public init(index: UInt64, hashes: [TreeHash], note: [UInt8], extra: [UInt8]? = nil) {
        (self.index, self.hashes, self.note, self.extra) = (index, hashes, note, extra)
    }

    /// - Throws: `LogFault` `limit` or `malformed`. The note inside is not yet verified.
    public init(parsing bytes: [UInt8]) throws(LogFault) {
        let text = try plainText(bytes, atMost: Self.byteMax)
        var rest = lines(text)[...]
        guard rest.popFirst() == Self.header else { throw LogFault(.malformed, "not a tlog-proof of version 1") }
        var extra: [UInt8]?
        if let line = rest.first, line.hasPrefix("extra ") {
            guard let value = Base64.decode(line.dropFirst(6)) else { throw LogFault(.malformed, "extra of the proof") }
            extra = value
            rest = rest.dropFirst()
        }
        guard let line = rest.popFirst(), line.hasPrefix("index "), let index = Decimal64.parse(line.dropFirst(6))
        else {
            throw LogFault(.malformed, "index of the proof")
        }
        var hashes = [TreeHash]()
        while let line = rest.popFirst(), !line.isEmpty {
            guard hashes.count < Proof.hashesMax else { throw LogFault(.limit, "too many hashes in a proof") }
            guard let value = Base64.decode(line).flatMap({ TreeHash($0) }) else {
                throw LogFault(.malformed, "hash of the proof")
            }
            hashes.append(value)
        }
        guard !rest.isEmpty else { throw LogFault(.malformed, "proof without a checkpoint") }
        self.init(index: index, hashes: hashes, note: Array(rest.joined(separator: "\n").utf8), extra: extra)
    }

    /// The file.
    public var encoded: [UInt8] {
        var out = Self.header + "\n"
        if let extra { out += "extra \(Base64.encode(extra))\n" }
        out += "index \(index)\n"
        for hash in hashes { out += hash.base64 + "\n" }
        return Array((out + "\n").utf8) + note
    }

    /// Verifies everything: signatures, quorum, inclusion of `entry`.
    /// - Returns: the checkpoint under which the entry is proved.
    /// - Throws: `LogFault`.
    @discardableResult
    public func verify(entry: [UInt8], policy: WitnessPolicy, log: WitnessPolicy.Log) throws(LogFault)
        -> SignedCheckpoint
    {
        let signed = try policy.verify(note, log: log)
        try Proof.verifyInclusion(
            leaf: Merkle.leaf(entry), index: index, size: signed.size, proof: hashes, root: signed.root)
        return signed
    }
}
