/// Up to 256 entries as served: `u16 length || entry` each. (C2SP tlog-tiles)
public enum EntryBundle {
    /// Bytes of the largest entry.
    public static let entryMax = 65_535

    /// - Precondition: at most 256 entries of at most 65,535 bytes, which their writers checked.
    public static func encode(_ entries: [[UInt8]]) -> [UInt8] {
        precondition(entries.count <= Tile.width)
        var out = [UInt8]()
        for entry in entries {
            precondition(entry.count <= entryMax)
            out += [UInt8(entry.count >> 8), UInt8(entry.count & 255)] + entry
        }
        return out
    }

    /// Reads a bundle of at least `count` entries and gives the first `count`.
    /// - Throws: `LogFault` `tile` for missing entries, a cut entry, more than 256 entries or bytes behind the last.
    public static func decode(_ bytes: [UInt8], count: Int) throws(LogFault) -> [ArraySlice<UInt8>] {
        var out = [ArraySlice<UInt8>]()
        var at = 0
        while at < bytes.count {
            guard out.count < Tile.width, bytes.count - at >= 2 else { throw LogFault(.tile, "malformed entry bundle") }
            let length = Int(bytes[at]) << 8 | Int(bytes[at + 1])
            guard bytes.count - at - 2 >= length else { throw LogFault(.tile, "cut entry in a bundle") }
            out.append(bytes[(at + 2)..<(at + 2 + length)])
            at += 2 + length
        }
        guard out.count >= count else { throw LogFault(.tile, "too few entries in a bundle") }
        return Array(out.prefix(count))
    }
}
