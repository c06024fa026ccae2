import Foundation
import Ristretto255

/// Random bytes from a seed, for tests: the same seed gives the same run. It has the requirement of `RandomSource`; a
/// test target adds `extension SeededRandom: RandomSource {}`.
///
/// The seed is printed when it is made, and stands in its description for the message of an expectation. The
/// environment variable `WARIFU_SEED` sets it.
public final class SeededRandom: Sendable, CustomStringConvertible {
    public let seed: UInt64
    private let state: Locked<UInt64>

    /// - Parameters:
    ///   - seed: without one, `WARIFU_SEED` or a new one.
    ///   - purpose: what it is for, printed with the seed.
    public init(seed: UInt64? = nil, for purpose: String = #function) {
        let seed = seed ?? Self.environment ?? UInt64.random(in: 0...UInt64.max)
        self.seed = seed
        state = Locked(seed)
        print("\(purpose): WARIFU_SEED=\(seed)")
    }

    private static let environment = ProcessInfo.processInfo.environment["WARIFU_SEED"].flatMap { UInt64($0) }

    public var description: String { "WARIFU_SEED=\(seed)" }

    /// Overwrites all of `buffer`.
    public func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        state.withLock { state in
            for start in stride(from: 0, to: buffer.count, by: 8) {
                withUnsafeBytes(of: Self.next(&state).littleEndian) { word in
                    let count = min(8, buffer.count - start)
                    UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + count])
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: word[..<count]))
                }
            }
        }
    }

    /// A number in 0..<bound.
    public func below(_ bound: Int) -> Int {
        precondition(bound > 0)
        return Int(state.withLock { Self.next(&$0) } % UInt64(bound))
    }

    /// SplitMix64 (Steele, Lea, Flood 2014): passes the usual tests, and every seed is a good one.
    private static func next(_ state: inout UInt64) -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}
