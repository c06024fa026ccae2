/// A replacement of a part of a text, by offsets of the original.
struct JSONEdit: Sendable {
    let range: Range<Int>
    let replacement: [UInt8]
}

/// Writes parts of a text again: without the space between tokens, with some places replaced, and every other byte as
/// it was.
enum JSONWriter {
    /// Appends the value without the space between its tokens.
    /// - Parameter edits: in order of their offsets; each replaces whole values inside the value.
    static func compact(_ value: JSONValue, edits: ArraySlice<JSONEdit> = [], to out: inout [UInt8]) {
        let range = value.range
        var at = range.lowerBound
        value.document.bytes.withUnsafeBufferPointer { bytes in
            for edit in edits {
                copy(bytes, at..<edit.range.lowerBound, &out)
                out += edit.replacement
                at = edit.range.upperBound
            }
            copy(bytes, at..<range.upperBound, &out)
        }
    }

    /// Copies whole tokens; space outside strings is left out.
    private static func copy(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ out: inout [UInt8]) {
        var (at, start) = (range.lowerBound, range.lowerBound)
        while at < range.upperBound {
            switch bytes[at] {
            case 0x20, 0x0a, 0x0d, 0x09:
                out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<at]))
                at += 1
                start = at
            case 0x22:  // a quotation mark; 0x5c is a backslash
                at += 1
                while at < range.upperBound, bytes[at] != 0x22 { at += bytes[at] == 0x5c ? 2 : 1 }
                at += 1
            default: at += 1
            }
        }
        out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<range.upperBound]))
    }
}

extension JSONValue {
    /// The value without the space between its tokens: the form that is stored, compared and sent.
    public var compact: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(range.count)
        JSONWriter.compact(self, to: &out)
        return out
    }
}
