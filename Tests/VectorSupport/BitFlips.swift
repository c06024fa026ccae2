/// Tries every change of one bit.
public enum BitFlips {
    /// - Parameters:
    ///   - range: the bytes to change; all of them without one.
    ///   - accept: throws where it refuses.
    ///   - isRefusal: whether an error is a refusal; any other error counts as accepted.
    /// - Returns: the changes (byte, bit) that were not refused, and how many were tried.
    public static func accepted(
        in bytes: [UInt8], _ range: Range<Int>? = nil, by accept: ([UInt8]) throws -> Void,
        isRefusal: (any Error) -> Bool
    ) -> (accepted: [(byte: Int, bit: Int)], tried: Int) {
        var (changed, through, tried) = (bytes, [(byte: Int, bit: Int)](), 0)
        for byte in range ?? bytes.indices {
            for bit in 0..<8 {
                changed[byte] ^= 1 << bit
                defer { changed[byte] ^= 1 << bit }
                tried += 1
                do { try accept(changed) } catch  where isRefusal(error) { continue } catch {}
                through.append((byte, bit))
            }
        }
        return (through, tried)
    }
}
